"""Communities.joinFor."""

from __future__ import annotations

from eth_utils.crypto import keccak

from tests.support.core.chain import refused
from tests.support.core.energy_suite import DAY, EnergyWorld
from tests.support.core.meter_suite import domain_of, struct_hash
from tests.unit.contracts.communities.suite import (
    GATEWAY,
    SIGNER,
    STRANGER,
    found,
    own,
    signature,
)


def test_join_for__a_key__signs_once_and_in_time(world: EnergyWorld) -> None:
    own(world, SIGNER, 9)
    join, now = world.communities.joinFor, world.now
    signed = signature(world, SIGNER, 1, now)
    with refused("Communities_Expired", now - 1):
        join(SIGNER, 1, now - 1, signed)
    for account, community, deadline in (
        (STRANGER, 1, now),
        (SIGNER, 2, now),
        (SIGNER, 1, now + 1),
    ):
        with refused("Communities_WrongSignature", account, 0):
            join(account, community, deadline, signed)
    join(SIGNER, 1, now, signed)
    assert world.energy.membershipOf(9) == (0, 1, world.today + 1)
    assert world.communities.nonces(SIGNER) == 1
    with refused("Communities_WrongSignature", SIGNER, 1):
        join(SIGNER, 1, now, signed)


def test_join_for__a_contract_wallet__confirms_its_owners_signature(world: EnergyWorld) -> None:
    wallet = world.chain.deploy("WalletDouble", SIGNER).address
    own(world, wallet, 9)
    signed = signature(world, wallet, 1, world.now)
    with refused("Communities_WrongSignature", wallet, 0):
        world.communities.joinFor(wallet, 1, world.now, signed[::-1])
    world.communities.joinFor(wallet, 1, world.now, signed)
    assert world.energy.membershipOf(9)[1] == 1


def test_join_for__a_signature__names_the_gateway(world: EnergyWorld) -> None:
    """Another gateway, named since, needs another signature."""
    kind = (
        "JoinCommunity(address account,uint256 community,address gateway,uint256 nonce,"
        "uint256 deadline)"
    )
    communities, community = world.communities, found(world)
    domain = domain_of("EnergyGrid Communities", communities.address)
    limit = world.now + 40 * DAY
    for number, gateway in ((1, "0x" + 40 * "0"), (community, GATEWAY)):
        values = SIGNER, number, gateway, 0, limit
        digest = keccak(b"\x19\x01" + domain + struct_hash(kind, values))
        assert communities.hashJoin(SIGNER, number, limit) == digest
    own(world, SIGNER, 9)
    signed = signature(world, SIGNER, community, limit)
    first = world.rules.beyond_horizon(world.now) + 7
    communities.setGateway(community, STRANGER, first, by=world.authority)
    with refused("Communities_WrongSignature", SIGNER, 0):
        communities.joinFor(SIGNER, community, limit, signed)
    again = signature(world, SIGNER, community, limit)
    communities.joinFor(SIGNER, community, limit, again)
    assert world.energy.membershipOf(9)[1] == community
