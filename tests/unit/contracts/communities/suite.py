"""What the tests of Communities share."""

from __future__ import annotations

from typing import Any

from coincurve import PrivateKey
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from tests.model.market import Tariff
from tests.support.core.energy_suite import METER, EnergyWorld
from tests.support.core.tariff_suite import name as bytes32

__all__ = [
    "FORWARDER",
    "GATEWAY",
    "KEY",
    "SIGNER",
    "STRANGER",
    "TARIFF",
    "append",
    "found",
    "own",
    "signature",
    "table",
]

TARIFF = Tariff(buy=300, feed_in=100, network_fee=20)
STRANGER = to_checksum_address("0x" + 40 * "5")
FORWARDER = "0x" + 40 * "6"
GATEWAY = to_checksum_address("0x" + 40 * "4")
KEY = PrivateKey(b"\x07" * 32)
SIGNER = to_checksum_address(keccak(KEY.public_key.format(compressed=False)[1:])[12:])


def signature(world: EnergyWorld, account: str, community: int, deadline: int) -> bytes:
    digest = world.communities.hashJoin(account, community, deadline)
    signed = KEY.sign_recoverable(digest, hasher=None)
    return signed[:64] + bytes([27 + signed[64]])


def own(world: EnergyWorld, address: str, number: int) -> None:
    """An account of an address, with a meter."""
    first = world.rules.tomorrow(world.now) * world.rules.day_slots
    world.settlement.setNumber(address, number)
    world.settlement.setCursor(number, world.today)
    world.energy.attach(number, 1, first, 5000, by=METER)


def found(world: EnergyWorld, *, static: bool = True) -> int:
    """A community with a gateway in the home region, managed by the account authority."""
    name, manager = bytes32("home"), world.authority
    return int(world.communities.createWithGateway(name, 5000, manager, GATEWAY, static))


def table(world: EnergyWorld, number: int, days: range) -> list[int]:
    """An account's coefficients of days."""
    return [world.communities.coefficientsOn(day, [number])[0] for day in days]


def append(world: EnergyWorld, to: Any, data: bytes, account: str, sender: str) -> None:
    world.chain.send(sender, to.address, data + bytes.fromhex(account[2:]))
