"""The demo's households, day after day: the week of the extract comes again and again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from energy_grid.client import EnergyGrid, MeterReading, SignedReading
from energy_grid.demo import simbench
from energy_grid.demo.profiles import DayProfile
from energy_grid.demo.residents import Resident, residents
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.market.feeders import MeteredFeeder, load_cables, load_electric_grid

__all__ = ["SEED", "Village"]

_WEEK, _REGION = "summer", "home"
SEED = 2016
# What each meter shows besides its registers: 50.00 Hz, 230.0 V.
_FREQUENCY, _VOLTAGE = 5000, 2300
# 1970 began with a Thursday.
_MONDAY = 3


@dataclass(frozen=True, slots=True)
class _Register:
    """What a meter has counted at each slot's begin of a week, and at its end, in Wh."""

    imported: Sequence[int]
    exported: Sequence[int]

    def at(self, slot: int) -> tuple[int, int]:
        """Import and export at a slot's begin, counted from a Monday."""
        weeks, within = divmod(slot, len(self.imported) - 1)
        imported, exported = (
            weeks * each[-1] + each[within] for each in (self.imported, self.exported)
        )
        return imported, exported


class Village:
    """Households and what their meters show from a day on.

    Args:
        slot_seconds: of the market.
        first_day: the first day of meters, counted from 1970.
        households: how many; by default all.
    """

    def __init__(self, slot_seconds: int, first_day: int, households: int | None = None) -> None:
        week = simbench.load(_WEEK, households)
        self.people: Sequence[Resident] = residents(week.households, SEED)
        self.first_day = first_day
        self._slot = slot_seconds
        self._days = [week.slots(day, slot_seconds) for day in week.week.days]
        self._registers = [
            _register([day[at] for day in self._days]) for at in range(len(self.people))
        ]

    def copied(self, people: Sequence[Resident]) -> Village:
        """The same households, again and again, with the meters of others."""
        found = Village.__new__(Village)
        found.people, found.first_day, found._slot = people, self.first_day, self._slot
        found._days = self._days
        many = len(self._registers)
        found._registers = [self._registers[at % many] for at in range(len(people))]
        return found

    @property
    def feeders(self) -> Mapping[str, MeteredFeeder]:
        """The cables that they hang on, by region."""
        buses = {each.meter.address: each.household.bus for each in self.people}
        found = MeteredFeeder(
            feeder=load_cables(simbench.FOLDER),
            meters=buses,
            grid=load_electric_grid(simbench.FOLDER),
        )
        return {_REGION: found}

    def profiles(self, day: int) -> Sequence[DayProfile]:
        """What every household uses and makes on a day, counted from 1970."""
        return self._days[(day + _MONDAY) % len(self._days)]

    def readings(self, market: EnergyGrid, begin: int, end: int) -> Iterator[SignedReading]:
        """What all meters have signed at the bounds of slots from a time to another, both too."""
        monday = self.first_day - (self.first_day + _MONDAY) % 7
        for person, register in zip(self.people, self._registers, strict=True):
            start = register.at((self.first_day - monday) * DAY_SECONDS // self._slot)
            for at in range(begin, end + 1, self._slot):
                now = register.at((at - monday * DAY_SECONDS) // self._slot)
                imported, exported = (each - first for each, first in zip(now, start, strict=True))
                taken = MeterReading(
                    timestamp=at,
                    consumption=imported,
                    production=exported,
                    grid_frequency=_FREQUENCY,
                    voltage=_VOLTAGE,
                )
                yield market.sign_reading(person.meter, taken)


def _register(days: Sequence[DayProfile]) -> _Register:
    nets = [net for day in days for net in day.nets_wh]
    return _Register(
        imported=[0, *accumulate(max(-net, 0) for net in nets)],
        exported=[0, *accumulate(max(net, 0) for net in nets)],
    )
