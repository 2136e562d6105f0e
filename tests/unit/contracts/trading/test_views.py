"""EnergyTrading's views."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from energy_grid.domain.enums import StopLevel
from energy_grid.domain.orders import OrderStatus, OrderType, TransactionStatus
from energy_grid.domain.periods import PeriodKind
from tests.support.market import MONDAY
from tests.support.refusals import refused
from tests.unit.contracts.trading.desk import (
    FOREVER,
    PRICE,
    Desk,
    Order,
    Terms,
    Transaction,
)

HOURLY, DAILY = PeriodKind.HOURLY, PeriodKind.DAILY


def begin(desk: Desk) -> None:
    """Five orders and two transactions: one settled, one under way."""
    desk.agree(500)
    desk.buy(700, PRICE + 5, trader=desk.rival, kind=DAILY, start=MONDAY)
    desk.market.match(3, desk.sell(300, PRICE - 5, kind=DAILY, start=MONDAY))
    cancelled = desk.buy(900, expiry=desk.end - 9)
    desk.market.do(desk.buyer, desk.market.trading, "cancelOrder", cancelled)
    desk.produce(600, at=desk.start + 600)
    desk.settle(1)
    desk.settle(2)


def test_get_order__of_each_state__is_what_was_placed_and_what_became_of_it(desk: Desk) -> None:
    begin(desk)
    assert desk.order(1) == Order(
        *(desk.buyer.address, 500, PRICE, desk.end - 1, OrderType.BUY, OrderStatus.FILLED),
    )
    assert desk.terms(1) == Terms(0, HOURLY, desk.start, desk.end)
    assert desk.order(3) == Order(
        *(desk.rival.address, 700, PRICE + 5, MONDAY + 86_399),
        *(OrderType.BUY, OrderStatus.ACTIVE),
    )
    assert desk.terms(3) == Terms(400, DAILY, MONDAY, MONDAY + 86_400)
    assert desk.order(4) == Order(
        *(desk.seller.address, 300, PRICE - 5, MONDAY + 86_399),
        *(OrderType.SELL, OrderStatus.FILLED),
    )
    assert desk.order(5) == Order(
        *(desk.buyer.address, 900, PRICE, desk.end - 9),
        *(OrderType.BUY, OrderStatus.CANCELLED),
    )
    assert desk.terms(5) == Terms(900, HOURLY, desk.start, desk.end)


def test_get_transaction__of_each_state__is_how_far_it_is(desk: Desk) -> None:
    begin(desk)
    assert desk.transaction(1) == Transaction(
        *(desk.buyer.address, desk.seller.address, 500, 500, PRICE),
        *(HOURLY, desk.start, desk.end, 0, TransactionStatus.SETTLED),
    )
    assert desk.transaction(2) == Transaction(
        *(desk.rival.address, desk.seller.address, 300, 100, PRICE + 5),
        *(DAILY, MONDAY, MONDAY + 86_400, 0, TransactionStatus.MATCHED),
    )
    desk.market.go_to(MONDAY + 7 * 3600)
    desk.settle(2)
    assert desk.transaction(2).settled_slots == 6
    late = desk.market.match(3, desk.sell(1, kind=DAILY, start=MONDAY))
    assert desk.transaction(late) == Transaction(
        *(desk.rival.address, desk.seller.address, 1, 0, PRICE + 5),
        *(DAILY, MONDAY, MONDAY + 86_400, 0, TransactionStatus.MATCHED, True),
    )


@pytest.mark.parametrize("view", ["getOrder", "getOrderTerms"])
@pytest.mark.parametrize("number", [0, 6, FOREVER])
def test_get_order__of_none__is_refused(desk: Desk, view: str, number: int) -> None:
    begin(desk)
    with refused(errors.EnergyTrading_NoSuchOrder, order_id=number):
        desk.market.trading.call(view, number)


@pytest.mark.parametrize("number", [0, 3, FOREVER])
def test_get_transaction__of_none__is_refused(desk: Desk, number: int) -> None:
    begin(desk)
    with refused(errors.EnergyTrading_NoSuchTransaction, transaction_id=number):
        desk.market.trading.call("getTransaction", number)


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
    desk: Desk, first: int, count: int, numbers: list[int]
) -> None:
    begin(desk)
    orders, terms = desk.market.trading.call("getOrders", first, count)
    assert [Order(*values) for values in orders] == [desk.order(number) for number in numbers]
    assert [Terms(*values) for values in terms] == [desk.terms(number) for number in numbers]


@pytest.mark.parametrize(("first", "count", "numbers"), PAGES)
def test_get_transactions__page__is_what_each_view_says(
    desk: Desk, first: int, count: int, numbers: list[int]
) -> None:
    for amount in (100, 200, 300, 400, 500):
        desk.agree(amount)
    page = desk.market.trading.call("getTransactions", first, count)
    assert [Transaction(*values) for values in page] == [
        desk.transaction(number) for number in numbers
    ]
    assert [Transaction(*values).amount for values in page] == [100 * number for number in numbers]


@pytest.mark.parametrize("view", ["getOrders", "getTransactions"])
def test_get_pages__of_an_empty_market__are_empty(desk: Desk, view: str) -> None:
    empty = {"getOrders": ((), ()), "getTransactions": ()}[view]
    for first, count in ((0, 1), (1, 1), (1, FOREVER)):
        assert desk.market.trading.call(view, first, count) == empty


def test_counts__whatever_becomes_of_them__only_grow(desk: Desk) -> None:
    trading = desk.market.trading
    assert (trading.call("orderCount"), trading.call("transactionCount")) == (0, 0)
    begin(desk)
    assert (trading.call("orderCount"), trading.call("transactionCount")) == (5, 2)


def test_orders_left__with_each_order__are_one_less_until_time_passes(desk: Desk) -> None:
    trading, time = desk.market.trading, MONDAY + 1000
    burst, refill = trading.call("ORDER_BURST"), trading.call("ORDER_REFILL")
    assert trading.call("ordersLeft", desk.stranger.address) == burst
    assert trading.call("ordersLeft", "0x" + 40 * "0") == burst
    assert trading.call("ordersLeft", desk.buyer.address) == burst
    for placed in range(1, 4):
        desk.market.at(time)
        desk.buy()
        assert trading.call("ordersLeft", desk.buyer.address) == burst - placed
    assert trading.call("ordersLeft", desk.seller.address) == burst
    for elapsed, left in ((refill - 1, 3), (refill, 2), (2 * refill, 1), (3 * refill, 0)):
        desk.market.go_to(time + elapsed)
        assert trading.call("ordersLeft", desk.buyer.address) == burst - left


def test_immutables__are_what_was_deployed(desk: Desk) -> None:
    market = desk.market
    assert market.trading.call("SETTLEMENT") == market.settlement.address
    assert market.trading.call("COLLATERAL_PER_KWH") == 30_000
    assert market.trading.call("ORDER_BURST") == 100
    assert market.trading.call("ORDER_REFILL") == 60
    assert market.settlement.call("tradingModule") == market.trading.address


def test_access__between_transactions__is_the_managers(desk: Desk) -> None:
    trading = desk.market.trading
    assert trading.call("stopLevel") is StopLevel.RUNNING
    assert trading.call("authority") == desk.market.access.address
    assert trading.call("isConsumingScheduledOp") == bytes(4)
