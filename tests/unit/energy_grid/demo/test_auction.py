"""The auction and the pairs that carry it out."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.demo import auction
from energy_grid.demo.auction import Pair, PairsDifferError, PlacedOrder, clear_auction
from energy_grid.domain.clearing import clear
from energy_grid.domain.orders import OrderType


def order(number: int, order_type: OrderType, wh: int, price: int) -> PlacedOrder:
    return PlacedOrder(id=number, household=number, order_type=order_type, wh=wh, price=price)


records = st.lists(
    st.tuples(st.sampled_from(OrderType), st.integers(1, 50), st.integers(1, 20)), max_size=25
).map(lambda rows: [order(at, *row) for at, row in enumerate(rows, 1)])


@given(records)
def test_clear_auction__any_book__pairs_keep_limits_and_amounts(book: list[PlacedOrder]) -> None:
    outcome = clear_auction(book)
    by_id = {one.id: one for one in book}
    left = {one.id: one.wh for one in book}
    for pair in outcome.pairs:
        buy, sell = by_id[pair.buy_id], by_id[pair.sell_id]
        assert (buy.order_type, sell.order_type) == (OrderType.BUY, OrderType.SELL)
        assert sell.price <= pair.price <= buy.price
        assert pair.price == by_id[min(buy.id, sell.id)].price
        assert pair.wh == min(left[buy.id], left[sell.id]) > 0
        left[buy.id] -= pair.wh
        left[sell.id] -= pair.wh
    assert outcome.unfilled == tuple(one.id for one in book if left[one.id])
    assert (outcome.price is None) == (not outcome.pairs)


@given(records)
def test_clear_auction__any_book__leaves_nothing_that_crosses(book: list[PlacedOrder]) -> None:
    unfilled = set(clear_auction(book).unfilled)
    bids = [one.price for one in book if one.id in unfilled and one.order_type is OrderType.BUY]
    asks = [one.price for one in book if one.id in unfilled and one.order_type is OrderType.SELL]
    assert max(bids, default=0) < min(asks, default=10**9)


def test_clear_auction__example__trades_at_the_earlier_limits() -> None:
    book = [
        order(1, OrderType.SELL, 100, 10),
        order(2, OrderType.BUY, 60, 30),
        order(3, OrderType.BUY, 60, 20),
        order(4, OrderType.SELL, 50, 15),
    ]
    outcome = clear_auction(book)
    assert outcome.pairs == (
        Pair(buy_id=2, sell_id=1, wh=60, price=10),
        Pair(buy_id=3, sell_id=1, wh=40, price=10),
        Pair(buy_id=3, sell_id=4, wh=20, price=20),
    )
    assert outcome.unfilled == (4,)
    assert outcome.price == 15


@pytest.mark.parametrize("column", ["bid_fills", "ask_fills", "pair_wh"])
def test_clear_auction__clearing_says_otherwise__is_refused(column: str) -> None:
    book = [order(1, OrderType.SELL, 100, 10), order(2, OrderType.BUY, 100, 30)]

    def wrong(*sides: object) -> object:
        return replace(clear(*sides), **{column: np.array([99], np.int64)})  # type: ignore[arg-type]

    with patch.object(auction, "clear", wrong), pytest.raises(PairsDifferError):
        clear_auction(book)
