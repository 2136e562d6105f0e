"""Communities.suspend."""

from __future__ import annotations

from eth_utils.address import to_checksum_address

from tests.support.core.chain import refused
from tests.support.core.energy_suite import EnergyWorld
from tests.unit.contracts.communities.suite import (
    STRANGER,
)


def test_suspend__by_anybody_who_shows_a_debt(world: EnergyWorld) -> None:
    communities, north = world.communities, world.address("north")
    communities.join(1, by=north)
    world.settlement.setCursor(1, world.today + 1)
    with refused("Communities_NoDebt", to_checksum_address(north)):
        communities.suspend(north, by=STRANGER)
    world.settlement.setDebt(north, 1)
    communities.suspend(north, by=STRANGER)
    assert world.energy.membershipOf(1)[1] == 0
