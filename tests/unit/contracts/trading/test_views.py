"""EnergyTrading's views."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from energy_grid.domain.enums import StopLevel
from energy_grid.domain.orders import OrderStatus, OrderType, TransactionStatus
from energy_grid.domain.periods import PeriodKind
from tests.support.market import MONDAY
from tests.support.refusals import refused
from tests.unit.contracts.trading.traders import (
    FOREVER,
    PRICE,
    Order,
    Terms,
    Traders,
    Transaction,
)

HOURLY, DAILY = PeriodKind.HOURLY, PeriodKind.DAILY


def begin(traders: Traders) -> None:
    """Five orders and two transactions: one settled, one under way."""
    traders.agree(500)
    traders.buy(700, PRICE + 5, trader=traders.rival, kind=DAILY, start=MONDAY)
    traders.market.match(3, traders.sell(300, PRICE - 5, kind=DAILY, start=MONDAY))
    cancelled = traders.buy(900, expiry=traders.end - 9)
    traders.market.do(traders.buyer, traders.market.trading, "cancelOrder", cancelled)
    traders.produce(600, at=traders.start + 600)
    traders.settle(1)
    traders.settle(2)


def test_get_order__of_each_state__is_what_was_placed_and_what_became_of_it(
    traders: Traders,
) -> None:
    begin(traders)
    assert traders.order(1) == Order(
        *(traders.buyer.address, 500, PRICE, traders.end - 1, OrderType.BUY, OrderStatus.FILLED),
    )
    assert traders.terms(1) == Terms(0, HOURLY, traders.start, traders.end)
    assert traders.order(3) == Order(
        *(traders.rival.address, 700, PRICE + 5, MONDAY + 86_399),
        *(OrderType.BUY, OrderStatus.ACTIVE),
    )
    assert traders.terms(3) == Terms(400, DAILY, MONDAY, MONDAY + 86_400)
    assert traders.order(4) == Order(
        *(traders.seller.address, 300, PRICE - 5, MONDAY + 86_399),
        *(OrderType.SELL, OrderStatus.FILLED),
    )
    assert traders.order(5) == Order(
        *(traders.buyer.address, 900, PRICE, traders.end - 9),
        *(OrderType.BUY, OrderStatus.CANCELLED),
    )
    assert traders.terms(5) == Terms(900, HOURLY, traders.start, traders.end)


def test_get_transaction__of_each_state__is_how_far_it_is(traders: Traders) -> None:
    begin(traders)
    assert traders.transaction(1) == Transaction(
        *(traders.buyer.address, traders.seller.address, 500, 500, PRICE),
        *(HOURLY, traders.start, traders.end, 0, TransactionStatus.SETTLED),
    )
    assert traders.transaction(2) == Transaction(
        *(traders.rival.address, traders.seller.address, 300, 100, PRICE + 5),
        *(DAILY, MONDAY, MONDAY + 86_400, 0, TransactionStatus.MATCHED),
    )
    traders.market.go_to(MONDAY + 7 * 3600)
    traders.settle(2)
    assert traders.transaction(2).settled_slots == 6
    late = traders.market.match(3, traders.sell(1, kind=DAILY, start=MONDAY))
    assert traders.transaction(late) == Transaction(
        *(traders.rival.address, traders.seller.address, 1, 0, PRICE + 5),
        *(DAILY, MONDAY, MONDAY + 86_400, 0, TransactionStatus.MATCHED, True),
    )


@pytest.mark.parametrize("view", ["getOrder", "getOrderTerms"])
@pytest.mark.parametrize("number", [0, 6, FOREVER])
def test_get_order__of_none__is_refused(traders: Traders, view: str, number: int) -> None:
    begin(traders)
    with refused(errors.EnergyTrading_NoSuchOrder, order_id=number):
        traders.market.trading.call(view, number)


@pytest.mark.parametrize("number", [0, 3, FOREVER])
def test_get_transaction__of_none__is_refused(traders: Traders, number: int) -> None:
    begin(traders)
    with refused(errors.EnergyTrading_NoSuchTransaction, transaction_id=number):
        traders.market.trading.call("getTransaction", number)


PAGES = [
    (1, 5, [1, 2, 3, 4, 5]),
    (1, FOREVER, [1, 2, 3, 4, 5]),
    (1, 1, [1]),
    (2, 3, [2, 3, 4]),
    (5, 1, [5]),
    (5, 2, [5]),
    (4, FOREVER, [4, 5]),
    (1, 0, []),
    (0, 5, []),
    (6, 1, []),
    (7, FOREVER, []),
    (FOREVER, FOREVER, []),
]


@pytest.mark.parametrize(("first", "count", "numbers"), PAGES)
def test_get_orders__page__is_what_each_view_says(
    traders: Traders, first: int, count: int, numbers: list[int]
) -> None:
    begin(traders)
    orders, terms = traders.market.trading.call("getOrders", first, count)
    assert [Order(*values) for values in orders] == [traders.order(number) for number in numbers]
    assert [Terms(*values) for values in terms] == [traders.terms(number) for number in numbers]


@pytest.mark.parametrize(("first", "count", "numbers"), PAGES)
def test_get_transactions__page__is_what_each_view_says(
    traders: Traders, first: int, count: int, numbers: list[int]
) -> None:
    for amount in (100, 200, 300, 400, 500):
        traders.agree(amount)
    page = traders.market.trading.call("getTransactions", first, count)
    assert [Transaction(*values) for values in page] == [
        traders.transaction(number) for number in numbers
    ]
    assert [Transaction(*values).amount for values in page] == [100 * number for number in numbers]


@pytest.mark.parametrize("view", ["getOrders", "getTransactions"])
def test_get_pages__of_an_empty_market__are_empty(traders: Traders, view: str) -> None:
    empty = {"getOrders": ((), ()), "getTransactions": ()}[view]
    for first, count in ((0, 1), (1, 1), (1, FOREVER)):
        assert traders.market.trading.call(view, first, count) == empty


def test_counts__whatever_becomes_of_them__only_grow(traders: Traders) -> None:
    trading = traders.market.trading
    assert (trading.call("orderCount"), trading.call("transactionCount")) == (0, 0)
    begin(traders)
    assert (trading.call("orderCount"), trading.call("transactionCount")) == (5, 2)


def test_orders_left__with_each_order__are_one_less_until_time_passes(traders: Traders) -> None:
    trading, time = traders.market.trading, MONDAY + 1000
    burst, refill = trading.call("ORDER_BURST"), trading.call("ORDER_REFILL")
    assert trading.call("ordersLeft", traders.stranger.address) == burst
    assert trading.call("ordersLeft", "0x" + 40 * "0") == burst
    assert trading.call("ordersLeft", traders.buyer.address) == burst
    for placed in range(1, 4):
        traders.market.at(time)
        traders.buy()
        assert trading.call("ordersLeft", traders.buyer.address) == burst - placed
    assert trading.call("ordersLeft", traders.seller.address) == burst
    for elapsed, left in ((refill - 1, 3), (refill, 2), (2 * refill, 1), (3 * refill, 0)):
        traders.market.go_to(time + elapsed)
        assert trading.call("ordersLeft", traders.buyer.address) == burst - left


def test_immutables__are_what_was_deployed(traders: Traders) -> None:
    market = traders.market
    assert market.trading.call("SETTLEMENT") == market.settlement.address
    assert market.trading.call("COLLATERAL_PER_KWH") == 30_000
    assert market.trading.call("ORDER_BURST") == 100
    assert market.trading.call("ORDER_REFILL") == 60
    assert market.settlement.call("tradingModule") == market.trading.address


def test_access__between_transactions__is_the_managers(traders: Traders) -> None:
    trading = traders.market.trading
    assert trading.call("stopLevel") is StopLevel.RUNNING
    assert trading.call("authority") == traders.market.access.address
    assert trading.call("isConsumingScheduledOp") == bytes(4)
