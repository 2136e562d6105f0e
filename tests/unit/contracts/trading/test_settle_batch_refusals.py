"""EnergyTrading.settleBatch: why an order is refused, signed or stored."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from energy_grid.domain.batch import Refusal
from energy_grid.domain.orders import OrderStatus, OrderType
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.signed_orders import NonceState
from tests.support.market import MONDAY
from tests.unit.contracts.trading.auction import (
    CLEARING,
    WIDEST,
    Auction,
)
from tests.unit.contracts.trading.tested_order import (
    NOW,
    TESTED,
    WH,
    against,
    assert_left_out,
    assert_taken,
    block,
    leave,
    order,
    place,
    run_into_debt,
)
from tests.unit.contracts.trading.traders import AMOUNT, FOREVER, FUNDS, HOUR, refuses

BUY, SELL = OrderType.BUY, OrderType.SELL


@pytest.fixture(autouse=True)
def tested(auction: Auction) -> None:
    """One more trader with money."""
    auction.traders.market.deposit(TESTED, FUNDS)


# Signed orders


@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__cancelled_nonce__is_refused(auction: Auction, side: OrderType) -> None:
    auction.cancel(TESTED, 5)
    assert_left_out(auction, side, order(auction, side, nonce=5), Refusal.NONCE_SPENT)


@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__neighbour_of_a_cancelled_nonce__is_taken(
    auction: Auction, side: OrderType
) -> None:
    auction.cancel(TESTED, 4, 6, 5 + 112)
    assert_taken(auction, side, order(auction, side, nonce=5))


@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__nonce_below_the_floor__is_refused(auction: Auction, side: OrderType) -> None:
    auction.cancel_below(TESTED, 200)
    assert_left_out(auction, side, order(auction, side, nonce=199), Refusal.NONCE_SPENT)


@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__nonce_at_the_floor__is_taken(auction: Auction, side: OrderType) -> None:
    auction.cancel_below(TESTED, 200)
    assert_taken(auction, side, order(auction, side, nonce=200))


@pytest.mark.parametrize("nonce", [WIDEST, WIDEST + 1, 2**64, 2**96 - 1, 2**256 - 1])
@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__nonce_too_large__is_refused(
    auction: Auction, side: OrderType, nonce: int
) -> None:
    assert_left_out(auction, side, order(auction, side, nonce=nonce), Refusal.NONCE_SPENT)


@pytest.mark.parametrize("nonce", [0, 1, 111, 112, WIDEST - 1])
@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__any_nonce_that_fits__is_taken(
    auction: Auction, side: OrderType, nonce: int
) -> None:
    assert_taken(auction, side, order(auction, side, nonce=nonce))


@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__filled_order__is_refused(auction: Auction, side: OrderType) -> None:
    filled = order(auction, side, amount=WH, nonce=7)
    batch, _ = against(auction, side, filled)
    auction.settle(batch)
    # Others of the same traders, so that nobody else's order is used up.
    traders = auction.traders
    other = (auction.bid if side is SELL else auction.ask)(traders.stranger, nonce=8)
    traders.market.deposit(traders.stranger, FUNDS)
    fill = (other, filled, 10) if side is SELL else (filled, other, 10)
    name = auction.name(filled)
    refusal = {"order_id": name, "reason": Refusal.NONCE_SPENT}
    with refuses(traders.market, errors.EnergyTrading_Refused, **refusal):
        auction.trade(fill)
    receipt = auction.settle(auction.batch(fill), skip=True)
    assert auction.skipped(receipt) == [(name, Refusal.NONCE_SPENT)]
    assert auction.money(traders.stranger) == (FUNDS, 0)
    assert auction.state(filled) is NonceState.FILLED


@pytest.mark.parametrize("done", [1000, AMOUNT])
@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__nonce_that_has_served_another_order__is_refused(
    auction: Auction, side: OrderType, done: int
) -> None:
    traders = auction.traders
    first, second = order(auction, side), order(auction, side, amount=AMOUNT + 1)
    other = (auction.bid if side is SELL else auction.ask)(traders.rival, nonce=9)
    auction.trade((other, first, done) if side is SELL else (first, other, done))
    traders.market.deposit(
        traders.rival, auction.paid(done) if side is SELL else auction.secured(done)
    )
    before = auction.money(TESTED)
    name = auction.name(second)

    batch, _ = against(auction, side, second)
    refusal = {"order_id": name, "reason": Refusal.NONCE_SPENT}
    with refuses(traders.market, errors.EnergyTrading_Refused, **refusal):
        auction.settle(batch)
    receipt = auction.settle(batch, skip=True)
    assert auction.skipped(receipt) == [(name, Refusal.NONCE_SPENT)]
    assert auction.money(TESTED) == before
    state = NonceState.FILLED if done == AMOUNT else NonceState.PARTIAL
    assert (auction.state(first), auction.filled(second)) == (state, 0)


@pytest.mark.parametrize("expiry", [0, 1, NOW - 2])
@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__expired__is_refused(auction: Auction, side: OrderType, expiry: int) -> None:
    assert_left_out(auction, side, order(auction, side, expiry=expiry), Refusal.EXPIRED)


@pytest.mark.parametrize("expiry", [NOW, NOW + 1, MONDAY + 10 * HOUR, 2**64, FOREVER])
@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__until_the_expiry__is_taken(
    auction: Auction, side: OrderType, expiry: int
) -> None:
    assert_taken(auction, side, order(auction, side, expiry=expiry), time=NOW)


@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__one_second_after_the_expiry__is_refused(
    auction: Auction, side: OrderType
) -> None:
    expired = order(auction, side, expiry=NOW - 1)
    batch, _ = against(auction, side, expired)
    auction.traders.market.at(NOW)
    refusal = {"order_id": auction.name(expired), "reason": Refusal.EXPIRED}
    with refuses(auction.traders.market, errors.EnergyTrading_Refused, **refusal):
        auction.settle(batch)


@pytest.mark.parametrize(
    ("side", "limit"), [(BUY, CLEARING - 1), (BUY, 0), (SELL, CLEARING + 1), (SELL, FOREVER)]
)
def test_settle_batch__price_worse_than_the_limit__is_refused(
    auction: Auction, side: OrderType, limit: int
) -> None:
    tested = order(auction, side, price=limit)
    assert_left_out(auction, side, tested, Refusal.WORSE_THAN_LIMIT)


@pytest.mark.parametrize(
    ("side", "limit"),
    [
        *((BUY, limit) for limit in (CLEARING, CLEARING + 1, FOREVER)),
        *((SELL, limit) for limit in (CLEARING, CLEARING - 1, 0)),
    ],
)
def test_settle_batch__price_at_the_limit_or_better__is_taken(
    auction: Auction, side: OrderType, limit: int
) -> None:
    assert_taken(auction, side, order(auction, side, price=limit))
    assert {price for *_, price in auction.fills()} == {CLEARING}


@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__another_keys_signature__is_refused(
    auction: Auction, side: OrderType
) -> None:
    tested = auction.order(TESTED, side, key=auction.traders.rival)
    assert_left_out(auction, side, tested, Refusal.WRONG_SIGNATURE)


@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__account_that_nobody_knows__is_refused(
    auction: Auction, side: OrderType
) -> None:
    traders = auction.traders
    tested = order(auction, side, trader=traders.stranger)
    assert_left_out(auction, side, tested, Refusal.UNKNOWN_ACCOUNT)
    assert traders.number(traders.stranger) == 0


@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__side_blocked__is_refused_and_the_other_is_not(
    auction: Auction, side: OrderType
) -> None:
    block(auction, side)
    assert_left_out(auction, side, order(auction, side), Refusal.SIDE_BLOCKED)


@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__other_side_blocked__is_taken(auction: Auction, side: OrderType) -> None:
    block(auction, OrderType(1 - side))
    assert_taken(auction, side, order(auction, side))


def test_settle_batch__buyer_in_debt__is_refused(auction: Auction) -> None:
    run_into_debt(auction)
    assert_left_out(auction, BUY, order(auction, BUY), Refusal.IN_DEBT)


def test_settle_batch__seller_in_debt__is_only_short_of_collateral(auction: Auction) -> None:
    run_into_debt(auction)
    assert_left_out(auction, SELL, order(auction, SELL), Refusal.INSUFFICIENT_BALANCE)


@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__one_unit_short__is_refused(auction: Auction, side: OrderType) -> None:
    leave(auction, _cost(auction, side) - 1)
    assert_left_out(auction, side, order(auction, side), Refusal.INSUFFICIENT_BALANCE)


@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__exactly_enough__is_taken(auction: Auction, side: OrderType) -> None:
    cost = _cost(auction, side)
    leave(auction, cost)
    assert_taken(auction, side, order(auction, side))
    assert auction.money(TESTED) == (0, cost)


def _cost(auction: Auction, side: OrderType) -> int:
    """What the tested order's fill locks, rounded down."""
    return auction.paid(WH) if side is BUY else auction.secured(WH)


