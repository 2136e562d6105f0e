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
from tests.unit.contracts.trading.emergency_stop import Stop, level, others, pause, shut_down
from tests.unit.contracts.trading.traders import (
    AMOUNT,
    DAY,
    FOREVER,
    FUNDS,
    HOUR,
    PRICE,
    Traders,
    Transaction,
    endow,
    of_batch,
    refuses,
)

BUY, SELL = OrderType.BUY, OrderType.SELL
TRADERS = [actor(f"neighbour {number}") for number in range(6)]


# Who, and when


def test_settle_batch__by_anyone_but_a_keeper__is_refused(auction: Auction) -> None:
    market = auction.traders.market
    batch = auction.batch((auction.bid(), auction.ask(), AMOUNT))
    for caller in others(auction.traders, Role.KEEPER):
        for skip in (False, True):
            with refuses(market, errors.AccessManagedUnauthorized, caller=caller):
                auction.settle(batch, skip=skip, sender=caller)
    auction.settle(batch)


@pytest.mark.parametrize("stop", [pause, shut_down])
@pytest.mark.parametrize("skip", [False, True])
def test_settle_batch__stopped__is_refused(auction: Auction, stop: Stop, skip: bool) -> None:
    batch = auction.batch((auction.bid(), auction.ask(), AMOUNT))
    stop(auction.traders)
    stopped = StopLevel.PAUSED if stop is pause else StopLevel.SHUTDOWN
    assert level(auction.traders) is stopped
    with refuses(auction.traders.market, errors.EmergencyStop_Stopped, level=stopped):
        auction.settle(batch, skip=skip)


@pytest.mark.parametrize("skip", [False, True])
def test_settle_batch__around_the_end_of_the_period__the_gate_closes_with_it(
    auction: Auction, skip: bool
) -> None:
    traders = auction.traders
    batch = auction.batch((auction.bid(), auction.ask(), AMOUNT))
    with rewound(traders.market):
        traders.market.at(traders.end - 1)
        auction.settle(batch, skip=skip)
        assert auction.count() == 1
    with refuses(
        traders.market, errors.EnergyTrading_GateClosed, end=traders.end, time=traders.end
    ):
        traders.market.at(traders.end)
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
    with refuses(auction.traders.market, error, period=kind, start=start):
        auction.settle(raw, skip=skip)


@pytest.mark.parametrize("kind", [PeriodKind.HOURLY, PeriodKind.DAILY, PeriodKind.WEEKLY])
def test_settle_batch__any_kind_of_period__is_the_transactions(
    auction: Auction, kind: PeriodKind
) -> None:
    period = Period(kind=kind, start=MONDAY)
    auction.trade((auction.bid(period=period), auction.ask(period=period), 1), period=period)
    made = auction.traders.transaction(of_batch(1))
    assert (made.period, made.start, made.end) == (kind, MONDAY, period.end)


def test_settle_batch__of_a_quarter__is_the_transactions(quarter_hour_traders: Traders) -> None:
    auction = Auction(traders=quarter_hour_traders)
    quarter = Period(kind=PeriodKind.QUARTER_HOURLY, start=MONDAY + 900)
    auction.trade((auction.bid(period=quarter), auction.ask(period=quarter), 1), period=quarter)
    made = quarter_hour_traders.transaction(of_batch(1))
    assert (made.period, made.start, made.end) == (quarter.kind, MONDAY + 900, MONDAY + 1800)


# Its form


@pytest.mark.parametrize("skip", [False, True])
def test_settle_batch__without_fills__is_refused(auction: Auction, skip: bool) -> None:
    for unfilled in ([], [auction.bid(), auction.ask()]):
        batch = auction.batch(unfilled=unfilled)
        with refuses(auction.traders.market, errors.EnergyTrading_NoFills):
            auction.settle(batch, skip=skip)


@pytest.mark.parametrize("skip", [False, True])
def test_settle_batch__orders_not_ascending__is_refused(auction: Auction, skip: bool) -> None:
    market = auction.traders.market
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
    trader = auction.traders.buyer.address
    place = 1 + [order[0] for order in raw[4]].index(trader)
    with refuses(auction.traders.market, errors.EnergyTrading_Unsorted, place=place):
        auction.settle(raw, skip=skip)


