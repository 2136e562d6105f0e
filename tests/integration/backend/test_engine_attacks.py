"""What adversaries tried on the trading engine: none of it stops it, costs gas again, or promises
money twice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from energy_grid.backend.indexer.indexer import Indexer
from energy_grid.backend.store.database import Database
from energy_grid.backend.trading_engine.door import Receipt
from energy_grid.backend.trading_engine.engine import TradingEngine
from energy_grid.backend.trading_engine.following import OrderFollower
from energy_grid.backend.trading_engine.states import OrderState
from energy_grid.chain.abi import checksum
from energy_grid.chain.roles import Role
from energy_grid.chain.tx import receipts
from energy_grid.chain.tx.policy import Policy
from energy_grid.chain.tx.sender import Sender
from energy_grid.client import EnergyGrid
from energy_grid.domain.batch import Refusal
from energy_grid.domain.orders import OrderTerms
from energy_grid.domain.signed_orders import SignedOrder
from energy_grid.errors import ChainError, NodeUnreachableError
from energy_grid.market.batches import GasBound
from energy_grid.market.keeper_chain import KeeperChain
from tests.integration.exchange import BUY, HOUR, SELL, Exchange
from tests.support.databases import new_database
from tests.support.market import DAY, MONDAY, Market

# One pair a batch.
SMALL = GasBound(max_gas=0)
# Confirms every signature where GASPRICE is 0, as in calls and estimates, and reverts elsewhere.
TWO_FACED = "0x3a156008575f5ffd5b631626ba7e60e01b5f5260205ff3"


@pytest.fixture
def exchange(market: Market, grid: EnergyGrid) -> Exchange:
    return Exchange(market, grid)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def engine_of(exchange: Exchange, database: Database, **options: Any) -> TradingEngine:
    market = options.pop("market", exchange.grid)
    given = {"published": Path("published"), "lead": 7200, **options}
    return TradingEngine(market, database, exchange.keeper, **given)


def taken(engine: TradingEngine, *orders: SignedOrder) -> None:
    for order in orders:
        assert engine.submit(order).state is OrderState.RECEIVED


def receipt_of(engine: TradingEngine, exchange: Exchange, order: SignedOrder) -> Receipt:
    return engine.order(exchange.id_of(order).to_bytes(32, "big"))


def states(
    engine: TradingEngine, exchange: Exchange, orders: Sequence[SignedOrder]
) -> list[OrderState]:
    return [receipt_of(engine, exchange, order).state for order in orders]


def index(exchange: Exchange, database: Database) -> None:
    indexer = Indexer(exchange.grid, database, finality=64)
    while not indexer.step():
        pass


def live(engine: TradingEngine, exchange: Exchange, steps: int = 4) -> None:
    for _ in range(steps):
        engine.step()
        exchange.market.node.mine()


def sent_since(exchange: Exchange, block: int) -> list[tuple[bool, int]]:
    """The keeper's transactions: whether each succeeded, and its gas."""
    node, found = exchange.market.node, []
    for number in range(block, node.block_number + 1):
        for one in node.rpc("eth_getBlockByNumber", hex(number), True)["transactions"]:
            if checksum(one["from"]) == exchange.keeper.address:
                receipt = node.receipt(one["hash"])
                found.append((receipt["status"] == "0x1", int(receipt["gasUsed"], 16)))
    return found


def of_wallet(exchange: Exchange, nonce: int) -> SignedOrder:
    """An order of a contract wallet that shows two faces."""
    wallet = exchange.traders[5].address
    exchange.market.node.rpc("anvil_setCode", wallet, TWO_FACED)
    terms = OrderTerms(
        trader=wallet,
        order_type=SELL,
        amount=10,
        price=100_000,
        expiry=HOUR.end - 1,
        period=HOUR,
    )
    return SignedOrder(terms=terms, nonce=nonce, signature=b"", by_contract=True)


def test_on_chain_order__taken_away_by_a_reorganisation__stops_nobody(
    exchange: Exchange, database: Database
) -> None:
    engine, market, node = engine_of(exchange, database), exchange.market, exchange.market.node
    bid = exchange.order(0, BUY, 100, 300_000)
    taken(engine, bid)
    node.mine(2)
    before = node.snapshot()
    market.order(exchange.traders[1], 1, 100, 210_000, start=HOUR.start)
    index(exchange, database)
    engine.step()
    assert states(engine, exchange, [bid]) == [OrderState.MATCHED]
    node.revert(before)
    node.mine(4)
    index(exchange, database)
    live(engine, exchange)
    ask = exchange.order(3, SELL, 100, 200_000)
    taken(engine, ask)
    node.mine(3)
    live(engine, exchange)
    assert states(engine, exchange, [bid, ask]) == [OrderState.MATCHED] * 2


