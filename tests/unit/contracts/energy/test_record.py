"""EnergyAccounts.record."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.energy_suite import (
    METER,
    EnergyWorld,
    boundary,
)
from tests.unit.contracts.energy.suite import (
    HIGHEST_MEMBER,
    first,
)


def test_record__what_no_meter_measures__and_what_is_known__changes_nothing(
    world: EnergyWorld,
) -> None:
    energy, slot = world.energy, first(world)
    words = [boundary(slot - 1, 1, 5), boundary(slot, 2, 5), boundary(slot, 1, 7)]
    world.chain.set_time((slot + 1) * 900)
    energy.record([*words, boundary(slot, 1, 9)], by=METER)
    assert energy.netOf(1, slot - 1) == (False, 0)
    assert energy.netOf(2, slot) == (False, 0)
    assert energy.netOf(1, slot) == (True, 7)
    energy.record([boundary(slot, 1, 11)], by=METER)
    assert energy.netOf(1, slot) == (True, 7)
    for span in ((slot - 1, slot + 1), (slot + 1, slot + 1)):
        with refused("EnergyAccounts_BadRange", *span):
            energy.recordSpan(1, *span, 0, 0, by=METER)


def test_record__of_as_many_members_as_there_can_be__fits_the_sums(world: EnergyWorld) -> None:
    names = [f"member {number}" for number in range(160)]
    for name in names:
        world.metered(name, rated=(HIGHEST_MEMBER + 1) * 4 - 1)
        assert world.join(name, "street") == ""
    slot = first(world)
    for at, sign in ((slot, 1), (slot + 1, -1), (slot + 3, -1)):
        world.chain.set_time((at + 1) * 900)
        words = [boundary(at, world.numbers[name], sign * HIGHEST_MEMBER) for name in names]
        world.energy.record(words, by=METER)
    assert world.energy.sumsOf(1, slot) == (160 * HIGHEST_MEMBER, 0)
    assert world.energy.sumsOf(1, slot + 1) == (0, 160 * HIGHEST_MEMBER)
    assert world.energy.sumsOf(1, slot + 2) == (0, 0)
    assert world.energy.sumsOf(1, slot + 3) == (0, 160 * HIGHEST_MEMBER)
