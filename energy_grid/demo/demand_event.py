"""The demo's demand-response event: when it is, who takes part, and what their meters then say.

It covers the three hours of the evening in which the day before drew most. Asked are the
households that usually draw most in these hours: those for whom the promised share of that is
enough to count. Only households without panels, as their meters count what they use and nothing
else. Each takes 30 % off what it really used in each slot, and its orders stay as they were.
A household's reduction counts if it is more than its days differ anyway.

What it usually draws is what its meter counted in the same hours of the similar days before
(weekdays for a weekday, weekends for a weekend): of the last three days, as far as there are data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from energy_grid.demo.feeder import in_kw, loads_of, peak_window
from energy_grid.demo.profiles import DayProfile, Household, Neighbourhood
from energy_grid.demo.trading_day import midnight
from energy_grid.domain.baselines import Baseline, Morning, baseline_of
from energy_grid.domain.demand_response import average_up
from energy_grid.domain.periods import DAY_SECONDS

__all__ = [
    "MORNING_SECONDS",
    "MOST_PARTICIPANTS",
    "NOISE_PERCENT",
    "SHARE_PERCENT",
    "EventPlan",
    "Participant",
    "plan_event",
    "similar_days",
    "with_event",
]

SHARE_PERCENT, MOST_PARTICIPANTS = 30, 20
_LOOK_BACK_DAYS = 3
_HOUR, _SATURDAY = 3600, 5
MORNING_SECONDS = 3 * _HOUR
"""As DemandBaselines' ADJUSTMENT_TIME."""
NOISE_PERCENT = 200
"""Of the days' spread that a reduction must reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """A household that takes part, and what it usually draws in these hours: average W.

    Attributes:
        days_wh, mornings_wh: what it drew on each of the similar days during the event's hours, and
            in the three hours before its announcement.
    """

    household: Household
    baseline_w: int
    days_wh: tuple[int, ...]
    mornings_wh: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPlan:
    """What is announced, to whom, and what it is judged by.

    Attributes:
        slots: the numbers of the slots it covers.
        target_kw: what the households are to draw less together.
        similar_days: the days before whose same hours are the baseline; of fewer than two, nothing
            can be verified.
    """

    day: date
    slots: range
    slot_seconds: int
    target_kw: int
    participants: tuple[Participant, ...]
    similar_days: tuple[date, ...]

    @property
    def start(self) -> int:
        """Its first second, Unix time."""
        return self.slots.start * self.slot_seconds

    @property
    def end(self) -> int:
        """The second after its last one."""
        return self.slots.stop * self.slot_seconds

    @property
    def measured_slots(self) -> tuple[range, ...]:
        """What must be known: the event and the hours before its announcement, on the similar days
        and on its own, by the numbers of their slots."""
        shifts = [
            (self.day - day).days * DAY_SECONDS // self.slot_seconds
            for day in (*self.similar_days, self.day)
        ]
        begin = self.announced_at // self.slot_seconds - MORNING_SECONDS // self.slot_seconds
        return tuple(range(begin - one, self.slots.stop - one) for one in shifts)

    @property
    def announced_at(self) -> int:
        """One slot before it starts: the contract begins an event with the next slot."""
        return self.start - self.slot_seconds

    @property
    def slots_of_day(self) -> range:
        """The slots it covers, counted from 0 at midnight."""
        first = midnight(self.day) // self.slot_seconds
        return range(self.slots.start - first, self.slots.stop - first)

    def counted(self, day: DayProfile) -> tuple[int, int]:
        """Wh that a household's meter counts as consumed before the event and during it."""
        start, stop = self.slots_of_day.start, self.slots_of_day.stop
        return sum(day.consumed_wh[:start]), sum(day.consumed_wh[start:stop])

    def baseline(self, one: Participant, day: DayProfile, least: int) -> Baseline:
        """What the chain finds for a participant, whose day this is."""
        morning = _morning(self.slots_of_day, self.slot_seconds)
        return baseline_of(
            one.days_wh,
            self.end - self.start,
            noise_percent=NOISE_PERCENT,
            least=least,
            morning=Morning(one.mornings_wh, _drawn(day, morning), MORNING_SECONDS),
        )

    def average_w(self, day: DayProfile) -> int:
        """What the household draws during the event: average W, rounded up."""
        return average_up(self.counted(day)[1], self.end - self.start)

    @property
    def first_day(self) -> date:
        """The first day of the baseline."""
        return min(self.similar_days, default=self.day)


