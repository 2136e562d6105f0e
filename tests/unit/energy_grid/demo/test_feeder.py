"""The feeder's load, rating and peak."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.demo import feeder, simbench
from energy_grid.demo.feeder import (
    evening_of,
    flows_of,
    in_kw,
    loads_of,
    peak_window,
    rating_kw,
)
from energy_grid.demo.profiles import DayProfile, Household
from energy_grid.domain.grid_levels import CRITICAL_PERCENT, HIGH_PERCENT, LoadStatus
from tests.model.grid_levels import load_percentage, load_status

DAYS = [day for week in simbench.weeks() for day in week.days]


def profile(
    produced: tuple[int, ...], consumed: tuple[int, ...], slot_seconds: int = 3600
) -> DayProfile:
    return DayProfile(
        household=Household(number=1, name="", bus="", connected_w=1),
        day=date(2016, 7, 6),
        slot_seconds=slot_seconds,
        generated_wh=produced,
        produced_wh=produced,
        consumed_wh=consumed,
    )


@pytest.mark.parametrize("week", ["summer", "winter"])
def test_flows_of__a_day__is_what_is_drawn_and_what_is_lost(week: str) -> None:
    days = simbench.load(week).slots(simbench.weeks()[0 if week == "winter" else 1].days[2], 3600)
    flows = flows_of(days)
    nets = [-sum(wh) for wh in zip(*(day.nets_wh for day in days), strict=True)]
    assert [flow.supply_w - flow.losses_w for flow in flows] == pytest.approx(nets, abs=1)
    assert any(flow.supply_w < 0 for flow in flows)
    # What a single-line sum says without losses is nearly the same.
    assert loads_of(days)[-1] == pytest.approx(flows[-1].supply_w, rel=0.3)


def test_loads_of__several_households__is_what_all_draw_less_what_all_feed_in() -> None:
    days = (profile((0, 500, 900), (300, 100, 100)), profile((0, 0, 0), (200, 600, 100)))
    assert loads_of(days) == (500, 200, 0)


def test_loads_of__quarter_hours__are_average_power() -> None:
    assert loads_of((profile((0, 1), (25, 2), slot_seconds=900),)) == (100, 4)


def test_in_kw__any_part_of_a_kw__is_rounded_up() -> None:
    assert [in_kw(watts) for watts in (0, 1, 1000, 1001)] == [0, 1, 1, 2]


@pytest.mark.parametrize(("slot_seconds", "slots"), [(3600, range(16, 24)), (900, range(64, 96))])
def test_evening_of__slots__begin_at_16_oclock(slot_seconds: int, slots: range) -> None:
    assert evening_of(slot_seconds) == slots


def test_rating_kw__peak_in_the_evening__is_a_share_of_it_rounded_up() -> None:
    loads = [99_000] * 16 + [10_000] * 7 + [20_000]
    assert rating_kw(loads, 3600) == 18
    assert rating_kw([0] * 24, 3600) == 1


@pytest.mark.parametrize("day", DAYS)
def test_rating_kw__any_day_of_the_village__its_evening_is_too_much(
    day: date,
) -> None:
    loads = loads_of(simbench.load(simbench.week_of(day)).slots(day, 3600))
    rating = rating_kw(loads, 3600)
    seen = [load_status(load_percentage(in_kw(load), rating)) for load in loads]
    assert LoadStatus.CRITICAL in seen[16:]
    assert LoadStatus.NORMAL in seen[:16]
    assert in_kw(max(loads[16:])) > rating


def test_thresholds__are_where_the_chain_has_them() -> None:
    for percent, status in (
        (HIGH_PERCENT, LoadStatus.HIGH),
        (CRITICAL_PERCENT, LoadStatus.CRITICAL),
    ):
        assert load_status(percent) is status
        assert load_status(percent - 1) is not status


@given(loads=st.lists(st.integers(0, 9), min_size=24, max_size=24))
def test_peak_window__any_day__is_the_highest_of_the_evening_and_the_earliest_such(
    loads: list[int],
) -> None:
    window = peak_window(loads, 3600)
    sums = {start: sum(loads[start : start + 3]) for start in range(16, 22)}
    assert len(window) == 3
    assert sums[window.start] == max(sums.values())
    assert all(sums[start] < max(sums.values()) for start in range(16, window.start))


def test_peak_window__quarter_hours__is_as_long() -> None:
    loads = [0] * 96
    loads[70:82] = [5] * 12
    assert peak_window(loads, 900) == range(70, 82)


@pytest.mark.parametrize("capacity", [1, 7, 100])
def test_load_status__any_load__is_the_level_that_the_chain_has(capacity: int) -> None:
    for demand in range(2 * capacity + 1):
        expected = load_status(load_percentage(demand, capacity))
        assert feeder.load_status(demand, capacity) == expected, demand
