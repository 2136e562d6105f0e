"""The feeder that supplies the neighbourhood: its load, its rating, its evening peak, its voltages.

The load is what all households draw less what they feed in. Its rating is made up: a share of the
evening's peak, so that the evening is too much for it and something has to be done. The real
transformer (``transformers.csv``) is many times as large.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from energy_grid.demo import simbench
from energy_grid.demo.profiles import DayProfile
from energy_grid.domain.demand_response import average_up
from energy_grid.domain.grid_levels import (
    CRITICAL_PERCENT,
    HIGH_PERCENT,
    NORMAL_PERCENT,
    LoadStatus,
)
from energy_grid.domain.power_flow import SlotFlow, Twin
from energy_grid.domain.units import W_PER_KW
from energy_grid.market.feeders import load_electric_grid

__all__ = [
    "EVENT_HOURS",
    "RATING_PERCENT",
    "evening_of",
    "flows_of",
    "in_kw",
    "load_status",
    "loads_of",
    "peak_window",
    "rating_kw",
]

# The feeder can carry so much of the evening's peak.
RATING_PERCENT = 88
EVENT_HOURS = 3
_EVENING_HOUR = 16
_HOUR, _DAY_HOURS = 3600, 24


def loads_of(days: Sequence[DayProfile]) -> tuple[int, ...]:
    """What the households draw from the feeder in each slot, average W, rounded up.

    0 where they feed in more than they draw.
    """
    slot_seconds = days[0].slot_seconds
    net = [0] * len(days[0].consumed_wh)
    for day in days:
        for at, (produced, consumed) in enumerate(day):
            net[at] += consumed - produced
    return tuple(average_up(max(wh, 0), slot_seconds) for wh in net)


def flows_of(days: Sequence[DayProfile]) -> tuple[SlotFlow, ...]:
    """What flows in SimBench's cables and transformer in each slot, when these households alone
    hang on them."""
    grid = load_electric_grid(simbench.FOLDER)
    assert grid is not None
    twin = Twin(grid)
    drawn = np.zeros((len(days[0].consumed_wh), len(grid.buses)))
    for day in days:
        drawn[:, twin.index(day.household.bus)] -= np.array(day.nets_wh) * _HOUR / day.slot_seconds
    return tuple(twin.flows(drawn).slots())


def in_kw(watts: int) -> int:
    """Whole kW, rounded up, as the chain counts loads."""
    return -(-watts // W_PER_KW)


def load_status(demand_kw: int, capacity_kw: int) -> LoadStatus:
    """The level of a load, as the chain has it."""
    percent = demand_kw * 100 // capacity_kw
    if percent < NORMAL_PERCENT:
        return LoadStatus.LOW
    if percent < HIGH_PERCENT:
        return LoadStatus.NORMAL
    return LoadStatus.HIGH if percent < CRITICAL_PERCENT else LoadStatus.CRITICAL


def evening_of(slot_seconds: int) -> range:
    """The slots of a day, counted from 0, that are evening: from 16:00 UTC on."""
    return range(_EVENING_HOUR * _HOUR // slot_seconds, _DAY_HOURS * _HOUR // slot_seconds)


def rating_kw(loads: Sequence[int], slot_seconds: int) -> int:
    """The assumed capacity of the feeder on a day of these loads: 88 % of the evening's peak."""
    peak = max(loads[at] for at in evening_of(slot_seconds))
    return max(in_kw(peak * RATING_PERCENT // 100), 1)


def peak_window(loads: Sequence[int], slot_seconds: int) -> range:
    """The three hours of the evening with the highest load together, as slots of the day.

    Of several such, the earliest.
    """
    evening = evening_of(slot_seconds)
    length = EVENT_HOURS * _HOUR // slot_seconds
    starts = range(evening.start, evening.stop - length + 1)
    first = max(starts, key=lambda start: sum(loads[start : start + length]))
    return range(first, first + length)
