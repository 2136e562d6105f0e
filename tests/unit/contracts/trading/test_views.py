"""What people and programs read of orders and trades, and the events that say so."""

from __future__ import annotations

import pytest

from tests.model.market import DAY
from tests.support.core.trading_world import (
    BUY,
    CREATE,
    DAILY,
    EVER,
    HOUR,
    HOURLY,
    KEEPER,
    SELL,
    START,
    WEEKLY,
    TradingWorld,
)

NEXT = START // HOUR * HOUR + HOUR
MONDAY = 20_010 * DAY
TOMORROW = 20_005 * DAY


@pytest.fixture
def world() -> TradingWorld:
    """Two accounts with money."""
    world = TradingWorld()
    for name in ("buyer", "seller"):
        world.open(name, 10**7)
    return world


def place(world: TradingWorld, side: int, kind: int, start: int, amount: int, price: int) -> int:
    """Of the buyer or the seller."""
    name = ("buyer", "seller")[side]
    return world.place(name, side, kind, start, amount, price, expiry=EVER)


def test_get_order__of_each_state__is_what_was_placed_and_what_became_of_it(
    world: TradingWorld,
) -> None:
    """Amounts are of the whole period; the expiry is before it."""
    buyer, seller = world.address("buyer"), world.address("seller")
    place(world, BUY, WEEKLY, MONDAY, 3, 100)
    placed = [values for _, name, values in world.chain.logs if name == "OrderCreated"]
    assert list(placed[0].values()) == [1, buyer, 0, 2016, 100, MONDAY - 1, WEEKLY, MONDAY]
    place(world, SELL, WEEKLY, MONDAY, 2, 90)
    world.match(1, 2)
    orders = [(buyer, 2016, 100, MONDAY - 1, BUY, 0), (seller, 1344, 90, MONDAY - 1, SELL, 1)]
    terms = [(left, WEEKLY, MONDAY, MONDAY + 7 * DAY) for left in (672, 0)]
    assert [tuple(world.trading.getOrder(number)) for number in (1, 2)] == orders
    assert [tuple(world.trading.getOrderTerms(number)) for number in (1, 2)] == terms
    for first, count, found in (
        (1, 9, (0, 2)),
        (1, 1, (0, 1)),
        (2, 9, (1, 2)),
        (3, 9, (2, 2)),
        (0, 9, (2, 2)),
    ):
        page = world.trading.getOrders(first, count)
        assert [[tuple(each) for each in part] for part in page] == [
            orders[slice(*found)],
            terms[slice(*found)],
        ]
    assert world.trading.orderCount() == 2
    world.cancel(1, "buyer")
    cancelled = [values for _, name, values in world.chain.logs if name == "OrderCancelled"]
    assert list(cancelled[0].values()) == [1, buyer, 672]
    assert world.trading.getOrder(1)[5] == 2


def test_create_order__of_four_arguments__is_for_the_next_full_hour(world: TradingWorld) -> None:
    """Also when an hour has just begun."""
    for now in (START, NEXT - 1, NEXT):
        world.chain.set_time(now)
        world.trading.call(CREATE, 400, 100, EVER, BUY, by=world.address("buyer"))
        terms = world.trading.getOrderTerms(world.trading.orderCount())
        start = now // HOUR * HOUR + HOUR
        assert tuple(terms) == (400, HOURLY, start, start + HOUR)


def test_get_transaction__of_pairs__is_numbered_from_one(world: TradingWorld) -> None:
    """Numbered from 1; the earlier order makes the price."""
    buyer, seller = world.address("buyer"), world.address("seller")
    place(world, BUY, DAILY, TOMORROW, 5, 100)
    for price in (90, 80, 70):
        place(world, SELL, DAILY, TOMORROW, 1, price)
    place(world, BUY, DAILY, TOMORROW, 7, 110)
    expected = []
    for number, (buy, sell, price) in enumerate(((1, 2, 100), (1, 3, 100), (5, 4, 70)), 1):
        world.match(buy, sell)
        matched = [values for _, name, values in world.chain.logs if name == "OrdersMatched"]
        assert list(matched[0].values()) == [number, buy, sell, 96, price]
        expected.append((buyer, seller, 96, price, DAILY, TOMORROW, TOMORROW + DAY, 0))
    assert [tuple(world.trading.getTransaction(number)) for number in (1, 2, 3)] == expected
    page = world.trading.getTransactions(2, 9)
    assert [tuple(each) for each in page] == expected[1:]
    assert world.trading.transactionCount() == 3


@pytest.mark.parametrize("count", [1, 2, 5])
def test_get_transaction__of_batches__is_numbered_from_its_batch(
    world: TradingWorld, count: int
) -> None:
    """Numbered from the batch's number on, which is 1 for the first."""
    buyer, seller = world.address("buyer"), world.address("seller")
    period, send = (DAILY, TOMORROW), world.trading.settleBatch
    for batch_id in (1, 2):
        buy = world.sign("buyer", BUY, period, 100, 60, batch_id)
        sell = place(world, SELL, *period, 100, 40)
        fills = [(0, 1, 96 * each) for each in range(1, count + 1)]
        total = sum(wh for *_, wh in fills)
        assert send(world.batch(period, 50, [buy], [sell], fills), False, by=KEEPER) == count
        settled = [values for _, name, values in world.chain.logs if name == "BatchSettled"]
        assert list(settled[0].values()) == [bytes(32), batch_id, *period, 50, total, count]
        first = batch_id << 32
        info = world.trading.getBatch(batch_id)
        assert tuple(info) == (*period, 50, first, count)
        expected = [(buyer, seller, wh, 50, *period, TOMORROW + DAY, 0) for *_, wh in fills]
        page = world.trading.getTransactions(first, 99)
        assert [tuple(each) for each in page] == expected
        assert tuple(world.trading.getTransaction(first + count - 1)) == expected[-1]
        assert world.trading.getTransactions(first + count, 1) == ()
        assert world.trading.getOrderTerms(sell)[0] == 9600 - total
    assert world.trading.batchCount() == 2


def test_views__what_is_fixed_at_deployment__is_there(world: TradingWorld) -> None:
    """Readable by anybody."""
    trading = world.trading
    assert trading.SETTLEMENT() == world.settlement.address
    assert (trading.HORIZON(), trading.SIGNATURE_GAS()) == (15 * DAY, 100_000)
    assert (trading.ORDER_BURST(), trading.ORDER_REFILL()) == (10_000, 1)
