"""What the tests of Settlement share."""

from __future__ import annotations

from typing import Any

from eth_utils.address import to_checksum_address

from tests.model.market import Tariff
from tests.support.core.energy_suite import METER, boundary
from tests.support.core.settlement_suite import (
    SettlementWorld,
    account_word,
)

__all__ = [
    "DEAR",
    "NAMES",
    "STRANGER",
    "TARIFF",
    "S",
    "at",
    "free",
    "indebted",
    "live_a_day",
    "logged",
    "tomorrow",
]

TARIFF = Tariff(buy=300, feed_in=80, network_fee=30, protocol_fee=5, max_factor=20_000)
DEAR = Tariff(buy=900, feed_in=90, network_fee=60, protocol_fee=7, max_factor=20_000)
STRANGER = "0x" + 40 * "5"
NAMES = ("north", "east", "south")
S = "Settlement_"


def at(world: SettlementWorld, name: str) -> str:
    return str(to_checksum_address(world.address(name)))


def free(world: SettlementWorld, name: str) -> int:
    return account_word(world.settlement.accountOf(at(world, name))[1])["free"]


def tomorrow(world: SettlementWorld) -> range:
    return world.rules.slots(world.today + 1)


def live_a_day(world: SettlementWorld, nets: dict[str, int], day: int = 0) -> None:
    """Every slot of tomorrow, or of another day, is read in time."""
    first = (day or world.today + 1) * 24
    for slot in range(first, first + 24):
        world.chain.set_time((slot + 1) * 3600 + 1)
        words = [boundary(slot, world.numbers[name], net) for name, net in nets.items()]
        world.energy.record(words, by=METER)
    world.chain.set_time((first + 24) * 3600 + 1000)


def indebted(world: SettlementWorld) -> tuple[str, int]:
    """A metered account without money, and what it owes after a day."""
    world.open("poor", 2)
    world.attach("poor", 8, (0, 0))
    live_a_day(world, {"poor": -500})
    poor = at(world, "poor")
    world.settlement.closeThrough([poor], world.today - 1)
    debt = 24 * 500 * TARIFF.buy // 1000 - 1
    assert world.settlement.debtOf(poor) == debt
    return poor, debt


def logged(world: SettlementWorld, event: str) -> list[tuple[Any, ...]]:
    """The values of the last call's events of one name."""
    return [tuple(values.values()) for _, name, values in world.chain.logs if name == event]
