"""What a demo is made of."""

from __future__ import annotations

from datetime import date

import pytest

from energy_grid.demo import simbench
from energy_grid.demo.demand_event import NOISE_PERCENT
from energy_grid.demo.plan import BEFORE, MIN_REDUCTION
from energy_grid.demo.trading_day import midnight
from tests.support.days import TARIFF, plan_of

SUMMER = date(2016, 7, 6)


@pytest.mark.parametrize(
    ("day", "households", "first", "days"),
    [
        (SUMMER, None, date(2016, 7, 4), 2),
        (date(2016, 7, 10), None, date(2016, 7, 9), None),
        (date(2016, 7, 9), None, date(2016, 7, 8), None),
        (SUMMER, [54], date(2016, 7, 5), None),
    ],
    ids=["weekday", "weekend", "no similar day near", "nobody takes part"],
)
def test_begin__any_day__leaves_time_before_the_first_reading(
    day: date, households: list[int] | None, first: date, days: int | None
) -> None:
    plan = plan_of(day, households)
    assert plan.begin == midnight(first) - BEFORE
    assert len(plan.first_days) == (day - first).days
    chosen = {
        "slotLength": 3600,
        "minReduction": MIN_REDUCTION,
        "verificationTime": 86_400,
    }
    if days is not None:
        chosen |= {"baselineDays": days, "baselineKnown": days, "noiseFactor": NOISE_PERCENT}
    assert plan.parameters == chosen


def test_trading__event__changes_what_meters_count_and_nothing_that_is_expected() -> None:
    plan = plan_of(SUMMER, 12, slot_seconds=900)
    village = simbench.load("summer", 12)
    trading = plan.trading(tariff=TARIFF)
    assert trading.days_before == tuple(
        day for day in village.slots(date(2016, 7, 5), 900) if day.household.number in plan.traders
    )
    assert plan.days_without_event == village.slots(SUMMER, 900)
    assert trading.days == plan.days != plan.days_without_event
    feeder = plan.feeder
    assert (feeder.days, feeder.event, feeder.start) == (plan.days, plan.event, trading.start)


def test_trading__registers__go_on_from_the_days_before() -> None:
    plan = plan_of(SUMMER, 12)
    trading = plan.trading(tariff=TARIFF)
    assert {one.household for one in trading.registers} == {
        one.number for one in plan.village.households
    }
    for one in trading.registers:
        before = one.at(trading.start)
        assert before.imported + before.exported > 0


def test_sharing_only__nobody_trades_or_keeps__and_the_event_stays() -> None:
    plan = plan_of(SUMMER, sharing_only=True)
    usual = plan_of(SUMMER)
    assert (plan.traders, plan.keepers) == ((), ())
    assert len(usual.traders) == 19
    assert 0 < len(usual.keepers) < 19
    assert plan.event == usual.event
    assert plan.trading(tariff=TARIFF).days_before == ()


def test_generated__plants__show_what_they_have_produced_since_the_first_day() -> None:
    plan = plan_of(SUMMER, slot_seconds=900)
    assert plan.generated.keys() == {plant.number for plant in plan.plants.plants}
    days = [plan.village.slots(day, 900) for day in (*plan.first_days, SUMMER)]
    for profiles in zip(*days, strict=True):
        shown = [sum(sum(day.generated_wh) for day in profiles[:at]) for at in range(4)]
        number = profiles[0].household.number
        assert plan.generated.get(number, tuple(shown)) == tuple(shown)
