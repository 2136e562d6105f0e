"""The demo as a user runs it, from an empty chain to checked records.

What the chain makes of a day is compared with the reference model: same plan, other market.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from eth_hash.auto import keccak
from rich.console import Console

from energy_grid.contracts.smart_meter import SignedReading
from energy_grid.demo.audit import audit
from energy_grid.demo.bootstrap import LocalMarket, local_market
from energy_grid.demo.chain_records import read_records
from energy_grid.demo.community import Recording
from energy_grid.demo.config import DemoConfig
from energy_grid.demo.gateway import Gateway
from energy_grid.demo.plan import DemoPlan
from energy_grid.demo.progress import ProgressLines
from energy_grid.demo.report.document import as_document
from energy_grid.demo.run import trade_day
from energy_grid.domain.account_words import account_state
from energy_grid.domain.day_leaves import decode_leaves
from energy_grid.domain.merkle import leaf_tree
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.simulation import Home, Terms
from energy_grid.errors import CheckFailedError, ContractError
from energy_grid.market.day_store import DayStore
from tests.support.artifacts import ROOT
from tests.support.days import day_report, lived, plan_of

COMMAND = [str(Path(sys.executable).with_name("energy-grid")), "demo"]
STRANGER = "0x00000000000000000000000000000000DeaDBeef"
# What only a chain has: addresses, gas, times to the second.
OF_A_CHAIN = {
    "account",
    "operator",
    "bookValue",
    "gas",
    "gasPerHousehold",
    "gasOfParts",
    "check",
}
# Gas of a household and day, all included that is sent on the day or because of it.
MAX_GAS = {900: 103_500, 3600: 72_500}


def demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=240, check=False
    )


def comparable(value: Any) -> Any:
    """A document without what only a chain has."""
    if isinstance(value, dict):
        return {name: comparable(each) for name, each in value.items() if name not in OF_A_CHAIN}
    return [comparable(each) for each in value] if isinstance(value, list) else value


def assert_as_modelled(
    result: dict[str, Any], day: date, households: int | list[int] | None, **chosen: Any
) -> None:
    expected = json.loads(json.dumps(as_document(day_report(day, households, **chosen))))
    assert comparable(result) == comparable(expected)
    assert all(statement["holds"] for statement in result["check"])
    assert [one["claim"] for one in result["check"]] == [one["claim"] for one in expected["check"]]


def test_demo__summer_day_as_json__is_equal_to_the_model(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    done = demo("--json", "--households", "12", "--report", str(folder))
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["day"], result["slotSeconds"], result["seed"]) == ("2016-07-06", 900, 1)
    assert len(result["slots"]) == len(result["feeder"]["loads"]) == 96
    total = result["total"]
    assert min(total["taken"], total["bought"], total["kept"]) > 0
    assert total["bill"] < total["gridAlone"]
    assert_as_modelled(result, date(2016, 7, 6), 12, slot_seconds=900)
    event = result["feeder"]["event"]
    assert event["paid"] + event["refunded"] == event["budget"] > event["paid"] > 0
    assert result["sharedPlant"]["revenue"] > 0
    operations = {use["operation"]: use for use in result["gas"]}
    assert operations["join community by signature"]["items"] == 12
    # Of each household, and of the plants.
    assert operations["first reading of a meter"]["items"] == 12 + len(result["plants"])
    settled = operations["settle the day"]
    assert (settled["transactions"], settled["items"]) == (1, 12)
    daily = [use["perHousehold"] for use in result["gas"] if use["part"]]
    assert 0 <= result["gasPerHousehold"] - sum(daily) < len(daily)
    assert 0 <= result["gasPerHousehold"] - sum(result["gasOfParts"].values()) < 6
    assert sorted(file.name for file in folder.iterdir()) == [
        "day.png",
        "days",
        "gateway",
        "report.html",
        "result.json",
    ]
    assert json.loads((folder / "result.json").read_text()) == result


@pytest.mark.parametrize("slot", MAX_GAS)
def test_demo__all_households__cost_no_more_than_planned_and_publish_what_was_settled(
    slot: int, tmp_path: Path
) -> None:
    done = demo("--json", "--slot", str(slot), "--report", str(tmp_path))
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["gasPerHousehold"] <= MAX_GAS[slot]
    total = result["total"]
    assert min(total["taken"], total["bought"], total["kept"]) > 0
    assert min(result["gasOfParts"].values()) > 0
    assert [row["passedOver"] for row in result["households"]] == [None] * 92
    days = ["2016-07-04", "2016-07-05", "2016-07-06"]
    assert [day["day"] for day in result["days"]] == days
    for day in result["days"]:
        assert (day["closed"], day["passedOver"]) == (92, 0)
        leaves = (tmp_path / day["leaves"]).read_bytes()
        root = leaf_tree(decode_leaves(leaves, slot).records()).root
        assert f"0x{root.hex()}" == day["root"]
    assert_as_modelled(result, date(2016, 7, 6), None, slot_seconds=slot)


def test_demo__sharing_alone_in_hours__is_worth_what_the_design_says(tmp_path: Path) -> None:
    """-34.69 against -7.00 tUSD: tests/unit/model/test_demo_figures.py explains them."""
    done = demo("--json", "--slot", "3600", "--sharing-only", "--report", str(tmp_path))
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    rows = result["households"]
    assert len(rows) == 92
    assert sum(row["bill"] for row in rows) == result["total"]["bill"] == -34_670_280
    assert sum(row["gridAlone"] for row in rows) == -6_998_020
    assert [row["number"] for row in rows if row["bill"] > row["gridAlone"]] == []
    community = result["community"]
    assert (community["selfSufficiencyAlone"], community["selfSufficiency"]) == (16, 66)
    assert_as_modelled(result, date(2016, 7, 6), None, sharing_only=True)
    assert_simulated(result, plan_of(date(2016, 7, 6), sharing_only=True))


def assert_simulated(result: dict[str, Any], plan: DemoPlan) -> None:
    """What the chain has paid is what a simulation of the same meters says, to the last unit."""
    homes = [
        Home(name=day.household.name, generation_wh=day.produced_wh, load_wh=day.consumed_wh)
        for day in plan.days
    ]
    tariff = result["tariff"]
    terms = Terms(
        grid_price=tariff["gridPrice"], feed_in=tariff["feedIn"], network_fee=0, theta=5000
    )
    length = plan.config.slot_seconds
    found = Recording(homes=homes, seconds=length, begin=plan.start).simulate(terms)
    assert tariff["shared"] == terms.prices.shared
    for row, home in zip(result["households"], found.homes, strict=True):
        assert (row["bill"], row["gridAlone"]) == (home.bill, home.grid_alone)
        for name, wh in (
            ("imported", home.imported_wh),
            ("exported", home.exported_wh),
            ("taken", home.flows.taken),
            ("given", home.flows.given),
            ("fromGrid", home.flows.from_grid),
            ("fedIn", home.flows.fed_in),
        ):
            assert row[name] == wh


def test_demo__winter_day__is_shown_and_as_modelled(tmp_path: Path) -> None:
    done = demo("--day", "2016-12-01", "--households", "4", "--report", str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    for line in (
        "Thursday, 1 December 2016",
        "Reading 4 meters on 3 days before",
        "until 00:00: 96 of 96 slots read",
        f"ok every slot of a closed day was read in time  {96 * 4 * 4:,} slots",
        "ok every reward is its share of the budget, rounded down, and was paid",
        f"{tmp_path}/day.png",
    ):
        assert line in done.stdout
    assert "\x1b" not in done.stdout
    assert "NO " not in done.stdout
    result = json.loads((tmp_path / "result.json").read_text())
    assert_as_modelled(result, date(2016, 12, 1), 4, slot_seconds=900)


@pytest.mark.parametrize(
    ("day", "households", "baseline_days"),
    [("2016-07-10", 12, 1), ("2016-11-28", 6, 0), ("2016-07-06", [1], 2)],
    ids=["sunday", "first day of its kind", "nothing counts"],
)
def test_demo__other_days_in_hours__are_as_modelled(
    day: str, households: int | list[int], baseline_days: int, tmp_path: Path
) -> None:
    choice = f"{households[0]}," if isinstance(households, list) else str(households)
    chosen = ("--day", day, "--households", choice, "--slot", "3600")
    done = demo("--json", *chosen, "--report", str(tmp_path))
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["feeder"]["event"]["baselineDays"] == baseline_days
    assert_as_modelled(result, date.fromisoformat(day), households)


def test_demo__interrupted__stops_everything_with_one_line(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, "--report", str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stdout:
            if line.startswith("Living"):
                break
        children = children_of(process.pid)
        assert children
        process.send_signal(signal.SIGINT)
        output = process.stderr.read()
        assert process.wait(20) == 130
    assert output == "energy-grid: stopped; no process is left running\n"
    for child in children:
        # It ends with the process that it watches.
        watch = ["tail", f"--pid={child}", "-f", "/dev/null"]
        subprocess.run(watch, timeout=10, check=True)


def test_demo__gateway_loses_readings__says_who_was_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first account's meter is out of reach on the last day."""
    config = DemoConfig.of_words(
        day="2016-07-06", households="2,7,", seed="1", slot="3600", report=tmp_path
    )
    plan, collect = DemoPlan.of(config), Gateway.collect

    def lossy(gateway: Gateway, readings: Iterable[SignedReading]) -> None:
        first, *others = readings
        is_last_day = first.reading.timestamp > plan.start
        collect(gateway, others if is_last_day else [first, *others])

    monkeypatch.setattr(Gateway, "collect", lossy)
    with (
        local_market(
            timestamp=plan.begin, parameters=plan.parameters, log=lambda _: None
        ) as market,
        pytest.raises(CheckFailedError, match="account 1 was passed over on 2016-07-06: ABSENT"),
    ):
        trade_day(plan, market, ProgressLines(Console(quiet=True)))


