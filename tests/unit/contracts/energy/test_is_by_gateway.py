"""EnergyAccounts.isByGateway."""

from __future__ import annotations

from tests.support.core.energy_suite import EnergyWorld
from tests.unit.contracts.energy.suite import STRANGER, playing_communities


def test_is_by_gateway__of_the_community_or_the_next_one(world: EnergyWorld) -> None:
    energy, day = playing_communities(world), world.today + 1
    assert not energy.isByGateway(1)
    energy.setCommunity(1, 5, day, True, by=STRANGER)
    assert energy.isByGateway(1)
    energy.setCommunity(1, 0, day, False, by=STRANGER)
    assert not energy.isByGateway(1)
    energy.setCommunity(1, 5, day, True, by=STRANGER)
    for change, is_still in ((day + 1, True), (day + 2, False)):
        world.settlement.setCursor(1, change - 1)
        energy.setCommunity(1, 6, change, False, by=STRANGER)
        assert energy.isByGateway(1) == is_still
