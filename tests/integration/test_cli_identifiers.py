"""Every identifier that a table prints is an argument of the command that shows it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.integration.terminal import (
    AUTHORITY,
    OPERATOR,
    REGISTRAR,
    STRANGER,
    Terminal,
    address,
    wallet,
)
from tests.support.certifying import certified_plant, use_up
from tests.support.market import MONDAY

SELLER, BUYER, METER, KEEPER, VOTER = "local:10", "local:11", "local:12", "local:7", "local:5"
HOUR = 3600
SLOT = MONDAY // HOUR
UNKNOWN = "0x" + "12" * 32
_HASHES, _ADDRESSES = re.compile("0x[0-9a-f]{64}"), re.compile(r"0x[0-9a-fA-F]{40}\b")
_NUMBERS = re.compile(r" *(\d+) ")
# Below the titles of a table.
_RULE = "─"


@dataclass
class Reader:
    """Somebody who reads tables at a terminal and asks for all that is in them."""

    terminal: Terminal
    shown: set[str] = field(default_factory=set)

    def follows(self, listing: str, *, number: str = "", word: str = "", code: int = 0) -> None:
        """Show all that a listing prints: accounts, and by these commands its numbers and hashes.

        Args:
            number: for those in the first column of a table; ``{}`` is the number.
            word: for hashes; ``{}`` is the hash.
        """
        found, out, err = self.terminal._run(listing)
        assert (found, err) == (code, "")
        _, _, rows = out.partition(_RULE)
        numbers = [match[1] for row in rows.splitlines() if (match := _NUMBERS.match(row))]
        hashes = _HASHES.findall(out)
        assert bool(numbers) == bool(number), out
        assert bool(hashes) == bool(word), out
        commands = [number.format(each) for each in numbers] + [
            word.format(each) for each in hashes
        ]
        commands += [f"wallet show {each}" for each in _ADDRESSES.findall(_HASHES.sub("", out))]
        assert commands, out
        for command in {*commands} - self.shown:
            self.terminal.shows(command)
        self.shown |= {*commands}


@pytest.fixture
def reader(terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    monkeypatch.chdir(tmp_path)
    return Reader(terminal)


@pytest.fixture
def funded(reader: Reader) -> Reader:
    """A seller with a meter and a buyer, with money."""
    for who in (SELLER, BUYER):
        reader.terminal.market.give_money(address(who), 20_000_000)
        reader.terminal.does(who, "money deposit --amount 20")
    register = f"meter register {SELLER} --key {METER} --region home --power 10kW"
    reader.terminal.does(REGISTRAR, f"{register} --holder {SELLER}")
    return reader


def test_orders_trades_and_batches__are_shown(funded: Reader) -> None:
    terminal = funded.terminal
    terminal.does(SELLER, "book place sell --amount 2 --price 0.2")
    terminal.does(BUYER, "book place buy --amount 1.5 --price 0.3")
    terminal.does(STRANGER, "book match 2 1")
    terminal.does(SELLER, "book cancel 1")
    terminal.says(f"order sign buy --amount 0.5 --price 0.3 --account {BUYER}")
    terminal.says(f"order sign sell --amount 0.5 --price 0.2 --account {SELLER}")
    terminal.says(f"order sign sell --amount 0.5 --price 0.2 --account {STRANGER}")
    # An order of a trader without an account is dropped by its hash.
    dropped = re.findall("order (0x[0-9a-f]{64})", terminal.shows("batch build orders.json"))
    assert len(dropped) == 1
    assert f"trader {address(STRANGER)}" in terminal.shows(f"order show {dropped[0]}")
    terminal.does(KEEPER, "batch send orders.json --set set.jsonl")
    Path("orders.json").rename("others.json")
    terminal.says(f"order sign buy --amount 0.7 --price 0.3 --nonce 9 --account {BUYER}")
    funded.follows("order verify orders.json", word="order show {}")
    funded.follows("book list --all", number="book show {}")
    funded.follows(f"wallet orders {SELLER}", number="book show {}")
    funded.follows("trade list", number="trade show {}")
    funded.follows("batch list", number="batch show {}", word="batch show {}")
    funded.follows("batch list", number="batch show {}", word="audit-batch {} set.jsonl")
    funded.follows("batch list", number="batch show {}", word="transaction show {}")
    made = next(iter(terminal.answers("batch list")))["transaction"]
    traded = re.findall("_id (0x[0-9a-f]{64})", terminal.shows(f"transaction show {made}"))
    assert len(traded) == 2
    for name in traded:
        assert "4294967296 matched" in terminal.shows(f"order show {name}")
    (batch,) = terminal.answers("batch list")
    root = batch["order_set"]
    assert root in terminal.shows("batch show 1")
    assert terminal.answers(f"batch show {root}") == terminal.answers("batch show 1")
    assert terminal.shows(f"audit-batch {root} set.jsonl") == (
        terminal.shows("audit-batch 1 set.jsonl")
    )
    terminal.market.go_to(MONDAY + HOUR)
    terminal.does(METER, "meter submit --import 1 --time 2024-01-01T01:00")
    funded.follows(f"wallet trades {SELLER}", number="trade show {}")
    funded.follows(f"meter list {SELLER}", number="meter show {}")
    funded.follows(f"slot list {SELLER}", number=f"slot show {SELLER} {{}}")
    (found,) = terminal.answers("meter readings 1")
    assert terminal.answers(f"meter show {found['meter_id']}")["key"] == found["key"]
    newest = terminal.answers(f"slot list {SELLER}")[0]
    position = terminal.answers(f"slot show {SELLER} {newest['slot']}")["position"]
    assert position == newest["position"] != 0


def test_order__by_its_hash__has_its_terms_and_its_trades(funded: Reader) -> None:
    terminal = funded.terminal
    terminal.says(f"order sign buy --amount 0.5 --price 0.3 --account {BUYER}")
    terminal.says(f"order sign sell --amount 0.7 --price 0.2 --account {SELLER}")
    names = [each["order_hash"] for each in terminal.answers("order show orders.json")]
    before = terminal.answers(f"order show {names[0]}")
    assert (before["order"]["side"], before["traded_wh"], before["trades"]) == ("BUY", 0, [])
    terminal.does(KEEPER, "batch send orders.json --set set.jsonl")
    for name, who, side in zip(names, (BUYER, SELLER), ("BUY", "SELL"), strict=True):
        found = terminal.answers(f"order show {name.upper().replace('X', 'x')}")
        assert (found["order_hash"], found["trader"]) == (name, address(who))
        assert (found["order"]["side"], found["traded_wh"]) == (side, 500)
        assert [each["trade_id"] for each in found["trades"]] == [2**32]
        # In the JSON of events it is a decimal number.
        assert terminal.answers(f"order show {int(name, 16)}") == found
        # Without the file, the chain still knows who has traded what by it.
        alone = terminal.answers(f"order show {name} --in none.json")
        assert alone == {**found, "order": None}
        assert terminal.shows(f"order show {name} --in none.json").startswith(
            f"order {name} trader {address(who)} traded 0.5 kWh"
        )


def test_a_hash_that_nobody_knows__may_be_a_key_and_is_not_repeated(funded: Reader) -> None:
    terminal = funded.terminal
    Path("set.jsonl").touch()
    for command, why in {
        "order show": "neither orders.json nor a trade of this market has an order of this hash",
        "batch show": "this chain has no transaction and no order set of this hash",
        "transaction show": "this chain has no mined transaction of this hash",
        "safe show": "no Safe has executed a transaction of this hash",
    }.items():
        assert terminal.refuses(f"{command} {UNKNOWN}").startswith(why)
        refused = terminal.fails(f"{command} {UNKNOWN}")
        assert refused["message"].startswith(why)
        assert UNKNOWN[2:] not in str(refused)
    terminal.refuses(f"audit-batch {UNKNOWN} set.jsonl")
    assert terminal.refuses(f"transaction show {UNKNOWN}ff", code=2).startswith(
        "Invalid value for 'HASH': '…' is not a hash"
    )
    assert UNKNOWN[2:] not in terminal.refuses(f"wallet show {UNKNOWN}", code=2)
    # What the chain knows is no key.
    known = terminal.market.node.block()["transactions"][0]
    assert terminal.refuses(f"batch show {known}", code=2) == (
        f"transaction {known} has settled no batch of this market"
    )


def test_transaction__is_shown_with_its_call_and_its_events(reader: Reader) -> None:
    terminal = reader.terminal
    terminal.does(BUYER, "money faucet --amount 20")
    _, out, _ = terminal._run(f"money deposit --amount 20 --account {BUYER}")
    (name,) = _HASHES.findall(out)
    found = terminal.answers(f"transaction show {name}")
    assert (found["transaction"], found["sender"], found["succeeded"]) == (
        name,
        address(BUYER),
        True,
    )
    assert found["to"] == terminal.market.settlement.address
    assert found["call"].startswith("Settlement.depositWithPermit(amount 20 tUSD, deadline 2024-")
    assert {"Deposited", "Transfer"} <= {each["event"] for each in found["events"]}
    shown = terminal.shows(f"transaction show {name}")
    assert f"sender {address(BUYER)} to {found['to']} call Settlement.deposit" in shown
    assert f"Settlement.Deposited payer {address(BUYER)}" in shown


def test_offers_and_spot_trades__are_shown(reader: Reader) -> None:
    terminal, market = reader.terminal, reader.terminal.market
    market.do(address(SELLER), market.grid, "registerProducer", 10_000, 0)
    market.do(address(BUYER), market.grid, "registerConsumer", 10_000)
    terminal.does(AUTHORITY, f"participant confirm {SELLER} producer")
    terminal.does(AUTHORITY, f"participant confirm {BUYER} consumer")
    market.do(market.settlement.address, market.energy_token, "mint", address(SELLER), 5_000)
    terminal.does(SELLER, "offer create --amount 2 --price 0.25")
    terminal.does(SELLER, f"offer to {BUYER} --amount 1 --price 0.25")
    reader.follows("participant list")
    for listing in ("offer list", f"wallet offers {SELLER}"):
        reader.follows(listing, number="offer show {}")
    for listing in ("offer spot-trades", f"wallet spot-trades {BUYER}"):
        reader.follows(listing, number="offer spot-trade {}")


def test_assets_shares_and_retirements__are_shown(reader: Reader) -> None:
    terminal, market = reader.terminal, reader.terminal.market
    terminal.does(
        REGISTRAR,
        f"asset mint {SELLER} Roof village --type solar --capacity 9.8kW"
        " --commissioned 2024-01-01 --cost 12000",
    )
    reader.follows("asset list", number="asset show {}")
    reader.follows("asset show 1")
    terminal.does(SELLER, "asset share 1 --shares 100 --name Roof --symbol ROOF")
    reader.follows(f"wallet shares {SELLER}", number="asset shares show {}")
    (holding,) = terminal.answers(f"wallet shares {SELLER}")
    assert holding["asset_id"] == 1
    assert terminal.answers(f"asset shares show {holding['address']}")["asset_id"] == 1
    market.do(address(SELLER), market.grid, "registerProducer", 10_000, 0)
    terminal.does(AUTHORITY, f"participant confirm {SELLER} producer")
    plant, meter = certified_plant(market, wallet(SELLER)), market.register_meter(wallet(SELLER))
    terminal.does(REGISTRAR, f"carbon register {SELLER}")
    use_up(market, wallet(SELLER), meter, plant, MONDAY // (24 * HOUR) + 2, 9_000)
    terminal.does(STRANGER, f"carbon issue {SELLER}")
    terminal.does(SELLER, "carbon retire --amount 0.1 --reason 'a flight'")
    reader.follows("carbon retirements", number="carbon retirement {}")
    reader.follows(f"wallet credits {SELLER}", number="carbon retirement {}")
    assert terminal.answers("carbon retirement 1") == terminal.answers("carbon retirements")[0]
    assert terminal.shows("carbon retirement 1").startswith(
        f"retirement 1 amount 0.1 kg CO2e by {address(SELLER)} for {address(SELLER)} reason a"
    )


def test_events_actions_and_programs__are_shown(operated: Terminal) -> None:
    reader, market = Reader(operated), operated.market
    market.do(address(OPERATOR), market.dollar, "faucet", 100_000_000)
    operated.does(AUTHORITY, f"dr register-operator {OPERATOR}")
    operated.does(AUTHORITY, f"operator score {OPERATOR} 90")
    operated.does(OPERATOR, "dr event start --target 2kW --reward 0.5 --duration 1h")
    operated.does(OPERATOR, "dr program create Evening village --target 2kW --rate 1 --duration 2h")
    reader.follows("dr event list", number="dr event show {}")
    reader.follows("dr program list", number="dr program show {}")
    operated.does(OPERATOR, "grid capacity set village --max 1MW --running 600 --reserve 100kW")
    operated.does(OPERATOR, "grid balance open village increase-generation --target 30kW")
    reader.follows("grid balance list village", number="grid balance show {}")
    operated.does(OPERATOR, "grid stability report village --frequency 47.4 --voltage 97")
    reader.follows("grid stability events village", number="grid stability event {}")
    assert (
        operated.answers("grid stability event 1")
        == (operated.answers("grid stability events village")[0])
    )
    assert operated.shows("grid stability event 1").endswith(
        "frequency 47.40 Hz voltage 97 % of nominal resolved open"
    )
    assert operated.refuses("grid stability event 2").endswith(
        ": energy-grid grid stability events lists the events of a region"
    )
    reader.follows("operator list")
    for who in (_ADDRESSES.findall(operated._run("operator list")[1]))[:1]:
        assert who in operated.shows(f"operator show {who}")


def test_proposals__are_shown_by_number_and_by_id(reader: Reader) -> None:
    terminal = reader.terminal
    terminal.does(VOTER, "govern propose base-price 0.31 --because dearer")
    reader.follows("govern list", number="govern show {}")
    shown = terminal.shows("govern show 1")
    found = re.search(r"\(id (\d+)\)", shown)
    assert found
    assert terminal.shows(f"govern show {found[1]}") == shown
    assert terminal.refuses(f"govern show {int(found[1]) + 1}").endswith(str(int(found[1]) + 1))


def test_safe__a_transaction_by_the_hash_that_its_owners_have_signed(reader: Reader) -> None:
    terminal, name = reader.terminal, "safe-0.json"
    terminal.drafts("safe:local:20", "grid protocol village islanding")
    (digest,) = _HASHES.findall(terminal.shows(f"safe review {name}"))
    assert terminal.refuses(f"safe show {digest}").startswith("no Safe has executed a")
    terminal.says(f"safe sign {name} --hash {digest} --account local:21")
    terminal.does(STRANGER, f"safe send {name}")
    found = terminal.answers(f"safe show {digest}")
    assert (found["hash"], found["sender"]) == (digest, address(STRANGER))
    assert found["call"] == (
        "GridManagement.implementEmergencyProtocol(region 'village', protocol ISLANDING)"
    )
    assert f"call {found['call']}" in terminal.shows(f"safe show {digest}")
    assert terminal.answers(f"transaction show {found['transaction']}")["call"] == found["call"]


@pytest.mark.parametrize(
    "listing",
    ["market show", "token list", "role list", "safe show", "oracle reporters price"],
)
def test_accounts__are_shown(reader: Reader, listing: str) -> None:
    reader.follows(listing)
