"""What a consumer would have drawn had it not been asked to draw less.

A baseline is guessed from the days before: of the last Y days that compare with the event's, the
X on which most was drawn at the time of the event, on average ("high X of Y"). DemandResponse
pays for reductions against it (`highest_average`, to the unit what contracts/libraries/Baselines
gives). Operators then often scale it to what was drawn on the day itself shortly before the event
(`adjusted_baseline`), which the contract leaves to whoever verifies by its word: whoever knows of
the event could draw more in those hours.

Similar to the event's day, the UTC day of its first slot, are the days of the same class: Monday to
Friday, or Saturday and Sunday. The last Y of them count. Operators leave out the days of
other events (`excluded_days`); the contract does not: were days left out on which a reduction was
found, those with a high use would remain, and each event would raise the baseline of the next.

A day is known if its window, the event's slots shifted by whole days, begins with a reading of all
meters that the account has now, and it has had the same ones since. A reading holds all that was
drawn since the one before it, so without this a whole day's energy could be read into the window,
or a meter could add its energy and leave. A day that is not known takes its place among the Y and
is none of the X: leaving out a reading does not bring an older day in. A day on which nothing was
drawn is known like any other.

Where the rules come from: the North American Energy Standards Board calls the method "Baseline
Type-I" in its business practice standards for measuring and verifying wholesale demand response;
the operators' own rules are named at `RULES`. What they add is left out here: public holidays,
local time, weather, days of unusually low use.

All is whole Wh and W, and rounded down once, at the end: in favour of the payer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from energy_grid.domain.periods import DAY_SECONDS, SLOT_LENGTHS, SlotLengthError
from energy_grid.domain.units import natural
from energy_grid.errors import DomainError

__all__ = [
    "CAISO_10_IN_10",
    "LOOK_BACK_DAYS",
    "NYISO_5_OF_10",
    "PJM_4_OF_5",
    "RULES",
    "AdjustedBaseline",
    "Average",
    "BaselineRule",
    "BaselineRuleError",
    "EventSlots",
    "MeterSet",
    "MeteredSlot",
    "SameDayAdjustment",
    "TooFewDaysError",
    "adjusted_baseline",
    "highest_average",
    "known_days",
]

LOOK_BACK_DAYS = 45
_HOUR_SECONDS = 3600
_PERCENT = 100


class BaselineRuleError(DomainError):
    """A rule that picks no day, or more days than it considers, or adjusts by an invalid value."""


class TooFewDaysError(DomainError):
    """Fewer days are known than the rule averages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeteredSlot:
    """What the meters of an account measured in a slot.

    Attributes:
        consumed: Wh.
        read_at_end: how many meters were read at its end, to the second.
    """

    consumed: int = 0
    read_at_end: int = 0


_UNREAD = MeteredSlot()


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterSet:
    """The meters of an account.

    Attributes:
        count: how many it has now.
        since: the first slot that it has had these for.
    """

    count: int = 1
    since: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSlots:
    """The slots of an event: ``first`` to ``end``, which is the first one after it.

    Raises:
        DomainError: it has no slot, or lasts longer than a day.
        SlotLengthError: the market has no such slots.
    """

    first: int
    end: int
    slot_seconds: int = 3600

    def __post_init__(self) -> None:
        if self.slot_seconds not in SLOT_LENGTHS:
            raise SlotLengthError(f"a slot lasts 900 or 3600 s, not {self.slot_seconds}")
        length = natural("last slot", self.end) - natural("first slot", self.first)
        if not 0 < length <= self.per_day:
            raise DomainError(f"an event has 1 to {self.per_day} slots, not {length}")

    @property
    def per_day(self) -> int:
        """Slots of a day."""
        return DAY_SECONDS // self.slot_seconds

    @property
    def day(self) -> int:
        """The UTC day (days since 1970) on which it begins."""
        return self.first // self.per_day

    @property
    def seconds(self) -> int:
        """How long it lasts."""
        return (self.end - self.first) * self.slot_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class SameDayAdjustment:
    """Scaling to the hours before the event: what was drawn in them on the event's day, over what
    was drawn in them on the days that are averaged.

    Attributes:
        hours: the length of the window.
        gap_hours: from its end to the event's start. Preparing for the event, such as cooling
            ahead of it, is not to raise the baseline.
        cap_percent: by how much the baseline rises or falls at most.
    """

    hours: int
    gap_hours: int
    cap_percent: int

    def __post_init__(self) -> None:
        natural("gap", self.gap_hours)
        if natural("window", self.hours) == 0:
            raise BaselineRuleError("an adjustment needs a window of at least one hour")
        if natural("cap", self.cap_percent) > _PERCENT:
            raise BaselineRuleError(f"a baseline cannot fall by {self.cap_percent} %")


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineRule:
    """The mean of the ``highest`` of the last ``similar_days`` comparable days.

    Raises:
        BaselineRuleError: not ``1 <= highest <= similar_days``.
    """

    name: str
    highest: int
    similar_days: int
    adjustment: SameDayAdjustment | None = None

    def __post_init__(self) -> None:
        if not 1 <= natural("highest", self.highest) <= natural("days", self.similar_days):
            raise BaselineRuleError(f"no rule: the {self.highest} highest of {self.similar_days}")


