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
from tests.unit.contracts.trading.traders import (
    AMOUNT,
    FOREVER,
    FUNDS,
    HOUR,
    PRICE,
    Order,
    Terms,
    Traders,
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
    traders: Traders, side: OrderType, amount: int, price: int
) -> None:
    with refuses(traders.market, errors.EnergyTrading_Dust, amount=amount, price=price):
        traders.market.order(traders.buyer, side, amount, price, start=traders.start)


@pytest.mark.parametrize(("amount", "price"), [(1, 1000), (1000, 1), (40, 25), (334, 3)])
def test_create_order__that_costs_one_unit__is_stored(
    traders: Traders, amount: int, price: int
) -> None:
    order = traders.buy(amount, price)
    assert (traders.order(order).amount, traders.order(order).price) == (amount, price)


@pytest.mark.parametrize(
    ("amount", "price"), [(2**40 - 1, PRICE), (AMOUNT, 2**64 - 1), (2**40 - 1, 2**64 - 1)]
)
@pytest.mark.parametrize("side", OrderType)
def test_create_order__largest_amount_and_price__are_stored(
    traders: Traders, side: OrderType, amount: int, price: int
) -> None:
    endow(traders.market, traders.stranger, 2**104 - 1)

    order = traders.market.order(traders.stranger, side, amount, price, start=traders.start)

    assert traders.order(order) == Order(
        traders.stranger.address, amount, price, traders.end - 1, side, OrderStatus.ACTIVE
    )
    assert traders.terms(order) == Terms(amount, HOURLY, traders.start, traders.end)
    lock = cost_up(amount, price if side is BUY else traders.collateral)
    assert traders.money(traders.stranger) == (2**104 - 1 - lock, lock)


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
    traders: Traders, side: OrderType, amount: int, price: int, bits: int, value: int
) -> None:
    endow(traders.market, traders.stranger, 2**104 - 1)
    with refuses(traders.market, errors.SafeCastOverflowedUintDowncast, bits=bits, value=value):
        traders.market.order(traders.stranger, side, amount, price, start=traders.start)


@pytest.mark.parametrize(("side", "kind"), [(2, HOURLY), (255, HOURLY), (BUY, 4), (BUY, 255)])
def test_create_order__side_or_kind_that_does_not_exist__is_refused(
    traders: Traders, side: int, kind: int
) -> None:
    with refuses(traders.market, errors.UnknownRevert, data=b""):
        traders.market.order(traders.buyer, side, AMOUNT, PRICE, start=traders.start, kind=kind)


# Money


@pytest.mark.parametrize(
    ("amount", "price"), [(AMOUNT, PRICE), (1, 1000), (1, 1001), (3, 333_334), (1999, 250_001)]
)
def test_create_order__buy__locks_its_cost_rounded_up(
    traders: Traders, amount: int, price: int
) -> None:
    traders.buy(amount, price)
    cost = cost_up(amount, price)
    assert traders.money(traders.buyer) == (FUNDS - cost, cost)


@pytest.mark.parametrize(("amount", "price"), [(1, 1000), (2001, 1), (2001, 2**64 - 1)])
def test_create_order__sell__locks_the_collateral_whatever_its_price(
    market: Market, traders: Traders, amount: int, price: int
) -> None:
    odd = deploy_stack(market, market.dollar, StackParameters(collateral_per_kwh=30_001))
    odd.deposit(traders.seller, FUNDS)

    odd.sell(traders.seller, amount, price, start=traders.start)

    lock = cost_up(amount, 30_001)
    assert (odd.balance(traders.seller), odd.locked(traders.seller)) == (FUNDS - lock, lock)


@pytest.mark.parametrize("side", OrderType)
def test_create_order__with_exactly_what_it_locks__is_stored(
    traders: Traders, side: OrderType
) -> None:
    needed = cost_up(1999, 250_001 if side is BUY else traders.collateral)
    traders.market.deposit(traders.stranger, needed - 1)
    with refuses(
        traders.market,
        errors.Settlement_InsufficientBalance,
        account=traders.stranger.address,
        available=needed - 1,
        needed=needed,
    ):
        traders.market.order(traders.stranger, side, 1999, 250_001, start=traders.start)

    traders.market.deposit(traders.stranger, 1)
    traders.market.order(traders.stranger, side, 1999, 250_001, start=traders.start)
    assert traders.money(traders.stranger) == (0, needed)