@pytest.mark.parametrize("skip", [False, True])
def test_settle_batch__stored_orders_not_ascending__is_refused(
    auction: Auction, skip: bool
) -> None:
    traders = auction.traders
    numbers = [traders.buy(100, BID), traders.buy(100, BID), traders.buy(100, BID)]
    raw = batch_args(auction.batch(*((number, auction.ask(), 10) for number in numbers)))
    for wrong, place in (([2, 1, 3], 2), ([1, 3, 2], 3), ([1, 1], 2), ([1, 2, 2], 3)):
        raw[5] = wrong
        with refuses(traders.market, errors.EnergyTrading_Unsorted, place=place):
            auction.settle(raw, skip=skip)


@pytest.mark.parametrize("skip", [False, True])
def test_settle_batch__place_that_is_none__is_refused(auction: Auction, skip: bool) -> None:
    # Two signed orders and a stored one: places 0, 1, 2.
    bid, ask, stored = auction.bid(), auction.ask(), auction.traders.buy(100, BID)
    raw = batch_args(auction.batch((bid, ask, 10), (stored, ask, 10)))
    for pair in ((3, 0), (0, 3), (3, 4), (FOREVER, 0), (0, FOREVER)):
        raw[6] = [(*pair, 10)]
        error, wrong = errors.EnergyTrading_NoSuchPlace, next(place for place in pair if place > 2)
        with refuses(auction.traders.market, error, place=wrong, orders=3):
            auction.settle(raw, skip=skip)


def test_settle_batch__of_no_orders__has_no_place(auction: Auction) -> None:
    raw = batch_args(auction.batch())
    raw[6] = [(0, 0, 1)]
    with refuses(auction.traders.market, errors.EnergyTrading_NoSuchPlace, place=0, orders=0):
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
    with refuses(auction.traders.market, error, bits=64, value=price):
        auction.settle(batch, skip=skip)


def test_settle_batch__largest_numbers__are_carried_out(auction: Auction) -> None:
    traders, market = auction.traders, auction.traders.market
    most, highest = 2**31 - 1, 2**64 - 1
    endow(market, traders.buyer, cost_down(most, highest))
    endow(market, traders.seller, auction.secured(most))
    bid, ask = auction.bid(amount=FOREVER, price=FOREVER), auction.ask(amount=FOREVER)
    auction.trade((bid, ask, most), price=highest)
    assert auction.fills() == [(traders.buyer.address, traders.seller.address, most, highest)]
    assert traders.money(traders.buyer) == (FUNDS, cost_down(most, highest))
    assert auction.status(bid) == (NonceState.PARTIAL, most)


# What it does


def test_settle_batch__of_signed_orders__makes_transactions_and_says_so(auction: Auction) -> None:
    traders = auction.traders
    bid, ask = auction.bid(amount=1500), auction.ask(amount=2000)
    receipt = auction.trade((bid, ask, 1333))

    assert traders.emitted(receipt) == ["OrdersMatched", "BatchSettled"]
    assert traders.logged(receipt, auction.trading, "OrdersMatched") == [
        {
            "transaction_id": of_batch(1),
            "buy_id": auction.name(bid),
            "sell_id": auction.name(ask),
            "amount": 1333,
            "price": CLEARING,
        }
    ]
    assert traders.logged(receipt, auction.trading, "BatchSettled") == [
        {
            "order_set": ORDER_SET,
            "batch_id": 1,
            "period": PeriodKind.HOURLY,
            "start": traders.start,
            "price": CLEARING,
            "amount": 1333,
            "matched": 1,
        }
    ]
    assert traders.transaction(of_batch(1)) == Transaction(
        *(traders.buyer.address, traders.seller.address, 1333, 0, CLEARING),
        *(PeriodKind.HOURLY, traders.start, traders.end, 0, TransactionStatus.MATCHED),
    )
    assert auction.status(bid) == (NonceState.PARTIAL, 1333)
    assert auction.status(ask) == (NonceState.PARTIAL, 1333)
    assert (auction.count(), auction.trading.call("orderCount")) == (1, 0)


