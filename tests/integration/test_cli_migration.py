"""A market is shut down, and its accounts leave for a successor on the same chain; nobody else
moves anything of theirs. `--soak` does it with 1,000 accounts."""

from __future__ import annotations

import json
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from eth_account import Account as Wallet

from energy_grid.chain.accounts import Account
from energy_grid.chain.roles import Role
from energy_grid.client import EnergyGrid, Export
from energy_grid.domain.hashing import keccak
from energy_grid.domain.merkle import merkle_root, root_of_proof
from scripts._ops.stopping import STOPPABLE
from tests.integration.terminal import REGISTRAR, STRANGER, Terminal
from tests.support.artifacts import ROOT
from tests.support.deploying import run_script
from tests.support.market import DAY, MONDAY, Market

SAVER, COLLECTOR, TRADER = "local:10", "local:11", "local:16"
METER = Wallet.from_key(b"\7" * 32)
MONEY, CREDIT = 10_000_000, 80_000
EXACT = 1000


@pytest.fixture
def scale(pytestconfig: pytest.Config) -> int:
    """How many people there are in a test that asks for it: those run in a soak."""
    return 1000 if pytestconfig.getoption("--soak") else 5


@pytest.fixture
def people(request: pytest.FixtureRequest) -> list[Account]:
    number = request.getfixturevalue("scale") if "scale" in request.fixturenames else 5
    return [Account(keccak(f"mover {each}".encode())) for each in range(number)]


