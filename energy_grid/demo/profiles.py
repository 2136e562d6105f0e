"""Households and what their meters read.

A meter counts two energies per slot, both gross, in Wh:

    produced = what the panels generate + what the battery discharges
    consumed = what the household uses  + what the battery charges

so ``produced - consumed`` is what the household exchanges with the grid, whatever the battery
does. Everything is kept in quarter hours; longer slots are exact sums of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from energy_grid.demo.storage import Battery, dispatch
from energy_grid.domain.periods import DAY_SECONDS, SLOT_LENGTHS, SlotLengthError
from energy_grid.errors import InputError

__all__ = [
    "QUARTER_SECONDS",
    "DayOutsideWeekError",
    "DayProfile",
    "Household",
    "MeterSeries",
    "Neighbourhood",
    "ProfileWeek",
    "metered",
]

QUARTER_SECONDS = 900
_QUARTERS_PER_DAY = DAY_SECONDS // QUARTER_SECONDS


class DayOutsideWeekError(InputError):
    """A day for which the week has no data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """A household: where it is connected, with how much, and what it owns.

    ``connected_w`` is the rated power of its load and ``pv_peak_w`` that of its panels (0: it
    has none), both in W.
    """

    number: int
    name: str
    bus: str
    connected_w: int
    pv_peak_w: int = 0
    battery: Battery | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterSeries:
    """What one meter counts, in Wh per quarter hour, from 00:00 UTC of the lead-in day."""

    produced_wh: tuple[int, ...]
    consumed_wh: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayProfile:
    """What one household's meter counts on one UTC day, in Wh per slot."""

    household: Household
    day: date
    slot_seconds: int
    produced_wh: tuple[int, ...]
    consumed_wh: tuple[int, ...]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """``(produced_wh, consumed_wh)`` slot by slot."""
        return zip(self.produced_wh, self.consumed_wh, strict=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileWeek:
    """A week of data, Monday to Sunday (UTC), and the day before it, for forecasts."""

    name: str
    lead_in: date

    @property
    def days(self) -> tuple[date, ...]:
        """Monday to Sunday: the days whose day before has data too."""
        return tuple(self.lead_in + timedelta(days=offset) for offset in range(1, 8))


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbourhood:
    """Households and their meters in one week; ``meters`` by the number of the household."""

    week: ProfileWeek
    households: tuple[Household, ...]
    meters: Mapping[int, MeterSeries]

    def slots(self, day: date, slot_seconds: int) -> tuple[DayProfile, ...]:
        """One day of every household, in the order of ``households``.

        The day may be the lead-in day too.

        Raises:
            DayOutsideWeekError: there are no data for the day.
            SlotLengthError: slots are quarter hours or hours.
        """
        if slot_seconds not in SLOT_LENGTHS:
            raise SlotLengthError(f"a slot has 900 or 3600 seconds, not {slot_seconds}")
        offset = (day - self.week.lead_in).days
        if not 0 <= offset <= len(self.week.days):
            raise DayOutsideWeekError(
                f"the {self.week.name} week has no {day}: "
                f"it goes from {self.week.days[0]} to {self.week.days[-1]}"
            )
        first = offset * _QUARTERS_PER_DAY
        quarters = slot_seconds // QUARTER_SECONDS
        return tuple(
            DayProfile(
                household=household,
                day=day,
                slot_seconds=slot_seconds,
                produced_wh=_day(self.meters[household.number].produced_wh, first, quarters),
                consumed_wh=_day(self.meters[household.number].consumed_wh, first, quarters),
            )
            for household in self.households
        )

    def counted(self, number: int, start: int, end: int) -> tuple[int, int]:
        """What one household's meter counts in a stretch of time, ``(produced, consumed)`` in Wh.

        Args:
            start, end: quarter hours, Unix time.

        Raises:
            DayOutsideWeekError: there are no data for all of it.
        """
        origin = datetime.combine(self.week.lead_in, time(), UTC).timestamp()
        first, last = (int(at - origin) // QUARTER_SECONDS for at in (start, end))
        meter = self.meters[number]
        if not 0 <= first <= last <= len(meter.consumed_wh):
            raise DayOutsideWeekError(
                f"the {self.week.name} week has no data from {start} to {end}"
            )
        return sum(meter.produced_wh[first:last]), sum(meter.consumed_wh[first:last])


def metered(
    *, generation_wh: Sequence[int], load_wh: Sequence[int], battery: Battery | None
) -> MeterSeries:
    """What a meter counts for a household's panels, load and battery, by quarter hours.

    Raises:
        ValueError: the two series differ in length.
    """
    pairs = tuple(zip(generation_wh, load_wh, strict=True))
    if battery is None:
        return MeterSeries(
            produced_wh=tuple(generation for generation, _ in pairs),
            consumed_wh=tuple(load for _, load in pairs),
        )
    steps = dispatch(battery, generation_wh=generation_wh, load_wh=load_wh, seconds=QUARTER_SECONDS)
    return MeterSeries(
        produced_wh=tuple(g + s.discharged_wh for (g, _), s in zip(pairs, steps, strict=True)),
        consumed_wh=tuple(u + s.charged_wh for (_, u), s in zip(pairs, steps, strict=True)),
    )


def _day(series: tuple[int, ...], first: int, quarters: int) -> tuple[int, ...]:
    """The slots of one day, each the sum of so many quarter hours."""
    return tuple(
        sum(series[start : start + quarters])
        for start in range(first, first + _QUARTERS_PER_DAY, quarters)
    )
