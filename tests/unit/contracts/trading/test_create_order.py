"""EnergyTrading.createOrder, both forms: what is stored, for which period, until when.

Amounts and money: test_create_order_money.py. How often: test_create_order_quota.py.
"""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from energy_grid.domain.costs import cost_up
from energy_grid.domain.orders import OrderStatus, OrderType
from energy_grid.domain.periods import PeriodKind
from tests.support.market import MONDAY, Market
from tests.support.stacks import StackParameters, deploy_stack
from tests.unit.contracts.trading.desk import (
    AMOUNT,
    CREATE,
    CREATE_NOW,
    DAY,
    FOREVER,
    FUNDS,
    HOUR,
    PRICE,
    WEEK,
    Desk,
    Order,
    Terms,
    refuses,
)

BUY, SELL = OrderType.BUY, OrderType.SELL
HOURLY, DAILY, WEEKLY, QUARTER_HOURLY = PeriodKind
LENGTHS = {HOURLY: HOUR, DAILY: DAY, WEEKLY: WEEK, QUARTER_HOURLY: 900}
FIRST_MONDAY = 4 * DAY
# Long after 2106, when seconds no longer fit 32 bits.
FAR = 2**33 // DAY * DAY


@pytest.mark.parametrize("side", OrderType)
def test_create_order__valid__is_stored_and_told(desk: Desk, side: OrderType) -> None:
    trader = desk.buyer if side is BUY else desk.seller
    receipt = desk.market.do(
        trader,
        desk.market.trading,
        CREATE,
        *(AMOUNT, PRICE, desk.end - 7, side, HOURLY, desk.start),
    )

    assert desk.emitted(receipt) == ["OrderCreated"]
    assert desk.logged(receipt, desk.market.trading, "OrderCreated") == [
        {
            "order_id": 1,
            "trader": trader.address,
            "order_type": side,
            "amount": AMOUNT,
            "price": PRICE,
            "expiry": desk.end - 7,
            "period": HOURLY,
            "start": desk.start,
        }
    ]
    assert desk.order(1) == Order(
        trader.address, AMOUNT, PRICE, desk.end - 7, side, OrderStatus.ACTIVE
    )
    assert desk.terms(1) == Terms(AMOUNT, HOURLY, desk.start, desk.end)


def test_create_order__several__are_numbered_from_one(desk: Desk) -> None:
    assert desk.market.trading.call("orderCount") == 0
    assert [desk.buy(), desk.sell(), desk.buy(trader=desk.rival)] == [1, 2, 3]
    another = (AMOUNT, PRICE, FOREVER, BUY)
    for form, period in ((CREATE, (HOURLY, desk.start)), (CREATE_NOW, ())):
        returned = desk.market.trading.call(form, *another, *period, sender=desk.buyer.address)
        assert returned == 4
    assert desk.market.trading.call("orderCount") == 3
    assert [desk.order(number).trader for number in (1, 2, 3)] == [
        desk.buyer.address,
        desk.seller.address,
        desk.rival.address,
    ]


def test_create_order__of_an_unknown_account__is_refused(desk: Desk) -> None:
    with refuses(desk.market, errors.Settlement_UnknownAccount, account=desk.stranger.address):
        desk.buy(trader=desk.stranger)


def test_create_order__of_an_account_that_a_meter_opened__is_only_short_of_money(
    desk: Desk,
) -> None:
    desk.market.register_meter(desk.stranger)
    with refuses(
        desk.market,
        errors.Settlement_InsufficientBalance,
        account=desk.stranger.address,
        available=0,
        needed=cost_up(AMOUNT, PRICE),
    ):
        desk.buy(trader=desk.stranger)


