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
from tests.unit.contracts.trading.traders import (
    AMOUNT,
    FOREVER,
    FUNDS,
    HOUR,
    PRICE,
    Terms,
    Traders,
    endow,
    refuses,
    together,
)

BUY, SELL = OrderType.BUY, OrderType.SELL
EXPIRY = MONDAY + 1000


def cancel(traders: Traders, order: int, caller: LocalAccount | None = None) -> Receipt:
    return traders.market.do(caller or traders.buyer, traders.market.trading, "cancelOrder", order)


@pytest.mark.parametrize("order", [0, 2, FOREVER])
def test_cancel_order__that_does_not_exist__is_refused(traders: Traders, order: int) -> None:
    traders.buy()
    with refuses(traders.market, errors.EnergyTrading_NoSuchOrder, order_id=order):
        cancel(traders, order)


def test_cancel_order__filled__is_refused(traders: Traders) -> None:
    traders.agree()
    for order, owner in ((1, traders.buyer), (2, traders.seller)):
        with refuses(
            traders.market,
            errors.EnergyTrading_NotActive,
            order_id=order,
            status=OrderStatus.FILLED,
        ):
            cancel(traders, order, owner)


def test_cancel_order__cancelled__is_refused(traders: Traders) -> None:
    order = traders.buy()
    cancel(traders, order)
    with refuses(
        traders.market,
        errors.EnergyTrading_NotActive,
        order_id=order,
        status=OrderStatus.CANCELLED,
    ):
        cancel(traders, order)


@pytest.mark.parametrize("time", [EXPIRY - 1, EXPIRY])
def test_cancel_order__of_another__is_refused_until_it_expires(traders: Traders, time: int) -> None:
    order = traders.buy(expiry=EXPIRY)
    traders.sell()
    # A trader, somebody with money who never traded, and somebody unknown.
    for caller in (traders.seller, traders.rival, traders.stranger):
        with refuses(
            traders.market,
            errors.EnergyTrading_NotOwner,
            order_id=order,
            caller=caller.address,
        ):
            traders.market.at(time)
            cancel(traders, order, caller)


@pytest.mark.parametrize("side", OrderType)
@pytest.mark.parametrize("time", [EXPIRY + 1, EXPIRY + 2, MONDAY + 20 * HOUR])
def test_cancel_order__of_another_once_expired__frees_the_owners_money(
    traders: Traders, time: int, side: OrderType
) -> None:
    order = traders.market.order(
        traders.buyer, side, AMOUNT, PRICE, start=traders.start, expiry=EXPIRY
    )
    traders.market.at(time)
    receipt = cancel(traders, order, traders.stranger)

    assert traders.logged(receipt, traders.market.trading, "OrderCancelled") == [
        {"order_id": order, "by": traders.stranger.address, "remaining": AMOUNT}
    ]
    assert traders.order(order).status is OrderStatus.CANCELLED
    assert traders.money(traders.buyer) == (FUNDS, 0)
    assert traders.money(traders.stranger) == (0, 0)


@pytest.mark.parametrize(
    "time", [EXPIRY - 1, EXPIRY, EXPIRY + 1, MONDAY + 2 * HOUR, MONDAY + 99 * HOUR]
)
@pytest.mark.parametrize("side", OrderType)
@pytest.mark.parametrize(("amount", "price"), [(AMOUNT, PRICE), (1, 1001), (1999, 250_001)])
def test_cancel_order__by_its_owner__frees_all_it_locked_at_any_time(
    traders: Traders, side: OrderType, time: int, amount: int, price: int
) -> None:
    order = traders.market.order(
        traders.buyer, side, amount, price, start=traders.start, expiry=EXPIRY
    )
    placed, terms = traders.order(order), traders.terms(order)
    traders.market.at(time)
    receipt = cancel(traders, order)

    assert traders.emitted(receipt) == ["OrderCancelled"]
    assert traders.logged(receipt, traders.market.trading, "OrderCancelled") == [
        {"order_id": order, "by": traders.buyer.address, "remaining": amount}
    ]
    assert traders.money(traders.buyer) == (FUNDS, 0)
    # It stays readable.
    assert traders.order(order) == placed._replace(status=OrderStatus.CANCELLED)
    assert traders.terms(order) == terms


def test_cancel_order__filled_in_part__frees_what_the_rest_locked(traders: Traders) -> None:
    price = 250_001
    buy = traders.buy(1999, price)
    sell = traders.sell(777, price)
    traders.market.match(buy, sell)

    receipt = cancel(traders, buy)

    assert traders.logged(receipt, traders.market.trading, "OrderCancelled") == [
        {"order_id": buy, "by": traders.buyer.address, "remaining": 1222}
    ]
    assert traders.terms(buy) == Terms(1222, 0, traders.start, traders.end)
    assert traders.order(buy).amount == 1999
    kept = cost_down(777, price)
    assert traders.money(traders.buyer) == (FUNDS - kept, kept)
    kept = collateral(777, traders.collateral)
    assert traders.money(traders.seller) == (FUNDS - kept, kept)


