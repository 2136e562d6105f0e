"""Communities.create."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.energy_suite import EnergyWorld
from tests.support.core.tariff_suite import name as bytes32
from tests.unit.contracts.communities.suite import (
    GATEWAY,
    STRANGER,
)


def test_create__anybody__names_a_manager(world: EnergyWorld) -> None:
    communities = world.communities
    assert communities.create(bytes32("south"), 10_000, STRANGER, by=STRANGER) == 3
    (log,) = world.chain.logs
    assert log[1:] == (
        "CommunityCreated",
        {"id": 3, "region": bytes32("south"), "manager": STRANGER, "theta": 10_000},
    )
    assert tuple(communities.communityOf(3)) == (bytes32("south"), STRANGER, 0, 10_000)
    assert communities.communityCount() == 3
    with refused("Communities_ThetaAbove", 10_001, 10_000):
        communities.create(bytes32("south"), 10_001, STRANGER)
    with refused("Tariffs_UnknownRegion", bytes32("nowhere")):
        communities.create(bytes32("nowhere"), 1, STRANGER)
    with refused("Communities_Unknown", 4):
        communities.communityOf(4)
    assert communities.thetaAt(4, world.today) == 0


def test_create__the_last_of_24_bits__is_the_last(world: EnergyWorld) -> None:
    """The count stands behind the two words of EIP-712."""
    communities, most = world.communities, 2**24 - 1
    world.chain.evm.insert_account_storage(communities.address, 2, most - 1)
    assert communities.communityCount() == most - 1
    assert communities.create(bytes32("south"), 1, STRANGER) == most
    with refused("Communities_TooMany"):
        communities.create(bytes32("south"), 1, STRANGER)


def test_create_with_gateway__anybody__never_changes_that_it_has_one(world: EnergyWorld) -> None:
    communities, south = world.communities, bytes32("south")
    create = communities.createWithGateway
    assert create(south, 7, STRANGER, GATEWAY, True, by=STRANGER) == 3
    created, gateway = world.chain.logs
    assert created[1:] == (
        "CommunityCreated",
        {"id": 3, "region": south, "manager": STRANGER, "theta": 7},
    )
    assert gateway[1:] == ("GatewayCreated", {"id": 3, "gateway": GATEWAY, "is_static": True})
    assert create(bytes32("home"), 8, STRANGER, GATEWAY, False) == 4
    nobody = "0x" + 40 * "0"
    for number, region, theta, address, static in (
        (1, 1, 5000, nobody, False),
        (3, 2, 7, GATEWAY, True),
        (4, 1, 8, GATEWAY, False),
        (5, 0, 0, nobody, False),
    ):
        assert communities.termsOf(number, world.today) == (region, theta, static)
        assert communities.gatewayOf(number) == address
        assert communities.nextGatewayOf(number) == (address, 0)
        assert communities.isByGateway(number) == (address == GATEWAY)
    with refused("Communities_ZeroGateway"):
        create(south, 7, STRANGER, nobody, True)
    with refused("Communities_ThetaAbove", 10_001, 10_000):
        create(south, 10_001, STRANGER, GATEWAY, True)
    first = world.rules.beyond_horizon(world.now)
    communities.setTheta(3, 9, first, by=STRANGER)
    assert communities.termsOf(3, first - 1) == (2, 7, True)
    assert communities.termsOf(3, first) == (2, 9, True)