@pytest.fixture
def former(
    terminal: Terminal, people: list[Account], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Terminal:
    """A market that was shut down: a saver with a meter, money and 12 kWh of credits, 5 of which
    somebody without a meter has as tokens, and a trader with money alone."""
    monkeypatch.chdir(tmp_path)
    market = terminal.market
    for who in (SAVER, TRADER):
        terminal.does(who, "money faucet --amount 100")
        terminal.does(who, "money deposit --amount 50")
    terminal.does(TRADER, "grid account fund --amount 20")
    key = tmp_path / "meter.json"
    key.write_text(json.dumps(Wallet.encrypt(METER.key, "x", kdf="pbkdf2", iterations=2)))
    monkeypatch.setenv("ENERGY_GRID_PASSWORD", "x")
    register = f"meter register {SAVER} --key {key} --region home --power 10kW --holder {SAVER}"
    terminal.does(REGISTRAR, register)
    terminal.does(SAVER, "credit keep on")
    _measures(market, 24, 500)
    terminal.does(SAVER, f"meter detach {METER.address}")
    _measures(market, 24, 0)
    market.go_to(market.now + market.grace + 1)
    terminal.does(STRANGER, f"day close {SAVER}")
    assert terminal.answers(f"credit show {SAVER}")["credits"] == 12_000
    terminal.does(SAVER, "credit withdraw --amount 5")
    terminal.does(SAVER, f"token send {COLLECTOR} --amount 5")
    _pays_in(terminal, people)
    for contract in STOPPABLE:
        market.do(market.roles[Role.ADMIN], market.contracts[contract], "shutdown")
    return terminal


def _measures(market: Market, hours: int, exported: int) -> None:
    """Hours of a day, each published at its end."""
    first = max(market.now // 3600, (MONDAY + DAY) // 3600)
    for hour in range(first + 1, first + hours + 1):
        market.go_to(hour * 3600 + 1)
        market.measure(METER, (0, exported))


def _pays_in(terminal: Terminal, people: list[Account]) -> None:
    """All have some money in the market."""
    node = terminal.market.node
    node.rpc_batch([("anvil_setBalance", [person.address, hex(10**18)]) for person in people])
    with closing(EnergyGrid.connect(node.url, terminal.file)) as grid:
        for prepare in (
            lambda _: grid.money.faucet(MONEY),
            lambda person: grid.prepare_deposit_with_permit(person, MONEY),
        ):
            items = [(person, prepare(person)) for person in people]
            assert all(
                each.error is None for each in grid.sender.results(grid.sender.submit_many(items))
            )


@pytest.fixture
def successor(former: Terminal, tmp_path: Path) -> Terminal:
    """A terminal in front of another market that is paid in the same token; the votes are those
    that `migrate voters` prints."""
    market, file, own = former.market, tmp_path / "successor.json", tmp_path / "successor.yaml"
    former.answers(f"migrate export {tmp_path / 'votes.json'}")
    voters = former.answers(f"migrate voters {tmp_path / 'votes.json'}")["voters"]
    document = yaml.safe_load((ROOT / "scripts/_deploy/networks/local.yaml").read_text())
    document["settlementToken"] = {"address": market.dollar.address, "decimals": 6}
    document["governance"] = {"holders": voters}
    own.write_text(yaml.safe_dump(document))
    network = f"ethereum:local:{market.node.url}"
    done = run_script("deploy", network, file, "--parameters", str(own))
    assert done.returncode == 0, done.stdout
    return Terminal(market, file, former.capsys)


def moved(former: Terminal, successor: Terminal, who: str, file: str) -> tuple[str, str]:
    """What an account's two commands say."""
    return (
        former.does(who, "migrate leave"),
        successor.does(who, f"migrate arrive {file}"),
    )


def test_migration__every_account_by_itself__is_the_same_to_the_last_thousandth(
    former: Terminal, successor: Terminal, people: list[Account]
) -> None:
    exported = former.answers("migrate export all.json")
    kept = 12_000 * CREDIT
    worth, others = int(exported["total_worth"]), len(people) * MONEY * EXACT
    assert worth == 2 * 50_000_000 * EXACT + kept + others
    assert "is there: name another file" in former.refuses("migrate export all.json", code=2)
    line, paid = moved(former, successor, SAVER, "all.json")
    assert line.startswith("Withdrew 50.56 tUSD; ")
    assert paid == "Paid in 50.56 tUSD"
    line, paid = moved(former, successor, COLLECTOR, "all.json")
    assert (line.partition(";")[0], paid) == ("Withdrew 0.4 tUSD", "Paid in 0.4 tUSD")
    half = former.answers(f"migrate audit all.json --to {successor.file}")
    assert int(half["left"]) + int(half["arrived"]) == worth
    assert (half["taken"], half["moved"]) == ("0", 2)
    # Who was interrupted gives the same command again: nothing happens twice.
    assert former.says(f"migrate leave --account {SAVER}") == "Nothing can be taken out now"
    again = successor.says(f"migrate arrive all.json --account {SAVER}")
    assert again.startswith("Nothing was paid in: the account has paid all in")
    moved(former, successor, TRADER, "all.json")
    done = former.answers(f"migrate audit all.json --to {successor.file}")
    assert (done["exported"], done["left"], done["arrived"]) == (
        *(str(worth), str(others), str(worth - others)),
    )
    supply = former.market.energy_token.call("totalSupply")
    assert (supply, former.answers("grid account show")["credits"]) == (0, 0)


def test_migration__withdrawals_that_wait__are_still_here(
    former: Terminal, successor: Terminal
) -> None:
    """The outflow limit is used up: what is queued is neither missing nor in wallets."""
    former.answers("migrate export all.json")
    market = former.market
    market.do(market.roles[Role.ADMIN], market.settlement, "setOutflowLimit", 1)
    line, paid = moved(former, successor, SAVER, "all.json")
    assert line.startswith("Withdrew 50.56 tUSD; ")
    assert paid.startswith("Paid in 50 tUSD")
    half = former.answers(f"migrate audit all.json --to {successor.file}")
    assert (half["withdrawn"], half["missing"]) == ("0", "0")
    queued = former.answers("migrate export later.json")
    assert queued["total_queued"] == str(50_560_000 * EXACT)
    assert queued["total_worth"] == half["exported"]
    (waiting,) = former.answers(f"money show {SAVER}")["queued"]
    market.go_to(waiting["executable_at"])
    former.does(STRANGER, f"money claim {waiting['withdrawal_id']}")
    assert successor.does(SAVER, "migrate arrive all.json") == "Paid in 0.56 tUSD"
    done = former.answers(f"migrate audit all.json --to {successor.file}")
    assert (done["taken"], done["missing"]) == ("0", "0")


def test_arrive__somebody_has_paid_in_a_little__pays_all_the_same(
    former: Terminal, successor: Terminal
) -> None:
    """A stranger opens the account with the least amount, before the account arrives."""
    former.answers("migrate export all.json")
    successor.does(STRANGER, "money faucet --amount 100")
    successor.does(STRANGER, f"money deposit --amount 0.000001 --for {TRADER}")
    _, paid = moved(former, successor, TRADER, "all.json")
    assert paid == "Paid in 50 tUSD"
    found = former.answers(f"migrate audit all.json --to {successor.file}")
    assert (found["missing"], found["taken"]) == ("0", str(-EXACT))


def test_audit__what_has_vanished__is_missing(former: Terminal, successor: Terminal) -> None:
    """What the export says is more than the market has, and it has paid nothing out."""
    former.answers("migrate export all.json")
    export = Export.load(Path("all.json"))
    holdings = [replace(each, free=each.free + 7) for each in export.holdings]
    replace(export, holdings=tuple(holdings)).save(Path("richer.json"))
    refused = former.answers(f"migrate audit richer.json --to {successor.file}", code=1)
    assert refused["missing"] == str(7 * len(holdings))


def test_migration__who_does_not_want_to__leaves_with_money_instead(
    former: Terminal, successor: Terminal
) -> None:
    former.answers("migrate export all.json")
    before = former.answers(f"money show {TRADER}")["wallet"]
    former.does(TRADER, "migrate leave")
    assert former.answers(f"money show {TRADER}")["wallet"] == before + 50_000_000
    found = former.answers(f"migrate audit all.json --to {successor.file}")
    assert found["taken"] == str(50_000_000 * EXACT)
    assert found["moved"] == 0


def test_export__each_holding__is_proven_by_the_root(former: Terminal) -> None:
    document = former.answers("migrate export all.json")
    export = Export.load(Path("all.json"))
    assert merkle_root(each.row for each in export.holdings) == export.root
    for each in export.holdings:
        leaf = root_of_proof(keccak(each.row), export.proof(each.address))
        assert leaf == export.root
    shown = former.answers(f"migrate proof all.json {COLLECTOR}")
    assert (shown["root"], shown["worth"]) == (document["root"], str(5000 * CREDIT))
    nobody = former.refuses(f"migrate proof all.json {STRANGER}", code=2)
    assert "had nothing in this market at block" in nobody


def test_export__that_was_changed__is_refused(former: Terminal) -> None:
    former.answers("migrate export all.json")
    document = json.loads(Path("all.json").read_text())
    document["holdings"][0]["free"] = "1"
    Path("all.json").write_text(json.dumps(document))
    assert former.refuses(f"migrate proof all.json {SAVER}", code=2) == (
        "all.json was changed: its holdings do not have its root"
    )
    Path("all.json").write_text("[]")
    assert "is no export of a market" in former.refuses("migrate voters all.json", code=2)


def test_leave__after_the_last_day__takes_the_security_too(former: Terminal) -> None:
    assert former.answers(f"money show {SAVER}")["security"] == 10_000_000
    former.does(SAVER, "migrate leave")
    held = former.answers(f"money show {SAVER}")
    assert (held["security"], held["balance"]) == (0, 0)


def test_leave__with_a_grid_account_that_cannot_redeem__takes_the_money(former: Terminal) -> None:
    """The supplier owes the rest: nobody else's money pays for credits."""
    market, treasury = former.market, former.market.roles[Role.TREASURY]
    cash, *_ = market.settlement.call("gridAccount")
    market.node.rpc_batch([("anvil_setBalance", [treasury, hex(10**18)])])
    spare = cash // EXACT - 12_000 * CREDIT // EXACT
    call = market.settlement.prepare("collect", spare, treasury)
    market.do(market.roles[Role.TREASURY], market.access, "schedule", call.to, call.data, 0)
    market.go_to(market.now + 90_001)
    market.do(treasury, market.settlement, "collect", spare, treasury)
    former.does(SAVER, "migrate leave")
    former.does(COLLECTOR, "migrate leave")
    assert market.settlement.call("gridAccount")[0] == 0


@pytest.mark.usefixtures("scale")
def test_migration__of_many_accounts__is_whole(
    people: list[Account], former: Terminal, successor: Terminal, market: Market
) -> None:
    """Each by itself, in any order; with `--soak`, 1,000 of them."""
    start = time.monotonic()
    exported = former.answers("migrate export all.json")
    assert exported["addresses"] >= len(people)
    export = Export.load(Path("all.json"))
    with (
        closing(EnergyGrid.connect(market.node.url, former.file)) as old,
        closing(EnergyGrid.connect(market.node.url, successor.file)) as new,
    ):
        for person in people:
            assert old.leave_market(person).execute() == MONEY
            assert new.arrive_from(person, export).execute() == MONEY
        found = old.audit_migration(export, new)
    assert found.arrived == len(people) * MONEY * EXACT
    assert (found.left + found.arrived, found.taken, found.missing) == (export.worth, 0, 0)
    print(f"{len(people)} accounts have moved in {time.monotonic() - start:.0f} s")
