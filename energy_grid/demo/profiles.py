"""Households and what their meters read.

Two energies per slot, both gross, in Wh:

    produced = what the panels generate + what the battery discharges
    consumed = what the household uses  + what the battery charges

so ``produced - consumed`` is what the meter at the grid connection counts, whatever the battery
does. The meter behind it, of the plant, counts what the panels generate. Everything is kept in
quarter hours; longer slots are exact sums of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from energy_grid.domain.battery import Battery, dispatch
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
    """A household's energies, in Wh per quarter hour, from 00:00 UTC of the lead-in day.

    Attributes:
        load_wh: what it uses, whatever its battery does.
    """

    load_wh: tuple[int, ...]
    generated_wh: tuple[int, ...]
    produced_wh: tuple[int, ...]
    consumed_wh: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayProfile:
    """One household's energies on one UTC day, in Wh per slot."""

    household: Household
    day: date
    slot_seconds: int
    generated_wh: tuple[int, ...]
    produced_wh: tuple[int, ...]
    consumed_wh: tuple[int, ...]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """``(produced_wh, consumed_wh)`` slot by slot."""
        return zip(self.produced_wh, self.consumed_wh, strict=True)

    @property
    def nets_wh(self) -> tuple[int, ...]:
        """What the meter at the grid connection counts: export less import."""
        return tuple(produced - consumed for produced, consumed in self)


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
                generated_wh=_day(self.meters[household.number].generated_wh, first, quarters),
                produced_wh=_day(self.meters[household.number].produced_wh, first, quarters),
                consumed_wh=_day(self.meters[household.number].consumed_wh, first, quarters),
            )
            for household in self.households
        )


def metered(
    *, generation_wh: Sequence[int], load_wh: Sequence[int], battery: Battery | None
) -> MeterSeries:
    """What comes of a household's panels, load and battery, by quarter hours.

    Raises:
        ValueError: the two series differ in length.
    """
    pairs = tuple(zip(generation_wh, load_wh, strict=True))
    if battery is None:
        return MeterSeries(
            load_wh=tuple(load_wh),
            generated_wh=tuple(generation_wh),
            produced_wh=tuple(generation_wh),
            consumed_wh=tuple(load_wh),
        )
    steps = dispatch(battery, generation_wh=generation_wh, load_wh=load_wh, seconds=QUARTER_SECONDS)
    return MeterSeries(
        load_wh=tuple(load_wh),
        generated_wh=tuple(generation_wh),
        produced_wh=tuple(g + s.discharged_wh for (g, _), s in zip(pairs, steps, strict=True)),
        consumed_wh=tuple(u + s.charged_wh for (_, u), s in zip(pairs, steps, strict=True)),
    )


def _day(series: tuple[int, ...], first: int, quarters: int) -> tuple[int, ...]:
    """The slots of one day, each the sum of so many quarter hours."""
    return tuple(
        sum(series[start : start + quarters])
        for start in range(first, first + _QUARTERS_PER_DAY, quarters)
    )
