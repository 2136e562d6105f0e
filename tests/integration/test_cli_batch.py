"""Batches on the command line: built, sent, and audited."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from energy_grid.chain.roles import Role
from energy_grid.cli.main import main
from energy_grid.client import EnergyGrid
from energy_grid.domain.signed_orders import SignedOrder
from energy_grid.market.batch_calls import settle_batch
from energy_grid.market.batches import Keeper
from energy_grid.market.keeper_chain import newest_seed
from energy_grid.market.order_file import load_orders, save_orders
from energy_grid.market.order_set_file import save_order_set
from tests.integration.exchange import BUY, HOUR, SELL, Exchange
from tests.integration.terminal import AUTHORITY, REGISTRAR, Terminal


@pytest.fixture
def exchange(terminal: Terminal) -> Iterator[Exchange]:
    with EnergyGrid.connect(terminal.market.node.url, terminal.file) as grid:
        yield Exchange(terminal.market, grid)


class BatchFiles:
    """A terminal beside a folder with files of orders."""

    def __init__(self, terminal: Terminal, exchange: Exchange, folder: Path) -> None:
        self.terminal, self.exchange, self.folder = terminal, exchange, folder
        self.orders, self.set = folder / "orders.json", folder / "set.jsonl"
        self.keeper = next(
            f"local:{number}"
            for number in range(20)
            if exchange.keeper.address == type(exchange.keeper).local(number).address
        )

    def write(self, *orders: SignedOrder) -> None:
        save_orders(self.orders, orders, self.exchange.known.domain)

    def audit(self, transaction: str, *options: str) -> tuple[int, str]:
        """Exit code and what is printed, its words one space apart."""
        self.terminal.capsys.readouterr()
        places = ("--rpc", self.terminal.market.node.url, "--deployment", str(self.terminal.file))
        code = main(["audit-batch", transaction, str(self.set), *options, *places])
        out, err = self.terminal.capsys.readouterr()
        assert err == ""
        return code, " ".join(out.split())

    def send(self) -> str:
        return self.terminal.does(
            self.keeper, f"batch send {shlex.quote(str(self.orders))} --set {self.set}"
        )

    @property
    def last_transaction(self) -> str:
        trading = self.exchange.grid.trading
        return trading.history("BatchSettled")[-1].transaction


@pytest.fixture
def files(terminal: Terminal, exchange: Exchange, tmp_path: Path) -> BatchFiles:
    return BatchFiles(terminal, exchange, tmp_path)


def test_batch__built_sent_and_audited(files: BatchFiles) -> None:
    exchange, terminal = files.exchange, files.terminal
    number = exchange.market.order(exchange.traders[3], 1, 400, 200_000, start=HOUR.start)
    forged = exchange.order(4, BUY, 100, 300_000, signer=5)
    files.write(
        exchange.order(0, BUY, 1000, 300_000), exchange.order(1, SELL, 600, 240_000), forged
    )
    document = terminal.answers(f"batch build {files.orders} --set {files.set}")
    assert (
        document.pop("order_set")
        == f"0x{json.loads(files.set.read_text().splitlines()[0])['orderSet'][2:]}"
    )
    assert document == {
        "period": "HOURLY",
        "start": HOUR.start,
        "considered": 3,
        "price": 270_000,
        "volume_wh": 1000,
        "welfare_thousandths": 400 * 100_000 + 600 * 60_000,
        "self_wh": 0,
        "batches": [{"signed": 2, "stored": 1, "fills": 2}],
        "dropped": [{"order_id": f"0x{exchange.id_of(forged):064x}", "reason": "WRONG_SIGNATURE"}],
        "malformed": [],
    }
    shown = terminal.shows(f"batch build {files.orders}")
    for part in (
        "period hourly 2024-01-01 02:00",
        "considered 3 orders",
        "trades 1 kWh in 2 fills price 0.27 tUSD/kWh marginal 0.24 tUSD/kWh to 0.3 tUSD/kWh",
        "its trader has not signed it",
    ):
        assert part in shown
    assert exchange.grid.trading.batch_count() == 0

    name = f"0x{exchange.id_of(forged):064x}"
    assert files.send() == (
        f"Agreed 1 kWh in 2 trades at 0.27 tUSD/kWh (batch 1); dropped order {name}"
        f" wrong-signature; the order set is in {files.set}"
    )
    assert exchange.grid.trading.get_order_terms(number).remaining == 0
    code, output = files.audit(files.last_transaction)
    assert code == 0
    for part in (
        "volume 1 kWh of 1 kWh",
        "price 0.27 tUSD/kWh marginal 0.24 tUSD/kWh to 0.3 tUSD/kWh",
        "welfare 0.076 tUSD of 0.076 tUSD (100.00 %)",
        "OPTIMAL: no other batch of these orders has more welfare",
    ):
        assert part in output
    assert files.audit("1") == (code, output)
    batch = terminal.answers("batch show 1")
    assert batch == terminal.answers(f"batch show {files.last_transaction}")
    assert (batch["batch_id"], batch["first_trade_id"], batch["trade_count"]) == (
        1,
        batch["trades"][0]["trade_id"],
        2,
    )
    code, output = files.audit(files.last_transaction, "--json")
    found = json.loads(output)
    assert (code, found["optimal"], found["findings"]) == (0, True, [])
    assert found["welfare_thousandths"] == found["optimum_thousandths"] == 76_000_000


def test_batch__without_stored__only_signed_orders_trade(files: BatchFiles) -> None:
    exchange = files.exchange
    exchange.market.order(exchange.traders[3], 1, 400, 100_000, start=HOUR.start)
    files.write(exchange.order(0, BUY, 1000, 300_000), exchange.order(1, SELL, 700, 240_000))
    document = files.terminal.answers(f"batch build {files.orders} --no-stored")
    assert (document["considered"], document["volume_wh"]) == (2, 700)


def test_batch__nothing_crosses__prints_so_and_sends_nothing(files: BatchFiles) -> None:
    exchange = files.exchange
    expired = exchange.order(2, BUY, 10, expiry=1)
    files.write(exchange.order(0, BUY, 10, 1000), exchange.order(1, SELL, 10), expired)
    assert "trades none: no bid reaches an ask" in files.terminal.shows(
        f"batch build {files.orders}"
    )
    name = f"0x{exchange.id_of(expired):064x}"
    assert files.terminal.says(
        f"batch send {files.orders} --set {files.set} --account {files.keeper}"
    ) == (f"Nothing trades of 2 orders; dropped order {name} expired")
    assert not files.set.exists()


def test_batch__something_in_the_file_is_no_order__the_others_trade(files: BatchFiles) -> None:
    exchange = files.exchange
    files.write(exchange.order(0, BUY, 100), exchange.order(1, SELL, 100))
    documents = json.loads(files.orders.read_text())
    files.orders.write_text(json.dumps([documents[0], "spam", documents[1], {}]))
    document = files.terminal.answers(f"batch build {files.orders}", 1)
    assert document["malformed"] == [
        "order 2: a signed order is a JSON object",
        "order 4: format is no whole number",
    ]
    assert (document["considered"], document["volume_wh"]) == (2, 100)
    shown = files.terminal.shows(f"batch build {files.orders}", 1)
    assert "not an order: order 2: a signed order is a JSON object" in shown
    assert "; skipped order 2: a signed order is a JSON object and 1 more; the" in files.send()


def test_batch__by_a_safe_that_is_keeper(files: BatchFiles) -> None:
    exchange, market = files.exchange, files.terminal.market
    safe = market.roles[Role.GRID_AUTHORITY]
    market.do(market.roles[Role.ADMIN], market.access, "grantRole", Role.KEEPER, safe, 0)
    files.write(exchange.order(0, BUY, 100), exchange.order(1, SELL, 100))
    command = f"batch send {files.orders} --set {files.set}"
    assert files.terminal.does(AUTHORITY, command).startswith("Agreed 0.1 kWh in 1 trade at ")


def test_batch_send__file_of_an_earlier_set__stays_and_the_next_gets_a_number(
    files: BatchFiles,
) -> None:
    exchange = files.exchange
    files.write(exchange.order(0, BUY, 100), exchange.order(1, SELL, 100))
    files.send()
    before = files.set.read_bytes()
    files.write(exchange.order(0, BUY, 200), exchange.order(1, SELL, 200))
    second = files.folder / "set-2.jsonl"
    assert files.send().endswith(f"(batch 2); the order set is in {second}")
    assert files.set.read_bytes() == before
    assert files.audit("1")[0] == 0
    files.set = second
    assert files.audit("2")[0] == 0


def test_batch_send__file_that_is_no_order_set__is_refused_and_nothing_sent(
    files: BatchFiles,
) -> None:
    exchange = files.exchange
    files.write(exchange.order(0, BUY, 100), exchange.order(1, SELL, 100))
    files.set.write_text("notes\n")
    sends = f"batch send {files.orders} --set {files.set} --account {files.keeper}"
    assert files.terminal.refuses(sends, 2) == f"{files.set} holds no order set: name a new file"
    assert files.set.read_text() == "notes\n"
    assert exchange.grid.trading.batch_count() == 0


def test_batch__what_is_refused__is_one_line(files: BatchFiles) -> None:
    exchange, refuses = files.exchange, files.terminal.refuses
    files.write(exchange.order(0, BUY, 100), exchange.order(1, SELL, 100))
    document = refuses(f"batch send {files.orders} --set {files.set} --account local:15")
    assert "may not do this: it is for the role KEEPER, which 0x" in document
    assert refuses(f"batch build {files.folder / 'none'}", 2).startswith("cannot read")
    files.write()
    assert refuses(f"batch build {files.orders}", 2) == (
        "choose a --period and its --start; the file has no orders"
    )
    assert refuses(f"batch build {files.orders} --period hourly", 2) == (
        "--period needs --start, and --start needs --period"
    )
    assert refuses(f"audit-batch 0x12 {files.set}", 2).startswith(
        "'0x12' is neither a batch's number nor"
    )
    assert refuses(f"audit-batch 9 {files.set}", 2) == "there is no batch 9 on this chain"
    assert "this chain has no transaction" in refuses(f"audit-batch 0x{'12' * 32} {files.set}")


def test_audit_batch__order_left_out__exits_with_1_and_says_what(files: BatchFiles) -> None:
    exchange = files.exchange
    better = exchange.order(0, BUY, 500, 300_000)
    files.write(better, exchange.order(1, BUY, 500, 260_000), exchange.order(2, SELL, 500, 200_000))
    known, keeper = exchange.known, Keeper(exchange.chain())
    book = known.signed(load(files))
    seed = newest_seed(exchange.grid.node)
    keeper.plan(book, HOUR, seed)
    session = keeper.session
    assert session.order_set is not None
    (batch,) = keeper.plan(book[1:], HOUR, seed)
    save_order_set(files.set, session.order_set, known.domain)
    call = settle_batch(
        exchange.grid.trading, replace(batch, order_set=session.order_set.root), skip=False
    )
    receipt = exchange.grid.sender.send(exchange.keeper, call)
    code, output = files.audit(receipt.transaction)
    assert code == 1
    assert "welfare 0.03 tUSD of 0.05 tUSD (60.00 %)" in output
    assert "NOT OPTIMAL: welfare of 0.02 tUSD was left" in output
    assert (
        f"left out, though with a better limit than the price: 0x{exchange.id_of(better):064x}"
        in output
    )
    code, output = files.audit(receipt.transaction, "--json")
    (left,) = json.loads(output)["left_out"]
    assert (code, left["wh"], left["trader"]) == (1, 500, exchange.traders[0].address)


def test_audit_batch__file_that_was_changed__exits_with_1(files: BatchFiles) -> None:
    exchange = files.exchange
    files.write(exchange.order(0, BUY, 500), exchange.order(1, SELL, 500))
    files.send()
    lines = files.set.read_text().splitlines()
    files.set.write_text(
        "\n".join([lines[0], *(line.replace("500", "499", 1) for line in lines[1:])])
    )
    refused = files.terminal.refuses(f"audit-batch {files.last_transaction} {files.set}")
    assert refused.startswith(f"{files.set} is not the order set of this batch: its")
    files.set.write_text("\n".join(lines[:-1]))
    assert "its first line announces 2 orders" in files.terminal.refuses(
        f"audit-batch {files.last_transaction} {files.set}", 2
    )


def load(files: BatchFiles) -> list[SignedOrder]:
    return load_orders(files.orders, files.exchange.known.domain)


def test_batch__of_a_region__has_its_traders_alone(files: BatchFiles) -> None:
    exchange, terminal = files.exchange, files.terminal
    terminal.does(AUTHORITY, "tariff add-region NORTH")
    for who, key in (("local:12", "local:41"), ("local:13", "local:42")):
        register = f"meter register {who} --key {key} --region NORTH --power 1kW --holder {who}"
        terminal.does(REGISTRAR, register)
    files.write(
        exchange.order(0, BUY, 1000, 300_000),
        exchange.order(1, SELL, 600, 240_000),
        exchange.order(2, BUY, 500, 310_000),
        exchange.order(3, SELL, 500, 230_000),
    )
    home = terminal.answers(f"batch build {files.orders}")
    assert home["volume_wh"] == 600
    assert [each["reason"] for each in home["dropped"]] == ["OTHER_REGION"] * 2
    assert terminal.answers(f"batch build {files.orders} --region NORTH")["volume_wh"] == 500
    send = f"batch send {shlex.quote(str(files.orders))} --set {files.set}"
    assert terminal.does(files.keeper, f"{send} --region NORTH").startswith("Agreed 0.5 kWh in 1")
    assert files.audit(files.last_transaction)[0] == 0
    assert files.send().startswith("Agreed 0.6 kWh in 1 trade")
