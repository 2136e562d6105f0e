"""Settlement.depositWithPermit: a signature instead of an allowance, or beside one."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account import Account as Keys
from eth_account.signers.local import LocalAccount

from tests.support.core.chain import CHAIN_ID, refused
from tests.support.core.settlement_suite import GRID, SettlementWorld
from tests.unit.contracts.settlement.suite import STRANGER, TARIFF, S, logged

OWNER, THIEF = (Keys.from_key(bytes(31) + bytes([number])) for number in (7, 8))
FIELDS = {
    "owner": "address",
    "spender": "address",
    "value": "uint256",
    "nonce": "uint256",
    "deadline": "uint256",
}
Permit = tuple[int, int, bytes, bytes]
"""deadline, v, r, s"""


@pytest.fixture
def world() -> SettlementWorld:
    """The owner has tokens, and has allowed nobody to take them. A stranger is the forwarder."""
    world = SettlementWorld(TARIFF, 60, slot=3600, forwarder=STRANGER)
    world.token.faucet(5000, by=OWNER.address)
    return world


def permit(
    world: SettlementWorld,
    *,
    signer: LocalAccount = OWNER,
    spender: str = "",
    value: int = 500,
    deadline: int = 2**40,
) -> Permit:
    """To take the owner's tokens."""
    domain = {
        "name": world.token.call("name"),
        "version": "1",
        "chainId": CHAIN_ID,
        "verifyingContract": world.token.address,
    }
    message = {
        "owner": OWNER.address,
        "spender": spender or world.settlement.address,
        "value": value,
        "nonce": world.token.nonces(OWNER.address),
        "deadline": deadline,
    }
    types = {"Permit": [{"name": name, "type": kind} for name, kind in FIELDS.items()]}
    signed = signer.sign_typed_data(domain, types, message)
    return deadline, signed.v, signed.r.to_bytes(32), signed.s.to_bytes(32)


def test_deposit_with_permit__in_time__is_credited(world: SettlementWorld) -> None:
    settlement, owner = world.settlement, OWNER.address
    signed = permit(world, deadline=world.now)
    assert settlement.depositWithPermit(500, *signed, by=owner) == 500
    assert logged(world, "Deposited") == [(owner, owner, 500)]
    assert (settlement.balanceOf(owner), world.token.balanceOf(owner)) == (500, 4500)
    assert world.token.allowance(owner, settlement.address) == 0


@pytest.mark.parametrize(
    "wrong", [{"deadline": 1}, {"signer": THIEF}, {"spender": THIEF.address}, {"value": 499}]
)
def test_deposit_with_permit__that_does_not_fit__is_refused(
    world: SettlementWorld, wrong: dict[str, Any]
) -> None:
    with refused("ERC20InsufficientAllowance", world.settlement.address, 0, 500):
        world.settlement.depositWithPermit(500, *permit(world, **wrong), by=OWNER.address)


def test_deposit_with_permit__of_another_or_used__is_refused(world: SettlementWorld) -> None:
    signed, settlement = permit(world), world.settlement
    for holder in (THIEF.address, OWNER.address):
        if holder == OWNER.address:
            settlement.depositWithPermit(500, *signed, by=holder)
        with refused("ERC20InsufficientAllowance", settlement.address, 0, 500):
            settlement.depositWithPermit(500, *signed, by=holder)
    assert settlement.balanceOf(OWNER.address) == 500


def test_deposit_with_permit__sent_first_by_a_third_party__is_credited(
    world: SettlementWorld,
) -> None:
    signed, settlement, owner = permit(world), world.settlement, OWNER.address
    world.token.permit(owner, settlement.address, 500, *signed, by=THIEF.address)
    settlement.depositWithPermit(500, *signed, by=owner)
    assert (settlement.balanceOf(owner), world.token.nonces(owner)) == (500, 1)


def test_deposit_with_permit__worthless_beside_an_allowance__is_credited(
    world: SettlementWorld,
) -> None:
    """So a token without permits works, too."""
    world.token.approve(world.settlement.address, 500, by=OWNER.address)
    world.settlement.depositWithPermit(500, 0, 0, bytes(32), bytes(32), by=OWNER.address)
    assert world.settlement.balanceOf(OWNER.address) == 500


def test_deposit_with_permit__stopped__is_refused(world: SettlementWorld) -> None:
    world.settlement.pause(by=world.authority)
    with refused("EmergencyStop_Stopped", 1):
        world.settlement.depositWithPermit(500, *permit(world), by=OWNER.address)


def test_deposit_with_permit__relayed__needs_no_native_coin(world: SettlementWorld) -> None:
    settlement, abi, owner = world.settlement, world.settlement.abi, OWNER.address

    def send(sender: str, holder: str, function: str, *arguments: Any) -> None:
        data = abi.function(function).encode(arguments) + bytes.fromhex(holder[2:])
        world.chain.send(sender, settlement.address, data)

    send(STRANGER, owner, "depositWithPermit", 500, *permit(world))
    assert settlement.balanceOf(owner) == 500
    # Nobody else speaks for an account, and `restricted` sees the forwarder.
    with refused(S + "UnknownAccount", GRID.lower()):
        send(GRID, owner, "redeem", 1)
    with refused("AccessManagedUnauthorized", STRANGER.lower()):
        send(STRANGER, world.authority, "setOutflowLimit", 1)


def test_deposit_with_permit__token_of_18_decimals__permits_the_tokens_own_units() -> None:
    owned = 500 * 10**12
    token = ("GovernanceToken", THIEF.address, owned, [OWNER.address], [owned])
    world = SettlementWorld(TARIFF, 60, slot=3600, token=token)
    signed = permit(world, value=owned)
    assert world.settlement.depositWithPermit(500, *signed, by=OWNER.address) == 500
    assert world.token.balanceOf(world.settlement.address) == owned