def test_audit__tampered_chain__fails_with_the_statement(tmp_path: Path) -> None:
    config = DemoConfig.of_words(
        day="2016-07-06", households="12", seed="1", slot="3600", report=tmp_path
    )
    plan = DemoPlan.of(config)
    # Of a run before, and newer ones of another: the demo's own are settled.
    store = DayStore(tmp_path / "gateway")
    for one in lived(plan).records.settled:
        fewer = replace(one.leaves, leaves=one.leaves.leaves[:1], nets=one.leaves.nets[:1])
        for leaves in (one.leaves, fewer):
            store.save(one.community, one.day, leaves, {})
    with local_market(
        timestamp=plan.begin, parameters=plan.parameters, log=lambda _: None
    ) as market:
        deployed = market.node.block_number
        report = trade_day(plan, market, ProgressLines(Console(quiet=True)))
        blocks = range(deployed + 1, market.node.block_number + 1)
        used = sum(int(market.node.block(block)["gasUsed"], 16) for block in blocks)
        assert sum(use.total for use in report.gas) == used
        day = plan.start // DAY_SECONDS
        accounts = {row.household.number: row.account for row in report.households}
        metered = {
            (accounts[one.household], start // 3600): one.net(start)
            for one in plan.trading(tariff=report.tariff).registers
            for start in range((day - 2) * DAY_SECONDS, (day + 1) * DAY_SECONDS, 3600)
        }
        assert all(statement.holds for statement in report.check)
        assert report.feeder.event is not None
        assert report.feeder.event.total.reward > 0
        assert report.plants.shared is not None
        assert report.plants.shared.revenue > 0
        assert min(report.total.bought, report.total.kept) > 0
        for tamper, claim in TAMPERED:
            before = market.node.snapshot()
            tamper(market)
            records = read_records(market.contracts, day)
            failed = [one.claim for one in audit(records, metered) if not one.holds]
            assert any(claim in one for one in failed), (claim, failed)
            market.node.revert(before)
        assert all(one.holds for one in audit(read_records(market.contracts, day), metered))


def send_as(market: LocalMarket, sender: str, call: Any) -> None:
    """Send a call in somebody's name, such as a contract's, which no key can do."""
    market.node.set_balance(sender, 10**18)
    market.node.send_as(sender, call.to, call.data)
    market.node.mine()


def as_settlement(market: LocalMarket, call: Any) -> None:
    send_as(market, market.contracts.settlement.address, call)


def rob_settlement(market: LocalMarket) -> None:
    as_settlement(market, market.contracts.money.transfer(STRANGER, 1))


def mint_energy(market: LocalMarket) -> None:
    as_settlement(market, market.contracts.energy_token.mint(STRANGER, 1))


def rob_an_account(market: LocalMarket) -> None:
    """Take one unit out of the first settlement account."""
    settlement, node = market.contracts.settlement, market.node
    free = account_state(settlement.account_of(settlement.account_at(1)).word).free
    for base in range(32):
        place = "0x" + keccak((1).to_bytes(32, "big") + base.to_bytes(32, "big")).hex()
        word = int(node.rpc("eth_getStorageAt", settlement.address, place, "latest"), 16)
        if free and word % 2**88 == free:
            node.rpc("anvil_setStorageAt", settlement.address, place, f"0x{word - 1:064x}")
            node.mine()
            return
    raise AssertionError("the contract stores accounts in another way now")


def rob_a_wallet(market: LocalMarket) -> None:
    """Take one unit out of a wallet that got a reward."""
    money, response, node = market.contracts.money, market.contracts.demand_response, market.node
    part, *_ = response.get_event_participations(1, 0, 10)
    holder = bytes.fromhex(part.consumer[2:]).rjust(32, b"\0")
    for base in range(32):
        place = "0x" + keccak(holder + base.to_bytes(32, "big")).hex()
        if int(node.rpc("eth_getStorageAt", money.address, place, "latest"), 16):
            left = money.balance_of(part.consumer) - 1
            node.rpc("anvil_setStorageAt", money.address, place, f"0x{left:064x}")
            node.mine()
            assert money.balance_of(part.consumer) == left
            return
    raise AssertionError("the token keeps balances in another way now")


def change_a_reward(market: LocalMarket) -> None:
    """Change one bit in what was found of a participation, so that it is worth another reward."""
    response, node = market.contracts.demand_response, market.node
    before, *_ = response.get_event_participations(1, 0, 10)
    for base in range(64):
        first = int.from_bytes(keccak((1).to_bytes(32, "big") + base.to_bytes(32, "big")), "big")
        for place in (f"0x{first + offset:064x}" for offset in range(4)):
            word = int(node.rpc("eth_getStorageAt", response.address, place, "latest"), 16)
            for bit in range(0, 256, 8) if word else ():
                changed = f"0x{word ^ 1 << bit:064x}"
                node.rpc("anvil_setStorageAt", response.address, place, changed)
                try:
                    after, *_ = response.get_event_participations(1, 0, 10)
                except ContractError:
                    continue
                if after.consumer == before.consumer and after.reduction_w != before.reduction_w:
                    node.mine()
                    return
            node.rpc("anvil_setStorageAt", response.address, place, f"0x{word:064x}")
    raise AssertionError("demand response keeps participations in another way now")


def enrich_demand_response(market: LocalMarket) -> None:
    as_settlement(
        market, market.contracts.money.transfer(market.contracts.demand_response.address, 1)
    )


def rob_the_shares(market: LocalMarket) -> None:
    """Pay revenue that a holder could take to somebody else."""
    shares, owner = market.contracts.shares(1), market.contracts.settlement.account_at(1)
    as_settlement(market, market.contracts.money.transfer(shares.address, 1000))
    assert shares.total_revenue() > 1000
    send_as(market, shares.address, market.contracts.money.transfer(owner, 500))


def take_the_plant(market: LocalMarket) -> None:
    shares = market.contracts.shares(1).address
    send_as(market, shares, market.contracts.assets.transfer_from(shares, STRANGER, 1))


def forge_a_root(market: LocalMarket) -> None:
    """Anchor another root for the day that was settled last."""
    days, node = market.contracts.community_days, market.node
    (*_, settled) = days.history("DaySettled")
    community, day = settled["community"], settled["day"]
    root = days.day_of(community, day).root
    for base in range(32):
        inner = keccak(community.to_bytes(32, "big") + base.to_bytes(32, "big"))
        place = "0x" + keccak(day.to_bytes(32, "big") + inner).hex()
        if node.rpc("eth_getStorageAt", days.address, place, "latest") == f"0x{root.hex()}":
            node.rpc("anvil_setStorageAt", days.address, place, f"0x{keccak(root).hex()}")
            node.mine()
            assert days.day_of(community, day).root != root
            return
    raise AssertionError("the contract keeps roots in another way now")


def credit_again(market: LocalMarket) -> None:
    """Forget which retirements were credited, and have one credited again."""
    carbon, node = market.contracts.carbon, market.node
    (issued, *_) = carbon.history("CarbonCreditsIssued")
    assert carbon.is_credited(1)
    for base in range(32):
        # The first word of 256 retirements.
        place = "0x" + keccak(bytes(32) + base.to_bytes(32, "big")).hex()
        if int(node.rpc("eth_getStorageAt", carbon.address, place, "latest"), 16) == 2:
            node.rpc("anvil_setStorageAt", carbon.address, place, f"0x{0:064x}")
            send_as(market, STRANGER, carbon.issue_carbon_credits(issued["account"], [1]))
            return
    raise AssertionError("the credits keep retirements in another way now")


TAMPERED: list[tuple[Callable[[LocalMarket], None], str]] = [
    (forge_a_root, "the leaves that settled a community's day have the root"),
    (rob_settlement, "the settlement contract holds what it owes"),
    (mint_energy, "all energy credits are in accounts or outside"),
    (rob_an_account, "for every account"),
    (rob_a_wallet, "every wallet has"),
    (change_a_reward, "every reward is its share of the budget"),
    (enrich_demand_response, "the demand-response contract holds no money"),
    (rob_the_shares, "the revenue of shares is the money sent to them"),
    (take_the_plant, "a shared plant belongs to its shares"),
    (credit_again, "carbon credits were issued once for each retirement"),
]


def children_of(pid: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(child) for child in found.stdout.split()]
