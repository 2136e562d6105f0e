"""EnergyTrading.cancelOrder."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_grid.contracts import errors
from energy_grid.domain.costs import collateral, cost_down, cost_up
from energy_grid.domain.orders import OrderStatus, OrderType
from tests.support.examples import on_chain, rewound
from tests.support.market import MONDAY, Market, Receipt
from tests.support.settlement import incur_debt
from tests.support.stacks import StackParameters, deploy_stack
from tests.unit.contracts.trading.desk import (
    AMOUNT,
    FOREVER,
    FUNDS,
    HOUR,
    PRICE,
    Desk,
    Terms,
    endow,
    refuses,
    together,
)

BUY, SELL = OrderType.BUY, OrderType.SELL
EXPIRY = MONDAY + 1000


def cancel(desk: Desk, order: int, caller: LocalAccount | None = None) -> Receipt:
    return desk.market.do(caller or desk.buyer, desk.market.trading, "cancelOrder", order)


@pytest.mark.parametrize("order", [0, 2, FOREVER])
def test_cancel_order__that_does_not_exist__is_refused(desk: Desk, order: int) -> None:
    desk.buy()
    with refuses(desk.market, errors.EnergyTrading_NoSuchOrder, order_id=order):
        cancel(desk, order)


def test_cancel_order__filled__is_refused(desk: Desk) -> None:
    desk.agree()
    for order, owner in ((1, desk.buyer), (2, desk.seller)):
        with refuses(
            desk.market,
            errors.EnergyTrading_NotActive,
            order_id=order,
            status=OrderStatus.FILLED,
        ):
            cancel(desk, order, owner)


def test_cancel_order__cancelled__is_refused(desk: Desk) -> None:
    order = desk.buy()
    cancel(desk, order)
    with refuses(
        desk.market,
        errors.EnergyTrading_NotActive,
        order_id=order,
        status=OrderStatus.CANCELLED,
    ):
        cancel(desk, order)


@pytest.mark.parametrize("time", [EXPIRY - 1, EXPIRY])
def test_cancel_order__of_another__is_refused_until_it_expires(desk: Desk, time: int) -> None:
    order = desk.buy(expiry=EXPIRY)
    desk.sell()
    # A trader, somebody with money who never traded, and somebody unknown.
    for caller in (desk.seller, desk.rival, desk.stranger):
        with refuses(
            desk.market,
            errors.EnergyTrading_NotOwner,
            order_id=order,
            caller=caller.address,
        ):
            desk.market.at(time)
            cancel(desk, order, caller)


@pytest.mark.parametrize("side", OrderType)
@pytest.mark.parametrize("time", [EXPIRY + 1, EXPIRY + 2, MONDAY + 20 * HOUR])
def test_cancel_order__of_another_once_expired__frees_the_owners_money(
    desk: Desk, time: int, side: OrderType
) -> None:
    order = desk.market.order(desk.buyer, side, AMOUNT, PRICE, start=desk.start, expiry=EXPIRY)
    desk.market.at(time)
    receipt = cancel(desk, order, desk.stranger)

    assert desk.logged(receipt, desk.market.trading, "OrderCancelled") == [
        {"order_id": order, "by": desk.stranger.address, "remaining": AMOUNT}
    ]
    assert desk.order(order).status is OrderStatus.CANCELLED
    assert desk.money(desk.buyer) == (FUNDS, 0)
    assert desk.money(desk.stranger) == (0, 0)


@pytest.mark.parametrize(
    "time", [EXPIRY - 1, EXPIRY, EXPIRY + 1, MONDAY + 2 * HOUR, MONDAY + 99 * HOUR]
)
@pytest.mark.parametrize("side", OrderType)
@pytest.mark.parametrize(("amount", "price"), [(AMOUNT, PRICE), (1, 1001), (1999, 250_001)])
def test_cancel_order__by_its_owner__frees_all_it_locked_at_any_time(
    desk: Desk, side: OrderType, time: int, amount: int, price: int
) -> None:
    order = desk.market.order(desk.buyer, side, amount, price, start=desk.start, expiry=EXPIRY)
    placed, terms = desk.order(order), desk.terms(order)
    desk.market.at(time)
    receipt = cancel(desk, order)

    assert desk.emitted(receipt) == ["OrderCancelled"]
    assert desk.logged(receipt, desk.market.trading, "OrderCancelled") == [
        {"order_id": order, "by": desk.buyer.address, "remaining": amount}
    ]
    assert desk.money(desk.buyer) == (FUNDS, 0)
    # It stays readable.
    assert desk.order(order) == placed._replace(status=OrderStatus.CANCELLED)
    assert desk.terms(order) == terms


def test_cancel_order__filled_in_part__frees_what_the_rest_locked(desk: Desk) -> None:
    price = 250_001
    buy = desk.buy(1999, price)
    sell = desk.sell(777, price)
    desk.market.match(buy, sell)

    receipt = cancel(desk, buy)

    assert desk.logged(receipt, desk.market.trading, "OrderCancelled") == [
        {"order_id": buy, "by": desk.buyer.address, "remaining": 1222}
    ]
    assert desk.terms(buy) == Terms(1222, 0, desk.start, desk.end)
    assert desk.order(buy).amount == 1999
    kept = cost_down(777, price)
    assert desk.money(desk.buyer) == (FUNDS - kept, kept)
    kept = collateral(777, desk.collateral)
    assert desk.money(desk.seller) == (FUNDS - kept, kept)


def test_cancel_order__of_an_owner_in_debt__pays_the_debt_first(desk: Desk) -> None:
    market = desk.market
    start = MONDAY + 20 * HOUR
    market.deposit(desk.stranger, 500_000)
    order = desk.buy(2000, 250_000, trader=desk.stranger, start=start)
    assert desk.money(desk.stranger) == (0, 500_000)
    market.go_to(MONDAY + 5 * HOUR)
    debt = incur_debt(market, desk.stranger, consumed=1000)
    revenue = market.settlement.call("treasuryOwed")[1]
    assert debt == 300_000

    receipt = cancel(desk, order, desk.stranger)

    assert desk.logged(receipt, market.settlement, "DebtRepaid") == [
        {"account": desk.stranger.address, "amount": debt, "debt": 0}
    ]
    assert desk.money(desk.stranger) == (200_000, 0)
    assert desk.debt(desk.stranger) == 0
    assert market.settlement.call("treasuryOwed")[1] == revenue + debt


@settings(on_chain, max_examples=15)
@given(
    amount=st.integers(2, 10**7),
    price=st.integers(1_000, 10**9),
    parts=st.lists(st.integers(1, 10**6), min_size=1, max_size=4),
    side=st.sampled_from(OrderType),
)
def test_cancel_order__after_any_fills__leaves_nothing_locked_but_the_transactions(
    desk: Desk, amount: int, price: int, parts: list[int], side: OrderType
) -> None:
    with rewound(desk.market):
        for trader in (desk.buyer, desk.rival):
            endow(desk.market, trader, 10**17)
        funds = FUNDS + 10**17
        order = desk.market.order(desk.buyer, side, amount, price, start=desk.start)
        kept = 0
        for part in parts:
            if desk.order(order).status is OrderStatus.FILLED:
                break
            other = desk.market.order(desk.rival, 1 - side, part, price, start=desk.start)
            fill = min(part, desk.terms(order).remaining)
            desk.market.match(*((order, other) if side is BUY else (other, order)))
            kept += cost_down(fill, price if side is BUY else desk.collateral)
        if desk.order(order).status is OrderStatus.ACTIVE:
            cancel(desk, order)
        assert desk.money(desk.buyer) == (funds - kept, kept)


# In one block


def test_cancel_order__before_a_match_in_one_block__wins(desk: Desk) -> None:
    buy, sell = desk.buy(), desk.sell()
    trading = desk.market.trading
    assert together(
        desk.market,
        (desk.buyer, trading.prepare("cancelOrder", buy)),
        (desk.keeper, trading.prepare("matchOrders", buy, sell)),
    ) == [True, False]

    assert desk.order(buy).status is OrderStatus.CANCELLED
    assert desk.order(sell).status is OrderStatus.ACTIVE
    assert trading.call("transactionCount") == 0
    assert desk.money(desk.buyer) == (FUNDS, 0)
    lock = cost_up(AMOUNT, desk.collateral)
    assert desk.money(desk.seller) == (FUNDS - lock, lock)


def test_cancel_order__after_a_match_in_one_block__loses(desk: Desk) -> None:
    buy, sell = desk.buy(), desk.sell()
    trading = desk.market.trading
    assert together(
        desk.market,
        (desk.keeper, trading.prepare("matchOrders", buy, sell)),
        (desk.buyer, trading.prepare("cancelOrder", buy)),
        (desk.seller, trading.prepare("cancelOrder", sell)),
    ) == [True, False, False]

    assert desk.order(buy).status is desk.order(sell).status is OrderStatus.FILLED
    assert trading.call("transactionCount") == 1
    cost, held = cost_down(AMOUNT, PRICE), collateral(AMOUNT, desk.collateral)
    assert desk.money(desk.buyer) == (FUNDS - cost, cost)
    assert desk.money(desk.seller) == (FUNDS - held, held)


def test_cancel_order__after_a_match_of_a_part_in_one_block__cancels_the_rest(
    desk: Desk,
) -> None:
    buy, sell = desk.buy(1500), desk.sell(1000)
    trading = desk.market.trading
    assert together(
        desk.market,
        (desk.keeper, trading.prepare("matchOrders", buy, sell)),
        (desk.buyer, trading.prepare("cancelOrder", buy)),
    ) == [True, True]

    assert desk.order(buy).status is OrderStatus.CANCELLED
    assert desk.terms(buy).remaining == 500
    cost = cost_down(1000, PRICE)
    assert desk.money(desk.buyer) == (FUNDS - cost, cost)


def test_cancel_order__twice_in_one_block__happens_once(desk: Desk) -> None:
    order = desk.buy(expiry=EXPIRY)
    desk.buy()
    desk.market.go_to(EXPIRY + 1)
    call = desk.market.trading.prepare("cancelOrder", order)
    assert together(desk.market, (desk.stranger, call), (desk.buyer, call)) == [True, False]
    lock = cost_up(AMOUNT, PRICE)
    assert desk.money(desk.buyer) == (FUNDS - lock, lock)


@pytest.mark.anvil
def test_cancel_order__after_many_orders__costs_the_same_gas(market: Market, desk: Desk) -> None:
    busy = deploy_stack(market, market.dollar, StackParameters(order_burst=1000))
    busy.deposit(desk.buyer, FUNDS)
    orders = [busy.buy(desk.buyer, 1000, 1000, start=desk.start) for _ in range(200)]

    def cost(order: int) -> int:
        return busy.do(desk.buyer, busy.trading, "cancelOrder", order).gas_used

    assert cost(orders[2]) == cost(orders[150]) == cost(orders[198])
