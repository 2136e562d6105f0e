"""The order book: its states, its refusals and its priorities."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.domain.clearing import clear
from energy_grid.domain.orders import OrderStatus, OrderTerms, OrderType
from energy_grid.domain.periods import Period, PeriodKind, SlotLengthError
from energy_grid.errors import DomainError
from tests.model.orders import (
    DustError,
    GateClosedError,
    NotCrossingError,
    NotOrderOwnerError,
    Order,
    OrderBook,
    OrderExpiredError,
    OrderNotActiveError,
    OrderNotFoundError,
    PeriodMismatchError,
    SelfTradeError,
    WrongSideError,
)

BUY, SELL = OrderType
HOUR = Period(kind=PeriodKind.HOURLY, start=1_767_571_200)
NOW = HOUR.start
LAST = HOUR.end - 1

BID = OrderTerms(
    trader="buyer", order_type=BUY, amount=2000, price=300_000, expiry=2**256 - 1, period=HOUR
)
ASK = replace(BID, trader="seller", order_type=SELL, amount=1500, price=200_000)


@pytest.fixture
def book() -> OrderBook:
    return OrderBook(slot_seconds=3600)


def refuses(book: OrderBook, error: type[DomainError], buy: int, sell: int, now: int = NOW) -> None:
    before = list(book)
    with pytest.raises(error):
        book.match(buy, sell, now)
    assert list(book) == before


def test_place__first__gets_id_one_and_an_expiry_inside_the_period(book: OrderBook) -> None:
    assert book.place(BID, NOW) == Order(
        id=1,
        trader="buyer",
        order_type=BUY,
        amount=2000,
        remaining=2000,
        price=300_000,
        expiry=LAST,
        period=HOUR,
        status=OrderStatus.ACTIVE,
    )
    assert book.place(replace(ASK, expiry=NOW), NOW).expiry == NOW
    assert [order.id for order in book] == [1, 2]


def test_draft__leaves_the_book_as_it_is(book: OrderBook) -> None:
    assert book.draft(BID, NOW) == book.draft(BID, NOW) == book.place(BID, NOW)


@pytest.mark.parametrize(
    ("change", "now", "error"),
    [
        ({}, HOUR.end, GateClosedError),
        ({"expiry": NOW - 1}, NOW, OrderExpiredError),
        ({"expiry": 0}, NOW, OrderExpiredError),
        ({"amount": 0}, NOW, DustError),
        ({"price": 0}, NOW, DustError),
        ({"amount": 999, "price": 1}, NOW, DustError),
        ({"amount": -1}, NOW, DomainError),
        ({"period": Period(kind=PeriodKind.QUARTER_HOURLY, start=NOW)}, NOW, SlotLengthError),
    ],
)
def test_place__refusals__leave_the_book_empty(
    book: OrderBook, change: dict[str, object], now: int, error: type[DomainError]
) -> None:
    with pytest.raises(error):
        book.place(replace(BID, **change), now)  # type: ignore[arg-type]
    assert not list(book)


def test_place__smallest_that_costs_something_in_the_last_second__is_taken(book: OrderBook) -> None:
    book.place(replace(BID, amount=1000, price=1, expiry=LAST), LAST)


def test_cancel__by_its_trader__ends_it(book: OrderBook) -> None:
    order = book.place(BID, NOW)
    assert book.cancel(1, "buyer", NOW) == order
    assert book.get(1).status is OrderStatus.CANCELLED
    assert book.get(1).lock(10**6) == 0
    with pytest.raises(OrderNotActiveError, match="CANCELLED"):
        book.cancel(1, "buyer", NOW)


def test_cancel__by_a_stranger__only_once_expired(book: OrderBook) -> None:
    book.place(replace(BID, expiry=NOW + 10), NOW)
    with pytest.raises(NotOrderOwnerError, match="belongs to buyer, not stranger"):
        book.cancel(1, "stranger", NOW + 10)
    book.cancel(1, "stranger", NOW + 11)


def test_cancel__missing__is_refused(book: OrderBook) -> None:
    with pytest.raises(OrderNotFoundError, match="no order 1"):
        book.cancel(1, "buyer", NOW)


def test_match__partial__fills_one_side_and_leaves_the_other(book: OrderBook) -> None:
    book.place(BID, NOW)
    book.place(ASK, NOW)
    trade = book.match(1, 2, NOW)
    assert (trade.id, trade.buy_id, trade.sell_id) == (1, 1, 2)
    assert (trade.buyer, trade.seller, trade.period) == ("buyer", "seller", HOUR)
    assert (trade.amount, trade.owed, trade.delivered, trade.settled_slots) == (1500, 1500, 0, 0)
    assert (book.get(1).remaining, book.get(1).status) == (500, OrderStatus.ACTIVE)
    assert (book.get(2).remaining, book.get(2).status) == (0, OrderStatus.FILLED)
    book.place(replace(ASK, amount=9000), NOW)
    assert book.match(1, 3, LAST).id == 2
    assert book.get(3).remaining == 8500


@pytest.mark.parametrize("first", [BUY, SELL])
def test_match__price__is_that_of_the_earlier_order(book: OrderBook, first: OrderType) -> None:
    for terms in (BID, ASK) if first is BUY else (ASK, BID):
        book.place(terms, NOW)
    buy, sell = (1, 2) if first is BUY else (2, 1)
    assert book.match(buy, sell, NOW).price == (300_000 if first is BUY else 200_000)


@pytest.mark.parametrize(("ask", "crosses"), [(299_999, True), (300_000, True), (300_001, False)])
def test_match__limit_prices__to_the_unit(book: OrderBook, ask: int, crosses: bool) -> None:
    book.place(BID, NOW)
    book.place(replace(ASK, price=ask), NOW)
    if crosses:
        assert book.match(1, 2, NOW).price == 300_000
    else:
        refuses(book, NotCrossingError, 1, 2)


def test_match__wrong_ids_and_sides__are_refused(book: OrderBook) -> None:
    book.place(BID, NOW)
    book.place(ASK, NOW)
    refuses(book, WrongSideError, 1, 1)
    refuses(book, WrongSideError, 2, 2)
    refuses(book, OrderNotFoundError, 1, 3)
    refuses(book, OrderNotFoundError, 0, 2)
    refuses(book, WrongSideError, 2, 1)
    book.place(replace(BID, trader="other"), NOW)
    refuses(book, WrongSideError, 1, 3)


def test_match__ended_orders__are_refused(book: OrderBook) -> None:
    for terms in (BID, replace(ASK, amount=2000), BID, ASK):
        book.place(terms, NOW)
    book.match(1, 2, NOW)
    refuses(book, OrderNotActiveError, 1, 4)
    refuses(book, OrderNotActiveError, 3, 2)
    book.cancel(4, "seller", NOW)
    refuses(book, OrderNotActiveError, 3, 4)


def test_match__other_period__is_refused(book: OrderBook) -> None:
    book.place(BID, NOW)
    book.place(replace(ASK, period=Period(kind=PeriodKind.HOURLY, start=HOUR.end)), NOW)
    book.place(replace(ASK, period=Period.current(PeriodKind.DAILY, NOW)), NOW)
    refuses(book, PeriodMismatchError, 1, 2)
    refuses(book, PeriodMismatchError, 1, 3)


@pytest.mark.parametrize("short", [BUY, SELL])
def test_match__expiry__is_inclusive(book: OrderBook, short: OrderType) -> None:
    book.place(replace(BID, expiry=NOW + 10 if short is BUY else LAST), NOW)
    book.place(replace(ASK, expiry=NOW + 10 if short is SELL else LAST), NOW)
    refuses(book, OrderExpiredError, 1, 2, NOW + 11)
    assert book.match(1, 2, NOW + 10).amount == 1500


def test_match__gate_closes_with_the_period(book: OrderBook) -> None:
    book.place(BID, NOW)
    book.place(ASK, NOW)
    refuses(book, OrderExpiredError, 1, 2, HOUR.end)
    assert book.match(1, 2, LAST).amount == 1500


def test_match__one_trader_on_both_sides__is_refused(book: OrderBook) -> None:
    book.place(BID, NOW)
    book.place(replace(ASK, trader="buyer"), NOW)
    refuses(book, SelfTradeError, 1, 2)


def test_match__dust__is_refused_at_the_price_of_the_match(book: OrderBook) -> None:
    book.place(replace(ASK, amount=1000, price=1), NOW)
    book.place(replace(BID, amount=999, price=10), NOW)
    book.place(replace(BID, amount=1000, price=10), NOW)
    refuses(book, DustError, 2, 1)
    assert book.match(3, 1, NOW).price == 1


def test_lock__is_the_limit_of_a_bid_and_the_collateral_of_an_ask(book: OrderBook) -> None:
    assert book.place(replace(BID, amount=1001, price=7), NOW).lock(50) == 8
    assert book.place(replace(ASK, amount=1001, price=7), NOW).lock(50) == 51


def test_valid__best_price_then_oldest__without_the_ended_and_expired(book: OrderBook) -> None:
    for price in (5000, 7000, 5000, 7000):
        book.place(replace(BID, price=price), NOW)
        book.place(replace(ASK, price=price), NOW)
    book.cancel(4, "seller", NOW)
    book.place(replace(BID, price=6000, expiry=NOW), NOW)
    book.place(replace(BID, period=Period.current(PeriodKind.DAILY, NOW)), NOW)
    assert [order.id for order in book.valid(HOUR, BUY, NOW + 1)] == [3, 7, 1, 5]
    assert [order.id for order in book.valid(HOUR, SELL, NOW + 1)] == [2, 6, 8]
    assert book.valid(HOUR, BUY, NOW)[2].id == 9


@st.composite
def books(draw: st.DrawFn, *, traders: int, price_unit: int) -> OrderBook:
    """Small books; a low price unit makes dust, few traders make self-trades."""
    drawn = OrderBook(slot_seconds=3600)
    rows = st.tuples(st.sampled_from(OrderType), st.integers(1, 9), st.integers(1, 9))
    for number, (side, price, amount) in enumerate(draw(st.lists(rows, max_size=14))):
        terms = replace(
            BID,
            trader=f"trader {number % traders}",
            order_type=side,
            amount=amount * 100,
            price=price * price_unit,
        )
        if terms.amount * terms.price >= 1000:
            drawn.place(terms, NOW)
    return drawn


@given(books(traders=3, price_unit=1) | books(traders=3, price_unit=1000))
def test_best_pairs__all_succeed_and_leave_nothing_to_match(book: OrderBook) -> None:
    for buy_id, sell_id in book.best_pairs(HOUR, NOW):
        book.match(buy_id, sell_id, NOW)
    for buy in book.valid(HOUR, BUY, NOW):
        for sell in book.valid(HOUR, SELL, NOW):
            with pytest.raises((NotCrossingError, SelfTradeError, DustError)):
                book.match(buy.id, sell.id, NOW)


@given(books(traders=1000, price_unit=1000))
def test_clearing__pairs__can_be_matched_and_give_its_fills(book: OrderBook) -> None:
    bids, asks = book.columns(HOUR, NOW)
    cleared = clear(bids, asks)
    pairs = list(zip(cleared.pair_buy_ids, cleared.pair_sell_ids, cleared.pair_wh, strict=True))
    assert book.best_pairs(HOUR, NOW) == [(buy, sell) for buy, sell, _ in pairs]
    for buy, sell, wh in pairs:
        assert book.match(int(buy), int(sell), NOW).amount == wh
    for columns, fills in ((bids, cleared.bid_fills), (asks, cleared.ask_fills)):
        for order_id, fill in zip(columns.ids, fills, strict=True):
            order = book.get(int(order_id))
            assert order.amount - order.remaining == fill