# California ISO: conformed tariff, section 4.13.4.1 (ten in ten), for proxy demand resources and
# reliability demand response resources. "California ISO Baseline Accuracy Work Group Proposal"
# (draft of 4 April 2017) sums it up: 10 of 10 with a same-day adjustment of 20 %.
CAISO_10_IN_10 = BaselineRule(
    name="CAISO_10_IN_10",
    highest=10,
    similar_days=10,
    adjustment=SameDayAdjustment(hours=3, gap_hours=1, cap_percent=20),
)
# New York ISO: the average-day customer baseline load, Manual 7, "Emergency Demand Response
# Program Manual". Its in-day adjustment is an option of its own, left out here.
NYISO_5_OF_10 = BaselineRule(name="NYISO_5_OF_10", highest=5, similar_days=10)
# PJM: the economic customer baseline load of weekdays, Manual 11, "Energy & Ancillary Services
# Market Operations". Its adjustment is additive and symmetric, left out here.
PJM_4_OF_5 = BaselineRule(name="PJM_4_OF_5", highest=4, similar_days=5)

RULES: Mapping[str, BaselineRule] = {
    rule.name: rule for rule in (CAISO_10_IN_10, NYISO_5_OF_10, PJM_4_OF_5)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Average:
    """The mean of the highest days.

    Attributes:
        watts: rounded down; 0 where too few days are known.
        found: how many of the similar days are known.
    """

    watts: int
    found: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustedBaseline:
    """A baseline by a rule, in W, rounded down.

    Attributes:
        watts: after the adjustment.
        unadjusted: before it.
        days: that were averaged (days since 1970), the highest first.
    """

    watts: int
    unadjusted: int
    days: tuple[int, ...]


def known_days(
    slots: Mapping[int, MeteredSlot],
    event: EventSlots,
    meters: MeterSet,
    *,
    similar_days: int,
    excluded_days: Collection[int] = (),
) -> dict[int, int]:
    """Those of the last similar days that are known, and Wh in their windows; the latest first.

    A slot that is not in ``slots`` was not read.
    """
    found: dict[int, int] = {}
    places = similar_days
    # Further back than day 1 there is no slot before a window.
    for day in range(event.day - 1, max(event.day - LOOK_BACK_DAYS, 1) - 1, -1):
        if places == 0:
            break
        if _is_weekend(day) != _is_weekend(event.day) or day in excluded_days:
            continue
        places -= 1
        window = _window(slots, event.first, event.end, (event.day - day) * event.per_day, meters)
        if window is not None:
            found[day] = window
    return found


def highest_average(
    slots: Mapping[int, MeteredSlot],
    event: EventSlots,
    rule: BaselineRule,
    meters: MeterSet,
    *,
    excluded_days: Collection[int] = (),
) -> Average:
    """Average W on the highest of the last similar days; nothing is adjusted.

    Without excluded days it is what the contract finds.
    """
    days = known_days(
        slots, event, meters, similar_days=rule.similar_days, excluded_days=excluded_days
    )
    if len(days) < rule.highest:
        return Average(watts=0, found=len(days))
    energy = sum(sorted(days.values(), reverse=True)[: rule.highest])
    watts = energy * _HOUR_SECONDS // (rule.highest * event.seconds)
    return Average(watts=watts, found=len(days))


def adjusted_baseline(
    slots: Mapping[int, MeteredSlot],
    event: EventSlots,
    rule: BaselineRule,
    meters: MeterSet,
    *,
    excluded_days: Collection[int] = (),
) -> AdjustedBaseline:
    """The baseline of a rule, with its adjustment. Of equally high days the later ones count.

    Nothing is adjusted where nothing was drawn in the hours before on the days averaged, or where
    one of these windows does not begin with a reading: then what was drawn in them is not known.

    Raises:
        TooFewDaysError: fewer days are known than the rule averages.
    """
    days = known_days(
        slots, event, meters, similar_days=rule.similar_days, excluded_days=excluded_days
    )
    if len(days) < rule.highest:
        raise TooFewDaysError(f"{rule.name} needs {rule.highest} known days, not {len(days)}")
    chosen = sorted(days, key=lambda day: (days[day], day), reverse=True)[: rule.highest]
    energy = sum(days[day] for day in chosen)
    share, whole = _scaling(slots, event, rule.adjustment, chosen, meters)
    seconds = rule.highest * event.seconds
    return AdjustedBaseline(
        watts=energy * _HOUR_SECONDS * share // (seconds * whole),
        unadjusted=energy * _HOUR_SECONDS // seconds,
        days=tuple(chosen),
    )


def _scaling(
    slots: Mapping[int, MeteredSlot],
    event: EventSlots,
    adjustment: SameDayAdjustment | None,
    days: Collection[int],
    meters: MeterSet,
) -> tuple[int, int]:
    """By how much to scale, within the cap, as an exact fraction."""
    if adjustment is None:
        return 1, 1
    per_hour = _HOUR_SECONDS // event.slot_seconds
    end = event.first - adjustment.gap_hours * per_hour
    first = end - adjustment.hours * per_hour
    today, *before = (
        _window(slots, first, end, (event.day - day) * event.per_day, meters)
        for day in (event.day, *days)
    )
    known = [window for window in before if window is not None]
    if today is None or len(known) < len(before) or not sum(known):
        return 1, 1
    share, whole = today * len(known), sum(known)
    lowest, largest = _PERCENT - adjustment.cap_percent, _PERCENT + adjustment.cap_percent
    if share * _PERCENT < whole * lowest:
        return lowest, _PERCENT
    if share * _PERCENT > whole * largest:
        return largest, _PERCENT
    return share, whole


def _window(
    slots: Mapping[int, MeteredSlot], first: int, end: int, shift: int, meters: MeterSet
) -> int | None:
    """Wh from ``first`` to ``end``, so many slots earlier; None where it does not begin with a
    reading of all meters, or before the account had them."""
    read = slots.get(first - shift - 1, _UNREAD).read_at_end
    if first - shift < meters.since or meters.count == 0 or read < meters.count:
        return None
    return sum(slots.get(slot - shift, _UNREAD).consumed for slot in range(first, end))


def _is_weekend(day: int) -> bool:
    # Day 0 was a Thursday.
    return (day + 3) % 7 > 4