def test_create_order__locked_money__is_not_locked_twice(traders: Traders) -> None:
    price = FUNDS // 2
    traders.buy(1000, price)
    traders.buy(1000, price)
    assert traders.money(traders.buyer) == (0, FUNDS)
    with refuses(
        traders.market,
        errors.Settlement_InsufficientBalance,
        account=traders.buyer.address,
        available=0,
        needed=1,
    ):
        traders.buy(1000, 1)


@on_chain
@given(
    amount=st.integers(1, 2**40 - 1),
    price=st.integers(1, 2**64 - 1),
    side=st.sampled_from(OrderType),
)
def test_create_order__any_amount_and_price__locks_equal_to_the_model(
    traders: Traders, amount: int, price: int, side: OrderType
) -> None:
    if amount * price < 1000:
        return
    with rewound(traders.market):
        endow(traders.market, traders.stranger, 2**104 - 1)
        order = traders.market.order(traders.stranger, side, amount, price, start=traders.start)
        assert traders.order(order)[1:3] == (amount, price)
        lock = cost_up(amount, price if side is BUY else traders.collateral)
        assert traders.money(traders.stranger) == (2**104 - 1 - lock, lock)


# Debts and blocks


def run_into_debt(traders: Traders) -> int:
    """The stranger consumes what it cannot pay for; what it owes."""
    market = traders.market
    meter = market.register_meter(traders.stranger)
    market.at(traders.start).read_meter(meter, timestamp=traders.start, consumed=1000)
    slot = market.slot(MONDAY)
    market.go_to(market.closable_at(slot))
    market.do(traders.keeper, market.settlement, "closeSlot", traders.stranger.address, slot)
    return traders.debt(traders.stranger)


def test_create_order__buy_in_debt__is_refused(traders: Traders) -> None:
    debt = run_into_debt(traders)
    assert debt > 0
    start = MONDAY + 10 * HOUR
    with refuses(
        traders.market, errors.Settlement_InDebt, account=traders.stranger.address, debt=debt
    ):
        traders.buy(trader=traders.stranger, start=start)

    # A unit more than the debt is one to trade with.
    traders.market.deposit(traders.stranger, debt + 1)
    order = traders.buy(1000, 1, trader=traders.stranger, start=start)
    assert traders.order(order).status is OrderStatus.ACTIVE


def test_create_order__sell_in_debt__is_only_short_of_collateral(traders: Traders) -> None:
    assert run_into_debt(traders) > 0
    with refuses(
        traders.market,
        errors.Settlement_InsufficientBalance,
        account=traders.stranger.address,
        available=0,
        needed=cost_up(AMOUNT, traders.collateral),
    ):
        traders.sell(trader=traders.stranger, start=MONDAY + 10 * HOUR)


@pytest.mark.parametrize("side", OrderType)
def test_create_order__side_blocked__is_refused_and_the_other_stays_open(
    traders: Traders, side: OrderType
) -> None:
    market, trader = traders.market, traders.rival
    authority = market.roles[Role.GRID_AUTHORITY]
    market.do(trader, market.grid, "registerProducer", 1000, 0)
    market.do(trader, market.grid, "registerConsumer", 1000)
    is_producer = side is SELL
    market.do(authority, market.grid, "deactivateParticipant", trader.address, is_producer)

    with refuses(
        market, errors.Settlement_SideBlocked, account=trader.address, buying=not is_producer
    ):
        market.order(trader, side, AMOUNT, PRICE, start=traders.start)
    other = market.order(trader, 1 - side, AMOUNT, PRICE, start=traders.start)
    assert traders.order(other).status is OrderStatus.ACTIVE

    market.do(authority, market.grid, "reactivateParticipant", trader.address, is_producer)
    order = market.order(trader, side, AMOUNT, PRICE, start=traders.start)
    assert traders.order(order).status is OrderStatus.ACTIVE