def test_wallet_that_denies_in_blocks__costs_the_keeper_once_and_stops_nobody(
    exchange: Exchange, database: Database
) -> None:
    engine, node = engine_of(exchange, database), exchange.market.node
    bid, ask = exchange.order(0, BUY, 700, 300_000), exchange.order(1, SELL, 600, 200_000)
    theirs = [of_wallet(exchange, nonce) for nonce in range(20)]
    taken(engine, bid, ask, *theirs)
    node.mine(2)
    first = node.block_number
    live(engine, exchange)
    assert states(engine, exchange, [ask]) == [OrderState.MATCHED]
    sent = sent_since(exchange, first)
    assert all(succeeded for succeeded, _ in sent)
    # A change of the book brings none of them back, and the wallet no other order in.
    taken(engine, exchange.order(2, BUY, 4, 1))
    node.mine(2)
    live(engine, exchange)
    assert sent_since(exchange, first) == sent
    found = receipt_of(engine, exchange, theirs[0])
    assert (found.state, found.reason) == (OrderState.REJECTED, Refusal.WRONG_SIGNATURE)
    again = engine.submit(of_wallet(exchange, 99))
    assert (again.state, again.reason) == (OrderState.REJECTED, Refusal.WRONG_SIGNATURE)


def test_batch_that_reverts_without_a_reason__is_sent_once_more_and_skips(
    exchange: Exchange, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a node has no traces."""
    engine, node = engine_of(exchange, database), exchange.market.node
    bid, other = exchange.order(0, BUY, 700, 300_000), exchange.order(2, BUY, 600, 290_000)
    ask = exchange.order(1, SELL, 600, 200_000)
    taken(engine, bid, other, ask)
    node.mine(2)
    first = node.block_number
    real, done = Sender.send_many, []

    def send_many(self: Sender, items: Any, **named: Any) -> Any:
        if not done:
            done.append(1)
            # In front of the batch, and behind its estimate.
            exchange.grid.cancel_signed(exchange.traders[0], [0]).execute()
        return real(self, items, **named)

    monkeypatch.setattr(Sender, "send_many", send_many)
    monkeypatch.setattr(receipts, "_reason", lambda *_: None)
    live(engine, exchange)
    assert states(engine, exchange, [bid, other, ask]) == [
        *(OrderState.CANCELLED, OrderState.MATCHED, OrderState.MATCHED)
    ]
    assert [succeeded for succeeded, _ in sent_since(exchange, first)].count(False) == 1


def test_node_gone_while_a_book_is_cleared__is_made_up_for(
    exchange: Exchange, database: Database
) -> None:
    engine = engine_of(exchange, database)
    orders = exchange.order(0, BUY, 700, 300_000), exchange.order(1, SELL, 700, 200_000)
    taken(engine, *orders)
    exchange.market.node.mine(2)

    def gone(*_: object) -> None:
        raise NodeUnreachableError("gone")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(KeeperChain, "simulate", gone)
        with pytest.raises(NodeUnreachableError):
            engine.step()
    live(engine, exchange)
    assert states(engine, exchange, orders) == [OrderState.MATCHED] * 2


def test_market_paused_for_a_moment__is_made_up_for_within_a_minute(
    exchange: Exchange, database: Database
) -> None:
    engine, market = engine_of(exchange, database), exchange.market
    orders = exchange.order(0, BUY, 700, 300_000), exchange.order(1, SELL, 700, 200_000)
    taken(engine, *orders)
    market.node.mine(2)
    market.do(market.roles[Role.GUARDIAN], market.trading, "pause")
    live(engine, exchange)
    market.do(market.roles[Role.GUARDIAN], market.trading, "unpause")
    market.node.set_time(market.node.time + 60)
    live(engine, exchange)
    assert states(engine, exchange, orders) == [OrderState.MATCHED] * 2


def test_refused_batches_and_a_reorganisation__the_rest_trades(
    exchange: Exchange, database: Database
) -> None:
    engine, node, grid = (
        engine_of(exchange, database, bound=SMALL),
        exchange.market.node,
        exchange.grid,
    )
    bids = [exchange.order(at, BUY, 100, 300_000 - at) for at in range(3)]
    asks = [exchange.order(3 + at, SELL, 100, 200_000 + at) for at in range(3)]
    taken(engine, *bids, *asks)
    node.mine(2)
    before = node.snapshot()
    real, count = KeeperChain.outcome, []

    def outcome(self: KeeperChain, *arguments: Any) -> Any:
        count.append(1)
        if len(count) == 2:
            raise ChainError("failed: out of gas")
        return real(self, *arguments)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(KeeperChain, "outcome", outcome)
        live(engine, exchange, 1)
    node.revert(before)
    for trader in exchange.traders[:2]:
        grid.cancel_signed(trader, [0]).execute()
    node.mine(2)
    live(engine, exchange)
    assert states(engine, exchange, bids)[2] is OrderState.MATCHED


def test_reverted_batch_and_what_came_after__taken_by_a_reorganisation__leave_no_gap(
    exchange: Exchange, database: Database
) -> None:
    market = EnergyGrid(exchange.grid.node, exchange.grid.deployment)
    market.sender = Sender(market.node, policy=Policy(timeout=3))
    engine = engine_of(exchange, database, market=market, bound=SMALL)
    node, grid = exchange.market.node, exchange.grid
    node.mine(70)
    bids = [exchange.order(at, BUY, 100, 300_000 - at) for at in range(2)]
    asks = [exchange.order(3 + at, SELL, 100, 200_000 + at) for at in range(2)]
    taken(engine, *bids, *asks)
    node.mine(2)
    before = node.snapshot()
    real, done = Sender.send_many, []

    def send_many(self: Sender, items: Any, **named: Any) -> Any:
        if not done:
            done.append(1)
            grid.cancel_signed(exchange.traders[0], [0]).execute()
        return real(self, items, **named)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Sender, "send_many", send_many)
        engine.step()
    engine.step()
    node.revert(before)
    node.mine(3)
    for _ in range(4):
        engine.step()
        node.mine()
    assert states(engine, exchange, bids)[1] is OrderState.MATCHED


def test_batch_of_another_keeper_between_two_reads__promises_no_money_twice(
    exchange: Exchange, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = engine_of(exchange, database)
    # Half of what the trader has.
    bid, ask = exchange.order(0, BUY, 20_000, 250_000), exchange.order(1, SELL, 10, 200_000)
    taken(engine, bid)
    exchange.market.node.mine(2)
    read, follower, done = OrderFollower._read_trades, OrderFollower(exchange.grid, database), []

    def after(self: OrderFollower, first: int) -> None:
        read(self, first)
        if not done:
            done.append(1)
            exchange.settle(exchange.known.signed([bid, ask]), HOUR)

    monkeypatch.setattr(OrderFollower, "_read_trades", after)
    follower.follow()
    assert states(engine, exchange, [bid]) != [OrderState.REJECTED]
    more = engine.submit(exchange.order(0, BUY, 30_000, 250_000))
    assert more.reason is Refusal.INSUFFICIENT_BALANCE


def test_order_filled_in_part_elsewhere__goes_on_here(
    exchange: Exchange, database: Database, tmp_path: Path
) -> None:
    elsewhere = Database.open(new_database("sqlite", tmp_path))
    first = engine_of(exchange, elsewhere)
    bid, ask = exchange.order(0, BUY, 700, 300_000), exchange.order(1, SELL, 300, 200_000)
    taken(first, bid, ask)
    exchange.market.node.mine(2)
    live(first, exchange)
    exchange.market.node.mine(70)
    elsewhere.close()
    engine = engine_of(exchange, database)
    taken(engine, bid, exchange.order(2, SELL, 300, 200_000))
    assert receipt_of(engine, exchange, bid).filled == 300
    exchange.market.node.mine(3)
    live(engine, exchange)
    found = receipt_of(engine, exchange, bid)
    assert (found.state, found.filled) == (OrderState.PARTLY_FILLED, 600)


def test_order_filled_in_part_and_cancelled__is_settled_in_the_end(
    exchange: Exchange, database: Database
) -> None:
    engine, grid = engine_of(exchange, database), exchange.grid
    bid, ask = exchange.order(0, BUY, 700, 300_000), exchange.order(1, SELL, 300, 200_000)
    taken(engine, bid, ask)
    exchange.market.node.mine(2)
    engine.step()
    grid.cancel_signed(exchange.traders[0], [0]).execute()
    engine.step()
    assert states(engine, exchange, [bid]) == [OrderState.CANCELLED]
    exchange.market.node.set_time(MONDAY + 2 * DAY)
    engine.step()
    for account in exchange.traders[:2]:
        call = grid.settlement.close_through([account.address], MONDAY // DAY)
        grid.plan(account, call).execute()
    engine.step()
    assert states(engine, exchange, [bid, ask]) == [OrderState.SETTLED] * 2


def test_gas_of_a_day__is_not_exceeded(exchange: Exchange, database: Database) -> None:
    lines: list[str] = []
    engine = engine_of(exchange, database, gas_per_day=100_000, log=lines.append)
    orders = exchange.order(0, BUY, 700, 300_000), exchange.order(1, SELL, 700, 200_000)
    taken(engine, *orders)
    exchange.market.node.mine(2)
    first = exchange.market.node.block_number
    live(engine, exchange)
    assert sent_since(exchange, first) == []
    assert lines == [
        "engine: the gas of today is spent, 0 of 100,000: batches wait for tomorrow, or their gates"
    ]
    assert engine.metrics()["gas_per_day"] == 100_000