def plan_event(
    village: Neighbourhood, day: date, slot_seconds: int, *, min_reduction: int
) -> EventPlan | None:
    """The event of a day; None if no household would reduce by ``min_reduction`` W or more."""
    day_before = day - timedelta(days=1)
    window = peak_window(loads_of(village.slots(day_before, slot_seconds)), slot_seconds)
    similar = similar_days(village, day)
    before = [village.slots(one, slot_seconds) for one in similar or (day_before,)]
    first_slot = midnight(day) // slot_seconds
    slots = range(first_slot + window.start, first_slot + window.stop)
    able = []
    for profiles in zip(*before, strict=True):
        household = profiles[0].household
        baseline_w = _baseline_w(profiles, window)
        if not household.pv_peak_w and _share(baseline_w) >= min_reduction:
            days_wh = tuple(_drawn(day, window) for day in profiles)
            morning = _morning(window, slot_seconds)
            mornings_wh = tuple(_drawn(day, morning) for day in profiles)
            able.append(
                Participant(
                    household=household,
                    baseline_w=baseline_w,
                    days_wh=days_wh,
                    mornings_wh=mornings_wh,
                )
            )
    if not able:
        return None
    able.sort(key=lambda one: (-one.baseline_w, one.household.number))
    chosen = tuple(able[:MOST_PARTICIPANTS])
    return EventPlan(
        day=day,
        slots=slots,
        slot_seconds=slot_seconds,
        target_kw=in_kw(_share(sum(one.baseline_w for one in chosen))),
        participants=chosen,
        similar_days=similar,
    )


def similar_days(village: Neighbourhood, day: date) -> tuple[date, ...]:
    """The last days of the same kind that there are data for, the earliest first."""
    week = village.week
    earliest = day - timedelta(days=_LOOK_BACK_DAYS)
    before = (one for one in (week.lead_in, *week.days) if earliest <= one < day)
    return tuple(one for one in before if _is_weekend(one) == _is_weekend(day))


def with_event(days: Sequence[DayProfile], event: EventPlan | None) -> tuple[DayProfile, ...]:
    """What the meters count when those who take part reduce as they promised."""
    if event is None:
        return tuple(days)
    taking_part = {one.household.number for one in event.participants}
    during = event.slots_of_day
    return tuple(
        replace(
            day,
            consumed_wh=tuple(
                wh - _share(wh) if at in during else wh for at, wh in enumerate(day.consumed_wh)
            ),
        )
        if day.household.number in taking_part
        else day
        for day in days
    )


def _morning(window: range, slot_seconds: int) -> range:
    """The slots of the day before the announcement, which is one slot before the window."""
    announced = window.start - 1
    return range(announced - MORNING_SECONDS // slot_seconds, announced)


def _drawn(day: DayProfile, window: range) -> int:
    """Net Wh in these slots of a day."""
    return -sum(day.nets_wh[window.start : window.stop])


def _baseline_w(days: Sequence[DayProfile], window: range) -> int:
    """A household's average load in these hours of the days, as the chain finds it: W, rounded
    down."""
    drawn = sum(max(-net, 0) for day in days for net in day.nets_wh[window.start : window.stop])
    return drawn * _HOUR // (len(days) * len(window) * days[0].slot_seconds)


def _share(amount: int) -> int:
    """The promised share of an energy or power, rounded down."""
    return amount * SHARE_PERCENT // 100


def _is_weekend(day: date) -> bool:
    return day.weekday() >= _SATURDAY
