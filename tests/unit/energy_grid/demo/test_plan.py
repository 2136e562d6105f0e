"""What a demo is made of."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from energy_grid.demo import simbench
from energy_grid.demo.config import DemoConfig
from energy_grid.demo.plan import BEFORE, MIN_REDUCTION, DemoPlan
from energy_grid.demo.trading_day import midnight


def plan_of(day: str, households: str = "all", slot: str = "3600") -> DemoPlan:
    return DemoPlan.of(
        DemoConfig.of_words(day=day, households=households, seed="1", slot=slot, report=Path("r"))
    )


@pytest.mark.parametrize(
    ("day", "households", "first", "hour", "days"),
    [
        ("2016-07-06", "all", date(2016, 7, 4), 19, 2),
        ("2016-07-09", "all", date(2016, 7, 3), 19, 1),
        ("2016-07-04", "all", date(2016, 7, 4), 0, None),
        ("2016-07-06", "54,", date(2016, 7, 6), 0, None),
    ],
    ids=["weekday", "weekend", "first of its kind", "nobody takes part"],
)
def test_begin__any_day__leaves_time_before_the_first_reading(
    day: str, households: str, first: date, hour: int, days: int | None
) -> None:
    plan = plan_of(day, households)
    assert plan.begin == midnight(first) + hour * 3600 - BEFORE
    chosen = {"slotLength": 3600, "minReduction": MIN_REDUCTION}
    if days is not None:
        chosen |= {"baselineDays": days, "baselineHighest": days}
    assert plan.parameters == chosen


def test_trading__event__changes_what_meters_count_and_nothing_that_is_expected() -> None:
    plan = plan_of("2016-07-06", "12", slot="900")
    village = simbench.load("summer", 12)
    trading = plan.trading(grid_price=300_000, grace=3600)
    assert trading.days_before == village.slots(date(2016, 7, 5), 900)
    assert plan.days_without_event == village.slots(date(2016, 7, 6), 900)
    assert trading.days == plan.days != plan.days_without_event
    feeder = plan.feeder(grace=3600)
    assert (feeder.days, feeder.event, feeder.start) == (plan.days, plan.event, trading.start)
    assert feeder.early[0][0] == plan.begin + BEFORE
