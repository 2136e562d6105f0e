"""Random days of one meter, read by itself or by a gateway: whose energy is which day's.

Devices are exchanged in between. What rises between two readings of the meter belongs to the later
one's day. A gateway's day has its own registers at both ends: what rose before them belongs to the
day before, if that is the newest one, and to no day else, until it is kept.
"""

from __future__ import annotations

from random import Random

import pytest

from energy_grid.chain.accounts import Account
from tests.support.core.meter_suite import COMMUNITIES, COMMUNITY_DAYS, DAY, LIMIT, Meters
from tests.support.examples import Seeds, live_all

_START = 5_000, 700
_RATED = 10_000
_HOLDER = Account.local(0)


class _Days:
    """What is shown of days, and the registers of the account at every slot's end."""

    def __init__(self, seed: int) -> None:
        self.draws = Random(seed)
        self.slot = self.draws.choice((900, 3_600))
        self.day_slots = DAY // self.slot
        self.meters = Meters(slot=self.slot)
        self.keys = map(Account.local, range(1, 1_000))
        self.device = next(self.keys)
        self.meters.register(self.device, _HOLDER)
        self.read_to = self.meters.now // self.slot
        self.first_day = self.meters.now // DAY + 1
        self.true = {self.read_to: _START}
        self.known, self.shift = _START, (0, 0)
        self.energy = {self.first_day - 1: (0, 0)}
        self.last = self.first_day - 1
        self.meters.meters.setReadByGateway(1, by=COMMUNITIES)
        self.meters.double.setByGateway(1, True, 2**32)

    def at(self, slot: int) -> tuple[int, int]:
        """The true registers of the account."""
        for each in range(max(self.true) + 1, slot + 1):
            most = _RATED * self.slot // 3_600
            rise = self.draws.randint(0, most)
            imported = self.draws.choice((0, rise, self.draws.randint(0, rise)))
            before = self.true[each - 1]
            self.true[each] = before[0] + imported, before[1] + rise - imported
        return self.true[slot]

    def read(self, end: int) -> None:
        """An own reading."""
        shown = _less(self.at(end), self.shift)
        if min(shown) < 0:
            return
        signed = self.meters.sign_reading(self.device, self.meters.reading(end * self.slot, shown))
        consent = self.meters.consent_to_skip(_HOLDER, self.device.address, end * self.slot, LIMIT)
        self.meters.meters.submitWithConsent(signed, LIMIT, consent)
        self._count(end, self.known, fresh=(end - 1) // self.day_slots != self.last)

    def move(self, day: int) -> None:
        """To the end of a gateway's day."""
        begin, end = day * self.day_slots, (day + 1) * self.day_slots
        first = self.at(begin) if begin >= self.read_to else (0, 0)
        bridges = self.draws.random() < 0.2
        if bridges and begin >= self.read_to:
            first = self.known
        self.meters.meters.moveTo(
            1, end, *first, *self.at(end), self.draws.random() < 0.5, by=COMMUNITY_DAYS
        )
        if begin < self.read_to:
            self._count(end, self.known, fresh=False)
            return
        if day == self.last + 1:
            self.energy[self.last] = _plus(self.energy[self.last], _less(first, self.known))
        self._count(end, first, fresh=True)

    def _count(self, end: int, since: tuple[int, int], *, fresh: bool) -> None:
        self.last = (end - 1) // self.day_slots
        before = (0, 0) if fresh else self.energy[self.last]
        self.energy[self.last] = _plus(before, _less(self.at(end), since))
        self.known, self.read_to = self.at(end), end

    def keep(self, day: int) -> None:
        """Whatever the day is."""
        first, last = self.at(day * self.day_slots), self.at((day + 1) * self.day_slots)
        self.meters.meters.keepDay(1, day, *first, *last, by=COMMUNITY_DAYS)
        self.energy.setdefault(day, _less(last, first))

    def exchange(self) -> None:
        """Another device, in the running slot."""
        new, initial = next(self.keys), (self.draws.randrange(99), self.draws.randrange(99))
        final = _less(self.at(max(self.read_to, self.meters.now // self.slot)), self.shift)
        if min(final) < 0:
            return
        self.meters.exchange(self.device, new, final, initial, consent=_HOLDER)
        self.device, self.shift = new, _plus(self.shift, _less(final, initial))

    def step(self) -> None:
        """One of them, or time passes."""
        today, newest = self.meters.now // DAY, self.meters.now // self.slot
        match self.draws.randrange(6):
            case 0 if newest > self.read_to:
                self.read(min(newest, self.read_to + self.draws.choice((1, 1, 7, self.day_slots))))
            case 1 | 2:
                day = self.draws.randint(self.first_day, max(today - 1, self.first_day))
                if self.read_to < (day + 1) * self.day_slots <= newest:
                    self.move(day)
            case 3 if today - 1 > self.first_day:
                self.keep(self.draws.randint(self.first_day, today - 1))
            case 4 if self.draws.random() < 0.3:
                self.exchange()
            case _:
                seconds = self.draws.choice((self.slot, DAY // 2, DAY, 2 * DAY))
                self.meters.chain.set_time(self.meters.now + seconds)

    def compare(self) -> None:
        """Registers and all days."""
        contract = self.meters.meters
        assert contract.registersOf(1) == (self.read_to, *self.known)
        assert contract.getLifetime(_HOLDER.address)[:2] == _less(self.known, _START)
        for day in range(self.first_day - 1, self.meters.now // DAY + 2):
            found = tuple(
                contract.call(f"getDaily{name}(address,uint256)", self.device.address, day)
                for name in ("Consumption", "Production")
            )
            assert found == self.energy.get(day, (0, 0)), day


def _plus(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one[0] + other[0], one[1] + other[1]


def _less(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one[0] - other[0], one[1] - other[1]


def live(seed: int) -> None:
    """Fifty steps of one meter."""
    days = _Days(seed)
    for _ in range(50):
        days.step()
        days.compare()


@pytest.mark.parametrize("seed", range(30))
def test_random_gateway_days__agree_with_what_was_measured(seed: int) -> None:
    live(seed)


def test_other_gateway_days__agree_with_what_was_measured(seeds: Seeds) -> None:
    """Other ones in every run; a hundred times as many in a soak."""
    live_all(seeds(5), live)
