"""Random members of two communities with the static key, beside a table of days.

On every day, the coefficients of a community's members add up to 10,000 at most, and to what the
contract says; of days that are open, they stay what they were, whatever is planned.
"""

from __future__ import annotations

from random import Random

import pytest

from tests.model.market import Tariff
from tests.support.core.chain import Reverted
from tests.support.core.energy_suite import DAY, EnergyWorld
from tests.support.core.tariff_suite import name as bytes32
from tests.support.examples import Seeds, live_all

_GATEWAY = "0x" + 40 * "4"
_MEMBERS = 4
_FAR = 40
"""Days ahead of what can be planned."""


class _Member:
    def __init__(self, number: int, address: str, today: int) -> None:
        self.number, self.address = number, address
        self.community: dict[int, int] = {}
        self.value: dict[int, int] = {}
        self.changed = 0
        self.offer = 0
        self.extend(today)

    def extend(self, today: int) -> None:
        """What holds on the last day holds on."""
        for table in (self.community, self.value):
            for day in range(max(table, default=today) + 1, today + _FAR):
                table[day] = table.get(day - 1, 0)

    def set(self, table: dict[int, int], day: int, value: int) -> None:
        """From a day on."""
        for each in table:
            if each >= day:
                table[each] = value


class _World:
    def __init__(self, seed: int) -> None:
        self.draws = Random(seed)
        self.world = EnergyWorld(Tariff(buy=300, feed_in=100, network_fee=20), 80, slot=3600)
        create = self.world.communities.createWithGateway
        self.ids = [
            create(bytes32("home"), 5000, self.world.authority, _GATEWAY, True) for _ in range(2)
        ]
        self.members = []
        for index in range(_MEMBERS):
            number = self.world.metered(f"member {index}")
            address = self.world.address(f"member {index}")
            self.members.append(_Member(number, address, self.world.today))
        self.world.chain.set_time((self.world.today + 1) * DAY + 7)
        self.refusals: list[str] = []

    def call(self, name: str, *arguments: object, by: str) -> str:
        """The refusal, if any."""
        try:
            self.world.communities.call(name, *arguments, by=by)
        except Reverted as refusal:
            return refusal.name.rpartition("_")[2]
        return ""

    def join(self, member: _Member) -> None:
        """From tomorrow on, with nothing."""
        community, day = self.draws.choice(self.ids), self.world.today + 1
        if self.call("join", community, by=member.address):
            return
        member.set(member.community, day, community)
        assert not member.value[day]

    def leave(self, member: _Member) -> None:
        """Beyond the horizon; so ends the coefficient."""
        day = self.world.rules.beyond_horizon(self.world.now)
        if self.call("leave", by=member.address):
            return
        member.set(member.community, day, 0)
        if member.value[day]:
            member.changed = day
        member.set(member.value, day, 0)
        member.offer = 0

    def set_coefficient(self, member: _Member) -> None:
        """By the manager."""
        day = self.world.rules.beyond_horizon(self.world.now)
        community = member.community[day]
        bps = self.draws.choice((0, 10_000, self.draws.randint(0, 10_000), 2_500, 5_000))
        known = member.value[day]
        arguments = community or self.ids[0], member.address, bps
        refusal = self.call("setCoefficient", *arguments, by=self.world.authority)
        if not community:
            assert refusal == "NotMember"
        elif bps >= known:
            assert not refusal
            member.offer = bps if bps > known else 0
        else:
            self._change(member, bps, day, refusal)

    def accept(self, member: _Member) -> None:
        """What is offered, or nothing."""
        day, offer = self.world.today + 1, member.offer
        assert self.world.communities.offerOf(member.address) == offer
        refusal = self.call("acceptCoefficient", offer, by=member.address)
        if not offer:
            assert refusal == "OtherOffer"
            return
        community = member.community[self.world.rules.beyond_horizon(self.world.now)]
        others = self.sum(community, day) - member.value[day]
        if others + offer > 10_000:
            assert refusal == "CoefficientsFull"
        else:
            self._change(member, offer, day, refusal)

    def _change(self, member: _Member, bps: int, day: int, refusal: str) -> None:
        cursor = self.world.settlement.cursorAt(member.number)
        changes = [
            each
            for each in range(cursor + 1, day)
            if member.value.get(each, 0) != member.value.get(each - 1, 0)
        ]
        if refusal:
            # It may wait for a change that changed nothing.
            assert refusal == "CoefficientPending"
            assert cursor < member.changed
            return
        assert not changes
        member.set(member.value, day, bps)
        member.changed, member.offer = day, 0

    def sum(self, community: int, day: int) -> int:
        """Of the members of a day."""
        return sum(
            member.value[day] for member in self.members if member.community[day] == community
        )

    def step(self) -> None:
        """One of them, or time passes."""
        member = self.draws.choice(self.members)
        match self.draws.randrange(10):
            case 0 | 1:
                self.join(member)
            case 2 if self.draws.random() < 0.5:
                self.leave(member)
            case 3 | 4:
                self.set_coefficient(member)
            case 5 | 6 | 7:
                self.accept(member)
            case _:
                days = self.draws.choice((0, 1, 1, 2, 16, 18))
                self.world.chain.set_time(self.world.now + days * DAY)
                for each in self.members:
                    each.extend(self.world.today)
                    late = self.draws.choice((0, 1, 4))
                    old = self.world.settlement.cursorAt(each.number)
                    cursor = max(old, self.world.today - late)
                    self.world.settlement.setCursor(each.number, cursor)

    def compare(self) -> None:
        """All that can still be asked for."""
        communities, numbers = self.world.communities, [each.number for each in self.members]
        today = self.world.today
        for day in range(today - 4, today + _FAR - 1):
            values = communities.coefficientsOn(day, numbers)
            for member, value in zip(self.members, values, strict=True):
                if day >= self.world.settlement.cursorAt(member.number):
                    assert value == member.value.get(day, 0), (day, member.number)
                    assert member.community.get(day) or not value
            if day > today:
                for community in self.ids:
                    total = self.sum(community, day)
                    assert communities.coefficientSumOn(community, day) == total <= 10_000


def live(seed: int) -> None:
    """Eighty steps."""
    world = _World(seed)
    for _ in range(80):
        world.step()
        world.compare()


@pytest.mark.parametrize("seed", range(15))
def test_random_coefficients__never_above_the_whole(seed: int) -> None:
    live(seed)


def test_other_coefficients__never_above_the_whole(seeds: Seeds) -> None:
    """Other ones in every run; a hundred times as many in a soak."""
    live_all(seeds(3), live)
