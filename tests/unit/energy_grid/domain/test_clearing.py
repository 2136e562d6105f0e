"""Uniform-price clearing against an exact optimum that knows nothing about sorting."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from energy_grid.domain.clearing import (
    Clearing,
    ClearingOverflowError,
    OrderColumns,
    OrderColumnsError,
    clear,
)

Row = tuple[int, int, int]  # id, price, amount
Book = tuple[list[Row], list[Row]]


def run(bids: list[Row], asks: list[Row]) -> Clearing:
    return clear(OrderColumns.of_rows(bids), OrderColumns.of_rows(asks))


def pairs_of(cleared: Clearing) -> list[tuple[int, int, int]]:
    columns = (cleared.pair_buy_ids, cleared.pair_sell_ids, cleared.pair_wh)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def optimum(bids: list[Row], asks: list[Row]) -> tuple[int, int]:
    """Largest welfare of any allocation, and the largest volume that reaches it.

    Dynamic programming over the orders with every possible fill of each: the best value of
    exactly q Wh bought, and the least value of exactly q Wh sold.
    """

    def best(rows: list[Row], sign: int) -> dict[int, int]:
        values = {0: 0}
        for _, price, amount in rows:
            step: dict[int, int] = {}
            for wh, value in values.items():
                for fill in range(amount + 1):
                    candidate = value + sign * price * fill
                    step[wh + fill] = max(step.get(wh + fill, candidate), candidate)
            values = step
        return values

    bought, sold = best(bids, 1), best(asks, -1)
    return max((bought[wh] + sold[wh], wh) for wh in bought.keys() & sold.keys())


def walk(bids: list[Row], asks: list[Row]) -> list[tuple[int, int, int]]:
    """The plain two-pointer walk over what is filled of both sides, by priority."""
    left = sorted(([-price, key, wh] for key, price, wh in bids if wh), reverse=True)
    right = sorted(([price, key, wh] for key, price, wh in asks if wh), reverse=True)
    pairs = []
    while left and right and -left[-1][0] >= right[-1][0]:
        wh = min(left[-1][2], right[-1][2])
        pairs.append((left[-1][1], right[-1][1], wh))
        for side in (left, right):
            side[-1][2] -= wh
            if side[-1][2] == 0:
                side.pop()
    return pairs


def filled(rows: list[Row], fills: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[Row]:
    """Orders with what they got for their amount."""
    return [(one, price, int(wh)) for (one, price, _), wh in zip(rows, fills, strict=True)]


@st.composite
def books(draw: st.DrawFn) -> Book:
    row = st.tuples(st.integers(0, 9), st.integers(0, 6))
    sides = draw(st.tuples(st.lists(row, max_size=6), st.lists(row, max_size=6)))
    ids = iter(draw(st.permutations(range(1, 13))))
    bids, asks = ([(next(ids), price, wh) for price, wh in side] for side in sides)
    return bids, asks


@given(books())
@example(([(1, 5, 3)], [(2, 5, 4)]))
@example(([(1, 9, 2), (2, 3, 2)], [(3, 1, 2), (4, 8, 2)]))
def test_clear__welfare_and_volume__are_the_exact_optimum(book: Book) -> None:
    cleared = run(*book)
    assert (cleared.welfare, cleared.volume) == optimum(*book)


@given(books())
def test_clear__energy__is_conserved_and_nobody_is_overfilled(book: Book) -> None:
    bids, asks = book
    cleared = run(bids, asks)
    pairs = pairs_of(cleared)
    assert sum(wh for _, _, wh in pairs) == cleared.volume
    assert all(wh > 0 for _, _, wh in pairs)
    for rows, fills, side in ((bids, cleared.bid_fills, 0), (asks, cleared.ask_fills, 1)):
        assert len(fills) == len(rows)
        for (order_id, _, amount), fill in zip(rows, fills.tolist(), strict=True):
            assert 0 <= fill <= amount
            assert fill == sum(pair[2] for pair in pairs if pair[side] == order_id)


@given(books())
def test_clear__price__suits_everybody(book: Book) -> None:
    bids, asks = book
    cleared = run(bids, asks)
    assert (cleared.price is None) == (cleared.volume == 0)
    if cleared.price is None:
        return
    for (_, limit, amount), fill in zip(bids, cleared.bid_fills.tolist(), strict=True):
        assert fill == 0 or limit >= cleared.price
        assert fill == amount or limit <= cleared.price
    for (_, limit, amount), fill in zip(asks, cleared.ask_fills.tolist(), strict=True):
        assert fill == 0 or limit <= cleared.price
        assert fill == amount or limit >= cleared.price


@given(books(), st.binary(max_size=2), st.sampled_from([1, 4]))
def test_clear__equal_prices__get_their_exact_share_to_a_step(
    book: Book, seed: bytes, step: int
) -> None:
    sides = [[(one, price, wh * step) for one, price, wh in side] for side in book]
    cleared = clear(*map(OrderColumns.of_rows, sides), step=step, seed=seed)
    for rows, fills in zip(sides, (cleared.bid_fills, cleared.ask_fills), strict=True):
        filled = list(zip(rows, fills.tolist(), strict=True))
        for price in {row[1] for row in rows}:
            level = [(row[2], fill) for row, fill in filled if row[1] == price]
            amount, traded = (sum(column) for column in zip(*level, strict=True))
            for wh, fill in level:
                assert fill % step == 0
                assert abs(fill * amount - wh * traded) < step * max(amount, 1)


def test_clear__share_of_a_level__is_exact_on_average() -> None:
    bids = [(1, 9, 1), (2, 9, 5), (3, 9, 4)]
    totals = [0, 0, 0]
    for seed in range(1000):
        cleared = clear(
            OrderColumns.of_rows(bids),
            OrderColumns.of_rows([(4, 1, 3)]),
            seed=seed.to_bytes(2, "big"),
        )
        totals = [total + int(fill) for total, fill in zip(totals, cleared.bid_fills, strict=True)]
    assert totals == pytest.approx([300, 1500, 1200], abs=60)


def test_clear__wide_level__is_shared_beyond_64_bits() -> None:
    cleared = run([(1, 9, 2**61), (2, 9, 2**61)], [(3, 1, 2**61)])
    assert cleared.bid_fills.tolist() == [2**60, 2**60]


@given(books())
def test_clear__pairs__are_the_plain_walk_and_replay_to_the_fills(book: Book) -> None:
    bids, asks = book
    cleared = run(bids, asks)
    bids, asks = filled(bids, cleared.bid_fills), filled(asks, cleared.ask_fills)
    pairs = pairs_of(cleared)
    assert pairs == walk(bids, asks)
    remaining = {order_id: amount for order_id, _, amount in bids + asks}
    for buy, sell, wh in pairs:
        assert min(remaining[buy], remaining[sell]) == wh
        remaining[buy] -= wh
        remaining[sell] -= wh


def test_clear__price__is_the_floored_midpoint_of_the_marginal_interval() -> None:
    # Both marginal orders are filled: the interval is [max(4, 3), min(9, 8)].
    cleared = run([(1, 9, 2), (2, 3, 2)], [(3, 4, 2), (4, 8, 2)])
    assert (cleared.price, cleared.volume, cleared.welfare) == (6, 2, 10)
    # The next bid narrows it from below, the next ask from above.
    assert run([(1, 9, 2), (2, 6, 2)], [(3, 4, 2), (4, 8, 2)]).price == 7
    assert run([(1, 9, 2)], [(3, 4, 2)]).price == 6
    # A bid that is filled in part is worth its price to the margin, and so is an ask.
    assert run([(1, 9, 3)], [(3, 4, 2)]).price == 9
    assert run([(1, 9, 2)], [(3, 4, 3)]).price == 4


def test_clear__largest_prices__do_not_overflow() -> None:
    top = 2**64 - 1
    cleared = run([(1, top, 2**63 - 1)], [(2, top - 2, 2**63 - 1)])
    assert (cleared.price, cleared.welfare) == (top - 1, 2 * (2**63 - 1))
    for bid in (1, 2, 3, 4):
        assert run([(1, bid, 2**62)], [(2, 1, 2**62)]).welfare == (bid - 1) * 2**62


@pytest.mark.parametrize(
    ("bids", "asks"),
    [
        ([], []),
        ([(1, 5, 1)], []),
        ([], [(1, 5, 1)]),
        ([(1, 5, 1)], [(2, 6, 1)]),
        ([(1, 5, 0)], [(2, 4, 1)]),
        ([(1, 5, 1)], [(2, 4, 0)]),
        ([(1, 5, 0), (3, 3, 1)], [(2, 4, 1)]),
        ([(1, 3, 1)], [(2, 4, 1), (3, 2, 0)]),
    ],
)
def test_clear__nothing_crosses__trades_nothing(bids: list[Row], asks: list[Row]) -> None:
    cleared = run(bids, asks)
    assert (cleared.price, cleared.volume, cleared.welfare) == (None, 0, 0)
    assert cleared.bid_fills.tolist() == [0] * len(bids)
    assert cleared.ask_fills.tolist() == [0] * len(asks)
    assert not pairs_of(cleared)


def test_clear__amounts_up_to_63_bits__pass_and_one_more_is_refused() -> None:
    half = 2**62
    assert run([(1, 5, half), (2, 5, half - 1)], [(3, 5, 7)]).volume == 7
    with pytest.raises(ClearingOverflowError, match=str(2**63 - 1)):
        run([(1, 5, half), (2, 5, half)], [(3, 5, 7)])
    with pytest.raises(ClearingOverflowError):
        run([(1, 5, 7)], [(key, 5, 2**63 - 1) for key in range(2, 9)])


def test_clear__large_book__equals_the_plain_walk() -> None:
    rng = random.Random(3)
    rows = [(key, rng.randint(1, 500), rng.randint(0, 5000)) for key in range(1, 20_001)]
    rng.shuffle(rows)
    bids, asks = rows[:9000], rows[9000:]
    cleared = run(bids, asks)
    bids, asks = filled(bids, cleared.bid_fills), filled(asks, cleared.ask_fills)
    assert pairs_of(cleared) == walk(bids, asks)
    price_of = {key: price for key, price, _ in rows}
    assert cleared.welfare == sum(
        (price_of[buy] - price_of[sell]) * wh for buy, sell, wh in walk(bids, asks)
    )


def test_columns__values_that_do_not_fit__are_refused() -> None:
    OrderColumns.of_rows([(2**64 - 1, 2**64 - 1, 2**63 - 1)])
    for row in ((2**64, 1, 1), (1, 2**64, 1), (1, 1, 2**63)):
        with pytest.raises(OrderColumnsError, match="is above"):
            OrderColumns.of_rows([row])


def test_columns__of_the_wrong_form__are_refused() -> None:
    ids = np.array([1, 2], np.uint64)
    wh = np.array([3, 4], np.int64)
    assert OrderColumns(ids=ids, prices=ids, amounts=wh).amounts.sum() == 7
    with pytest.raises(OrderColumnsError, match="prices must be 2 of uint64"):
        OrderColumns(ids=ids, prices=ids[:1], amounts=wh)
    with pytest.raises(OrderColumnsError, match="amounts must be 2 of int64"):
        OrderColumns(ids=ids, prices=ids, amounts=ids)  # type: ignore[arg-type]
    with pytest.raises(OrderColumnsError, match="negative amount: -4 Wh"):
        OrderColumns(ids=ids, prices=ids, amounts=-wh)
    for twice in ([1, 1], [2, 1, 2]):
        with pytest.raises(OrderColumnsError, match="occurs twice"):
            OrderColumns.of_rows((order_id, 1, 1) for order_id in twice)
