"""Communities.setManager."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.energy_suite import EnergyWorld
from tests.support.core.tariff_suite import name as bytes32
from tests.unit.contracts.communities.suite import (
    FORWARDER,
    STRANGER,
    append,
)


def test_set_manager__through_the_forwarder__by_the_manager_alone(world: EnergyWorld) -> None:
    modules = (
        *(world.settlement.address, world.energy.address, world.tariffs.address),
        *(world.meter.address, FORWARDER),
    )
    communities = world.chain.deploy("Communities", modules)
    north = world.address("north")
    communities.create(bytes32("home"), 1, north)
    data = communities.abi.function("setManager").encode([1, STRANGER])
    with refused("Communities_NotManager", 1, STRANGER):
        append(world, communities, data, STRANGER, FORWARDER)
    with refused("Communities_NotManager", 1, STRANGER):
        append(world, communities, data, north, STRANGER)
    append(world, communities, data, north, FORWARDER)
    assert communities.communityOf(1)[1] == STRANGER
