"""Communities.setGateway."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.energy_suite import DAY, EnergyWorld
from tests.unit.contracts.communities.suite import GATEWAY, STRANGER, found

OTHER, THIRD = ("0x" + 40 * digit for digit in "89")
NOBODY = "0x" + 40 * "0"


def test_set_gateway__whoever_disagrees__can_leave_first(world: EnergyWorld) -> None:
    communities, manager = world.communities, world.authority
    community = found(world)
    first = world.rules.beyond_horizon(world.now) + 7
    with refused("Communities_NotManager", community, STRANGER):
        communities.setGateway(community, OTHER, first, by=STRANGER)
    with refused("Communities_NoGateway", 1):
        communities.setGateway(1, OTHER, first, by=manager)
    with refused("Communities_NotManager", 9, STRANGER):
        communities.setGateway(9, OTHER, first, by=STRANGER)
    with refused("Communities_ZeroGateway"):
        communities.setGateway(community, NOBODY, first, by=manager)
    with refused("Communities_WithinHorizon", first - 1, first):
        communities.setGateway(community, OTHER, first - 1, by=manager)
    with refused("SafeCastOverflowedUintDowncast", 16, 2**16):
        communities.setGateway(community, OTHER, 2**16, by=manager)
    communities.setGateway(community, OTHER, first, by=manager)
    (log,) = world.chain.logs
    assert log[1:] == ("GatewayNamed", {"id": community, "gateway": OTHER, "day": first})
    assert communities.nextGatewayOf(community) == (OTHER, first)
    world.chain.set_time(first * DAY - 1)
    assert communities.gatewayOf(community) == GATEWAY
    world.chain.set_time(first * DAY)
    assert communities.gatewayOf(community) == OTHER


def test_set_gateway__again__replaces_what_was_planned_alone(world: EnergyWorld) -> None:
    communities, manager = world.communities, world.authority
    community = found(world)
    first = world.rules.beyond_horizon(world.now) + 7
    communities.setGateway(community, OTHER, first, by=manager)
    communities.setGateway(community, THIRD, first + 3, by=manager)
    world.chain.set_time((first + 2) * DAY)
    assert communities.gatewayOf(community) == GATEWAY
    world.chain.set_time((first + 3) * DAY)
    assert communities.gatewayOf(community) == THIRD
    # What has begun stays until the next one begins.
    later = world.rules.beyond_horizon(world.now) + 7
    communities.setGateway(community, OTHER, later, by=manager)
    assert communities.gatewayOf(community) == THIRD
    world.chain.set_time(later * DAY)
    assert communities.gatewayOf(community) == OTHER


def test_set_gateway__a_member_that_leaves_at_once__is_gone_before(world: EnergyWorld) -> None:
    communities, north = world.communities, world.address("north")
    community = found(world)
    communities.join(community, by=north)
    world.chain.set_time((world.today + 1) * DAY + 5)
    world.settlement.setCursor(1, world.today)
    first = world.rules.beyond_horizon(world.now) + 7
    communities.setGateway(community, OTHER, first, by=world.authority)
    for days in range(7):
        mark = world.chain.snapshot()
        world.chain.set_time(world.now + days * DAY)
        communities.leave(by=north)
        assert world.energy.membershipOf(1)[2] < first
        world.chain.revert(mark)
