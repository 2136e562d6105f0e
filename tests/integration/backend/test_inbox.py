"""Files of orders that programs put into the engine's folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from energy_grid.backend.store.database import Database
from energy_grid.backend.trading_engine.door import Door
from energy_grid.backend.trading_engine.inbox import Inbox
from energy_grid.client import EnergyGrid
from energy_grid.market.keeper_chain import ChainOrders
from energy_grid.market.order_file import save_orders
from tests.integration.exchange import BUY, Exchange
from tests.support.market import Market


@pytest.fixture
def exchange(market: Market, grid: EnergyGrid) -> Exchange:
    return Exchange(market, grid)


@pytest.fixture
def inbox(exchange: Exchange, database: Database, tmp_path: Path) -> Inbox:
    grid = exchange.grid
    door = Door(grid, database, ChainOrders(grid.node, grid.trading, grid.settlement))
    return Inbox(grid, door, tmp_path / "orders")


def test_step__files_of_orders__are_taken_and_answered(
    exchange: Exchange, inbox: Inbox, tmp_path: Path
) -> None:
    assert inbox.step() > 0
    folder, domain = tmp_path / "orders", exchange.grid.trading_domain
    good, poor = exchange.order(0, BUY, 1000, 300_000), exchange.order(1, BUY, 10**9, 10**9)
    save_orders(folder / "a.json", [good, poor], domain)
    entries = json.loads((folder / "a.json").read_text())
    (folder / "a.json").write_text(json.dumps([*entries, {"format": 1}]))
    (folder / "b.json").write_text("{")
    (folder / ".c.json").write_text("{")
    assert (inbox.step(), inbox.step()) == (0, 0)
    assert inbox.step() > 0
    answers = json.loads((folder / "taken" / "a.answers.json").read_text())
    assert answers == [
        {"order": f"0x{exchange.id_of(good):064x}", "state": "RECEIVED"},
        {
            "order": f"0x{exchange.id_of(poor):064x}",
            "state": "REJECTED",
            "reason": "INSUFFICIENT_BALANCE",
        },
        {"malformed": "order 3: chainId is no whole number"},
    ]
    (refused,) = json.loads((folder / "taken" / "b.answers.json").read_text())
    assert refused["malformed"].endswith("b.json is no JSON")
    assert sorted(each.name for each in folder.glob("**/*.json")) == [
        *(".c.json", "a.answers.json", "a.json", "b.answers.json", "b.json")
    ]
    assert inbox.describe() == "2 files of orders: 1 received, 1 rejected"
    assert inbox.metrics() == {"files_total": 2, "orders_total": 2}


def test_step__more_orders_than_an_account_may_have__are_answered(
    exchange: Exchange, database: Database, tmp_path: Path
) -> None:
    grid, folder = exchange.grid, tmp_path / "orders"
    inbox = Inbox(grid, Door(grid, database, exchange.known, most=1), folder)
    orders = [exchange.order(0, BUY, 1, 1) for _ in range(2)]
    save_orders(folder / "a.json", orders, grid.trading_domain)
    inbox.step()
    taken, refused = json.loads((folder / "taken" / "a.answers.json").read_text())
    assert taken["state"] == "RECEIVED"
    assert refused == {
        "order": f"0x{exchange.id_of(orders[1]):064x}",
        "refused": f"{exchange.traders[0].address} has 1 open orders, as many as an account may"
        " have: cancel some, or wait until a gate has closed",
    }


def test_step__a_file_that_was_read_when_the_process_ended__gives_the_same_answers(
    exchange: Exchange, inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """The process ends here."""

    def die(*_: object) -> None:
        raise Killed

    folder = tmp_path / "orders"
    save_orders(
        folder / "a.json", [exchange.order(0, BUY, 9, 300_000)], exchange.grid.trading_domain
    )
    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", die)
        with pytest.raises(Killed):
            inbox.step()
    assert inbox.step() == 0
    (answer,) = json.loads((folder / "taken" / "a.answers.json").read_text())
    assert answer["state"] == "RECEIVED"


def test_step__file_that_cannot_be_put_away__stays_and_others_are_read(
    exchange: Exchange, database: Database, tmp_path: Path
) -> None:
    grid, folder, lines = exchange.grid, tmp_path / "orders", list[str]()
    door = Door(grid, database, exchange.known)
    inbox = Inbox(grid, door, folder, log=lines.append)
    # A folder of this name is in the way.
    (folder / "taken" / "a.json").mkdir()
    for name in ("a.json", f"{'b' * 245}.json"):
        save_orders(tmp_path / "x", [exchange.order(0, BUY, 1, 1)], grid.trading_domain)
        (tmp_path / "x").rename(folder / name)
    assert (inbox.step(), inbox.step()) == (0, 0)
    assert inbox.step() > 0
    assert lines == ["inbox: a.json stays where it is: Is a directory"]
    assert (folder / "taken" / f"{'b' * 200}.answers.json").exists()


def test_step__large_file__is_read_some_orders_a_step(
    exchange: Exchange, database: Database, tmp_path: Path
) -> None:
    grid, folder = exchange.grid, tmp_path / "orders"
    inbox = Inbox(grid, Door(grid, database, exchange.known), folder)
    orders = [exchange.order(0, BUY, 1, 1, expiry=0) for _ in range(201)]
    save_orders(folder / "a.json", orders, grid.trading_domain)
    assert inbox.step() == 0
    assert not (folder / "taken" / "a.json").exists()
    assert inbox.step() == 0
    assert len(json.loads((folder / "taken" / "a.answers.json").read_text())) == 201
