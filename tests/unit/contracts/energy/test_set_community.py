"""EnergyAccounts.setCommunity."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.energy_suite import (
    DAY,
    EnergyWorld,
)
from tests.unit.contracts.energy.suite import (
    STRANGER,
    playing_communities,
)


def test_set_community__of_a_day_that_has_begun__is_refused(world: EnergyWorld) -> None:
    energy = playing_communities(world)
    today = world.now // DAY
    with refused("EnergyAccounts_DayBegun", today):
        energy.setCommunity(1, 1, today, False, by=STRANGER)
    energy.setCommunity(1, 1, today + 1, False, by=STRANGER)
    energy.setCommunity(1, 2, today + 1, False, by=STRANGER)
    assert energy.membershipOf(1) == (0, 2, today + 1)
    with refused("EnergyAccounts_MembershipPending", 1, world.account("north").day, today + 1):
        energy.setCommunity(1, 0, today + 2, False, by=STRANGER)
    world.settlement.setCursor(1, today + 1)
    energy.setCommunity(1, 0, today + 2, False, by=STRANGER)
    assert energy.membershipOf(1) == (2, 0, today + 2)
