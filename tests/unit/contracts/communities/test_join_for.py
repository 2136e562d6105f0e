"""Communities.joinFor."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.energy_suite import EnergyWorld
from tests.unit.contracts.communities.suite import (
    SIGNER,
    STRANGER,
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
