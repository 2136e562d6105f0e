"""EnergyTrading.settleBatch: wrong fills, and which refusal is named where several hold."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.batch import Refusal
from energy_grid.domain.costs import collateral, cost_down
from energy_grid.domain.orders import OrderType
from energy_grid.domain.signed_orders import NonceState, SignedOrder
from tests.support.market import MONDAY
from tests.unit.contracts.trading.auction import (
    CLEARING,
    Auction,
    Named,
    Spoken,
    forged,
)
from tests.unit.contracts.trading.tested_order import (
    OTHER_WH,
    TESTED,
    WH,
    block,
    leave,
    place,
    run_into_debt,
)
from tests.unit.contracts.trading.traders import AMOUNT, FOREVER, FUNDS, HOUR, PRICE, refuses

BUY, SELL = OrderType.BUY, OrderType.SELL


@pytest.fixture(autouse=True)
def tested(auction: Auction) -> None:
    """One more trader with money."""
    auction.traders.market.deposit(TESTED, FUNDS)


# Fills


Fills = Callable[[Auction], tuple[Spoken, Named]]


def _sold_by_a_bid(auction: Auction) -> tuple[Spoken, Named]:
    wrong = auction.bid(TESTED)
    return (auction.bid(), wrong, WH), wrong


def _bought_by_an_ask(auction: Auction) -> tuple[Spoken, Named]:
    wrong = auction.ask(TESTED)
    return (wrong, auction.ask(), WH), wrong


def _sides_swapped(auction: Auction) -> tuple[Spoken, Named]:
    wrong = auction.ask(TESTED)
    return (wrong, auction.bid(), WH), wrong


def _one_bid_twice(auction: Auction) -> tuple[Spoken, Named]:
    wrong = auction.bid(TESTED)
    return (wrong, wrong, WH), wrong


def _one_ask_twice(auction: Auction) -> tuple[Spoken, Named]:
    wrong = auction.ask(TESTED)
    return (wrong, wrong, WH), wrong


def _sold_by_a_stored_bid(auction: Auction) -> tuple[Spoken, Named]:
    wrong = place(auction, BUY)
    return (auction.bid(), wrong, WH), wrong


def _bought_by_a_stored_ask(auction: Auction) -> tuple[Spoken, Named]:
    wrong = place(auction, SELL)
    return (wrong, auction.ask(), WH), wrong


def _with_itself(auction: Auction) -> tuple[Spoken, Named]:
    bid = auction.bid(TESTED, nonce=1)
    return (bid, auction.ask(TESTED, nonce=2), WH), bid


def _with_its_stored_order(auction: Auction) -> tuple[Spoken, Named]:
    bid = auction.bid(TESTED)
    return (bid, place(auction, SELL), WH), bid


def _with_its_stored_bid(auction: Auction) -> tuple[Spoken, Named]:
    bid = place(auction, BUY)
    return (bid, auction.ask(TESTED), WH), bid


def _bid_overfilled(auction: Auction) -> tuple[Spoken, Named]:
    bid = auction.bid(TESTED, WH - 1)
    return (bid, auction.ask(), WH), bid


def _ask_overfilled(auction: Auction) -> tuple[Spoken, Named]:
    ask = auction.ask(TESTED, WH - 1)
    return (auction.bid(), ask, WH), ask


def _stored_bid_overfilled(auction: Auction) -> tuple[Spoken, Named]:
    bid = place(auction, BUY, amount=WH - 1)
    return (bid, auction.ask(), WH), bid


def _stored_ask_overfilled(auction: Auction) -> tuple[Spoken, Named]:
    ask = place(auction, SELL, amount=WH - 1)
    return (auction.bid(), ask, WH), ask


def _both_overfilled(auction: Auction) -> tuple[Spoken, Named]:
    bid = auction.bid(TESTED, WH - 1)
    return (bid, auction.ask(amount=WH - 1), WH), bid


def _beyond_any_order(auction: Auction) -> tuple[Spoken, Named]:
    bid = auction.bid(TESTED)
    return (bid, auction.ask(), FOREVER), bid


def _too_large(auction: Auction) -> tuple[Spoken, Named]:
    bid = auction.bid(TESTED, FOREVER)
    return (bid, auction.ask(amount=FOREVER), 2**31), bid


def _too_large_of_an_order_for_more(auction: Auction) -> tuple[Spoken, Named]:
    bid = auction.bid(TESTED, FOREVER)
    return (bid, auction.ask(amount=FOREVER), FOREVER), bid


def _nothing(auction: Auction) -> tuple[Spoken, Named]:
    bid = auction.bid(TESTED)
    return (bid, auction.ask(), 0), bid


def _nothing_of_an_order_for_nothing(auction: Auction) -> tuple[Spoken, Named]:
    bid = auction.bid(TESTED, 0)
    return (bid, auction.ask(), 0), bid


_REFUSED_FILLS: list[tuple[Fills, Refusal]] = [
    (_sold_by_a_bid, Refusal.WRONG_SIDE),
    (_bought_by_an_ask, Refusal.WRONG_SIDE),
    (_sides_swapped, Refusal.WRONG_SIDE),
    (_one_bid_twice, Refusal.WRONG_SIDE),
    (_one_ask_twice, Refusal.WRONG_SIDE),
    (_sold_by_a_stored_bid, Refusal.WRONG_SIDE),
    (_bought_by_a_stored_ask, Refusal.WRONG_SIDE),
    (_with_itself, Refusal.SELF_TRADE),
    (_with_its_stored_order, Refusal.SELF_TRADE),
    (_with_its_stored_bid, Refusal.SELF_TRADE),
    (_bid_overfilled, Refusal.OVERFILLED),
    (_ask_overfilled, Refusal.OVERFILLED),
    (_stored_bid_overfilled, Refusal.OVERFILLED),
    (_stored_ask_overfilled, Refusal.OVERFILLED),
    (_both_overfilled, Refusal.OVERFILLED),
    (_beyond_any_order, Refusal.OVERFILLED),
    (_too_large, Refusal.TOO_LARGE),
    (_too_large_of_an_order_for_more, Refusal.TOO_LARGE),
    (_nothing, Refusal.DUST),
    (_nothing_of_an_order_for_nothing, Refusal.DUST),
]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [pytest.param(*case, id=case[0].__name__.strip("_")) for case in _REFUSED_FILLS],
)
def test_settle_batch__wrong_fill__is_refused_and_nothing_but_it(
    auction: Auction, wrong: Fills, reason: Refusal
) -> None:
    traders = auction.traders
    fill, named = wrong(auction)
    name = auction.name(named)
    # In the order of the fills: an honest pair of others, who have nonces of their own.
    honest = (auction.bid(traders.rival, nonce=50), auction.ask(traders.seller, nonce=50), OTHER_WH)
    batch = auction.batch(fill, honest)
    before = auction.money(TESTED)

    with refuses(traders.market, errors.EnergyTrading_Refused, order_id=name, reason=reason):
        auction.settle(batch)
    receipt = auction.settle(batch, skip=True)
    assert traders.emitted(receipt) == ["OrderSkipped", "OrdersMatched", "BatchSettled"]
    assert auction.skipped(receipt) == [(name, reason)]
    made = (traders.rival.address, traders.seller.address, OTHER_WH, CLEARING)
    assert auction.fills() == [made]
    assert auction.money(TESTED) == before
    assert auction.money(traders.buyer) == (FUNDS, 0)
    secured = auction.secured(OTHER_WH)
    assert auction.money(traders.seller) == (FUNDS - secured, secured)


@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__order_of_a_wrong_fill__trades_in_its_other_fills(
    auction: Auction, side: OrderType
) -> None:
    traders = auction.traders
    order_ = auction.order(TESTED, side, AMOUNT)
    other = (auction.ask if side is BUY else auction.bid)(traders.rival, 3 * AMOUNT)
    pair = (order_, other) if side is BUY else (other, order_)
    fills = ((*pair, AMOUNT + 1), (*pair, 1500), (*pair, 501), (*pair, 500), (*pair, 1))
    receipt = auction.settle(auction.batch(*fills), skip=True)
    overfilled = (auction.name(order_), Refusal.OVERFILLED)
    assert auction.skipped(receipt) == [overfilled] * 3
    assert [amount for _, _, amount, _ in auction.fills()] == [1500, 500]
    assert auction.status(order_) == (NonceState.FILLED, 0)
    assert auction.status(other) == (NonceState.PARTIAL, AMOUNT)


def test_settle_batch__fill_that_costs_nothing__is_refused_at_the_batchs_price(
    auction: Auction,
) -> None:
    # At 3 per kWh, 333 Wh cost nothing and 334 Wh cost one; limits do not matter.
    traders = auction.traders
    bid, ask = auction.bid(price=FOREVER), auction.ask(price=0)
    refusal = {"order_id": auction.name(bid), "reason": Refusal.DUST}
    with refuses(traders.market, errors.EnergyTrading_Refused, **refusal):
        auction.trade((bid, ask, 333), price=3)
    with refuses(traders.market, errors.EnergyTrading_Refused, **refusal):
        auction.trade((bid, ask, AMOUNT), price=0)
    auction.trade((bid, ask, 334), price=3)
    assert traders.money(traders.buyer) == (FUNDS - 1, 1)


# Which refusal is named


def test_settle_batch__signed_order_that_is_all_wrong__is_refused_for_the_first_of_it(
    auction: Auction,
) -> None:
    # Each step takes away the reason that was named.
    traders = auction.traders
    stranger, bid = traders.stranger, auction.bid(amount=FOREVER)
    auction.cancel(stranger, 0)
    right = auction.ask(stranger, nonce=1)
    wrong = auction.ask(stranger, price=CLEARING + 1, expiry=1, key=traders.rival)

    def refused_for(reason: Refusal, tested: SignedOrder) -> None:
        refusal = {"order_id": auction.name(tested), "reason": reason}
        with refuses(traders.market, errors.EnergyTrading_Refused, **refusal):
            auction.trade((bid, tested, FOREVER))

    refused_for(Refusal.NONCE_SPENT, wrong)
    wrong = auction.ask(stranger, price=CLEARING + 1, expiry=1, nonce=1, key=traders.rival)
    refused_for(Refusal.EXPIRED, wrong)
    refused_for(Refusal.WORSE_THAN_LIMIT, forged(wrong, expiry=FOREVER))
    refused_for(Refusal.WRONG_SIGNATURE, forged(wrong, expiry=FOREVER, price=CLEARING))
    refused_for(Refusal.UNKNOWN_ACCOUNT, right)
    traders.market.deposit(stranger, 1)
    refused_for(Refusal.OVERFILLED, right)


def test_settle_batch__nonce_served_another_order__comes_after_the_signature(
    auction: Auction,
) -> None:
    traders = auction.traders
    auction.trade((auction.bid(), auction.ask(nonce=3), 500))
    for key, reason in (
        (traders.rival, Refusal.WRONG_SIGNATURE),
        (traders.seller, Refusal.NONCE_SPENT),
    ):
        other = auction.ask(nonce=3, amount=1, key=key)
        refusal = {"order_id": auction.name(other), "reason": reason}
        with refuses(traders.market, errors.EnergyTrading_Refused, **refusal):
            auction.trade((auction.bid(traders.rival), other, 1))


def test_settle_batch__stored_order_that_is_all_wrong__is_refused_for_the_first_of_it(
    auction: Auction,
) -> None:
    traders, market = auction.traders, auction.traders.market
    later = {"price": CLEARING + 1, "expiry": MONDAY + 500, "start": MONDAY + 2 * HOUR}
    cancelled = place(auction, SELL, **later)
    active = place(auction, SELL, **later)
    ours = place(auction, SELL, price=CLEARING + 1, expiry=MONDAY + 500)
    lasting = place(auction, SELL, price=CLEARING + 1)
    market.do(TESTED, auction.trading, "cancelOrder", cancelled)
    market.go_to(MONDAY + 501)
    for number, reason in (
        (cancelled, Refusal.NOT_ACTIVE),
        (active, Refusal.OTHER_PERIOD),
        (ours, Refusal.EXPIRED),
        (lasting, Refusal.WORSE_THAN_LIMIT),
    ):
        with refuses(market, errors.EnergyTrading_Refused, order_id=number, reason=reason):
            auction.trade((auction.bid(traders.buyer), number, FOREVER))


def test_settle_batch__fill_that_is_all_wrong__is_refused_for_the_first_of_it(
    auction: Auction,
) -> None:
    traders = auction.traders
    none = auction.bid(TESTED, 0, nonce=1)
    own = auction.ask(TESTED, 0, 0, nonce=2)
    other = auction.bid(TESTED, 0, nonce=3)
    empty = auction.ask(traders.seller, 0, 0)
    huge, almost = (auction.ask(traders.seller, wh, 0, nonce=wh % 2) for wh in (2**31, 2**31 - 1))
    wide = auction.bid(traders.rival, 2**31)
    for fill, named, reason in (
        ((none, other, 1), other, Refusal.WRONG_SIDE),
        ((own, none, 1), own, Refusal.WRONG_SIDE),
        ((none, own, 1), none, Refusal.SELF_TRADE),
        ((none, empty, 1), none, Refusal.OVERFILLED),
        ((auction.bid(traders.rival, 1), empty, 1), empty, Refusal.OVERFILLED),
        ((wide, almost, 2**31), almost, Refusal.OVERFILLED),
        ((wide, huge, 2**31), wide, Refusal.TOO_LARGE),
        ((none, empty, 0), none, Refusal.DUST),
    ):
        refusal = {"order_id": auction.name(named), "reason": reason}
        with refuses(traders.market, errors.EnergyTrading_Refused, **refusal):
            # At no price everything is dust.
            auction.trade(fill, price=0)


def test_settle_batch__account_that_is_all_wrong__is_refused_for_the_first_of_it(
    auction: Auction,
) -> None:
    market = auction.traders.market
    run_into_debt(auction)
    block(auction, BUY)
    auction.cancel_below(TESTED, 10)

    def refused_for(reason: Refusal, nonce: int) -> None:
        bid = auction.bid(TESTED, nonce=nonce)
        refusal = {"order_id": auction.name(bid), "reason": reason}
        with refuses(market, errors.EnergyTrading_Refused, **refusal):
            auction.trade((bid, auction.ask(), WH))

    refused_for(Refusal.NONCE_SPENT, 9)
    refused_for(Refusal.SIDE_BLOCKED, 10)
    authority = market.roles[Role.GRID_AUTHORITY]
    market.do(authority, market.grid, "reactivateParticipant", TESTED.address, False)
    refused_for(Refusal.IN_DEBT, 10)
    owed = auction.traders.debt(TESTED)
    market.deposit(TESTED, owed + auction.paid(WH) - 1)
    assert auction.traders.debt(TESTED) == 0
    refused_for(Refusal.INSUFFICIENT_BALANCE, 10)


def test_settle_batch__several_wrong_orders__the_first_in_place_is_named(auction: Auction) -> None:
    traders, market = auction.traders, auction.traders.market
    bids = [auction.bid(trader, key=traders.stranger) for trader in (traders.buyer, traders.rival)]
    number = traders.sell(price=CLEARING + 1)
    batch = auction.batch(*((bid, number, 1) for bid in bids))
    first, second = batch.signed_orders
    refusal = {"order_id": auction.name(first), "reason": Refusal.WRONG_SIGNATURE}
    with refuses(market, errors.EnergyTrading_Refused, **refusal):
        auction.settle(batch)
    # All of them are reported in the order of their indices.
    assert auction.skipped(auction.settle(batch, skip=True)) == [
        (auction.name(first), Refusal.WRONG_SIGNATURE),
        (auction.name(second), Refusal.WRONG_SIGNATURE),
        (number, Refusal.WORSE_THAN_LIMIT),
    ]


def test_settle_batch__orders_fills_and_money_wrong__are_reported_in_this_order(
    auction: Auction,
) -> None:
    traders = auction.traders
    leave(auction, 0)
    poor = auction.bid(TESTED)
    dust = auction.bid(traders.buyer)
    worse = traders.sell(price=CLEARING + 1, trader=traders.rival)
    ask = auction.ask()
    batch = auction.batch((poor, ask, WH), (dust, ask, 0), (poor, worse, 1))
    assert auction.skipped(auction.settle(batch, skip=True)) == [
        (worse, Refusal.WORSE_THAN_LIMIT),
        (auction.name(dust), Refusal.DUST),
        (auction.name(poor), Refusal.INSUFFICIENT_BALANCE),
    ]
    assert auction.count() == 0
    assert traders.money(traders.seller) == (FUNDS, 0)


def test_settle_batch__order_without_a_fill__is_still_looked_at_but_not_at_its_money(
    auction: Auction,
) -> None:
    traders = auction.traders
    leave(auction, 0)
    idle = auction.bid(TESTED)
    honest = (auction.bid(), auction.ask(), WH)
    auction.trade(honest, unfilled=[idle])
    assert auction.status(idle) == (NonceState.OPEN, 0)

    wrong = auction.bid(TESTED, key=traders.rival)
    refusal = {"order_id": auction.name(wrong), "reason": Refusal.WRONG_SIGNATURE}
    with refuses(traders.market, errors.EnergyTrading_Refused, **refusal):
        auction.trade((auction.bid(nonce=1), auction.ask(nonce=1), WH), unfilled=[wrong])


def test_settle_batch__collateral_and_cost__are_rounded_down_as_the_model_does(
    auction: Auction,
) -> None:
    traders = auction.traders
    auction.trade((auction.bid(), auction.ask(), WH))
    assert traders.money(traders.buyer)[1] == cost_down(WH, CLEARING) == 444_251
    assert traders.money(traders.seller)[1] == collateral(WH, traders.collateral) == 53_310
    assert PRICE < CLEARING
