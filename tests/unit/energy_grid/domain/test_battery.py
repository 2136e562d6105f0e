"""The home battery: bounds, losses to the last Wh, and what it must never do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.domain.battery import (
    Band,
    Battery,
    BatteryRatingError,
    BatteryStep,
    dispatch,
    step,
)
from energy_grid.errors import DomainError

BATTERIES = st.builds(
    Battery,
    power_w=st.integers(0, 50_000),
    capacity_wh=st.integers(0, 100_000),
    efficiency_percent=st.integers(1, 100),
)
SECONDS = st.sampled_from((900, 3600))
ENERGIES = st.integers(0, 60_000)
SERIES = st.lists(st.tuples(ENERGIES, ENERGIES), max_size=100)
HOME = Battery(power_w=4_000, capacity_wh=8_000, efficiency_percent=95)


@given(BATTERIES, SERIES, SECONDS)
def test_dispatch__any_series__stays_within_capacity_and_power(
    battery: Battery, series: list[tuple[int, int]], seconds: int
) -> None:
    for done in _run(battery, series, seconds):
        assert 0 <= done.stored_wh <= battery.capacity_wh
        assert 0 <= done.charged_wh * 3600 <= battery.power_w * seconds
        assert 0 <= done.discharged_wh * 3600 <= battery.power_w * seconds


@given(BATTERIES, SERIES, SECONDS)
def test_dispatch__any_series__balances_to_the_last_wh(
    battery: Battery, series: list[tuple[int, int]], seconds: int
) -> None:
    steps = _run(battery, series, seconds)
    before = 0
    for done in steps:
        assert done.lost_wh >= 0
        assert done.charged_wh == done.discharged_wh + done.lost_wh + done.stored_wh - before
        before = done.stored_wh
    charged = sum(done.charged_wh for done in steps)
    discharged = sum(done.discharged_wh for done in steps)
    assert charged == discharged + sum(done.lost_wh for done in steps) + before
    # What comes out is never more than the efficiency there and back allows.
    assert discharged * 10_000 <= charged * battery.efficiency_percent**2


@given(BATTERIES, SERIES, SECONDS)
def test_dispatch__any_series__takes_only_surplus_and_gives_only_deficit(
    battery: Battery, series: list[tuple[int, int]], seconds: int
) -> None:
    for (generation, load), done in zip(series, _run(battery, series, seconds), strict=True):
        assert done.charged_wh <= max(generation - load, 0)
        assert done.discharged_wh <= max(load - generation, 0)


@given(BATTERIES, st.data(), ENERGIES, ENERGIES, SECONDS)
def test_step__any_state__does_all_that_the_ratings_allow(
    battery: Battery, data: st.DataObject, generation: int, load: int, seconds: int
) -> None:
    stored = data.draw(st.integers(0, battery.capacity_wh))
    done = step(battery, stored_wh=stored, generation_wh=generation, load_wh=load, seconds=seconds)
    at_power = battery.power_w * seconds // 3600
    if generation > load:
        full = done.stored_wh == battery.capacity_wh
        assert full or done.charged_wh in (generation - load, at_power)
    else:
        # The next Wh would need more than is stored.
        empty = (done.discharged_wh + 1) * 100 > stored * battery.efficiency_percent
        assert empty or done.discharged_wh in (load - generation, at_power)


def test_step__surplus_above_power__charges_at_power_and_loses_on_the_way_in() -> None:
    done = step(HOME, stored_wh=0, generation_wh=3_000, load_wh=500, seconds=900)
    assert (done.charged_wh, done.lost_wh, done.stored_wh) == (1_000, 50, 950)


def test_step__deficit__discharges_and_loses_on_the_way_out() -> None:
    done = step(HOME, stored_wh=950, generation_wh=0, load_wh=190, seconds=900)
    assert (done.discharged_wh, done.lost_wh, done.stored_wh) == (190, 10, 750)


def test_step__generation_equal_to_load__does_nothing() -> None:
    done = step(HOME, stored_wh=400, generation_wh=70, load_wh=70, seconds=900)
    assert (done.charged_wh, done.discharged_wh, done.lost_wh, done.stored_wh) == (0, 0, 0, 400)


def test_step__more_stored_than_capacity__is_refused() -> None:
    with pytest.raises(BatteryRatingError, match="8001 Wh stored in a battery of 8000 Wh"):
        step(HOME, stored_wh=8_001, generation_wh=0, load_wh=0, seconds=900)


@pytest.mark.parametrize("negative", ["stored_wh", "generation_wh", "load_wh", "seconds"])
def test_step__negative_value__is_refused(negative: str) -> None:
    values = {"stored_wh": 0, "generation_wh": 0, "load_wh": 0, "seconds": 900} | {negative: -1}
    with pytest.raises(DomainError, match="must not be negative"):
        step(HOME, **values)


@pytest.mark.parametrize("percent", [0, 101])
def test_battery__impossible_efficiency__is_refused(percent: int) -> None:
    with pytest.raises(BatteryRatingError, match="1 to 100 percent"):
        Battery(power_w=1, capacity_wh=1, efficiency_percent=percent)


def test_dispatch__series_of_different_length__is_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        dispatch(HOME, generation_wh=[1, 2], load_wh=[1], seconds=900)


def _run(battery: Battery, series: list[tuple[int, int]], seconds: int) -> tuple[BatteryStep, ...]:
    return dispatch(
        battery,
        generation_wh=[generation for generation, _ in series],
        load_wh=[load for _, load in series],
        seconds=seconds,
    )


@given(BATTERIES, st.data(), ENERGIES, ENERGIES, SECONDS)
def test_step__any_band__is_reached_as_far_as_power_allows(
    battery: Battery, data: st.DataObject, generation: int, load: int, seconds: int
) -> None:
    level = st.integers(0, battery.capacity_wh)
    stored, ends = data.draw(level), sorted(data.draw(st.tuples(level, level)))
    flows = {"generation_wh": generation, "load_wh": load, "seconds": seconds}
    done = step(battery, stored_wh=stored, **flows, band=Band(*ends))
    limit = battery.power_w * seconds // 3600
    assert done.charged_wh == limit or done.stored_wh >= ends[0]
    # What is left may be too little to give a Wh.
    above = done.stored_wh - ends[1]
    assert done.discharged_wh == limit or above * battery.efficiency_percent < 100
    assert 0 <= done.stored_wh <= battery.capacity_wh
    assert max(done.charged_wh, done.discharged_wh) <= limit
    assert done.charged_wh == done.discharged_wh + done.lost_wh + done.stored_wh - stored


def test_step__band_above_the_rule__charges_from_the_grid() -> None:
    flows = {"generation_wh": 0, "load_wh": 700, "seconds": 3600}
    done = step(HOME, stored_wh=1_000, **flows, band=Band(2_900, 8_000))
    assert (done.charged_wh, done.discharged_wh, done.stored_wh) == (2_000, 0, 2_900)


def test_step__band_that_keeps_energy__gives_only_what_is_above_it() -> None:
    flows = {"generation_wh": 0, "load_wh": 700, "seconds": 3600}
    done = step(HOME, stored_wh=1_000, **flows, band=Band(800, 8_000))
    assert (done.discharged_wh, done.stored_wh) == (190, 800)


def test_step__band_below_the_rule__discharges_into_the_grid() -> None:
    flows = {"generation_wh": 500, "load_wh": 0, "seconds": 3600}
    done = step(HOME, stored_wh=3_000, **flows, band=Band(0, 1_000))
    assert (done.charged_wh, done.discharged_wh, done.stored_wh) == (0, 1_900, 1_000)


def test_step__band_above_the_capacity__is_refused() -> None:
    flows = {"generation_wh": 0, "load_wh": 0, "seconds": 3600}
    with pytest.raises(BatteryRatingError, match="8001 Wh stored"):
        step(HOME, stored_wh=0, **flows, band=Band(0, 8_001))


def test_band__lower_end_above_the_upper__is_refused() -> None:
    with pytest.raises(BatteryRatingError, match="from 2 to 1 Wh"):
        Band(2, 1)