# Stored orders


@pytest.mark.parametrize("missing", [0, 1, 2, FOREVER])
@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__stored_order_that_is_none__is_refused(
    auction: Auction, side: OrderType, missing: int
) -> None:
    assert_left_out(auction, side, missing, Refusal.NO_SUCH_ORDER)


@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__stored_and_cancelled__is_refused(auction: Auction, side: OrderType) -> None:
    number = place(auction, side)
    auction.traders.market.do(TESTED, auction.trading, "cancelOrder", number)
    assert_left_out(auction, side, number, Refusal.NOT_ACTIVE)


@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__stored_and_filled__is_refused(auction: Auction, side: OrderType) -> None:
    traders = auction.traders
    number = place(auction, side, amount=WH)
    traders.market.deposit(traders.stranger, FUNDS)
    other = traders.market.order(traders.stranger, 1 - side, WH, CLEARING, start=traders.start)
    traders.market.match(*((number, other) if side is BUY else (other, number)))
    assert traders.order(number).status is OrderStatus.FILLED
    assert_left_out(auction, side, number, Refusal.NOT_ACTIVE)


@pytest.mark.parametrize(
    "terms",
    [
        {"start": MONDAY + 2 * HOUR},
        {"start": MONDAY},
        {"start": MONDAY, "kind": PeriodKind.DAILY},
        {"start": MONDAY, "kind": PeriodKind.WEEKLY},
    ],
)
@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__stored_for_another_period__is_refused(
    auction: Auction, side: OrderType, terms: dict[str, int]
) -> None:
    assert_left_out(auction, side, place(auction, side, **terms), Refusal.OTHER_PERIOD)


