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
from tests.unit.contracts.trading.traders import (
    AMOUNT,
    CREATE,
    CREATE_NOW,
    DAY,
    FOREVER,
    FUNDS,
    HOUR,
    PRICE,
    WEEK,
    Order,
    Terms,
    Traders,
    refuses,
)

BUY, SELL = OrderType.BUY, OrderType.SELL
HOURLY, DAILY, WEEKLY, QUARTER_HOURLY = PeriodKind
LENGTHS = {HOURLY: HOUR, DAILY: DAY, WEEKLY: WEEK, QUARTER_HOURLY: 900}
FIRST_MONDAY = 4 * DAY
# Long after 2106, when seconds no longer fit 32 bits.
FAR = 2**33 // DAY * DAY


@pytest.mark.parametrize("side", OrderType)
def test_create_order__valid__is_stored_and_emitted(traders: Traders, side: OrderType) -> None:
    trader = traders.buyer if side is BUY else traders.seller
    receipt = traders.market.do(
        trader,
        traders.market.trading,
        CREATE,
        *(AMOUNT, PRICE, traders.end - 7, side, HOURLY, traders.start),
    )

    assert traders.emitted(receipt) == ["OrderCreated"]
    assert traders.logged(receipt, traders.market.trading, "OrderCreated") == [
        {
            "order_id": 1,
            "trader": trader.address,
            "order_type": side,
            "amount": AMOUNT,
            "price": PRICE,
            "expiry": traders.end - 7,
            "period": HOURLY,
            "start": traders.start,
        }
    ]
    assert traders.order(1) == Order(
        trader.address, AMOUNT, PRICE, traders.end - 7, side, OrderStatus.ACTIVE
    )
    assert traders.terms(1) == Terms(AMOUNT, HOURLY, traders.start, traders.end)


def test_create_order__several__are_numbered_from_one(traders: Traders) -> None:
    assert traders.market.trading.call("orderCount") == 0
    assert [traders.buy(), traders.sell(), traders.buy(trader=traders.rival)] == [1, 2, 3]
    another = (AMOUNT, PRICE, FOREVER, BUY)
    for form, period in ((CREATE, (HOURLY, traders.start)), (CREATE_NOW, ())):
        returned = traders.market.trading.call(
            form, *another, *period, sender=traders.buyer.address
        )
        assert returned == 4
    assert traders.market.trading.call("orderCount") == 3
    assert [traders.order(number).trader for number in (1, 2, 3)] == [
        traders.buyer.address,
        traders.seller.address,
        traders.rival.address,
    ]


def test_create_order__of_an_unknown_account__is_refused(traders: Traders) -> None:
    with refuses(
        traders.market, errors.Settlement_UnknownAccount, account=traders.stranger.address
    ):
        traders.buy(trader=traders.stranger)


def test_create_order__of_an_account_that_a_meter_opened__is_only_short_of_money(
    traders: Traders,
) -> None:
    traders.market.register_meter(traders.stranger)
    with refuses(
        traders.market,
        errors.Settlement_InsufficientBalance,
        account=traders.stranger.address,
        available=0,
        needed=cost_up(AMOUNT, PRICE),
    ):
        traders.buy(trader=traders.stranger)


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
    traders: Traders, kind: PeriodKind, start: int
) -> None:
    order = traders.buy(kind=kind, start=start)

    assert traders.terms(order) == Terms(AMOUNT, kind, start, start + LENGTHS[kind])
    assert traders.order(order).expiry == start + LENGTHS[kind] - 1


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
    traders: Traders, kind: PeriodKind, start: int
) -> None:
    with refuses(traders.market, errors.EnergyTrading_MisalignedPeriod, period=kind, start=start):
        traders.buy(kind=kind, start=start)


@pytest.mark.parametrize("start", [MONDAY + HOUR, MONDAY + HOUR + 900, MONDAY + 2 * HOUR - 900])
def test_create_order__quarter_where_slots_are_quarters__is_stored(
    quarter_hour_traders: Traders, start: int
) -> None:
    order = quarter_hour_traders.buy(kind=QUARTER_HOURLY, start=start)
    assert quarter_hour_traders.terms(order) == Terms(AMOUNT, QUARTER_HOURLY, start, start + 900)


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
    quarter_hour_traders: Traders, kind: PeriodKind, start: int
) -> None:
    with refuses(
        quarter_hour_traders.market, errors.EnergyTrading_MisalignedPeriod, period=kind, start=start
    ):
        quarter_hour_traders.buy(kind=kind, start=start)


@pytest.mark.parametrize("kind", [HOURLY, DAILY, WEEKLY])
def test_create_order__around_the_end_of_the_period__the_gate_closes_with_it(
    traders: Traders, kind: PeriodKind
) -> None:
    end = MONDAY + LENGTHS[kind]
    traders.market.at(end - 1)
    assert traders.order(traders.buy(kind=kind, start=MONDAY)).expiry == end - 1

    for time in (end, end + 1):
        with refuses(traders.market, errors.EnergyTrading_GateClosed, end=end, time=time):
            traders.market.at(time)
            traders.buy(kind=kind, start=MONDAY)


