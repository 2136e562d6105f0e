"""What the tests of EnergyAccounts share."""

from __future__ import annotations

from tests.model.market import Tariff
from tests.support.core.chain import Deployed
from tests.support.core.energy_suite import (
    DAYS,
    METER,
    EnergyWorld,
)

__all__ = [
    "BY_GATEWAY",
    "HIGHEST",
    "HIGHEST_MEMBER",
    "STRANGER",
    "TARIFF",
    "checksum",
    "first",
    "playing_communities",
    "tomorrow",
]

TARIFF = Tariff(buy=300, feed_in=100, network_fee=20)
STRANGER = "0x" + 40 * "5"
HIGHEST = 2**31 - 1
HIGHEST_MEMBER = 2**24 - 1
BY_GATEWAY = 1 << 245
"""An AccountWord's flag: a gateway's day has closed the newest closed day."""


def playing_communities(world: EnergyWorld) -> Deployed:
    """Energy accounts in whose Communities' name STRANGER calls; no meter is attached."""
    modules = (world.settlement.address, METER, STRANGER, DAYS, world.tariffs.address)
    energy = world.chain.deploy("EnergyAccounts", world.manager.address, modules, 900)
    world.settlement.setTarget(energy)
    return energy


def tomorrow(world: EnergyWorld) -> int:
    return world.rules.tomorrow(world.now)


def first(world: EnergyWorld, days: int = 0) -> int:
    """Tomorrow's first slot, or a later day's."""
    return (tomorrow(world) + days) * world.rules.day_slots


def checksum(address: str) -> str:
    from eth_utils.address import to_checksum_address

    return str(to_checksum_address(address))