def test_settle_batch__called__returns_how_many_were_matched(auction: Auction) -> None:
    bid, ask = auction.bid(), auction.ask()
    raw = batch_args(auction.batch((bid, ask, 1), (bid, ask, 2), (bid, ask, 0)))
    assert auction.trading.call("settleBatch", raw, True, sender=auction.keeper) == 2


def test_settle_batch__many_orders__are_matched_in_the_order_of_the_fills(
    auction: Auction,
) -> None:
    traders = auction.traders
    bids = [auction.bid(amount=800), auction.bid(traders.rival, 900)]
    ask = auction.ask(amount=2000)
    fills = ((bids[1], ask, 900), (bids[0], ask, 300), (bids[0], ask, 499))
    traders.agree()
    receipt = auction.trade(*fills)
    matched = traders.logged(receipt, auction.trading, "OrdersMatched")
    assert [(log["transaction_id"], log["buy_id"], log["amount"]) for log in matched] == [
        (number, auction.name(bid), amount)
        for number, (bid, _, amount) in enumerate(fills, of_batch(1))
    ]
    (logged,) = traders.logged(receipt, auction.trading, "BatchSettled")
    assert (logged["amount"], logged["matched"], logged["batch_id"]) == (1699, 3, 1)


def test_settle_batch__of_a_day__names_every_trade_and_both_its_orders(auction: Auction) -> None:
    """Trades of several slots have a word of their own each, and are numbered all the same."""
    traders, day = auction.traders, Period(kind=PeriodKind.DAILY, start=MONDAY)
    bids = [auction.bid(trader, period=day) for trader in (traders.buyer, traders.rival)]
    asks = [auction.ask(nonce=nonce, period=day) for nonce in (0, 1)]
    fills = ((bids[0], asks[0], 700), (bids[1], asks[0], 11), (bids[1], asks[1], 500))
    for batch in (1, 2):
        receipt = auction.trade(*fills, period=day)
        assert traders.logged(receipt, auction.trading, "OrdersMatched") == [
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
            made = traders.transaction(batch * 2**32 + place)
            assert (made.buyer, made.seller) == (bid.terms.trader, ask.terms.trader)
            assert (made.amount, made.period) == (amount, PeriodKind.DAILY)


def test_settle_batch__nothing_matched__is_no_batch(auction: Auction) -> None:
    traders = auction.traders
    traders.agree()
    receipt = auction.settle(auction.batch((auction.bid(), auction.ask(), 0)), skip=True)
    assert traders.emitted(receipt) == ["OrderSkipped"]
    assert auction.trading.call("batchCount") == 0


@pytest.mark.parametrize("order_set", [bytes(32), b"\xff" * 32])
def test_settle_batch__any_order_set__is_published(auction: Auction, order_set: bytes) -> None:
    raw = batch_args(auction.batch((auction.bid(), auction.ask(), 1)))
    raw[3] = order_set
    (logged,) = auction.traders.logged(auction.settle(raw), auction.trading, "BatchSettled")
    assert logged["order_set"] == order_set


def test_settle_batch__filled_at_once__leaves_the_nonce_only(auction: Auction) -> None:
    bid, ask = auction.bid(), auction.ask()
    auction.trade((bid, ask, AMOUNT))
    assert auction.status(bid) == auction.status(ask) == (NonceState.FILLED, 0)


def test_settle_batch__filled_by_several_fills__is_filled(auction: Auction) -> None:
    bid, ask = auction.bid(), auction.ask()
    auction.trade((bid, ask, AMOUNT - 1), (bid, ask, 1))
    assert auction.status(bid) == auction.status(ask) == (NonceState.FILLED, 0)


def test_settle_batch__over_several_batches__is_filled_to_the_last_wh_and_no_further(
    auction: Auction,
) -> None:
    traders = auction.traders
    bid, total = auction.bid(), 0
    for nonce, part in enumerate((1, 700, 1298)):
        auction.trade((bid, auction.ask(nonce=nonce), part))
        total += part
        assert auction.status(bid) == (NonceState.PARTIAL, total)
    assert total == AMOUNT - 1
    refusal = {"order_id": auction.name(bid), "reason": 13}
    with refuses(traders.market, errors.EnergyTrading_Refused, **refusal):
        auction.trade((bid, auction.ask(nonce=3), 2))
    auction.trade((bid, auction.ask(nonce=3), 1), price=BID)
    assert auction.status(bid) == (NonceState.FILLED, AMOUNT)
    with refuses(traders.market, errors.EnergyTrading_Refused, **{**refusal, "reason": 2}):
        auction.trade((bid, auction.ask(nonce=4), 1))
    assert sum(amount for _, _, amount, _ in auction.fills()) == AMOUNT


def test_settle_batch__many_parts__never_more_than_the_order(auction: Auction) -> None:
    """Overfilled by one over many fills of many batches: threat 9."""
    traders = auction.traders
    bid, asks = auction.bid(amount=1000), [auction.ask(nonce=n, amount=500) for n in range(10)]
    for ask in asks[:9]:
        auction.trade(*((bid, ask, 11) for _ in range(10)))
    assert auction.filled(bid) == 990
    refusal = {"order_id": auction.name(bid), "reason": 13}
    fills = [(bid, asks[9], 5), (bid, asks[9], 5)]
    with refuses(traders.market, errors.EnergyTrading_Refused, **refusal):
        auction.trade(*fills, (bid, asks[9], 1))
    auction.trade(*fills)
    assert auction.status(bid) == (NonceState.FILLED, 1000)


@pytest.mark.parametrize("nonces", [(0, 1), (110, 111), (111, 112), (5, 5 + 112), (0, 2**40 - 1)])
def test_settle_batch__several_orders_of_a_trader__are_kept_apart(
    auction: Auction, nonces: tuple[int, int]
) -> None:
    traders = auction.traders
    first, second = (auction.bid(nonce=nonce, amount=1000) for nonce in nonces)
    ask = auction.ask()
    auction.trade((first, ask, 1000), (second, ask, 400))
    assert auction.status(first) == (NonceState.FILLED, 0)
    assert auction.status(second) == (NonceState.PARTIAL, 400)
    paid = auction.paid(1000, 400)
    assert traders.money(traders.buyer) == (FUNDS - paid, paid)
    # In the next one, without the first.
    auction.trade((second, ask, 600))
    assert auction.status(second) == (NonceState.FILLED, 1000)


def test_settle_batch__a_trader_on_both_sides__trades_with_others(auction: Auction) -> None:
    traders = auction.traders
    bid, ask = auction.bid(traders.rival, nonce=1), auction.ask(traders.rival, nonce=2)
    auction.trade((bid, auction.ask(), 500), (auction.bid(), ask, 700))
    locked = auction.paid(500) + auction.secured(700)
    assert traders.money(traders.rival) == (FUNDS - locked, locked)


# Money


@pytest.mark.parametrize("amounts", [(1,), (3, 5, 7), (999, 1), (333, 334, 335, 998)])
def test_settle_batch__many_fills__lock_the_cost_of_each_rounded_down(
    auction: Auction, amounts: tuple[int, ...]
) -> None:
    traders = auction.traders
    bid, ask = auction.bid(), auction.ask()
    auction.trade(*((bid, ask, amount) for amount in amounts))
    paid = sum(cost_down(amount, CLEARING) for amount in amounts)
    secured = sum(collateral(amount, traders.collateral) for amount in amounts)
    assert traders.money(traders.buyer) == (FUNDS - paid, paid)
    assert traders.money(traders.seller) == (FUNDS - secured, secured)


def test_settle_batch__signed_and_stored__the_stored_ones_get_their_excess_back(
    auction: Auction,
) -> None:
    traders = auction.traders
    stored_buy, stored_sell = traders.buy(1500, BID), traders.sell(1800, 1)
    before = {"buyer": traders.money(traders.buyer)[1], "seller": traders.money(traders.seller)[1]}
    assert before == {"buyer": cost_up(1500, BID), "seller": cost_up(1800, traders.collateral)}
    bid, ask = auction.bid(traders.rival, nonce=1), auction.ask(traders.rival, nonce=2)
    receipt = auction.trade(
        (stored_buy, ask, 777), (bid, stored_sell, 901), (stored_buy, stored_sell, 333)
    )

    assert traders.emitted(receipt) == ["OrdersMatched"] * 3 + ["BatchSettled"]
    logs = traders.logged(receipt, auction.trading, "OrdersMatched")
    assert [(log["buy_id"], log["sell_id"]) for log in logs] == [
        (stored_buy, auction.name(ask)),
        (auction.name(bid), stored_sell),
        (stored_buy, stored_sell),
    ]
    for trader, locked in (
        (traders.buyer, cost_up(1500 - 1110, BID) + auction.paid(777, 333)),
        (traders.seller, cost_up(1800 - 1234, traders.collateral) + auction.secured(901, 333)),
        (traders.rival, auction.paid(901) + auction.secured(777)),
    ):
        assert traders.money(trader) == (FUNDS - locked, locked)
    assert traders.terms(stored_buy).remaining == 390
    assert traders.terms(stored_sell).remaining == 566
    assert traders.order(stored_buy).status is OrderStatus.ACTIVE


def test_settle_batch__of_stored_orders_only__needs_no_signature(auction: Auction) -> None:
    traders = auction.traders
    buy, sell = traders.buy(AMOUNT, BID), traders.sell(AMOUNT, 1)
    auction.trade((buy, sell, AMOUNT))
    assert traders.order(buy).status is traders.order(sell).status is OrderStatus.FILLED
    assert traders.transaction(of_batch(1)).price == CLEARING
    paid, secured = auction.paid(AMOUNT), auction.secured(AMOUNT)
    assert traders.money(traders.buyer) == (FUNDS - paid, paid)
    assert traders.money(traders.seller) == (FUNDS - secured, secured)


def test_settle_batch__stored_order_between_two_batches__is_matched_and_cancelled_as_always(
    auction: Auction,
) -> None:
    traders, market = auction.traders, auction.traders.market
    stored = traders.sell(AMOUNT, PRICE - 1)
    auction.trade((auction.bid(nonce=1), stored, 333))
    market.match(traders.buy(500, BID, trader=traders.rival), stored)
    assert traders.transaction(1).amount == 500
    auction.trade((auction.bid(nonce=2), stored, 666))
    assert traders.terms(stored).remaining == AMOUNT - 333 - 500 - 666
    market.do(traders.seller, auction.trading, "cancelOrder", stored)
    secured = auction.secured(333, 500, 666)
    assert traders.money(traders.seller) == (FUNDS - secured, secured)
    refusal = {"order_id": stored, "reason": 7}
    with refuses(market, errors.EnergyTrading_Refused, **refusal):
        auction.trade((auction.bid(nonce=3), stored, 1))


def test_settle_batch__stored_order_of_a_debtor__what_goes_back_pays_the_debt_first(
    auction: Auction,
) -> None:
    traders, market = auction.traders, auction.traders.market
    trader = traders.stranger
    market.deposit(trader, cost_up(AMOUNT, 2 * CLEARING))
    stored = traders.buy(AMOUNT, 2 * CLEARING, trader=trader)
    assert traders.money(trader)[0] == 0
    debt = incur_debt(market, trader)
    assert 0 < debt < cost_up(AMOUNT, CLEARING)
    receipt = auction.trade((stored, auction.ask(), AMOUNT))
    assert traders.emitted(receipt) == ["OrdersMatched", "DebtRepaid", "BatchSettled"]
    assert traders.debt(trader) == 0
    paid = auction.paid(AMOUNT)
    assert traders.money(trader) == (cost_up(AMOUNT, 2 * CLEARING) - paid - debt, paid)


# Late


@pytest.mark.parametrize("late", [False, True])
def test_settle_batch__once_slots_can_be_closed__keeps_no_collateral(
    auction: Auction, late: bool
) -> None:
    traders, market = auction.traders, auction.traders.market
    week = Period(kind=PeriodKind.WEEKLY, start=MONDAY)
    bid, ask = auction.bid(period=week), auction.ask(period=week, amount=1000)
    stored = traders.sell(1000, 1, start=MONDAY, kind=PeriodKind.WEEKLY, trader=traders.rival)
    batch = auction.batch((bid, ask, 777), (bid, stored, 555), period=week)
    market.at(market.closable_at(market.slot(MONDAY)) - (0 if late else 1))
    auction.settle(batch)
    assert [traders.transaction(of_batch(1, place)).late for place in (0, 1)] == [late, late]
    secured = 0 if late else auction.secured(777)
    assert traders.money(traders.seller) == (FUNDS - secured, secured)
    secured = cost_up(445, traders.collateral) + (0 if late else auction.secured(555))
    assert traders.money(traders.rival) == (FUNDS - secured, secured)
    paid = auction.paid(777, 555)
    assert traders.money(traders.buyer) == (FUNDS - paid, paid)


def test_settle_batch__late__a_seller_without_money_can_sell_and_a_debtor_too(
    auction: Auction,
) -> None:
    traders, market = auction.traders, auction.traders.market
    week = Period(kind=PeriodKind.WEEKLY, start=MONDAY)
    market.go_to(market.closable_at(market.slot(MONDAY)))
    market.deposit(traders.stranger, 1)
    debt = incur_debt(market, traders.stranger)
    bid = auction.bid(period=week)
    auction.trade((bid, auction.ask(traders.stranger, period=week), AMOUNT), period=week)
    assert (traders.debt(traders.stranger), traders.money(traders.stranger)) == (debt, (0, 0))


# What follows


def test_settle_batch__then_delivered__settles_as_any_transaction(auction: Auction) -> None:
    traders = auction.traders
    bid, ask = auction.bid(), auction.ask()
    stored = traders.buy(500, BID, trader=traders.rival)
    auction.trade((bid, ask, 1333), (stored, ask, 444))
    traders.produce(1400, at=traders.start + 600)
    for place in (0, 1):
        traders.settle(of_batch(1, place))
    assert traders.transaction(of_batch(1)).status is TransactionStatus.SETTLED
    assert traders.transaction(of_batch(1, 1)).delivered == 67
    traders.market.go_to(traders.market.final_at(traders.slot))
    traders.settle(of_batch(1, 1))

    undelivered = collateral(444 - 67, traders.collateral)
    kept = cost_up(500 - 444, BID)
    paid = cost_down(1333, CLEARING), cost_down(67, CLEARING)
    assert traders.money(traders.buyer) == (FUNDS - paid[0], 0)
    assert traders.money(traders.rival) == (FUNDS - paid[1] + undelivered - kept, kept)
    assert traders.money(traders.seller) == (FUNDS + sum(paid) - undelivered, 0)


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
    traders = auction.traders
    with rewound(traders.market):
        rest = [8 * 400] * 6
        orders = []
        for number, trader in enumerate(TRADERS):
            traders.market.deposit(trader, FUNDS * 20)
            side, limit = (BUY, price) if number < 3 else (SELL, price)
            if number in stored:
                orders.append(
                    traders.market.order(trader, side, rest[0], limit, start=traders.start)
                )
            else:
                orders.append(auction.order(trader, side, rest[0], limit))
        auction.trade(*((orders[buy], orders[sell], wh) for buy, sell, wh in fills), price=price)

        locked = [0] * 6
        for buy, sell, wh in fills:
            locked[buy] += cost_down(wh, price)
            locked[sell] += collateral(wh, traders.collateral)
            rest[buy] -= wh
            rest[sell] -= wh
        for number in stored:
            locked[number] += cost_up(rest[number], price if number < 3 else traders.collateral)
        found = [traders.money(trader) for trader in TRADERS]
        assert found == [(FUNDS * 20 - money, money) for money in locked]
        for order, left in zip(orders, rest, strict=True):
            if isinstance(order, int):
                assert traders.terms(order).remaining == left
            elif 0 < left < 8 * 400:
                assert auction.status(order) == (NonceState.PARTIAL, 8 * 400 - left)
