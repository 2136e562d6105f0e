"""Communities.expel."""

from __future__ import annotations

from eth_utils.address import to_checksum_address

from tests.support.core.chain import refused
from tests.support.core.energy_suite import DAY, EnergyWorld
from tests.unit.contracts.communities.suite import (
    STRANGER,
)


def test_expel__by_the_manager_alone(world: EnergyWorld) -> None:
    communities, north = world.communities, world.address("north")
    communities.join(1, by=north)
    world.settlement.setCursor(1, world.today + 1)
    with refused("Communities_NotManager", 1, STRANGER):
        communities.expel(1, north, by=STRANGER)
    with refused("Communities_NotMember", to_checksum_address(north), 2):
        communities.expel(2, north, by=world.authority)
    communities.setManager(1, STRANGER, by=world.authority)
    with refused("Communities_NotManager", 1, to_checksum_address(world.authority)):
        communities.expel(1, north, by=world.authority)
    communities.expel(1, north, by=STRANGER)
    assert world.chain.logs[0][2]["by"] == STRANGER
    end = world.energy.membershipOf(1)[2]
    assert world.energy.membershipOf(1) == (1, 0, end)

    # Nor does it come back by its own will alone.
    world.found("other", 0)
    world.chain.set_time((end - 1) * DAY)
    world.settlement.setCursor(1, end)
    assert communities.isExpelled(1, north)
    with refused("Communities_Expelled", to_checksum_address(north), 1):
        communities.join(1, by=north)
    mark = world.chain.snapshot()
    communities.join(3, by=north)
    world.chain.revert(mark)
    with refused("Communities_NotManager", 1, to_checksum_address(north)):
        communities.readmit(1, north, by=north)
    communities.readmit(1, north, by=STRANGER)
    assert world.chain.logs[0][1:] == (
        "Readmitted",
        {"id": 1, "account": to_checksum_address(north)},
    )
    communities.join(1, by=north)
    assert world.energy.membershipOf(1) == (1, 1, end)
