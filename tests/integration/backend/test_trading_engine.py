"""The trading engine on a chain and on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select

from energy_grid.backend.indexer.indexer import Indexer
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.journal import OtherLeaderError
from energy_grid.backend.store.orders import BATCHES
from energy_grid.backend.trading_engine.door import Door, TooManyOrdersError
from energy_grid.backend.trading_engine.engine import TradingEngine
from energy_grid.backend.trading_engine.following import OrderFollower
from energy_grid.backend.trading_engine.sending import BatchSender
from energy_grid.backend.trading_engine.states import BatchState, OrderState
from energy_grid.chain.abi import checksum
from energy_grid.chain.roles import Role
from energy_grid.chain.rpc.node import Node
from energy_grid.chain.tx import broadcaster
from energy_grid.chain.tx.broadcaster import Broadcaster
from energy_grid.chain.tx.sender import Sender
from energy_grid.client import EnergyGrid
from energy_grid.domain.batch import Refusal
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.signed_orders import SignedOrder
from energy_grid.errors import InputError, TransactionFailedError
from energy_grid.market.batches import GasBound
from energy_grid.market.keeper_chain import KeeperChain
from energy_grid.market.order_set_file import load_order_set
from tests.integration.exchange import BUY, HOUR, SELL, Exchange
from tests.support.databases import BACKENDS, new_database
from tests.support.market import DAY, MONDAY, Market

# One pair a batch.
SMALL = GasBound(max_gas=0)
PUBLISHED = Path("published")


@pytest.fixture
def exchange(market: Market, grid: EnergyGrid) -> Exchange:
    return Exchange(market, grid)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def engine_of(
    exchange: Exchange, database: Database, *, market: EnergyGrid | None = None, **options: Any
) -> TradingEngine:
    return TradingEngine(
        market or EnergyGrid(exchange.grid.node, exchange.grid.deployment),
        database,
        exchange.keeper,
        **{"published": PUBLISHED, "lead": 7200, **options},
    )


def state(engine: TradingEngine, exchange: Exchange, order: SignedOrder) -> OrderState:
    return engine.order(exchange.id_of(order).to_bytes(32, "big")).state


def taken(engine: TradingEngine, *orders: SignedOrder) -> None:
    """Orders that may be cleared in the next step."""
    assert {engine.submit(order).state for order in orders} == {OrderState.RECEIVED}


def index(exchange: Exchange, database: Database) -> None:
    indexer = Indexer(exchange.grid, database, finality=64)
    while not indexer.step():
        pass


def settled_batches(exchange: Exchange) -> list[tuple[str, bytes]]:
    """Transaction and root of each batch on the chain."""
    logs = exchange.market.trading.events(
        exchange.grid.node.logs(
            exchange.market.trading.address,
            ["0x" + exchange.market.trading.abi.event("BatchSettled").topic.hex()],
        )
    )
    return [(log.transaction, log["order_set"]) for log in logs]


def test_step__orders_of_both_sides__trade_once_and_are_audited(
    exchange: Exchange, database: Database
) -> None:
    engine = engine_of(exchange, database)
    bid, ask = exchange.order(0, BUY, 1000, 300_000), exchange.order(1, SELL, 700, 200_000)
    exchange.market.order(exchange.traders[3], 1, 200, 210_000, start=HOUR.start)
    index(exchange, database)
    taken(engine, bid, ask)
    engine.step()
    # Their traders could have known the seed.
    assert settled_batches(exchange) == []
    exchange.market.node.mine(2)
    engine.step()
    ((transaction, root),) = settled_batches(exchange)
    assert state(engine, exchange, bid) is OrderState.PARTLY_FILLED
    assert state(engine, exchange, ask) is OrderState.MATCHED
    # What came before comes again as it is now.
    assert engine.submit(bid).filled == 900
    assert exchange.audit(transaction, engine.order_set(root)).findings == ()
    engine.step()
    assert len(settled_batches(exchange)) == 1
    assert engine.describe() == "orders: 1 partly filled, 1 matched; sent 2 trades"
    assert engine.metrics()["orders_matched"] == 1
    with pytest.raises(InputError, match="no order has the hash 0x1212"):
        engine.order(b"\x12" * 32)
    with pytest.raises(InputError, match="no order set has the root 0x1212"):
        engine.order_set(b"\x12" * 32)


def test_step__only_orders_on_chain__trade_once_their_gate_is_near(
    exchange: Exchange, database: Database
) -> None:
    engine = engine_of(exchange, database, lead=60)
    market, traders = exchange.market, exchange.traders
    bid = market.order(traders[0], 0, 300, 250_000, start=HOUR.start)
    ask = market.order(traders[1], 1, 200, 210_000, start=HOUR.start)
    gone = market.order(traders[2], 1, 900, 200_000, start=HOUR.start)
    market.do(traders[2], market.trading, "cancelOrder", gone)
    index(exchange, database)
    engine.step()
    assert settled_batches(exchange) == []
    market.node.set_time(HOUR.start - 50)
    engine.step()
    ((transaction, root),) = settled_batches(exchange)
    published = engine.order_set(root)
    assert [order.id for order in published.orders] == [bid, ask]
    assert exchange.audit(transaction, published).findings == ()
    # What is left of them crosses nothing, and is cleared no more.
    index(exchange, database)
    engine.step()
    assert len(settled_batches(exchange)) == 1


def test_step__order_on_chain_that_a_reorganisation_took__is_left_out(
    exchange: Exchange, database: Database
) -> None:
    engine, market, traders = engine_of(exchange, database), exchange.market, exchange.traders
    before = market.node.snapshot()
    market.order(traders[1], 1, 200, 210_000, start=HOUR.start)
    index(exchange, database)
    market.node.revert(before)
    market.node.mine(2)
    engine.step()
    assert settled_batches(exchange) == []


def test_step__trades_settled__is_shown_when_both_have_closed(
    exchange: Exchange, database: Database
) -> None:
    engine = engine_of(exchange, database)
    bid, ask = exchange.order(0, BUY, 700, 300_000), exchange.order(1, SELL, 700, 200_000)
    late = exchange.order(2, BUY, 10, 100)
    taken(engine, bid, ask, late)
    exchange.market.node.mine(2)
    engine.step()
    exchange.market.node.set_time(MONDAY + 2 * DAY)
    engine.step()
    assert state(engine, exchange, bid) is OrderState.MATCHED
    assert engine.submit(late).reason is Refusal.EXPIRED
    day, grid = MONDAY // DAY, exchange.grid
    for account in exchange.traders[:2]:
        grid.plan(account, grid.settlement.close_through([account.address], day)).execute()
    engine.step()
    assert state(engine, exchange, bid) is state(engine, exchange, ask) is OrderState.SETTLED


def test_step__early__waits_until_enough_would_trade(
    exchange: Exchange, database: Database
) -> None:
    engine = engine_of(exchange, database, lead=60, enough=2)
    taken(engine, exchange.order(0, BUY, 100, 300_000), exchange.order(1, SELL, 100, 200_000))
    exchange.market.node.mine(2)
    engine.step()
    assert settled_batches(exchange) == []
    taken(engine, exchange.order(2, SELL, 50, 200_000), exchange.order(3, BUY, 50, 300_000))
    exchange.market.node.mine(2)
    engine.step()
    assert len(settled_batches(exchange)) == 1


def test_step__gate_near__clears_what_there_is(exchange: Exchange, database: Database) -> None:
    engine = engine_of(exchange, database, lead=60)
    bid = exchange.order(0, BUY, 100, 300_000)
    taken(engine, bid, exchange.order(1, SELL, 100, 200_000))
    exchange.market.node.mine(2)
    engine.step()
    assert state(engine, exchange, bid) is OrderState.OPEN
    exchange.market.node.set_time(HOUR.start - 50)
    engine.step()
    assert state(engine, exchange, bid) is OrderState.MATCHED


# The door


def far(exchange: Exchange, start: int = MONDAY + 16 * DAY) -> SignedOrder:
    period = Period(kind=PeriodKind.HOURLY, start=start)
    grid, trader = exchange.grid, exchange.traders[0]
    return grid.sign_order(trader, BUY, energy=100, price=1, period=period, nonce=9)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda on: on.order(0, BUY, 100, signer=1), Refusal.WRONG_SIGNATURE),
        (lambda on: on.order(0, BUY, 100, expiry=MONDAY - 1), Refusal.EXPIRED),
        (lambda on: on.order(0, BUY, 2**32), Refusal.INVALID_AMOUNT),
        (lambda on: on.order(0, BUY, 40_001, 250_000), Refusal.INSUFFICIENT_BALANCE),
        (lambda on: on.order(1, BUY, 100, nonce=7), Refusal.NONCE_SPENT),
        (far, Refusal.OTHER_PERIOD),
        # Beyond what a database can count.
        (lambda on: far(on, 3600 * 2**63), Refusal.OTHER_PERIOD),
    ],
)
def test_submit__what_no_batch_could_fill__is_rejected(
    make: Callable[[Exchange], SignedOrder],
    reason: Refusal,
    exchange: Exchange,
    database: Database,
) -> None:
    engine = engine_of(exchange, database)
    taken(engine, exchange.order(1, BUY, 50, nonce=7))
    receipt = engine.submit(make(exchange))
    assert (receipt.state, receipt.reason) == (OrderState.REJECTED, reason)
    assert engine.describe() == "orders: 1 received; sent 0 trades"


def test_submit__more_than_the_money__is_promised_to_nobody(
    exchange: Exchange, database: Database
) -> None:
    engine = engine_of(exchange, database)
    # 10 tUSD pay for 40 kWh at 0.25.
    first, second = exchange.order(0, BUY, 30_000), exchange.order(0, BUY, 10_001)
    taken(engine, first)
    assert engine.submit(second).reason is Refusal.INSUFFICIENT_BALANCE
    taken(engine, exchange.order(0, BUY, 10_000))
    exchange.grid.plan(exchange.traders[0], exchange.grid.trading.cancel_signed([0])).execute()
    engine.step()
    assert state(engine, exchange, first) is OrderState.CANCELLED
    taken(engine, second)


def test_submit__positions_without_room__are_promised_to_nobody(
    exchange: Exchange, database: Database
) -> None:
    engine = engine_of(exchange, database)
    taken(engine, exchange.order(0, BUY, 2**31 - 2, 0))
    refused = engine.submit(exchange.order(0, BUY, 2, 0))
    assert refused.reason is Refusal.POSITION_TOO_LARGE
    taken(engine, exchange.order(0, BUY, 1, 0))


def test_submit__more_orders_than_an_account_may_have__are_refused(
    exchange: Exchange, database: Database
) -> None:
    door = Door(exchange.grid, database, exchange.known, most=2)
    orders = [exchange.order(0, BUY, 1, 1) for _ in range(3)]
    for order in orders[:2]:
        door.submit(order)
    with pytest.raises(TooManyOrdersError, match="has 2 open orders, as many as") as refused:
        door.submit(orders[2])
    trader, order_hash = exchange.traders[0].address, exchange.id_of(orders[2]).to_bytes(32, "big")
    assert (refused.value.trader, refused.value.limit) == (trader, 2)
    assert refused.value.order_hash == order_hash
    # Others have room, what it has stays, and what it cancels counts no more.
    assert door.submit(exchange.order(1, BUY, 1, 1)).state is OrderState.RECEIVED
    assert door.submit(orders[0]).state is OrderState.RECEIVED
    exchange.grid.plan(exchange.traders[0], exchange.grid.trading.cancel_signed([0])).execute()
    OrderFollower(exchange.grid, database).follow()
    assert door.submit(orders[2]).state is OrderState.RECEIVED


def test_submit__two_doors_at_once__promise_the_money_once(
    exchange: Exchange, other: EnergyGrid, tmp_path: Path
) -> None:
    first, second = exchange.order(0, BUY, 30_000), exchange.order(0, BUY, 10_001)

    def run(turn: int) -> int:
        """Requests of the first door; before that one the second takes another order."""
        calls = 0
        database = Database.open(new_database("sqlite", tmp_path))
        door = engine_of(exchange, database)
        beside = engine_of(exchange, database, market=other)

        def request() -> None:
            nonlocal calls
            calls += 1
            if calls == turn:
                taken(beside, second)

        with hooked(exchange, None, request):
            receipt = door.submit(first)
        assert (receipt.state is OrderState.RECEIVED) == (turn == 0)
        database.close()
        return calls

    for turn in range(1, run(0), 3):
        run(turn)


# What disturbs it


def test_step__order_cancelled_after_the_set_was_published__the_rest_trades(
    exchange: Exchange, database: Database
) -> None:
    engine = engine_of(exchange, database, bound=SMALL)
    bids = [exchange.order(at, BUY, 100, 300_000 - at) for at in range(3)]
    asks = [exchange.order(3, SELL, 100, 200_000), exchange.order(4, SELL, 100, 200_001)]
    taken(engine, *bids, *asks)
    exchange.market.node.mine(2)

    def cancel() -> None:
        grid = exchange.grid
        grid.plan(exchange.traders[1], grid.trading.cancel_signed([0])).execute()

    with once_sent(exchange, cancel):
        engine.step()
    batches = settled_batches(exchange)
    assert [state(engine, exchange, order) for order in (*bids, *asks)] == [
        OrderState.MATCHED,
        OrderState.CANCELLED,
        OrderState.MATCHED,
        OrderState.MATCHED,
        OrderState.MATCHED,
    ]
    assert len({root for _, root in batches}) == 1
    transaction, root = batches[0]
    published = engine.order_set(root)
    assert [each.order.id for each in published.dropped] == [exchange.id_of(bids[1])]
    assert exchange.audit(transaction, published).findings == ()
    file = load_order_set(PUBLISHED / f"0x{root.hex()}.jsonl", exchange.known.domain)
    assert exchange.known.resolved(file.orders) == list(published.orders)
    assert [each.dropped for each in file.dropped] == [Refusal.NONCE_SPENT]


def test_step__reorganisation__moves_back_and_sends_the_same_bytes(
    exchange: Exchange, database: Database
) -> None:
    engine, node = engine_of(exchange, database), exchange.market.node
    bid, ask = exchange.order(0, BUY, 700, 300_000), exchange.order(1, SELL, 700, 200_000)
    taken(engine, bid, ask)
    node.mine(2)
    before = node.snapshot()
    engine.step()
    ((transaction, _),) = settled_batches(exchange)
    assert state(engine, exchange, bid) is OrderState.MATCHED
    node.revert(before)
    OrderFollower(exchange.grid, database).follow()
    assert state(engine, exchange, bid) is OrderState.OPEN
    engine.step()
    assert [name for name, _ in settled_batches(exchange)] == [transaction]
    assert state(engine, exchange, bid) is OrderState.MATCHED


class Crash(BaseException):
    """The process is killed."""


@contextmanager
def hooked(exchange: Exchange, database: Database, hook: Callable[[], object]) -> Iterator[None]:
    """Call something before every request to the node and every statement of the store."""
    node = exchange.grid.node
    rpc, rpc_batch = node.rpc, node.rpc_batch

    def one(*arguments: Any) -> Any:
        hook()
        return rpc(*arguments)

    def many(*arguments: Any) -> Any:
        hook()
        return rpc_batch(*arguments)

    def statement(*_: object) -> None:
        hook()

    node.rpc, node.rpc_batch = one, many  # type: ignore[method-assign]
    names = () if database is None else ("before_cursor_execute", "commit")
    for name in names:
        assert database is not None
        event.listen(database.engine, name, statement)
    try:
        yield
    finally:
        for name in names:
            assert database is not None
            event.remove(database.engine, name, statement)
        node.rpc, node.rpc_batch = rpc, rpc_batch  # type: ignore[method-assign]


@contextmanager
def once_sent(exchange: Exchange, action: Callable[[], object]) -> Iterator[None]:
    """Do something once, after the next batch is in a block."""
    send, is_done = Sender.send_many, False

    def sent(*arguments: Any, **named: Any) -> Any:
        nonlocal is_done
        receipts = send(*arguments, **named)
        if not is_done:
            is_done = True
            action()
        return receipts

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sender, "send_many", sent)
        yield


def book(exchange: Exchange) -> list[SignedOrder]:
    return [
        exchange.order(0, BUY, 300, 300_000, nonce=0),
        exchange.order(1, BUY, 300, 290_000, nonce=0),
        exchange.order(2, SELL, 200, 200_000, nonce=0),
        exchange.order(3, SELL, 200, 210_000, nonce=0),
    ]


def outcome(engine: TradingEngine, exchange: Exchange) -> list[tuple[OrderState, int]]:
    receipts = [engine.submit(order) for order in book(exchange)]
    return [(receipt.state, receipt.filled) for receipt in receipts]


@pytest.mark.parametrize("kind", BACKENDS)
def test_step__killed_at_any_point__ends_as_if_it_had_not_been(
    kind: str, exchange: Exchange, tmp_path: Path
) -> None:
    node = exchange.market.node

    def run(kill_at: int) -> tuple[int, list[tuple[OrderState, int]], list[bytes]]:
        """Steps, what became of the orders, and the roots on the chain."""
        before = node.snapshot()
        database = Database.open(new_database(kind, tmp_path))
        count = 0

        def hook() -> None:
            nonlocal count
            count += 1
            if count == kill_at:
                raise Crash

        try:
            engine = engine_of(exchange, database, bound=SMALL)
            for order in book(exchange):
                engine.submit(order)
            node.mine(2)
            with hooked(exchange, database, hook), suppress(Crash):
                engine.step()
            engine = engine_of(exchange, database, bound=SMALL)
            engine.step()
            with database.reading() as connection:
                states = connection.scalars(select(BATCHES.c.state)).all()
            assert set(states) == {BatchState.MINED}
            roots = [root for _, root in settled_batches(exchange)]
            return count, outcome(engine, exchange), roots
        finally:
            database.close()
            node.revert(before)

    points, expected, roots = run(0)
    assert len(set(roots)) == 1 < len(roots)
    for kill_at in range(3, points, 17 if kind == "sqlite" else 61):
        _, found, its_roots = run(kill_at)
        assert (found, its_roots) == (expected, roots), f"killed at {kill_at} of {points}"


@pytest.fixture
def other(exchange: Exchange) -> Iterator[EnergyGrid]:
    """A client of another process."""
    node = Node(exchange.market.node.url)
    with EnergyGrid(node, exchange.grid.deployment) as grid:
        yield grid
    node.close()


def check_once(exchange: Exchange, engine: TradingEngine) -> None:
    """All that could trade has traded, each batch once."""
    assert [each[1] for each in outcome(engine, exchange)] == [300, 100, 200, 200]
    trading = exchange.grid.trading
    batches = [trading.get_batch(number) for number in range(1, trading.batch_count() + 1)]
    assert [batch.transactions for batch in batches] == [1, 1, 1]


@pytest.mark.parametrize("kind", BACKENDS)
def test_step__second_engine_steps_in_at_any_request__send_nothing_twice(
    kind: str, exchange: Exchange, other: EnergyGrid, tmp_path: Path
) -> None:
    node = exchange.market.node

    def run(turn: int) -> int:
        """Requests of the first engine; before that one the second does all that is due."""
        before, calls = node.snapshot(), 0
        database = Database.open(new_database(kind, tmp_path))
        first = engine_of(exchange, database, bound=SMALL)
        second = engine_of(exchange, database, market=other, bound=SMALL)
        for order in book(exchange):
            first.submit(order)
        node.mine(2)

        def request() -> None:
            nonlocal calls
            calls += 1
            if calls == turn:
                second.step()

        # What the other has signed, it does not sign.
        with hooked(exchange, None, request), suppress(OtherLeaderError):
            first.step()
        # What it had read before the other's turn it wrote after it.
        first.step()
        check_once(exchange, first)
        assert {*states(database)} == {BatchState.MINED}
        database.close()
        node.revert(before)
        return calls

    requests = run(0)
    for turn in range(1, requests, 9):
        run(turn)


def test_step__another_engine_has_sent_the_batch_and_not_noted_it__rejects_nothing(
    exchange: Exchange,
    other: EnergyGrid,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = engine_of(exchange, database)
    second = engine_of(exchange, database, market=other)
    bid = exchange.order(0, BUY, 100, 300_000)
    taken(first, bid, exchange.order(1, SELL, 100, 200_000))
    exchange.market.node.mine(2)
    call = KeeperChain.call

    def die(*_: object) -> None:
        raise Crash

    def late(*arguments: Any, **named: Any) -> Any:
        monkeypatch.setattr(KeeperChain, "call", call)
        with monkeypatch.context() as patch, suppress(Crash):
            patch.setattr(BatchSender, "_book", die)
            second.step()
        return call(*arguments, **named)

    monkeypatch.setattr(KeeperChain, "call", late)
    with pytest.raises(OtherLeaderError):
        first.step()
    first.step()
    assert states(database) == [BatchState.MINED]
    assert state(first, exchange, bid) is OrderState.MATCHED
    assert len(settled_batches(exchange)) == 1


def test_step__two_engines_at_once__send_nothing_twice(
    exchange: Exchange, other: EnergyGrid, database: Database
) -> None:
    first = engine_of(exchange, database, bound=SMALL)
    second = engine_of(exchange, database, market=other, bound=SMALL)
    for order in book(exchange):
        first.submit(order)
    exchange.market.node.mine(2)

    def step(engine: TradingEngine) -> None:
        with suppress(OtherLeaderError):
            engine.step()

    with ThreadPoolExecutor(2) as threads:
        for each in [threads.submit(step, engine) for engine in (first, second, first, second)]:
            each.result()
    first.step()
    check_once(exchange, first)


# What is stored and has not left


@contextmanager
def cut_off() -> Iterator[None]:
    """Killed as soon as a batch is stored: its bytes have not left."""

    def killed(*_: object) -> Any:
        raise Crash

    with pytest.MonkeyPatch.context() as patch, suppress(Crash):
        patch.setattr(Broadcaster, "_broadcast", killed)
        yield


def stored(exchange: Exchange, database: Database, *orders: SignedOrder) -> TradingEngine:
    """An engine that was killed before it sent the batch of these orders."""
    engine = engine_of(exchange, database)
    taken(engine, *orders)
    exchange.market.node.mine(2)
    with cut_off():
        engine.step()
    assert settled_batches(exchange) == []
    return engine


def states(database: Database) -> list[str]:
    with database.reading() as connection:
        return list(connection.scalars(select(BATCHES.c.state).order_by(BATCHES.c.id)))


def test_step__order_cancelled_before_its_batch_left__the_rest_trades(
    exchange: Exchange, database: Database
) -> None:
    bid, other = exchange.order(0, BUY, 100, 300_000), exchange.order(1, BUY, 100, 290_000)
    engine = stored(exchange, database, bid, other, exchange.order(2, SELL, 150, 200_000))
    exchange.grid.cancel_signed(exchange.traders[0], [0]).execute()
    engine.step()
    assert state(engine, exchange, bid) is OrderState.CANCELLED
    assert state(engine, exchange, other) is OrderState.MATCHED
    assert states(database) == [BatchState.REJECTED, BatchState.MINED]
    ((transaction, root),) = settled_batches(exchange)
    assert exchange.audit(transaction, engine.order_set(root)).findings == ()


def test_step__nonce_used_by_another_transaction__the_batch_is_signed_anew(
    exchange: Exchange, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcaster, "_STALE_PAUSE", 0.001)
    bid = exchange.order(0, BUY, 100, 300_000)
    engine = stored(exchange, database, bid, exchange.order(1, SELL, 100, 200_000))
    exchange.grid.plan(exchange.keeper, exchange.grid.trading.cancel_signed([3])).execute()
    with pytest.raises(TransactionFailedError, match="another transaction has used this nonce"):
        engine.step()
    engine.step()
    assert state(engine, exchange, bid) is OrderState.MATCHED
    assert states(database) == [BatchState.MINED]


def test_step__another_keeper_takes_over__sends_what_the_first_has_signed(
    exchange: Exchange, database: Database
) -> None:
    market, bid = exchange.market, exchange.order(0, BUY, 100, 300_000)
    stored(exchange, database, bid, exchange.order(1, SELL, 100, 200_000))
    first, second = exchange.keeper, exchange.traders[5]
    market.do(market.roles[Role.ADMIN], market.access, "grantRole", Role.KEEPER, second.address, 0)
    exchange.keeper, before = second, market.node.nonce(second.address)
    engine = engine_of(exchange, database)
    engine.step()
    ((transaction, _),) = settled_batches(exchange)
    assert checksum(market.node.rpc("eth_getTransactionByHash", transaction)["from"]) == (
        first.address
    )
    # What comes later it signs itself.
    taken(engine, exchange.order(2, BUY, 50, 300_000), exchange.order(3, SELL, 50, 200_000))
    market.node.mine(2)
    engine.step()
    assert market.node.nonce(second.address) == before + 1
    assert state(engine, exchange, bid) is OrderState.MATCHED


def test_step__batch_too_cheap_to_be_mined__is_sent_with_a_higher_fee(
    exchange: Exchange, database: Database
) -> None:
    node, bid = exchange.market.node, exchange.order(0, BUY, 100, 300_000)
    engine = engine_of(exchange, database)
    taken(engine, bid, exchange.order(1, SELL, 100, 200_000))
    node.mine(2)
    node.set_automine(False)
    is_done = threading.Event()

    def mine() -> None:
        # The base fee jumps beyond what the first bytes offer, and stays there.
        while not is_done.wait(0.01):
            node.rpc("anvil_setNextBlockBaseFeePerGas", hex(30 * 10**9))
            node.mine()

    with ThreadPoolExecutor(1) as threads:
        mining = threads.submit(mine)
        try:
            engine.step()
        finally:
            is_done.set()
        mining.result()
    node.set_automine(True)
    ((transaction, _),) = settled_batches(exchange)
    assert int(node.rpc("eth_getTransactionByHash", transaction)["maxFeePerGas"], 16) > 30 * 10**9
    assert state(engine, exchange, bid) is OrderState.MATCHED


def test_step__market_stopped_before_the_batch_left__is_given_up_until_the_book_changes(
    exchange: Exchange, database: Database
) -> None:
    bid = exchange.order(0, BUY, 100, 300_000)
    engine = stored(exchange, database, bid, exchange.order(1, SELL, 100, 200_000))
    market = exchange.market
    market.do(market.roles[Role.GUARDIAN], market.trading, "pause")
    engine.step()
    assert states(database) == [BatchState.REJECTED]
    market.do(market.roles[Role.GUARDIAN], market.trading, "unpause")
    taken(engine, exchange.order(2, SELL, 10, 250_000))
    market.node.mine(2)
    engine.step()
    assert state(engine, exchange, bid) is OrderState.MATCHED


def test_step__gate_closed_between_two_batches__the_rest_is_dropped(
    exchange: Exchange, database: Database
) -> None:
    engine = engine_of(exchange, database, bound=SMALL)
    orders = book(exchange)
    taken(engine, *orders)
    exchange.market.node.mine(2)
    with once_sent(exchange, lambda: exchange.market.node.set_time(HOUR.start)):
        engine.step()
    assert states(database) == [BatchState.MINED, BatchState.DROPPED, BatchState.DROPPED]
    assert state(engine, exchange, orders[1]) is OrderState.EXPIRED


def test_engine__well_known_keeper_on_a_real_chain__is_refused(
    exchange: Exchange, database: Database
) -> None:
    node = exchange.grid.node
    node.chain_id = 1
    try:
        with pytest.raises(InputError, match="public knowledge"):
            engine_of(exchange, database)
    finally:
        del node.chain_id