def test_cancel_order__of_an_owner_in_debt__pays_the_debt_first(traders: Traders) -> None:
    market = traders.market
    start = MONDAY + 20 * HOUR
    market.deposit(traders.stranger, 500_000)
    order = traders.buy(2000, 250_000, trader=traders.stranger, start=start)
    assert traders.money(traders.stranger) == (0, 500_000)
    market.go_to(MONDAY + 5 * HOUR)
    debt = incur_debt(market, traders.stranger, consumed=1000)
    revenue = market.settlement.call("treasuryOwed")[1]
    assert debt == 300_000

    receipt = cancel(traders, order, traders.stranger)

    assert traders.logged(receipt, market.settlement, "DebtRepaid") == [
        {"account": traders.stranger.address, "amount": debt, "debt": 0}
    ]
    assert traders.money(traders.stranger) == (200_000, 0)
    assert traders.debt(traders.stranger) == 0
    assert market.settlement.call("treasuryOwed")[1] == revenue + debt


@settings(on_chain, max_examples=15)
@given(
    amount=st.integers(2, 10**7),
    price=st.integers(1_000, 10**9),
    parts=st.lists(st.integers(1, 10**6), min_size=1, max_size=4),
    side=st.sampled_from(OrderType),
)
def test_cancel_order__after_any_fills__leaves_nothing_locked_but_the_transactions(
    traders: Traders, amount: int, price: int, parts: list[int], side: OrderType
) -> None:
    with rewound(traders.market):
        for trader in (traders.buyer, traders.rival):
            endow(traders.market, trader, 10**17)
        funds = FUNDS + 10**17
        order = traders.market.order(traders.buyer, side, amount, price, start=traders.start)
        kept = 0
        for part in parts:
            if traders.order(order).status is OrderStatus.FILLED:
                break
            other = traders.market.order(traders.rival, 1 - side, part, price, start=traders.start)
            fill = min(part, traders.terms(order).remaining)
            traders.market.match(*((order, other) if side is BUY else (other, order)))
            kept += cost_down(fill, price if side is BUY else traders.collateral)
        if traders.order(order).status is OrderStatus.ACTIVE:
            cancel(traders, order)
        assert traders.money(traders.buyer) == (funds - kept, kept)


# In one block


def test_cancel_order__before_a_match_in_one_block__wins(traders: Traders) -> None:
    buy, sell = traders.buy(), traders.sell()
    trading = traders.market.trading
    assert together(
        traders.market,
        (traders.buyer, trading.prepare("cancelOrder", buy)),
        (traders.keeper, trading.prepare("matchOrders", buy, sell)),
    ) == [True, False]

    assert traders.order(buy).status is OrderStatus.CANCELLED
    assert traders.order(sell).status is OrderStatus.ACTIVE
    assert trading.call("transactionCount") == 0
    assert traders.money(traders.buyer) == (FUNDS, 0)
    lock = cost_up(AMOUNT, traders.collateral)
    assert traders.money(traders.seller) == (FUNDS - lock, lock)


def test_cancel_order__after_a_match_in_one_block__loses(traders: Traders) -> None:
    buy, sell = traders.buy(), traders.sell()
    trading = traders.market.trading
    assert together(
        traders.market,
        (traders.keeper, trading.prepare("matchOrders", buy, sell)),
        (traders.buyer, trading.prepare("cancelOrder", buy)),
        (traders.seller, trading.prepare("cancelOrder", sell)),
    ) == [True, False, False]

    assert traders.order(buy).status is traders.order(sell).status is OrderStatus.FILLED
    assert trading.call("transactionCount") == 1
    cost, held = cost_down(AMOUNT, PRICE), collateral(AMOUNT, traders.collateral)
    assert traders.money(traders.buyer) == (FUNDS - cost, cost)
    assert traders.money(traders.seller) == (FUNDS - held, held)


def test_cancel_order__after_a_match_of_a_part_in_one_block__cancels_the_rest(
    traders: Traders,
) -> None:
    buy, sell = traders.buy(1500), traders.sell(1000)
    trading = traders.market.trading
    assert together(
        traders.market,
        (traders.keeper, trading.prepare("matchOrders", buy, sell)),
        (traders.buyer, trading.prepare("cancelOrder", buy)),
    ) == [True, True]

    assert traders.order(buy).status is OrderStatus.CANCELLED
    assert traders.terms(buy).remaining == 500
    cost = cost_down(1000, PRICE)
    assert traders.money(traders.buyer) == (FUNDS - cost, cost)


def test_cancel_order__twice_in_one_block__happens_once(traders: Traders) -> None:
    order = traders.buy(expiry=EXPIRY)
    traders.buy()
    traders.market.go_to(EXPIRY + 1)
    call = traders.market.trading.prepare("cancelOrder", order)
    assert together(traders.market, (traders.stranger, call), (traders.buyer, call)) == [
        True,
        False,
    ]
    lock = cost_up(AMOUNT, PRICE)
    assert traders.money(traders.buyer) == (FUNDS - lock, lock)


@pytest.mark.anvil
def test_cancel_order__after_many_orders__costs_the_same_gas(
    market: Market, traders: Traders
) -> None:
    busy = deploy_stack(market, market.dollar, StackParameters(order_burst=1000))
    busy.deposit(traders.buyer, FUNDS)
    orders = [busy.buy(traders.buyer, 1000, 1000, start=traders.start) for _ in range(200)]

    def cost(order: int) -> int:
        return busy.do(traders.buyer, busy.trading, "cancelOrder", order).gas_used

    assert cost(orders[2]) == cost(orders[150]) == cost(orders[198])
