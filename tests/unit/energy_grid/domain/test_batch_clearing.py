"""The clearing of a batch: what `clear` finds, carried out in pairs that the chain takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.domain.batch_clearing import Cleared, OpenOrder, Pair, clear_orders
from energy_grid.domain.clearing import OrderColumns, clear
from energy_grid.domain.orders import MAX_PER_SLOT, MAX_PRICE, OrderType

BUY, SELL = OrderType.BUY, OrderType.SELL


def order(number: int, trader: str, side: OrderType, wh: int, price: int) -> OpenOrder:
    return OpenOrder(id=number, trader=trader, order_type=side, price=price, open_wh=wh)


def books(*, traders: int, prices: st.SearchStrategy[int]) -> st.SearchStrategy[list[OpenOrder]]:
    rows = st.tuples(
        st.sampled_from([f"0x{number}" for number in range(traders)]),
        st.sampled_from(OrderType),
        st.integers(0, 40),
        prices,
    )
    return st.lists(rows, max_size=20).map(
        lambda rows: [order(at, *row) for at, row in enumerate(rows, 1)]
    )


def strangers(book: Sequence[OpenOrder]) -> list[OpenOrder]:
    """The same orders, each of somebody else."""
    return [order(one.id, f"0x{one.id}", one.order_type, one.open_wh, one.price) for one in book]


def unconstrained(book: Sequence[OpenOrder]) -> int:
    """The welfare that there is without any rule about traders."""
    bids, asks = (
        OrderColumns.of_rows(
            (one.id, one.price, one.open_wh) for one in book if one.order_type is side
        )
        for side in OrderType
    )
    return clear(bids, asks).welfare


def check(book: Sequence[OpenOrder], cleared: Cleared) -> None:
    by_id = {one.id: one for one in book}
    for pair in cleared.pairs:
        buy, sell = by_id[pair.buy], by_id[pair.sell]
        assert (buy.order_type, sell.order_type) == (BUY, SELL)
        assert buy.trader != sell.trader
        assert cleared.price is not None
        assert sell.price <= cleared.price <= buy.price
        assert pair.wh > 0
    assert all(by_id[one].open_wh >= wh for one, wh in cleared.fills.items())
    assert len({(pair.buy, pair.sell) for pair in cleared.pairs}) == len(cleared.pairs)
    assert cleared.welfare == sum(
        (by_id[pair.buy].price - by_id[pair.sell].price) * pair.wh for pair in cleared.pairs
    )
    assert (cleared.price is None) == (not cleared.pairs)


thousands = st.integers(1, 12).map(lambda price: price * 1000)


@given(books(traders=30, prices=thousands).map(strangers))
def test_clear_orders__strangers__is_the_clearing(book: list[OpenOrder]) -> None:
    cleared = clear_orders(book, 1)
    check(book, cleared)
    assert cleared.welfare == unconstrained(book)
    assert cleared.self_wh == 0
    if cleared.price is not None:
        assert cleared.price == (cleared.low + cleared.high) // 2


@given(books(traders=4, prices=thousands))
def test_clear_orders__few_traders__nobody_with_himself(book: list[OpenOrder]) -> None:
    cleared = clear_orders(book, 1)
    check(book, cleared)
    assert cleared.welfare <= unconstrained(book)
    if cleared.self_wh == 0:
        assert cleared.welfare == unconstrained(book)
    if cleared.price is not None:
        assert cleared.low <= cleared.price <= cleared.high


@given(books(traders=6, prices=st.integers(0, 300)), st.sampled_from([1, 4, 24]))
def test_clear_orders__slots__all_wh_are_the_same_in_each(
    book: list[OpenOrder], slots: int
) -> None:
    cleared = clear_orders(book, slots)
    check(book, cleared)
    assert all(pair.wh % slots == 0 for pair in cleared.pairs)
    # What fills no slot evenly counts for nothing.
    even = [replace(one, open_wh=one.open_wh // slots * slots) for one in book]
    assert clear_orders(even, slots) == clear_orders(even, 1) == cleared


def test_clear_orders__order_of_the_list__does_not_matter() -> None:
    book = [
        order(5, "0xa", BUY, 100, 9000),
        order(3, "0xb", BUY, 100, 9000),
        order(4, "0xc", SELL, 120, 2000),
    ]
    outcomes = [clear_orders(some, 1) for some in permutations(book)]
    assert all(each == outcomes[0] for each in outcomes)
    assert outcomes[0].pairs == (Pair(buy=3, sell=4, wh=100), Pair(buy=5, sell=4, wh=20))


def test_clear_orders__two_pairs_of_one_account_each__swap_partners() -> None:
    book = [
        order(1, "0xA", BUY, 100, 9000),
        order(2, "0xb", BUY, 100, 8000),
        order(3, "0xa", SELL, 100, 1000),
        order(4, "0xB", SELL, 100, 2000),
    ]
    cleared = clear_orders(book, 1)
    assert cleared.pairs == (Pair(buy=1, sell=4, wh=100), Pair(buy=2, sell=3, wh=100))
    assert (cleared.self_wh, cleared.welfare) == (0, unconstrained(book))


def test_clear_orders__partner_larger_and_smaller__amounts_are_kept() -> None:
    book = [
        order(1, "0xa", BUY, 100, 9000),
        order(2, "0xb", BUY, 30, 8000),
        order(3, "0xc", BUY, 170, 7000),
        order(4, "0xa", SELL, 100, 1000),
        order(5, "0xd", SELL, 200, 2000),
    ]
    cleared = clear_orders(book, 1)
    assert cleared.fills == {1: 100, 2: 30, 3: 170, 4: 100, 5: 200}
    assert all({1, 4} != {pair.buy, pair.sell} for pair in cleared.pairs)


def test_clear_orders__alone_with_himself__trades_nothing_and_says_so() -> None:
    book = [order(1, "0xa", BUY, 100, 9000), order(2, "0xa", SELL, 60, 1000)]
    cleared = clear_orders(book, 1)
    assert (cleared.pairs, cleared.price, cleared.self_wh) == ((), None, 60)


@pytest.mark.parametrize("bid", [5000, 8500])
def test_clear_orders__own_orders_in_the_way__the_better_side_stays(
    bid: int,
) -> None:
    book = [
        order(1, "0xa", BUY, 100, 10_000),
        order(2, "0xa", SELL, 100, 1000),
        order(3, "0xb", BUY, 100, bid),
    ]
    cleared = clear_orders(book, 1)
    assert cleared.fills == {3: 100, 2: 100}
    assert cleared.self_wh == 100
    assert cleared.welfare == (bid - 1000) * 100
    # The bid that was left out bounds no price.
    assert (cleared.low, cleared.high) == (1000, bid)


def test_clear_orders__beyond_what_the_chain_can_hold__is_cut() -> None:
    book = [
        order(1, "0xa", BUY, 2**200, 2**200),
        order(2, "0xb", SELL, 4 * MAX_PER_SLOT + 1, 5000),
        order(3, "0xc", SELL, 12, 2**32),
    ]
    cleared = clear_orders(book, 4)
    assert cleared.pairs == (Pair(buy=1, sell=2, wh=4 * MAX_PER_SLOT),)
    assert cleared.price == (5000 + MAX_PRICE) // 2


def test_clear_orders__marginal_interval__by_filled_and_by_left() -> None:
    book = [
        order(1, "0xa", BUY, 100, 9000),
        order(2, "0xb", BUY, 100, 4000),
        order(3, "0xc", SELL, 100, 1000),
        order(4, "0xd", SELL, 100, 7000),
    ]
    cleared = clear_orders(book, 1)
    assert (cleared.low, cleared.high, cleared.price) == (4000, 7000, 5500)
