"""Communities.setTheta."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.energy_suite import EnergyWorld
from tests.unit.contracts.communities.suite import (
    STRANGER,
)


def test_set_theta__beyond_the_horizon_alone(world: EnergyWorld) -> None:
    communities, manager = world.communities, world.authority
    first = world.rules.beyond_horizon(world.now)
    with refused("Communities_NotManager", 1, STRANGER):
        communities.setTheta(1, 1, first, by=STRANGER)
    with refused("Communities_ThetaAbove", 10_001, 10_000):
        communities.setTheta(1, 10_001, first, by=manager)
    with refused("Communities_WithinHorizon", first - 1, first):
        communities.setTheta(1, 1, first - 1, by=manager)
    communities.setTheta(1, 7, first + 5, by=manager)
    communities.setTheta(1, 0, first, by=manager)
    communities.setTheta(1, 9, first + 9, by=manager)
    days = (first - 1, first, first + 8, first + 9, 2**16 - 1)
    assert [communities.thetaAt(1, day) for day in days] == [5000, 0, 0, 9, 9]
