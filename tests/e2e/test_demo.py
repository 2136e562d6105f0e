"""The demo as a user runs it, from an empty chain to checked records.

What the chain makes of a day is compared with the reference model: same plan, other market.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from eth_hash.auto import keccak
from rich.console import Console

from energy_grid.demo.audit import audit
from energy_grid.demo.bills import bills
from energy_grid.demo.bootstrap import LocalMarket, local_market
from energy_grid.demo.chain_records import read_records
from energy_grid.demo.config import DemoConfig
from energy_grid.demo.plan import DemoPlan
from energy_grid.demo.plant_report import plants_report
from energy_grid.demo.progress import ProgressLines
from energy_grid.demo.report.document import plants_document
from energy_grid.demo.run import trade_day
from energy_grid.errors import ContractError
from tests.support.artifacts import ROOT
from tests.support.days import event_of, feeder_of, market_of, operate, plan_of, plants_of
from tests.support.model_market import account_of

COMMAND = [str(Path(sys.executable).with_name("energy-grid")), "demo"]
DEPOSIT = 500_000_000
STRANGER = "0x00000000000000000000000000000000DeaDBeef"


def demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def modelled(
    day: date, households: int | list[int], slot_seconds: int
) -> tuple[dict[int, dict[str, int]], dict[int, tuple[int, int]], dict[str, Any]]:
    """What the reference model makes of a day, by household: bills, and reductions (W) with their
    rewards; and what it makes of plants, credits and the spot market."""
    parameters = yaml.safe_load((ROOT / "scripts/_deploy/networks/local.yaml").read_text())
    fixed = parameters["parameters"]
    event = event_of(day, households, slot_seconds=slot_seconds)
    plan = plan_of(day, households, slot_seconds=slot_seconds, grace=fixed["grace"], event=event)
    market = market_of(plan, deposit=DEPOSIT, collateral=fixed["collateralPerKwh"])
    operate(market, plan, feeder_of(plan, households, event))
    records = market.read()
    made = bills(records, plan.tariff, plan.slots)
    numbers = [profile.household.number for profile in plan.days]
    columns = {
        number: {
            "consumed": made[account_of(number)].consumed,
            "sold": made[account_of(number)].sold,
            "fromGrid": made[account_of(number)].from_grid,
            "banked": made[account_of(number)].energy_credits,
            "compensating": made[account_of(number)].compensating,
            "bill": made[account_of(number)].bill,
            "saved": made[account_of(number)].reduction + made[account_of(number)].credit_value,
        }
        for number in numbers
    }
    earned = {
        part.account: (part.reduction_w, part.paid)
        for event_book in records.events
        for part in event_book.rewards
    }
    rewards = {
        number: earned[account_of(number)] for number in numbers if account_of(number) in earned
    }
    homes = {account_of(profile.household.number): profile.household for profile in plan.days}
    return columns, rewards, plants_document(plants_report(plants_of(plan), records, homes))


def assert_as_modelled(
    result: dict[str, Any], day: date, households: int | list[int], slot_seconds: int = 3600
) -> None:
    expected, earned, plants = modelled(day, households, slot_seconds)
    rows = {row["number"]: row for row in result["households"]}
    assert {
        number: {name: rows[number][name] for name in columns}
        for number, columns in expected.items()
    } == expected
    assert len(rows) == len(expected)
    event = result["feeder"]["event"]
    assert {
        row["number"]: (row["reductionW"], row["reward"])
        for row in (event["participants"] if event else [])
        if row["reductionW"]
    } == earned
    assert without_book_values({name: result[name] for name in plants}) == without_book_values(
        plants
    )
    assert all(statement["holds"] for statement in result["check"])


def without_book_values(plants: dict[str, Any]) -> dict[str, Any]:
    """Those follow the clock to the second, and blocks take as long as they take."""
    rows = [{**row, "bookValue": None} for row in plants["plants"]]
    return {**plants, "plants": rows}


def test_demo__summer_day_as_json__is_equal_to_the_model(tmp_path: Path) -> None:
    folder = tmp_path / "report"
    done = demo("--json", "--households", "8", "--report", str(folder))
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["day"], result["slotSeconds"], result["seed"]) == ("2016-07-06", 3600, 1)
    assert len(result["slots"]) == len(result["feeder"]["loads"]) == 24
    # Three households take part in the event: their meters were read in nine slots before.
    assert any(f"{192 + 3 * 9} slots" in statement["numbers"] for statement in result["check"])
    assert result["total"]["sold"] > 1000
    assert_as_modelled(result, date(2016, 7, 6), 8)
    event = result["feeder"]["event"]
    assert (len(event["participants"]), event["baselineDays"]) == (3, 2)
    assert event["paid"] + event["refunded"] == event["budget"] > event["paid"] > 0
    assert result["sharedPlant"]["revenue"] > 0
    assert {row["status"] for row in result["spot"]["offers"]} >= {"OPEN", "COMPLETED"}
    operations = {use["operation"]: use for use in result["gas"]}
    assert operations["register plant"]["items"] == len(result["plants"])
    assert operations["claim revenue"]["items"] == len(result["sharedPlant"]["holders"])
    assert operations["relay signed readings"]["items"] == 8 * 24
    assert operations["close slot"]["items"] == 8 * 24
    assert operations["report load"]["items"] == 24
    assert operations["distribute rewards"]["items"] == 2
    assert sorted(file.name for file in folder.iterdir()) == [
        "day.png",
        "report.html",
        "result.json",
    ]
    assert json.loads((folder / "result.json").read_text()) == result


def test_demo__winter_day_in_quarter_hours__is_shown_and_as_modelled(tmp_path: Path) -> None:
    chosen = ("--day", "2016-12-01", "--slot", "900", "--households", "4")
    done = demo(*chosen, "--report", str(tmp_path))
    assert (done.returncode, done.stderr) == (0, "")
    for line in (
        "Thursday, 1 December 2016",
        "Reading 1 meter on 3 days before",
        "until 00:00: 96 of 96 slots traded, settled and closed",
        f"ok every slot is closed  {384 + 3 * 13 + 1} slots",
        "ok every reward is its share of the budget, rounded down, and was paid",
        f"{tmp_path}/day.png",
    ):
        assert line in done.stdout
    assert "\x1b" not in done.stdout
    assert "NO " not in done.stdout
    result = json.loads((tmp_path / "result.json").read_text())
    assert len(result["feeder"]["loads"]) == 96
    assert_as_modelled(result, date(2016, 12, 1), 4, 900)


@pytest.mark.parametrize(
    ("day", "households", "baseline_days"),
    [("2016-07-10", 12, 2), ("2016-11-28", 6, 0), ("2016-07-06", [1], 2)],
    ids=["sunday", "first day of its kind", "nothing counts"],
)
def test_demo__other_days_and_few_households__are_as_modelled(
    day: str, households: int | list[int], baseline_days: int, tmp_path: Path
) -> None:
    choice = f"{households[0]}," if isinstance(households, list) else str(households)
    done = demo("--json", "--day", day, "--households", choice, "--report", str(tmp_path))
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
            if line.startswith("Trading"):
                break
        children = children_of(process.pid)
        assert children
        process.send_signal(signal.SIGINT)
        output = process.stderr.read()
        assert process.wait(20) == 130
    assert output == "energy-grid: stopped; no process is left running\n"
    deadline = time.monotonic() + 10
    while any(alive(child) for child in children):
        assert time.monotonic() < deadline, "a process was left running"
        time.sleep(0.05)


def test_audit__tampered_chain__fails_with_the_statement(tmp_path: Path) -> None:
    config = DemoConfig.of_words(
        day="2016-07-05", households="7,13,20", seed="1", slot="3600", report=tmp_path
    )
    plan = DemoPlan.of(config)
    with local_market(
        timestamp=plan.begin, parameters=plan.parameters, log=lambda _: None
    ) as market:
        report = trade_day(plan, market, ProgressLines(Console(quiet=True)))
        assert all(statement.holds for statement in report.check)
        assert report.feeder.event is not None
        assert report.feeder.event.total.reward > 0
        assert report.plants.shared is not None
        assert report.plants.shared.revenue > 0
        assert report.plants.spot.sold > 0
        for tamper, claim in TAMPERED:
            before = market.node.snapshot()
            tamper(market)
            failed = [one.claim for one in audit(read_records(market.contracts)) if not one.holds]
            assert any(claim in one for one in failed), (claim, failed)
            market.node.revert(before)
        assert all(statement.holds for statement in audit(read_records(market.contracts)))


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
    available = settlement.balance_of(settlement.account_at(1))
    for base in range(32):
        place = "0x" + keccak((1).to_bytes(32, "big") + base.to_bytes(32, "big")).hex()
        word = int(node.rpc("eth_getStorageAt", settlement.address, place, "latest"), 16)
        if word % 2**104 == available:
            node.rpc("anvil_setStorageAt", settlement.address, place, f"0x{word - 1:064x}")
            node.mine()
            return
    raise AssertionError("the contract stores accounts in another way now")


def rob_a_wallet(market: LocalMarket) -> None:
    """Take one unit out of a wallet that got a reward."""
    money, response, node = market.contracts.money, market.contracts.demand_response, market.node
    (part,) = response.get_event_participations(1, 0, 10)
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
    (before,) = response.get_event_participations(1, 0, 10)
    for base in range(64):
        first = int.from_bytes(keccak((1).to_bytes(32, "big") + base.to_bytes(32, "big")), "big")
        for place in (f"0x{first + offset:064x}" for offset in range(4)):
            word = int(node.rpc("eth_getStorageAt", response.address, place, "latest"), 16)
            for bit in range(0, 256, 8) if word else ():
                changed = f"0x{word ^ 1 << bit:064x}"
                node.rpc("anvil_setStorageAt", response.address, place, changed)
                try:
                    (after,) = response.get_event_participations(1, 0, 10)
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


def rob_the_spot(market: LocalMarket) -> None:
    spot = market.contracts.spot.address
    as_settlement(market, market.contracts.energy_token.mint(spot, 1))


def send_energy_credits(market: LocalMarket) -> None:
    """Move energy credits around the spot market."""
    owner = market.contracts.shares(1).steward()
    send_as(market, owner, market.contracts.energy_token.transfer(STRANGER, 1))


def credit_a_slot_again(market: LocalMarket) -> None:
    """Forget which slots were credited, and have them credited again."""
    carbon, node = market.contracts.carbon, market.node
    owner = market.contracts.shares(1).steward()
    holder = bytes.fromhex(owner[2:]).rjust(32, b"\0")
    slots = [log["slot"] for log in market.contracts.settlement.history("SlotClosed")]
    credited = [slot for slot in sorted(set(slots)) if carbon.is_credited(owner, slot)]
    for base in range(32):
        inner = keccak(holder + base.to_bytes(32, "big"))
        place = "0x" + keccak((credited[0] >> 8).to_bytes(32, "big") + inner).hex()
        if int(node.rpc("eth_getStorageAt", carbon.address, place, "latest"), 16):
            node.rpc("anvil_setStorageAt", carbon.address, place, f"0x{0:064x}")
            send_as(market, STRANGER, carbon.issue_carbon_credits(owner, credited[:1]))
            node.rpc("anvil_setStorageAt", carbon.address, place, f"0x{2**256 - 1:064x}")
            node.mine()
            return
    raise AssertionError("the credits keep slots in another way now")


TAMPERED: list[tuple[Callable[[LocalMarket], None], str]] = [
    (rob_settlement, "the settlement contract holds what it owes"),
    (mint_energy, "the supply of energy tokens"),
    (rob_an_account, "for every account"),
    (rob_a_wallet, "every wallet has"),
    (change_a_reward, "every reward is its share of the budget"),
    (enrich_demand_response, "the demand-response contract holds no money"),
    (rob_the_shares, "the revenue of shares is the money sent to them"),
    (take_the_plant, "a shared plant belongs to its shares"),
    (rob_the_spot, "the spot market holds what is on offer"),
    (send_energy_credits, "energy credits + those on offer"),
    (credit_a_slot_again, "carbon credits were issued once for each of these slots"),
]


def children_of(pid: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(child) for child in found.stdout.split()]


def alive(pid: int) -> bool:
    return subprocess.run(["ps", "-p", str(pid)], capture_output=True, check=False).returncode == 0
