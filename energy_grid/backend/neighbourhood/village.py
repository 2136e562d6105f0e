"""The demo's households, day after day: the week of the extract comes again and again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from energy_grid.chain.accounts import Account
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
        plants: so many of those with panels have a meter at these, too.
    """

    def __init__(
        self, slot_seconds: int, first_day: int, households: int | None = None, plants: int = 0
    ) -> None:
        week = simbench.load(_WEEK, households)
        self.people: Sequence[Resident] = residents(week.households, SEED)
        self.first_day = first_day
        self._slot = slot_seconds
        self._days = [week.slots(day, slot_seconds) for day in week.week.days]
        self._registers = [
            _register([net for day in self._days for net in day[at].nets_wh])
            for at in range(len(self.people))
        ]
        owners = [at for at, each in enumerate(self.people) if each.household.pv_peak_w][:plants]
        self._plants = {
            self.people[at]: _register([wh for day in self._days for wh in day[at].generated_wh])
            for at in owners
        }

    def copied(self, people: Sequence[Resident]) -> Village:
        """The same households, again and again, with the meters of others."""
        found = Village.__new__(Village)
        found.people, found.first_day, found._slot = people, self.first_day, self._slot
        found._days = self._days
        many = len(self._registers)
        found._registers = [self._registers[at % many] for at in range(len(people))]
        found._plants = {}
        return found

    @property
    def plants(self) -> Sequence[Resident]:
        """Those who have a meter at their panels."""
        return [*self._plants]

    @property
    def meters(self) -> Sequence[str]:
        """The addresses of all of them."""
        return [
            *(each.meter.address for each in self.people),
            *(each.plant_meter.address for each in self._plants),
        ]

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
        for person, register in zip(self.people, self._registers, strict=True):
            yield from self._signed(market, person.meter, register, begin, end)
        for person in self._plants:
            yield from self.plant_readings(market, person, begin, end)

    def plant_readings(
        self, market: EnergyGrid, person: Resident, begin: int, end: int
    ) -> Iterator[SignedReading]:
        """What the meter at somebody's panels has signed, as `readings`."""
        yield from self._signed(market, person.plant_meter, self._plants[person], begin, end)

    def _signed(
        self, market: EnergyGrid, meter: Account, register: _Register, begin: int, end: int
    ) -> Iterator[SignedReading]:
        monday = self.first_day - (self.first_day + _MONDAY) % 7
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
            yield market.sign_reading(meter, taken)


def _register(nets: Sequence[int]) -> _Register:
    return _Register(
        imported=[0, *accumulate(max(-net, 0) for net in nets)],
        exported=[0, *accumulate(max(net, 0) for net in nets)],
    )
