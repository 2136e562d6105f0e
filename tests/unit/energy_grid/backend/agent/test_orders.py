"""Orders of an hour: no kWh is riskier than its limit pays for; none is beyond the preference."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.backend.agent.orders import Bid, Worth, bids, within
from energy_grid.backend.agent.quantiles import cautious, net_quantiles
from energy_grid.domain.costs import grid_alone
from energy_grid.domain.orders import OrderType
from energy_grid.domain.preferences import Preference
from energy_grid.errors import DomainError

SELL, BUY = OrderType.SELL, OrderType.BUY
FEED_IN, GRID = 80_000, 300_000
GRID_ALONE = Worth(unsold=FEED_IN, unbought=GRID, short=GRID, long=FEED_IN, fees=0)
TEN_HOURS = st.lists(st.integers(-5_000, 5_000), min_size=10, max_size=10).map(sorted)
# Nothing is sold or bought at less, or at more.
FREE = Preference(
    account="0x00000000000000000000000000000000000000a1",
    sold_wh=100_000,
    lowest_price=0,
    bought_wh=100_000,
    highest_price=2**32 - 1,
    until=2**32 - 1,
)


def _bids(net: list[int], worth: Worth = GRID_ALONE, slots: int = 1) -> tuple[Bid, ...]:
    return bids(net, worth, slots=slots, least_wh=0)


@given(TEN_HOURS, st.integers(0, 100_000), st.integers(0, 300_000), st.integers(0, 400_000))
def test_bids__hours_as_the_quantiles_say__lose_at_no_price_on_average(
    hours: list[int], feed_in: int, more: int, price: int
) -> None:
    buy = feed_in + more
    worth = Worth(unsold=feed_in, unbought=buy, short=buy, long=feed_in, fees=0)
    # So that one, five and nine of the ten are below, or the other way for a need.
    net = [hours[1], (hours[4] + hours[5]) // 2, hours[8]]
    done = sum(
        each.wh if each.order_type is SELL else -each.wh
        for each in _bids(net, worth)
        if (each.price <= price if each.order_type is SELL else each.price >= price)
    )
    without = grid_alone((came, buy, feed_in) for came in hours)
    trading = grid_alone((came - done, buy, feed_in) for came in hours) - 10 * done * price
    assert Fraction(trading, 10) <= Fraction(without, 10)


def test_bids__surplus__each_quantile_has_the_price_of_its_last_kwh() -> None:
    assert _bids([1_000, 2_000, 4_000]) == (
        Bid(SELL, 1_000, 102_000),
        Bid(SELL, 1_000, 190_000),
        Bid(SELL, 2_000, 278_000),
    )


def test_bids__deficit__each_quantile_has_the_price_of_its_last_kwh() -> None:
    assert _bids([-4_000, -2_000, -1_000]) == (
        Bid(BUY, 1_000, 278_000),
        Bid(BUY, 1_000, 190_000),
        Bid(BUY, 2_000, 102_000),
    )


def test_bids__either_may_come__both_sides_do_not_cross() -> None:
    found = _bids([-1_000, 0, 1_000])
    assert [(each.order_type, each.wh) for each in found] == [(SELL, 1_000), (BUY, 1_000)]
    assert found[0].price > found[1].price


def test_bids__certain_surplus__is_one_order_at_its_worth_without_a_trade() -> None:
    shared = Worth(unsold=190_000, unbought=190_000, short=GRID, long=FEED_IN, fees=10_000)
    assert _bids([2_000, 2_000, 2_000], shared) == (Bid(SELL, 2_000, 211_000),)


def test_bids__quarter_hours__get_the_same_whole_wh() -> None:
    assert [each.wh for each in _bids([1_003, 1_003, 2_002], slots=4)] == [1_000, 1_000]


def test_bids__little__waits_for_the_next_quantile() -> None:
    found = bids([50, 90, 400], GRID_ALONE, slots=1, least_wh=100)
    assert found == (Bid(SELL, 400, 278_000),)


def test_bids__neither_surplus_nor_need__are_none() -> None:
    assert _bids([0, 0, 0]) == ()


@given(
    st.lists(st.integers(-9_000, 9_000), min_size=3, max_size=3).map(sorted),
    st.sampled_from((1, 4)),
    *(st.integers(0, 9_000),) * 2,
    *(st.integers(0, 400_000),) * 2,
)
def test_within__any_preference__is_never_exceeded(
    net: list[int], slots: int, sold: int, bought: int, lowest: int, highest: int
) -> None:
    allowed = Preference(
        account=FREE.account,
        sold_wh=sold,
        lowest_price=lowest,
        bought_wh=bought,
        highest_price=highest,
        until=FREE.until,
    )
    found = within(allowed, _bids(net, slots=slots), slots)
    for side, most in ((SELL, sold), (BUY, bought)):
        assert sum(each.wh for each in found if each.order_type is side) <= most
    assert all(each.wh > 0 and each.wh % slots == 0 for each in found)
    assert all(each.price >= lowest for each in found if each.order_type is SELL)
    assert all(each.price <= highest for each in found if each.order_type is BUY)


@given(st.lists(st.integers(-9_000, 9_000), min_size=3, max_size=3).map(sorted))
def test_within__wide_preference__changes_nothing(net: list[int]) -> None:
    wanted = _bids(net)
    assert within(FREE, wanted, 1) == wanted


def test_net_quantiles__errors_of_both__add_up_as_independent() -> None:
    production, load = np.array([[5.0], [8.0], [8.0]]), np.array([[2.0], [3.0], [7.0]])
    assert net_quantiles(production, load).tolist() == [[0.0], [5.0], [6.0]]


def test_cautious__quantiles__is_half_the_way_down() -> None:
    assert cautious(np.array([[-400.0], [100.0], [900.0]])) == [-150]


@pytest.mark.parametrize("field", ["sold_wh", "lowest_price", "bought_wh", "highest_price"])
def test_preference__number_below_zero__is_refused(field: str) -> None:

    with pytest.raises(DomainError, match="must be from 0"):
        replace(FREE, **{field: -1})
