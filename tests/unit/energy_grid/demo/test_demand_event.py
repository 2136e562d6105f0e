"""The demo's event: when, who, and what the meters then say."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from energy_grid.demo import simbench
from energy_grid.demo.demand_event import (
    MOST_PARTICIPANTS,
    SHARE_PERCENT,
    EventPlan,
    plan_event,
    similar_days,
    with_event,
)
from energy_grid.demo.profiles import Neighbourhood

SUMMER = date(2016, 7, 6)
DAYS = [day for week in simbench.weeks() for day in week.days]


def village_of(day: date, households: int | list[int] | None = None) -> Neighbourhood:
    return simbench.load(simbench.week_of(day), households)


def event_of(day: date, slot_seconds: int = 3600, min_reduction: int = 50) -> EventPlan:
    event = plan_event(village_of(day), day, slot_seconds, min_reduction=min_reduction)
    assert event is not None
    return event


def clock(timestamp: int) -> str:
    return f"{datetime.fromtimestamp(timestamp, UTC):%m-%d %H:%M}"


def test_plan_event__summer_day__is_in_the_hours_in_which_the_evening_before_drew_most() -> None:
    event = event_of(SUMMER)
    times = (event.announced_at, event.start, event.end)
    assert list(map(clock, times)) == ["07-06 18:00", "07-06 19:00", "07-06 22:00"]
    assert event.first_day == date(2016, 7, 4)
    assert event.slots_of_day == range(19, 22)
    first = event.slots.start
    # The hours from 15:00 on, before the announcement, and those of the event.
    assert event.measured_slots == tuple(range(first - h - 4, first - h + 3) for h in (48, 24, 0))
    assert event.target_kw == 2


def test_plan_event__quarter_hours__is_as_long() -> None:
    event = event_of(SUMMER, 900)
    assert event.end - event.start == 3 * 3600
    assert event.start - event.announced_at == 900


@pytest.mark.parametrize("day", DAYS)
def test_plan_event__any_day__asks_those_without_panels_who_usually_draw_most(day: date) -> None:
    village, event = village_of(day), event_of(day)
    chosen = {one.household.number for one in event.participants}
    assert 0 < len(chosen) <= MOST_PARTICIPANTS
    usual = {}
    for household in village.households:
        if household.pv_peak_w:
            continue
        days = event.similar_days or (
            max(day for day in (village.week.lead_in, *DAYS) if day < event.day),
        )
        profiles = [
            profile
            for one in days
            for profile in village.slots(one, 3600)
            if profile.household == household
        ]
        hours = event.slots_of_day
        used = [sum(one.consumed_wh[hours.start : hours.stop]) for one in profiles]
        usual[household.number] = sum(used) // (len(days) * 3)
    assert {one.household.number: one.baseline_w for one in event.participants} == {
        number: usual[number] for number in chosen
    }
    left_out = [usual[number] for number in usual if number not in chosen]
    assert max(left_out) <= min(usual[number] for number in chosen)
    assert min(usual[number] for number in chosen) * SHARE_PERCENT // 100 >= 50
    promised = sum(usual[number] for number in chosen) * SHARE_PERCENT // 100
    assert event.target_kw == -(-promised // 1000)


def test_plan_event__nobody_draws_enough__there_is_none() -> None:
    assert plan_event(village_of(SUMMER), SUMMER, 3600, min_reduction=1000) is None
    assert plan_event(village_of(SUMMER, [54]), SUMMER, 3600, min_reduction=1) is None


def test_plan_event__just_enough__counts() -> None:
    least = event_of(SUMMER).participants[0].baseline_w * SHARE_PERCENT // 100
    assert len(event_of(SUMMER, min_reduction=least).participants) == 1
    assert plan_event(village_of(SUMMER), SUMMER, 3600, min_reduction=least + 1) is None


@pytest.mark.parametrize(
    ("day", "before"),
    [
        (date(2016, 7, 4), []),
        (date(2016, 7, 5), [4]),
        (date(2016, 7, 8), [5, 6, 7]),
        (date(2016, 7, 9), []),
        (date(2016, 7, 10), [9]),
    ],
)
def test_similar_days__any_day__are_of_its_kind_and_before_it(day: date, before: list[int]) -> None:
    assert similar_days(village_of(day), day) == tuple(date(2016, 7, one) for one in before)


def test_with_event__participants__draw_the_share_less_during_it_and_nothing_else_changes() -> None:
    event, days = event_of(SUMMER), village_of(SUMMER).slots(SUMMER, 3600)
    chosen = {one.household.number for one in event.participants}
    for before, after in zip(days, with_event(days, event), strict=True):
        assert after.produced_wh == before.produced_wh
        for at, (was, now) in enumerate(zip(before.consumed_wh, after.consumed_wh, strict=True)):
            cut = before.household.number in chosen and at in range(19, 22)
            assert now == was - (was * SHARE_PERCENT // 100 if cut else 0)
    assert with_event(days, None) == days


def test_average_w__event__is_rounded_up() -> None:
    event = event_of(SUMMER)
    (day, *_) = village_of(SUMMER).slots(SUMMER, 3600)
    before, during = event.counted(day)
    assert before == sum(day.consumed_wh[:19])
    assert during == sum(day.consumed_wh[19:22])
    assert event.average_w(day) == -(-during // 3)
