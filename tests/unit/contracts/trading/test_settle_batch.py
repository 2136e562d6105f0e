"""EnergyTrading.settleBatch: what a batch does, to the last unit and event."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.costs import collateral, cost_down, cost_up
from energy_grid.domain.enums import StopLevel
from energy_grid.domain.orders import OrderStatus, OrderType, TransactionStatus
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.signed_orders import NonceState
from tests.support.examples import on_chain, rewound
from tests.support.market import MONDAY, actor
from tests.support.settlement import incur_debt
from tests.support.signed_orders import batch_args
from tests.unit.contracts.trading.auction import BID, CLEARING, ORDER_SET, Auction
from tests.unit.contracts.trading.desk import (
    AMOUNT,
    DAY,
    FOREVER,
    FUNDS,
    HOUR,
    PRICE,
    Desk,
    Transaction,
    endow,
    of_batch,
    refuses,
)
from tests.unit.contracts.trading.stops import Stop, level, others, pause, shut_down

BUY, SELL = OrderType.BUY, OrderType.SELL
TRADERS = [actor(f"neighbour {number}") for number in range(6)]


# Who, and when


def test_settle_batch__by_anyone_but_a_keeper__is_refused(auction: Auction) -> None:
    market = auction.desk.market
    batch = auction.batch((auction.bid(), auction.ask(), AMOUNT))
    for caller in others(auction.desk, Role.KEEPER):
        for skip in (False, True):
            with refuses(market, errors.AccessManagedUnauthorized, caller=caller):
                auction.settle(batch, skip=skip, sender=caller)
    auction.settle(batch)


@pytest.mark.parametrize("stop", [pause, shut_down])
@pytest.mark.parametrize("skip", [False, True])
def test_settle_batch__stopped__is_refused(auction: Auction, stop: Stop, skip: bool) -> None:
    batch = auction.batch((auction.bid(), auction.ask(), AMOUNT))
    stop(auction.desk)
    stopped = StopLevel.PAUSED if stop is pause else StopLevel.SHUTDOWN
    assert level(auction.desk) is stopped
    with refuses(auction.desk.market, errors.EmergencyStop_Stopped, level=stopped):
        auction.settle(batch, skip=skip)


@pytest.mark.parametrize("skip", [False, True])
def test_settle_batch__around_the_end_of_the_period__the_gate_closes_with_it(
    auction: Auction, skip: bool
) -> None:
    desk = auction.desk
    batch = auction.batch((auction.bid(), auction.ask(), AMOUNT))
    with rewound(desk.market):
        desk.market.at(desk.end - 1)
        auction.settle(batch, skip=skip)
        assert auction.count() == 1
    with refuses(desk.market, errors.EnergyTrading_GateClosed, end=desk.end, time=desk.end):
        desk.market.at(desk.end)
        auction.settle(batch, skip=skip)


@pytest.mark.parametrize(
    ("kind", "start"),
    [
        (PeriodKind.HOURLY, MONDAY + 1),
        (PeriodKind.HOURLY, MONDAY + 1800),
        (PeriodKind.DAILY, MONDAY + HOUR),
        (PeriodKind.WEEKLY, MONDAY + DAY),
        # A quarter of an hour is shorter than this market's slots.
        (PeriodKind.QUARTER_HOURLY, MONDAY),
    ],
)
@pytest.mark.parametrize("skip", [False, True])
def test_settle_batch__misaligned_period__is_refused(
    auction: Auction, kind: PeriodKind, start: int, skip: bool
) -> None:
    raw = batch_args(auction.batch((auction.bid(), auction.ask(), AMOUNT)))
    raw[:2] = kind, start
    error = errors.EnergyTrading_MisalignedPeriod
    with refuses(auction.desk.market, error, period=kind, start=start):
        auction.settle(raw, skip=skip)


@pytest.mark.parametrize("kind", [PeriodKind.HOURLY, PeriodKind.DAILY, PeriodKind.WEEKLY])
def test_settle_batch__any_kind_of_period__is_the_transactions(
    auction: Auction, kind: PeriodKind
) -> None:
    period = Period(kind=kind, start=MONDAY)
    auction.trade((auction.bid(period=period), auction.ask(period=period), 1), period=period)
    made = auction.desk.transaction(of_batch(1))
    assert (made.period, made.start, made.end) == (kind, MONDAY, period.end)


def test_settle_batch__of_a_quarter__is_the_transactions(quarter_desk: Desk) -> None:
    auction = Auction(desk=quarter_desk)
    quarter = Period(kind=PeriodKind.QUARTER_HOURLY, start=MONDAY + 900)
    auction.trade((auction.bid(period=quarter), auction.ask(period=quarter), 1), period=quarter)
    made = quarter_desk.transaction(of_batch(1))
    assert (made.period, made.start, made.end) == (quarter.kind, MONDAY + 900, MONDAY + 1800)


# Its form


@pytest.mark.parametrize("skip", [False, True])
def test_settle_batch__without_fills__is_refused(auction: Auction, skip: bool) -> None:
    for unfilled in ([], [auction.bid(), auction.ask()]):
        batch = auction.batch(unfilled=unfilled)
        with refuses(auction.desk.market, errors.EnergyTrading_NoFills):
            auction.settle(batch, skip=skip)


@pytest.mark.parametrize("skip", [False, True])
def test_settle_batch__orders_not_ascending__is_refused(auction: Auction, skip: bool) -> None:
    market = auction.desk.market
    bids = [auction.bid(nonce=nonce) for nonce in (1, 2)]
    raw = batch_args(auction.batch(*((bid, auction.ask(nonce=5), 10) for bid in bids)))
    orders = raw[4]

    def refused_at(place: int, *signed: int) -> None:
        raw[4] = [orders[index] for index in signed]
        with refuses(market, errors.EnergyTrading_Unsorted, place=place):
            auction.settle(raw, skip=skip)

    refused_at(1, 1, 0, 2)
    refused_at(2, 0, 2, 1)
    refused_at(1, 2, 0, 1)
    # The same order twice.
    refused_at(1, 0, 0, 1, 2)
    refused_at(2, 0, 1, 1, 2)
    refused_at(3, 0, 1, 2, 2)


@pytest.mark.parametrize("skip", [False, True])
def test_settle_batch__two_orders_of_one_nonce__is_refused(auction: Auction, skip: bool) -> None:
    bids = [auction.bid(amount=amount) for amount in (1000, 1001)]
    raw = batch_args(auction.batch(*((bid, auction.ask(nonce=5), 10) for bid in bids)))
    trader = auction.desk.buyer.address
    place = 1 + [order[0] for order in raw[4]].index(trader)
    with refuses(auction.desk.market, errors.EnergyTrading_Unsorted, place=place):
        auction.settle(raw, skip=skip)


@pytest.mark.parametrize("skip", [False, True])
def test_settle_batch__stored_orders_not_ascending__is_refused(
    auction: Auction, skip: bool
) -> None:
    desk = auction.desk
    numbers = [desk.buy(100, BID), desk.buy(100, BID), desk.buy(100, BID)]
    raw = batch_args(auction.batch(*((number, auction.ask(), 10) for number in numbers)))
    for wrong, place in (([2, 1, 3], 2), ([1, 3, 2], 3), ([1, 1], 2), ([1, 2, 2], 3)):
        raw[5] = wrong
        with refuses(desk.market, errors.EnergyTrading_Unsorted, place=place):
            auction.settle(raw, skip=skip)


@pytest.mark.parametrize("skip", [False, True])
def test_settle_batch__place_that_is_none__is_refused(auction: Auction, skip: bool) -> None:
    # Two signed orders and a stored one: places 0, 1, 2.
    bid, ask, stored = auction.bid(), auction.ask(), auction.desk.buy(100, BID)
    raw = batch_args(auction.batch((bid, ask, 10), (stored, ask, 10)))
    for pair in ((3, 0), (0, 3), (3, 4), (FOREVER, 0), (0, FOREVER)):
        raw[6] = [(*pair, 10)]
        error, wrong = errors.EnergyTrading_NoSuchPlace, next(place for place in pair if place > 2)
        with refuses(auction.desk.market, error, place=wrong, orders=3):
            auction.settle(raw, skip=skip)


def test_settle_batch__of_no_orders__has_no_place(auction: Auction) -> None:
    raw = batch_args(auction.batch())
    raw[6] = [(0, 0, 1)]
    with refuses(auction.desk.market, errors.EnergyTrading_NoSuchPlace, place=0, orders=0):
        auction.settle(raw)


@pytest.mark.parametrize("price", [2**64, FOREVER])
@pytest.mark.parametrize("skip", [False, True])
def test_settle_batch__price_that_no_word_holds__is_refused_as_a_whole(
    auction: Auction, price: int, skip: bool
) -> None:
    # No honest clearing has it: the keeper learns of it when it simulates the batch.
    bid, ask = auction.bid(price=FOREVER), auction.ask()
    batch = auction.batch((bid, ask, 1), price=price)
    error = errors.SafeCastOverflowedUintDowncast
    with refuses(auction.desk.market, error, bits=64, value=price):
        auction.settle(batch, skip=skip)


def test_settle_batch__largest_numbers__are_carried_out(auction: Auction) -> None:
    desk, market = auction.desk, auction.desk.market
    most, highest = 2**31 - 1, 2**64 - 1
    endow(market, desk.buyer, cost_down(most, highest))
    endow(market, desk.seller, auction.secured(most))
    bid, ask = auction.bid(amount=FOREVER, price=FOREVER), auction.ask(amount=FOREVER)
    auction.trade((bid, ask, most), price=highest)
    assert auction.fills() == [(desk.buyer.address, desk.seller.address, most, highest)]
    assert desk.money(desk.buyer) == (FUNDS, cost_down(most, highest))
    assert auction.standing(bid) == (NonceState.PARTIAL, most)


# What it does


def test_settle_batch__of_signed_orders__makes_transactions_and_says_so(auction: Auction) -> None:
    desk = auction.desk
    bid, ask = auction.bid(amount=1500), auction.ask(amount=2000)
    receipt = auction.trade((bid, ask, 1333))

    assert desk.emitted(receipt) == ["OrdersMatched", "BatchSettled"]
    assert desk.logged(receipt, auction.trading, "OrdersMatched") == [
        {
            "transaction_id": of_batch(1),
            "buy_id": auction.name(bid),
            "sell_id": auction.name(ask),
            "amount": 1333,
            "price": CLEARING,
        }
    ]
    assert desk.logged(receipt, auction.trading, "BatchSettled") == [
        {
            "order_set": ORDER_SET,
            "batch_id": 1,
            "period": PeriodKind.HOURLY,
            "start": desk.start,
            "price": CLEARING,
            "amount": 1333,
            "matched": 1,
        }
    ]
    assert desk.transaction(of_batch(1)) == Transaction(
        *(desk.buyer.address, desk.seller.address, 1333, 0, CLEARING),
        *(PeriodKind.HOURLY, desk.start, desk.end, 0, TransactionStatus.MATCHED),
    )
    assert auction.standing(bid) == (NonceState.PARTIAL, 1333)
    assert auction.standing(ask) == (NonceState.PARTIAL, 1333)
    assert (auction.count(), auction.trading.call("orderCount")) == (1, 0)


def test_settle_batch__called__returns_how_many_were_matched(auction: Auction) -> None:
    bid, ask = auction.bid(), auction.ask()
    raw = batch_args(auction.batch((bid, ask, 1), (bid, ask, 2), (bid, ask, 0)))
    assert auction.trading.call("settleBatch", raw, True, sender=auction.keeper) == 2


def test_settle_batch__many_orders__are_matched_in_the_order_of_the_fills(
    auction: Auction,
) -> None:
    desk = auction.desk
    bids = [auction.bid(amount=800), auction.bid(desk.rival, 900)]
    ask = auction.ask(amount=2000)
    fills = ((bids[1], ask, 900), (bids[0], ask, 300), (bids[0], ask, 499))
    desk.agree()
    receipt = auction.trade(*fills)
    matched = desk.logged(receipt, auction.trading, "OrdersMatched")
    assert [(log["transaction_id"], log["buy_id"], log["amount"]) for log in matched] == [
        (number, auction.name(bid), amount)
        for number, (bid, _, amount) in enumerate(fills, of_batch(1))
    ]
    (told,) = desk.logged(receipt, auction.trading, "BatchSettled")
    assert (told["amount"], told["matched"], told["batch_id"]) == (1699, 3, 1)


def test_settle_batch__of_a_day__names_every_trade_and_both_its_orders(auction: Auction) -> None:
    """Trades of several slots have a word of their own each, and are numbered all the same."""
    desk, day = auction.desk, Period(kind=PeriodKind.DAILY, start=MONDAY)
    bids = [auction.bid(trader, period=day) for trader in (desk.buyer, desk.rival)]
    asks = [auction.ask(nonce=nonce, period=day) for nonce in (0, 1)]
    fills = ((bids[0], asks[0], 700), (bids[1], asks[0], 11), (bids[1], asks[1], 500))
    for batch in (1, 2):
        receipt = auction.trade(*fills, period=day)
        assert desk.logged(receipt, auction.trading, "OrdersMatched") == [
            {
                "transaction_id": batch * 2**32 + place,
                "buy_id": auction.name(bid),
                "sell_id": auction.name(ask),
                "amount": amount,
                "price": CLEARING,
            }
            for place, (bid, ask, amount) in enumerate(fills)
        ]
        for place, (bid, ask, amount) in enumerate(fills):
            made = desk.transaction(batch * 2**32 + place)
            assert (made.buyer, made.seller) == (bid.terms.trader, ask.terms.trader)
            assert (made.amount, made.period) == (amount, PeriodKind.DAILY)


def test_settle_batch__nothing_matched__is_no_batch(auction: Auction) -> None:
    desk = auction.desk
    desk.agree()
    receipt = auction.settle(auction.batch((auction.bid(), auction.ask(), 0)), skip=True)
    assert desk.emitted(receipt) == ["OrderSkipped"]
    assert auction.trading.call("batchCount") == 0


@pytest.mark.parametrize("order_set", [bytes(32), b"\xff" * 32])
def test_settle_batch__any_order_set__is_published(auction: Auction, order_set: bytes) -> None:
    raw = batch_args(auction.batch((auction.bid(), auction.ask(), 1)))
    raw[3] = order_set
    (told,) = auction.desk.logged(auction.settle(raw), auction.trading, "BatchSettled")
    assert told["order_set"] == order_set


def test_settle_batch__filled_at_once__leaves_the_nonce_only(auction: Auction) -> None:
    bid, ask = auction.bid(), auction.ask()
    auction.trade((bid, ask, AMOUNT))
    assert auction.standing(bid) == auction.standing(ask) == (NonceState.FILLED, 0)


def test_settle_batch__filled_by_several_fills__is_filled(auction: Auction) -> None:
    bid, ask = auction.bid(), auction.ask()
    auction.trade((bid, ask, AMOUNT - 1), (bid, ask, 1))
    assert auction.standing(bid) == auction.standing(ask) == (NonceState.FILLED, 0)


def test_settle_batch__over_several_batches__is_filled_to_the_last_wh_and_no_further(
    auction: Auction,
) -> None:
    desk = auction.desk
    bid, total = auction.bid(), 0
    for nonce, part in enumerate((1, 700, 1298)):
        auction.trade((bid, auction.ask(nonce=nonce), part))
        total += part
        assert auction.standing(bid) == (NonceState.PARTIAL, total)
    assert total == AMOUNT - 1
    refusal = {"order_id": auction.name(bid), "reason": 13}
    with refuses(desk.market, errors.EnergyTrading_Refused, **refusal):
        auction.trade((bid, auction.ask(nonce=3), 2))
    auction.trade((bid, auction.ask(nonce=3), 1), price=BID)
    assert auction.standing(bid) == (NonceState.FILLED, AMOUNT)
    with refuses(desk.market, errors.EnergyTrading_Refused, **{**refusal, "reason": 2}):
        auction.trade((bid, auction.ask(nonce=4), 1))
    assert sum(amount for _, _, amount, _ in auction.fills()) == AMOUNT


def test_settle_batch__many_parts__never_more_than_the_order(auction: Auction) -> None:
    """Overfilled by one over many fills of many batches: threat 9."""
    desk = auction.desk
    bid, asks = auction.bid(amount=1000), [auction.ask(nonce=n, amount=500) for n in range(10)]
    for ask in asks[:9]:
        auction.trade(*((bid, ask, 11) for _ in range(10)))
    assert auction.filled(bid) == 990
    refusal = {"order_id": auction.name(bid), "reason": 13}
    fills = [(bid, asks[9], 5), (bid, asks[9], 5)]
    with refuses(desk.market, errors.EnergyTrading_Refused, **refusal):
        auction.trade(*fills, (bid, asks[9], 1))
    auction.trade(*fills)
    assert auction.standing(bid) == (NonceState.FILLED, 1000)


@pytest.mark.parametrize("nonces", [(0, 1), (110, 111), (111, 112), (5, 5 + 112), (0, 2**40 - 1)])
def test_settle_batch__several_orders_of_a_trader__are_kept_apart(
    auction: Auction, nonces: tuple[int, int]
) -> None:
    desk = auction.desk
    first, second = (auction.bid(nonce=nonce, amount=1000) for nonce in nonces)
    ask = auction.ask()
    auction.trade((first, ask, 1000), (second, ask, 400))
    assert auction.standing(first) == (NonceState.FILLED, 0)
    assert auction.standing(second) == (NonceState.PARTIAL, 400)
    paid = auction.paid(1000, 400)
    assert desk.money(desk.buyer) == (FUNDS - paid, paid)
    # In the next one, without the first.
    auction.trade((second, ask, 600))
    assert auction.standing(second) == (NonceState.FILLED, 1000)


def test_settle_batch__a_trader_on_both_sides__trades_with_others(auction: Auction) -> None:
    desk = auction.desk
    bid, ask = auction.bid(desk.rival, nonce=1), auction.ask(desk.rival, nonce=2)
    auction.trade((bid, auction.ask(), 500), (auction.bid(), ask, 700))
    locked = auction.paid(500) + auction.secured(700)
    assert desk.money(desk.rival) == (FUNDS - locked, locked)


# Money


@pytest.mark.parametrize("amounts", [(1,), (3, 5, 7), (999, 1), (333, 334, 335, 998)])
def test_settle_batch__many_fills__lock_the_cost_of_each_rounded_down(
    auction: Auction, amounts: tuple[int, ...]
) -> None:
    desk = auction.desk
    bid, ask = auction.bid(), auction.ask()
    auction.trade(*((bid, ask, amount) for amount in amounts))
    paid = sum(cost_down(amount, CLEARING) for amount in amounts)
    secured = sum(collateral(amount, desk.collateral) for amount in amounts)
    assert desk.money(desk.buyer) == (FUNDS - paid, paid)
    assert desk.money(desk.seller) == (FUNDS - secured, secured)


def test_settle_batch__signed_and_stored__the_stored_ones_get_their_excess_back(
    auction: Auction,
) -> None:
    desk = auction.desk
    stored_buy, stored_sell = desk.buy(1500, BID), desk.sell(1800, 1)
    before = {"buyer": desk.money(desk.buyer)[1], "seller": desk.money(desk.seller)[1]}
    assert before == {"buyer": cost_up(1500, BID), "seller": cost_up(1800, desk.collateral)}
    bid, ask = auction.bid(desk.rival, nonce=1), auction.ask(desk.rival, nonce=2)
    receipt = auction.trade(
        (stored_buy, ask, 777), (bid, stored_sell, 901), (stored_buy, stored_sell, 333)
    )

    assert desk.emitted(receipt) == ["OrdersMatched"] * 3 + ["BatchSettled"]
    logs = desk.logged(receipt, auction.trading, "OrdersMatched")
    assert [(log["buy_id"], log["sell_id"]) for log in logs] == [
        (stored_buy, auction.name(ask)),
        (auction.name(bid), stored_sell),
        (stored_buy, stored_sell),
    ]
    for trader, locked in (
        (desk.buyer, cost_up(1500 - 1110, BID) + auction.paid(777, 333)),
        (desk.seller, cost_up(1800 - 1234, desk.collateral) + auction.secured(901, 333)),
        (desk.rival, auction.paid(901) + auction.secured(777)),
    ):
        assert desk.money(trader) == (FUNDS - locked, locked)
    assert desk.terms(stored_buy).remaining == 390
    assert desk.terms(stored_sell).remaining == 566
    assert desk.order(stored_buy).status is OrderStatus.ACTIVE


def test_settle_batch__of_stored_orders_only__needs_no_signature(auction: Auction) -> None:
    desk = auction.desk
    buy, sell = desk.buy(AMOUNT, BID), desk.sell(AMOUNT, 1)
    auction.trade((buy, sell, AMOUNT))
    assert desk.order(buy).status is desk.order(sell).status is OrderStatus.FILLED
    assert desk.transaction(of_batch(1)).price == CLEARING
    paid, secured = auction.paid(AMOUNT), auction.secured(AMOUNT)
    assert desk.money(desk.buyer) == (FUNDS - paid, paid)
    assert desk.money(desk.seller) == (FUNDS - secured, secured)


def test_settle_batch__stored_order_between_two_batches__is_matched_and_cancelled_as_always(
    auction: Auction,
) -> None:
    desk, market = auction.desk, auction.desk.market
    stored = desk.sell(AMOUNT, PRICE - 1)
    auction.trade((auction.bid(nonce=1), stored, 333))
    market.match(desk.buy(500, BID, trader=desk.rival), stored)
    assert desk.transaction(1).amount == 500
    auction.trade((auction.bid(nonce=2), stored, 666))
    assert desk.terms(stored).remaining == AMOUNT - 333 - 500 - 666
    market.do(desk.seller, auction.trading, "cancelOrder", stored)
    secured = auction.secured(333, 500, 666)
    assert desk.money(desk.seller) == (FUNDS - secured, secured)
    refusal = {"order_id": stored, "reason": 7}
    with refuses(market, errors.EnergyTrading_Refused, **refusal):
        auction.trade((auction.bid(nonce=3), stored, 1))


def test_settle_batch__stored_order_of_a_debtor__what_goes_back_pays_the_debt_first(
    auction: Auction,
) -> None:
    desk, market = auction.desk, auction.desk.market
    trader = desk.stranger
    market.deposit(trader, cost_up(AMOUNT, 2 * CLEARING))
    stored = desk.buy(AMOUNT, 2 * CLEARING, trader=trader)
    assert desk.money(trader)[0] == 0
    debt = incur_debt(market, trader)
    assert 0 < debt < cost_up(AMOUNT, CLEARING)
    receipt = auction.trade((stored, auction.ask(), AMOUNT))
    assert desk.emitted(receipt) == ["OrdersMatched", "DebtRepaid", "BatchSettled"]
    assert desk.debt(trader) == 0
    paid = auction.paid(AMOUNT)
    assert desk.money(trader) == (cost_up(AMOUNT, 2 * CLEARING) - paid - debt, paid)


# Late


@pytest.mark.parametrize("late", [False, True])
def test_settle_batch__once_slots_can_be_closed__keeps_no_collateral(
    auction: Auction, late: bool
) -> None:
    desk, market = auction.desk, auction.desk.market
    week = Period(kind=PeriodKind.WEEKLY, start=MONDAY)
    bid, ask = auction.bid(period=week), auction.ask(period=week, amount=1000)
    stored = desk.sell(1000, 1, start=MONDAY, kind=PeriodKind.WEEKLY, trader=desk.rival)
    batch = auction.batch((bid, ask, 777), (bid, stored, 555), period=week)
    market.at(market.closable_at(market.slot(MONDAY)) - (0 if late else 1))
    auction.settle(batch)
    assert [desk.transaction(of_batch(1, place)).late for place in (0, 1)] == [late, late]
    secured = 0 if late else auction.secured(777)
    assert desk.money(desk.seller) == (FUNDS - secured, secured)
    secured = cost_up(445, desk.collateral) + (0 if late else auction.secured(555))
    assert desk.money(desk.rival) == (FUNDS - secured, secured)
    paid = auction.paid(777, 555)
    assert desk.money(desk.buyer) == (FUNDS - paid, paid)


def test_settle_batch__late__a_seller_without_money_can_sell_and_a_debtor_too(
    auction: Auction,
) -> None:
    desk, market = auction.desk, auction.desk.market
    week = Period(kind=PeriodKind.WEEKLY, start=MONDAY)
    market.go_to(market.closable_at(market.slot(MONDAY)))
    market.deposit(desk.stranger, 1)
    debt = incur_debt(market, desk.stranger)
    bid = auction.bid(period=week)
    auction.trade((bid, auction.ask(desk.stranger, period=week), AMOUNT), period=week)
    assert (desk.debt(desk.stranger), desk.money(desk.stranger)) == (debt, (0, 0))


# What follows


def test_settle_batch__then_delivered__settles_as_any_transaction(auction: Auction) -> None:
    desk = auction.desk
    bid, ask = auction.bid(), auction.ask()
    stored = desk.buy(500, BID, trader=desk.rival)
    auction.trade((bid, ask, 1333), (stored, ask, 444))
    desk.produce(1400, at=desk.start + 600)
    for place in (0, 1):
        desk.settle(of_batch(1, place))
    assert desk.transaction(of_batch(1)).status is TransactionStatus.SETTLED
    assert desk.transaction(of_batch(1, 1)).delivered == 67
    desk.market.go_to(desk.market.final_at(desk.slot))
    desk.settle(of_batch(1, 1))

    undelivered = collateral(444 - 67, desk.collateral)
    kept = cost_up(500 - 444, BID)
    paid = cost_down(1333, CLEARING), cost_down(67, CLEARING)
    assert desk.money(desk.buyer) == (FUNDS - paid[0], 0)
    assert desk.money(desk.rival) == (FUNDS - paid[1] + undelivered - kept, kept)
    assert desk.money(desk.seller) == (FUNDS + sum(paid) - undelivered, 0)


# For any batch


@settings(on_chain, max_examples=8)
@given(
    fills=st.lists(
        st.tuples(st.integers(0, 2), st.integers(3, 5), st.integers(1, 400)), min_size=1, max_size=8
    ),
    price=st.integers(1_000, 10**9),
    stored=st.sets(st.integers(0, 5)),
)
def test_settle_batch__any_fills__lock_exactly_what_their_transactions_hold(
    auction: Auction, fills: list[tuple[int, int, int]], price: int, stored: set[int]
) -> None:
    desk = auction.desk
    with rewound(desk.market):
        rest = [8 * 400] * 6
        orders = []
        for number, trader in enumerate(TRADERS):
            desk.market.deposit(trader, FUNDS * 20)
            side, limit = (BUY, price) if number < 3 else (SELL, price)
            if number in stored:
                orders.append(desk.market.order(trader, side, rest[0], limit, start=desk.start))
            else:
                orders.append(auction.order(trader, side, rest[0], limit))
        auction.trade(*((orders[buy], orders[sell], wh) for buy, sell, wh in fills), price=price)

        locked = [0] * 6
        for buy, sell, wh in fills:
            locked[buy] += cost_down(wh, price)
            locked[sell] += collateral(wh, desk.collateral)
            rest[buy] -= wh
            rest[sell] -= wh
        for number in stored:
            locked[number] += cost_up(rest[number], price if number < 3 else desk.collateral)
        found = [desk.money(trader) for trader in TRADERS]
        assert found == [(FUNDS * 20 - money, money) for money in locked]
        for order, left in zip(orders, rest, strict=True):
            if isinstance(order, int):
                assert desk.terms(order).remaining == left
            elif 0 < left < 8 * 400:
                assert auction.standing(order) == (NonceState.PARTIAL, 8 * 400 - left)
