"""EnergyAccounts.release."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.energy_suite import (
    DAY,
    METER,
    EnergyWorld,
    boundary,
)
from tests.unit.contracts.energy.suite import (
    first,
    tomorrow,
)


def test_release__waits_for_the_last_register_as_long_as_for_a_gap(world: EnergyWorld) -> None:
    energy, begin, end = world.energy, first(world), first(world, 2)
    world.chain.set_time(begin * 900)
    energy.detach(1, end, by=METER)
    world.settlement.setCursor(1, tomorrow(world) + 9)
    open_from = end * 900 + 30 * DAY
    world.chain.set_time(open_from - 1)
    with refused("EnergyAccounts_RegistersMissing", 1, end, open_from):
        world.as_settlement.release(1)
    mark = world.chain.snapshot()
    energy.recordSpan(1, begin, end - 1, 5, 0, by=METER)
    with refused("EnergyAccounts_RegistersMissing", 1, end, open_from):
        world.as_settlement.release(1)
    energy.record([boundary(end - 1, 1, -5)], by=METER)
    world.as_settlement.release(1)
    world.chain.revert(mark)
    world.chain.set_time(open_from)
    world.as_settlement.release(1)
    assert energy.meteredOf(1) == (0, 0)