def test_settle_batch__stored_for_another_kind_with_the_same_start__is_refused(
    auction: Auction,
) -> None:
    traders = auction.traders
    hour = Period(kind=PeriodKind.HOURLY, start=MONDAY)
    bid = auction.bid(period=hour)
    for kind in (PeriodKind.DAILY, PeriodKind.WEEKLY):
        number = place(auction, SELL, start=MONDAY, kind=kind)
        refusal = {"order_id": number, "reason": Refusal.OTHER_PERIOD}
        with refuses(traders.market, errors.EnergyTrading_Refused, **refusal):
            auction.trade((bid, number, WH), period=hour)
    auction.trade((bid, place(auction, SELL, start=MONDAY), WH), period=hour)


@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__stored_and_expired__is_refused(auction: Auction, side: OrderType) -> None:
    number = place(auction, side, expiry=NOW - 2)
    assert_left_out(auction, side, number, Refusal.EXPIRED)


@pytest.mark.parametrize("side", OrderType)
@pytest.mark.parametrize("time", [NOW - 1, NOW])
def test_settle_batch__stored_until_the_expiry__is_taken(
    auction: Auction, side: OrderType, time: int
) -> None:
    assert_taken(auction, side, place(auction, side, expiry=NOW), time=time)


@pytest.mark.parametrize(("side", "limit"), [(BUY, CLEARING - 1), (SELL, CLEARING + 1)])
def test_settle_batch__stored_with_a_better_limit__is_refused(
    auction: Auction, side: OrderType, limit: int
) -> None:
    tested = place(auction, side, price=limit)
    assert_left_out(auction, side, tested, Refusal.WORSE_THAN_LIMIT)


@pytest.mark.parametrize(
    ("side", "limit"),
    [(BUY, CLEARING), (BUY, CLEARING + 1), (SELL, CLEARING), (SELL, CLEARING - 1)],
)
def test_settle_batch__stored_with_the_price_as_its_limit__is_taken(
    auction: Auction, side: OrderType, limit: int
) -> None:
    assert_taken(auction, side, place(auction, side, price=limit))


@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__stored_by_somebody_who_was_blocked_since__is_taken(
    auction: Auction, side: OrderType
) -> None:
    # Its money was locked when it was placed: what happens to the account later is too late.
    number = place(auction, side)
    block(auction, side)
    leave(auction, 0)
    assert_taken(auction, side, number)
