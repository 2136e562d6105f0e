"""A schedule is the cheapest that whole Wh allow, and never dearer than none."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.backend.agent.schedule import Schedule, end_price, plan
from energy_grid.domain.battery import Band, Battery, BatteryRatingError, dispatch, step
from energy_grid.domain.costs import grid_alone
from energy_grid.errors import DomainError

HOUR = 3600
HOME = Battery(power_w=5_000, capacity_wh=10_000, efficiency_percent=95)
# Cheap at night, dear in the evening.
DAY_PRICES = [200_000] * 6 + [300_000] * 11 + [600_000] * 4 + [200_000] * 3
BATTERIES = st.builds(
    Battery,
    power_w=st.integers(0, 20_000),
    capacity_wh=st.integers(0, 40_000),
    efficiency_percent=st.integers(1, 100),
)
# Net, price of export, and how much dearer import is.
SLOTS = st.lists(
    st.tuples(st.integers(-9_000, 9_000), st.integers(0, 300_000), st.integers(0, 600_000)),
    max_size=30,
)
Slots = list[tuple[int, int, int]]


def _planned(battery: Battery, slots: Slots, stored: int, end: int = 0) -> Schedule:
    return plan(
        battery,
        stored_wh=stored,
        nets_wh=[net for net, *_ in slots],
        import_prices=[earn + more for _, earn, more in slots],
        export_prices=[earn for _, earn, _ in slots],
        seconds=HOUR,
        end_price=end,
    )


def _flat(nets: list[int], end: int) -> Schedule:
    return _planned(HOME, [(net, 80_000, 220_000) for net in nets], 0, end)


@given(BATTERIES, SLOTS, st.data(), st.integers(0, 600_000))
def test_plan__any_forecast__is_never_dearer_than_rest_or_the_rule(
    battery: Battery, slots: Slots, data: st.DataObject, end: int
) -> None:
    stored = data.draw(st.integers(0, battery.capacity_wh))
    found = _planned(battery, slots, stored, end)
    rest = grid_alone((net, earn + more, earn) for net, earn, more in slots) - stored * end
    assert found.exact_cost <= rest
    assert found.exact_cost <= _cost_of(battery, slots, stored, end, None)


@given(BATTERIES, SLOTS, st.data())
def test_plan__any_forecast__keeps_to_ratings_and_never_charges_and_discharges_at_once(
    battery: Battery, slots: Slots, data: st.DataObject
) -> None:
    stored = data.draw(st.integers(0, battery.capacity_wh))
    for done in _planned(battery, slots, stored).steps:
        assert done.charged_wh == 0 or done.discharged_wh == 0
        assert max(done.charged_wh, done.discharged_wh) <= battery.power_w
        assert 0 <= done.stored_wh <= battery.capacity_wh
        assert done.charged_wh == done.discharged_wh + done.lost_wh + done.stored_wh - stored
        stored = done.stored_wh


@given(BATTERIES, SLOTS, st.data(), st.integers(0, 600_000))
def test_plan__forecast_comes_true__bands_give_the_steps_and_the_cost(
    battery: Battery, slots: Slots, data: st.DataObject, end: int
) -> None:
    stored = data.draw(st.integers(0, battery.capacity_wh))
    found = _planned(battery, slots, stored, end)
    assert found.exact_cost == _cost_of(battery, slots, stored, end, found.bands)


SMALL_SLOTS = st.lists(
    st.tuples(st.integers(-4, 4), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=6
)


@given(st.integers(0, 4), st.integers(0, 5), SMALL_SLOTS, st.data(), st.integers(0, 20))
def test_plan__small_case_without_losses__costs_what_brute_force_finds(
    power: int, capacity: int, slots: Slots, data: st.DataObject, end: int
) -> None:
    battery = Battery(power_w=power, capacity_wh=capacity, efficiency_percent=100)
    stored = data.draw(st.integers(0, capacity))
    found = _planned(battery, slots, stored, end)
    assert found.exact_cost == _cheapest(battery, slots, stored, end)


@given(st.integers(50, 99), SMALL_SLOTS, st.data(), st.integers(0, 20))
def test_plan__small_case_with_losses__is_within_a_wh_a_slot_of_brute_force(
    percent: int, slots: Slots, data: st.DataObject, end: int
) -> None:
    battery = Battery(power_w=4, capacity_wh=9, efficiency_percent=percent)
    stored = data.draw(st.integers(0, 9))
    found, cheapest = _planned(battery, slots, stored, end), _cheapest(battery, slots, stored, end)
    dearest = max(*(earn + more for _, earn, more in slots), end)
    assert cheapest <= found.exact_cost <= cheapest + 2 * dearest * len(slots)


@given(st.lists(st.integers(-6_000, 6_000), min_size=1, max_size=48))
def test_plan__flat_prices__costs_what_the_rule_costs(nets: list[int]) -> None:
    end = end_price(HOME, [300_000])
    found = _flat(nets, end)
    rule = _cost_of(HOME, [(net, 80_000, 220_000) for net in nets], 0, end, None)
    # The rule loses less than a Wh a slot to rounding.
    assert rule - 300_000 * len(nets) <= found.exact_cost <= rule


@given(st.lists(st.integers(-6_000, 6_000), min_size=1, max_size=48), st.integers(0, 10_000))
def test_plan__flat_prices__leaves_the_battery_free(nets: list[int], stored: int) -> None:
    slots = [(net, 80_000, 220_000) for net in nets]
    found = _planned(HOME, slots, stored, end_price(HOME, [300_000]))
    assert {*found.bands} == {Band(0, HOME.capacity_wh)}


def test_plan__dear_day_without_sun__fills_by_night_and_is_empty_after_the_evening() -> None:
    slots = [(-500, 80_000, price - 80_000) for price in DAY_PRICES]
    found = _planned(HOME, slots, 0)
    stored = [done.stored_wh for done in found.steps]
    # 15 hours of 500 Wh, and what is lost on the way out.
    assert stored[3:6] == [0, pytest.approx(7_895 - 4_750, abs=1), pytest.approx(7_895, abs=1)]
    assert stored[20] == 0
    assert all(done.charged_wh == 0 for done in found.steps[6:])


def test_plan__small_difference_of_prices__pays_no_losses_for_it() -> None:
    # 10 % dearer: a tenth is lost there and back.
    slots = [(-500, 80_000, 200_000)] * 12 + [(-500, 80_000, 228_000)] * 4
    assert all(done.charged_wh == 0 for done in _planned(HOME, slots, 0).steps)


def test_plan__nothing_ahead__is_an_empty_schedule() -> None:
    assert _planned(HOME, [], 500).steps == ()


def test_plan__feeding_in_earns_more_than_it_costs__is_refused() -> None:
    with pytest.raises(DomainError, match="earns 9 and costs 8"):
        _planned(HOME, [(0, 9, -1)], 0)


def test_plan__more_stored_than_the_battery_holds__is_refused() -> None:
    with pytest.raises(BatteryRatingError, match="10001 Wh stored"):
        _planned(HOME, [(0, 1, 1)], 10_001)


def _cost_of(battery: Battery, slots: Slots, stored: int, end: int, bands: Any) -> int:
    flows = {
        "generation_wh": [max(net, 0) for net, *_ in slots],
        "load_wh": [max(-net, 0) for net, *_ in slots],
    }
    steps = dispatch(battery, **flows, seconds=HOUR, stored_wh=stored, bands=bands)
    left = steps[-1].stored_wh if steps else stored
    return (
        grid_alone(
            (net + done.discharged_wh - done.charged_wh, earn + more, earn)
            for (net, earn, more), done in zip(slots, steps, strict=True)
        )
        - left * end
    )


def _cheapest(battery: Battery, slots: Slots, stored: int, end: int) -> int:
    """The lowest cost of all ways through the levels that whole Wh have."""

    @cache
    def from_(slot: int, stored: int) -> int:
        if slot == len(slots):
            return -stored * end
        net, earn, more = slots[slot]
        flows = {"generation_wh": max(net, 0), "load_wh": max(-net, 0), "seconds": HOUR}
        found = []
        for level in range(battery.capacity_wh + 1):
            done = step(battery, stored_wh=stored, **flows, band=Band(level, level))
            metered = net + done.discharged_wh - done.charged_wh
            now = grid_alone([(metered, earn + more, earn)])
            found.append(now + from_(slot + 1, done.stored_wh))
        return min(found)

    return from_(0, stored)