def test_create_order__period_that_ended_long_ago__is_refused(traders: Traders) -> None:
    time = MONDAY + 100
    with refuses(
        traders.market, errors.EnergyTrading_GateClosed, end=FIRST_MONDAY + WEEK, time=time
    ):
        traders.market.at(time)
        traders.buy(kind=WEEKLY, start=FIRST_MONDAY)


def test_create_order__start_slot_of_32_bits__is_the_last_one(traders: Traders) -> None:
    last = (2**32 - 1) * HOUR
    order = traders.buy(start=last, expiry=traders.end)
    assert traders.terms(order) == Terms(AMOUNT, HOURLY, last, last + HOUR)

    with refuses(traders.market, errors.SafeCastOverflowedUintDowncast, bits=32, value=2**32):
        traders.buy(start=last + HOUR, expiry=traders.end)


# The expiry


@pytest.mark.parametrize("expiry", [0, 1, MONDAY + 999])
def test_create_order__expiry_in_the_past__is_refused(traders: Traders, expiry: int) -> None:
    time = MONDAY + 1000
    with refuses(traders.market, errors.EnergyTrading_ExpiryInPast, expiry=expiry, time=time):
        traders.market.at(time)
        traders.buy(expiry=expiry)


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
    traders: Traders, expiry: int, stored: int
) -> None:
    traders.market.at(MONDAY + 1000)
    assert traders.order(traders.buy(expiry=expiry)).expiry == stored


def test_create_order__expiry_of_more_than_32_bits__is_refused(traders: Traders) -> None:
    assert traders.order(traders.buy(start=FAR, expiry=2**32 - 1)).expiry == 2**32 - 1

    with refuses(traders.market, errors.SafeCastOverflowedUintDowncast, bits=32, value=2**32):
        traders.buy(start=FAR, expiry=2**32)
    with refuses(
        traders.market, errors.SafeCastOverflowedUintDowncast, bits=32, value=FAR + HOUR - 1
    ):
        traders.buy(start=FAR, expiry=FOREVER)


# Gas


@pytest.mark.anvil
def test_create_order__after_many_orders__costs_the_same_gas(
    market: Market, traders: Traders
) -> None:
    busy = deploy_stack(market, market.dollar, StackParameters(order_burst=1000))
    busy.deposit(traders.buyer, FUNDS)
    busy.deposit(traders.seller, FUNDS)

    def place(trader: LocalAccount, side: OrderType) -> int:
        return busy.do(
            trader, busy.trading, CREATE, AMOUNT, PRICE, traders.end, side, HOURLY, traders.start
        ).gas_used

    def pair() -> tuple[int, int]:
        return place(traders.buyer, BUY), place(traders.seller, SELL)

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
    traders: Traders, time: int, side: OrderType
) -> None:
    receipt = traders.market.at(time).do(
        traders.buyer, traders.market.trading, CREATE_NOW, AMOUNT, PRICE, FOREVER, side
    )

    assert traders.logged(receipt, traders.market.trading, "OrderCreated") == [
        {
            "order_id": 1,
            "trader": traders.buyer.address,
            "order_type": side,
            "amount": AMOUNT,
            "price": PRICE,
            "expiry": MONDAY + 2 * HOUR - 1,
            "period": HOURLY,
            "start": MONDAY + HOUR,
        }
    ]
    assert traders.order(1) == Order(
        traders.buyer.address, AMOUNT, PRICE, MONDAY + 2 * HOUR - 1, side, OrderStatus.ACTIVE
    )
    assert traders.terms(1) == Terms(AMOUNT, HOURLY, MONDAY + HOUR, MONDAY + 2 * HOUR)
    lock = cost_up(AMOUNT, PRICE if side is BUY else traders.collateral)
    assert traders.money(traders.buyer) == (FUNDS - lock, lock)


def test_create_order__without_a_period_where_slots_are_quarters__is_for_the_running_hour(
    quarter_hour_traders: Traders,
) -> None:
    time = MONDAY + HOUR + 1800
    quarter_hour_traders.market.at(time).do(
        quarter_hour_traders.buyer,
        quarter_hour_traders.market.trading,
        CREATE_NOW,
        AMOUNT,
        PRICE,
        time + 5,
        BUY,
    )
    assert quarter_hour_traders.terms(1) == Terms(AMOUNT, HOURLY, MONDAY + HOUR, MONDAY + 2 * HOUR)
    assert quarter_hour_traders.order(1).expiry == time + 5


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
    traders: Traders, amount: int, price: int, expiry: int, error: str, values: dict[str, int]
) -> None:
    market = traders.market
    with refuses(market, errors.error_class(error), **values):
        market.at(MONDAY + 1000).do(
            traders.buyer, market.trading, CREATE_NOW, amount, price, expiry, BUY
        )