# The period


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        (HOURLY, MONDAY),
        (HOURLY, MONDAY + 5 * HOUR),
        (DAILY, MONDAY),
        (DAILY, MONDAY + 3 * DAY),
        (WEEKLY, MONDAY),
        (WEEKLY, MONDAY + WEEK),
    ],
)
def test_create_order__period_at_its_start__is_stored_with_its_end(
    desk: Desk, kind: PeriodKind, start: int
) -> None:
    order = desk.buy(kind=kind, start=start)

    assert desk.terms(order) == Terms(AMOUNT, kind, start, start + LENGTHS[kind])
    assert desk.order(order).expiry == start + LENGTHS[kind] - 1


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        (HOURLY, MONDAY + HOUR - 1),
        (HOURLY, MONDAY + HOUR + 1),
        (HOURLY, MONDAY + HOUR + 900),
        (DAILY, MONDAY + DAY - 1),
        (DAILY, MONDAY + DAY + 1),
        (DAILY, MONDAY + HOUR),
        (WEEKLY, MONDAY + WEEK - 1),
        (WEEKLY, MONDAY + WEEK + 1),
        (WEEKLY, MONDAY + DAY),
        (WEEKLY, MONDAY + 6 * DAY),
        # Weeks count from the first Monday of 1970: before it there is none to start.
        (WEEKLY, 0),
        (WEEKLY, FIRST_MONDAY - 1),
        (HOURLY, FOREVER),
        # Aligned, and so far off that its end would not fit any number.
        (HOURLY, FOREVER // HOUR * HOUR),
        (DAILY, (2**64 // DAY + 1) * DAY),
        (WEEKLY, (2**64 // WEEK + 1) * WEEK + FIRST_MONDAY),
        (QUARTER_HOURLY, MONDAY + HOUR),
        (QUARTER_HOURLY, MONDAY + HOUR + 900),
    ],
)
def test_create_order__misaligned_period__is_refused(
    desk: Desk, kind: PeriodKind, start: int
) -> None:
    with refuses(desk.market, errors.EnergyTrading_MisalignedPeriod, period=kind, start=start):
        desk.buy(kind=kind, start=start)


@pytest.mark.parametrize("start", [MONDAY + HOUR, MONDAY + HOUR + 900, MONDAY + 2 * HOUR - 900])
def test_create_order__quarter_where_slots_are_quarters__is_stored(
    quarter_desk: Desk, start: int
) -> None:
    order = quarter_desk.buy(kind=QUARTER_HOURLY, start=start)
    assert quarter_desk.terms(order) == Terms(AMOUNT, QUARTER_HOURLY, start, start + 900)


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        (QUARTER_HOURLY, MONDAY + HOUR + 899),
        (QUARTER_HOURLY, MONDAY + HOUR + 901),
        (QUARTER_HOURLY, MONDAY + HOUR + 450),
        (HOURLY, MONDAY + HOUR + 900),
        (DAILY, MONDAY + 900),
        (WEEKLY, MONDAY + 900),
    ],
)
def test_create_order__misaligned_where_slots_are_quarters__is_refused(
    quarter_desk: Desk, kind: PeriodKind, start: int
) -> None:
    with refuses(
        quarter_desk.market, errors.EnergyTrading_MisalignedPeriod, period=kind, start=start
    ):
        quarter_desk.buy(kind=kind, start=start)


@pytest.mark.parametrize("kind", [HOURLY, DAILY, WEEKLY])
def test_create_order__around_the_end_of_the_period__the_gate_closes_with_it(
    desk: Desk, kind: PeriodKind
) -> None:
    end = MONDAY + LENGTHS[kind]
    desk.market.at(end - 1)
    assert desk.order(desk.buy(kind=kind, start=MONDAY)).expiry == end - 1

    for time in (end, end + 1):
        with refuses(desk.market, errors.EnergyTrading_GateClosed, end=end, time=time):
            desk.market.at(time)
            desk.buy(kind=kind, start=MONDAY)


def test_create_order__period_that_ended_long_ago__is_refused(desk: Desk) -> None:
    time = MONDAY + 100
    with refuses(desk.market, errors.EnergyTrading_GateClosed, end=FIRST_MONDAY + WEEK, time=time):
        desk.market.at(time)
        desk.buy(kind=WEEKLY, start=FIRST_MONDAY)


def test_create_order__start_slot_of_32_bits__is_the_last_one(desk: Desk) -> None:
    last = (2**32 - 1) * HOUR
    order = desk.buy(start=last, expiry=desk.end)
    assert desk.terms(order) == Terms(AMOUNT, HOURLY, last, last + HOUR)

    with refuses(desk.market, errors.SafeCastOverflowedUintDowncast, bits=32, value=2**32):
        desk.buy(start=last + HOUR, expiry=desk.end)


# The expiry


@pytest.mark.parametrize("expiry", [0, 1, MONDAY + 999])
def test_create_order__expiry_in_the_past__is_refused(desk: Desk, expiry: int) -> None:
    time = MONDAY + 1000
    with refuses(desk.market, errors.EnergyTrading_ExpiryInPast, expiry=expiry, time=time):
        desk.market.at(time)
        desk.buy(expiry=expiry)


@pytest.mark.parametrize(
    ("expiry", "stored"),
    [
        (MONDAY + 1000, MONDAY + 1000),
        (MONDAY + 1001, MONDAY + 1001),
        (MONDAY + 2 * HOUR - 2, MONDAY + 2 * HOUR - 2),
        (MONDAY + 2 * HOUR - 1, MONDAY + 2 * HOUR - 1),
        (MONDAY + 2 * HOUR, MONDAY + 2 * HOUR - 1),
        (2**32, MONDAY + 2 * HOUR - 1),
        (FOREVER, MONDAY + 2 * HOUR - 1),
    ],
)
def test_create_order__expiry_from_now_on__ends_with_the_period_at_the_latest(
    desk: Desk, expiry: int, stored: int
) -> None:
    desk.market.at(MONDAY + 1000)
    assert desk.order(desk.buy(expiry=expiry)).expiry == stored


def test_create_order__expiry_of_more_than_32_bits__is_refused(desk: Desk) -> None:
    assert desk.order(desk.buy(start=FAR, expiry=2**32 - 1)).expiry == 2**32 - 1

    with refuses(desk.market, errors.SafeCastOverflowedUintDowncast, bits=32, value=2**32):
        desk.buy(start=FAR, expiry=2**32)
    with refuses(desk.market, errors.SafeCastOverflowedUintDowncast, bits=32, value=FAR + HOUR - 1):
        desk.buy(start=FAR, expiry=FOREVER)


# Gas


@pytest.mark.anvil
def test_create_order__after_many_orders__costs_the_same_gas(market: Market, desk: Desk) -> None:
    busy = deploy_stack(market, market.dollar, StackParameters(order_burst=1000))
    busy.deposit(desk.buyer, FUNDS)
    busy.deposit(desk.seller, FUNDS)

    def place(trader: LocalAccount, side: OrderType) -> int:
        return busy.do(
            trader, busy.trading, CREATE, AMOUNT, PRICE, desk.end, side, HOURLY, desk.start
        ).gas_used

    def pair() -> tuple[int, int]:
        return place(desk.buyer, BUY), place(desk.seller, SELL)

    pair()
    third = pair()
    for _ in range(197):
        pair()
    assert busy.trading.call("orderCount") == 398
    assert pair() == third


# The form for the hour now running


@pytest.mark.parametrize("side", OrderType)
@pytest.mark.parametrize("time", [MONDAY + HOUR, MONDAY + HOUR + 1, MONDAY + 2 * HOUR - 1])
def test_create_order__without_a_period__is_for_the_running_hour(
    desk: Desk, time: int, side: OrderType
) -> None:
    receipt = desk.market.at(time).do(
        desk.buyer, desk.market.trading, CREATE_NOW, AMOUNT, PRICE, FOREVER, side
    )

    assert desk.logged(receipt, desk.market.trading, "OrderCreated") == [
        {
            "order_id": 1,
            "trader": desk.buyer.address,
            "order_type": side,
            "amount": AMOUNT,
            "price": PRICE,
            "expiry": MONDAY + 2 * HOUR - 1,
            "period": HOURLY,
            "start": MONDAY + HOUR,
        }
    ]
    assert desk.order(1) == Order(
        desk.buyer.address, AMOUNT, PRICE, MONDAY + 2 * HOUR - 1, side, OrderStatus.ACTIVE
    )
    assert desk.terms(1) == Terms(AMOUNT, HOURLY, MONDAY + HOUR, MONDAY + 2 * HOUR)
    lock = cost_up(AMOUNT, PRICE if side is BUY else desk.collateral)
    assert desk.money(desk.buyer) == (FUNDS - lock, lock)


def test_create_order__without_a_period_where_slots_are_quarters__is_for_the_running_hour(
    quarter_desk: Desk,
) -> None:
    time = MONDAY + HOUR + 1800
    quarter_desk.market.at(time).do(
        quarter_desk.buyer, quarter_desk.market.trading, CREATE_NOW, AMOUNT, PRICE, time + 5, BUY
    )
    assert quarter_desk.terms(1) == Terms(AMOUNT, HOURLY, MONDAY + HOUR, MONDAY + 2 * HOUR)
    assert quarter_desk.order(1).expiry == time + 5


@pytest.mark.parametrize(
    ("amount", "price", "expiry", "error", "values"),
    [
        (999, 1, FOREVER, "EnergyTrading_Dust", {"amount": 999, "price": 1}),
        (
            *(AMOUNT, PRICE, MONDAY + 999, "EnergyTrading_ExpiryInPast"),
            {"expiry": MONDAY + 999, "time": MONDAY + 1000},
        ),
        (
            *(2**40, PRICE, FOREVER, "SafeCastOverflowedUintDowncast"),
            {"bits": 40, "value": 2**40},
        ),
        (
            *(AMOUNT, 2**64, FOREVER, "SafeCastOverflowedUintDowncast"),
            {"bits": 64, "value": 2**64},
        ),
    ],
)
def test_create_order__without_a_period__is_refused_as_the_other_form_is(
    desk: Desk, amount: int, price: int, expiry: int, error: str, values: dict[str, int]
) -> None:
    market = desk.market
    with refuses(market, errors.error_class(error), **values):
        market.at(MONDAY + 1000).do(
            desk.buyer, market.trading, CREATE_NOW, amount, price, expiry, BUY
        )
