"""EnergyTrading.createOrder: amounts and prices, the money it locks, and who may."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.costs import cost_up
from energy_grid.domain.orders import OrderStatus, OrderType
from energy_grid.domain.periods import PeriodKind
from tests.support.examples import on_chain, rewound
from tests.support.market import MONDAY, Market
from tests.support.stacks import StackParameters, deploy_stack
from tests.unit.contracts.trading.desk import (
    AMOUNT,
    FOREVER,
    FUNDS,
    HOUR,
    PRICE,
    Desk,
    Order,
    Terms,
    endow,
    refuses,
)

BUY, SELL = OrderType.BUY, OrderType.SELL
HOURLY = PeriodKind.HOURLY


# Amount and price


@pytest.mark.parametrize("side", OrderType)
@pytest.mark.parametrize(
    ("amount", "price"), [(0, PRICE), (AMOUNT, 0), (0, 0), (1, 999), (999, 1), (37, 27), (333, 3)]
)
def test_create_order__that_costs_nothing__is_refused(
    desk: Desk, side: OrderType, amount: int, price: int
) -> None:
    with refuses(desk.market, errors.EnergyTrading_Dust, amount=amount, price=price):
        desk.market.order(desk.buyer, side, amount, price, start=desk.start)


@pytest.mark.parametrize(("amount", "price"), [(1, 1000), (1000, 1), (40, 25), (334, 3)])
def test_create_order__that_costs_one_unit__is_stored(desk: Desk, amount: int, price: int) -> None:
    order = desk.buy(amount, price)
    assert (desk.order(order).amount, desk.order(order).price) == (amount, price)


@pytest.mark.parametrize(
    ("amount", "price"), [(2**40 - 1, PRICE), (AMOUNT, 2**64 - 1), (2**40 - 1, 2**64 - 1)]
)
@pytest.mark.parametrize("side", OrderType)
def test_create_order__largest_amount_and_price__are_stored(
    desk: Desk, side: OrderType, amount: int, price: int
) -> None:
    endow(desk.market, desk.stranger, 2**104 - 1)

    order = desk.market.order(desk.stranger, side, amount, price, start=desk.start)

    assert desk.order(order) == Order(
        desk.stranger.address, amount, price, desk.end - 1, side, OrderStatus.ACTIVE
    )
    assert desk.terms(order) == Terms(amount, HOURLY, desk.start, desk.end)
    lock = cost_up(amount, price if side is BUY else desk.collateral)
    assert desk.money(desk.stranger) == (2**104 - 1 - lock, lock)


@pytest.mark.parametrize(
    ("amount", "price", "bits", "value"),
    [
        (2**40, PRICE, 40, 2**40),
        (FOREVER, PRICE, 40, FOREVER),
        (AMOUNT, 2**64, 64, 2**64),
        (AMOUNT, FOREVER, 64, FOREVER),
    ],
)
@pytest.mark.parametrize("side", OrderType)
def test_create_order__amount_or_price_too_large_to_store__is_refused(
    desk: Desk, side: OrderType, amount: int, price: int, bits: int, value: int
) -> None:
    endow(desk.market, desk.stranger, 2**104 - 1)
    with refuses(desk.market, errors.SafeCastOverflowedUintDowncast, bits=bits, value=value):
        desk.market.order(desk.stranger, side, amount, price, start=desk.start)


@pytest.mark.parametrize(("side", "kind"), [(2, HOURLY), (255, HOURLY), (BUY, 4), (BUY, 255)])
def test_create_order__side_or_kind_that_does_not_exist__is_refused(
    desk: Desk, side: int, kind: int
) -> None:
    with refuses(desk.market, errors.UnknownRefusal, data=b""):
        desk.market.order(desk.buyer, side, AMOUNT, PRICE, start=desk.start, kind=kind)


# Money


@pytest.mark.parametrize(
    ("amount", "price"), [(AMOUNT, PRICE), (1, 1000), (1, 1001), (3, 333_334), (1999, 250_001)]
)
def test_create_order__buy__locks_its_cost_rounded_up(desk: Desk, amount: int, price: int) -> None:
    desk.buy(amount, price)
    cost = cost_up(amount, price)
    assert desk.money(desk.buyer) == (FUNDS - cost, cost)


@pytest.mark.parametrize(("amount", "price"), [(1, 1000), (2001, 1), (2001, 2**64 - 1)])
def test_create_order__sell__locks_the_collateral_whatever_its_price(
    market: Market, desk: Desk, amount: int, price: int
) -> None:
    odd = deploy_stack(market, market.dollar, StackParameters(collateral_per_kwh=30_001))
    odd.deposit(desk.seller, FUNDS)

    odd.sell(desk.seller, amount, price, start=desk.start)

    lock = cost_up(amount, 30_001)
    assert (odd.balance(desk.seller), odd.locked(desk.seller)) == (FUNDS - lock, lock)


@pytest.mark.parametrize("side", OrderType)
def test_create_order__with_exactly_what_it_locks__is_stored(desk: Desk, side: OrderType) -> None:
    needed = cost_up(1999, 250_001 if side is BUY else desk.collateral)
    desk.market.deposit(desk.stranger, needed - 1)
    with refuses(
        desk.market,
        errors.Settlement_InsufficientBalance,
        account=desk.stranger.address,
        available=needed - 1,
        needed=needed,
    ):
        desk.market.order(desk.stranger, side, 1999, 250_001, start=desk.start)

    desk.market.deposit(desk.stranger, 1)
    desk.market.order(desk.stranger, side, 1999, 250_001, start=desk.start)
    assert desk.money(desk.stranger) == (0, needed)


def test_create_order__locked_money__is_not_locked_twice(desk: Desk) -> None:
    price = FUNDS // 2
    desk.buy(1000, price)
    desk.buy(1000, price)
    assert desk.money(desk.buyer) == (0, FUNDS)
    with refuses(
        desk.market,
        errors.Settlement_InsufficientBalance,
        account=desk.buyer.address,
        available=0,
        needed=1,
    ):
        desk.buy(1000, 1)


@on_chain
@given(
    amount=st.integers(1, 2**40 - 1),
    price=st.integers(1, 2**64 - 1),
    side=st.sampled_from(OrderType),
)
def test_create_order__any_amount_and_price__locks_what_the_model_says(
    desk: Desk, amount: int, price: int, side: OrderType
) -> None:
    if amount * price < 1000:
        return
    with rewound(desk.market):
        endow(desk.market, desk.stranger, 2**104 - 1)
        order = desk.market.order(desk.stranger, side, amount, price, start=desk.start)
        assert desk.order(order)[1:3] == (amount, price)
        lock = cost_up(amount, price if side is BUY else desk.collateral)
        assert desk.money(desk.stranger) == (2**104 - 1 - lock, lock)


# Debts and blocks


def run_into_debt(desk: Desk) -> int:
    """The stranger consumes what it cannot pay for; what it owes."""
    market = desk.market
    meter = market.register_meter(desk.stranger)
    market.at(desk.start).read_meter(meter, timestamp=desk.start, consumed=1000)
    slot = market.slot(MONDAY)
    market.go_to(market.closable_at(slot))
    market.do(desk.keeper, market.settlement, "closeSlot", desk.stranger.address, slot)
    return desk.debt(desk.stranger)


def test_create_order__buy_in_debt__is_refused(desk: Desk) -> None:
    debt = run_into_debt(desk)
    assert debt > 0
    start = MONDAY + 10 * HOUR
    with refuses(desk.market, errors.Settlement_InDebt, account=desk.stranger.address, debt=debt):
        desk.buy(trader=desk.stranger, start=start)

    # A unit more than the debt is one to trade with.
    desk.market.deposit(desk.stranger, debt + 1)
    order = desk.buy(1000, 1, trader=desk.stranger, start=start)
    assert desk.order(order).status is OrderStatus.ACTIVE


def test_create_order__sell_in_debt__is_only_short_of_collateral(desk: Desk) -> None:
    assert run_into_debt(desk) > 0
    with refuses(
        desk.market,
        errors.Settlement_InsufficientBalance,
        account=desk.stranger.address,
        available=0,
        needed=cost_up(AMOUNT, desk.collateral),
    ):
        desk.sell(trader=desk.stranger, start=MONDAY + 10 * HOUR)


@pytest.mark.parametrize("side", OrderType)
def test_create_order__side_blocked__is_refused_and_the_other_stays_open(
    desk: Desk, side: OrderType
) -> None:
    market, trader = desk.market, desk.rival
    authority = market.roles[Role.GRID_AUTHORITY]
    market.do(trader, market.grid, "registerProducer", 1000, 0)
    market.do(trader, market.grid, "registerConsumer", 1000)
    is_producer = side is SELL
    market.do(authority, market.grid, "deactivateParticipant", trader.address, is_producer)

    with refuses(
        market, errors.Settlement_SideBlocked, account=trader.address, buying=not is_producer
    ):
        market.order(trader, side, AMOUNT, PRICE, start=desk.start)
    other = market.order(trader, 1 - side, AMOUNT, PRICE, start=desk.start)
    assert desk.order(other).status is OrderStatus.ACTIVE

    market.do(authority, market.grid, "reactivateParticipant", trader.address, is_producer)
    order = market.order(trader, side, AMOUNT, PRICE, start=desk.start)
    assert desk.order(order).status is OrderStatus.ACTIVE
