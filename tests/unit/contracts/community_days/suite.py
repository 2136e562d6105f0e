"""What the tests of CommunityDays share: a street of three homes, and its gateway's first days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from energy_grid.domain.day_leaves import DayLeaves, Leaf
from energy_grid.domain.enums import Reason
from energy_grid.domain.merkle import leaf_tree
from tests.model.market import DAY
from tests.support.core.full_market import DEADLINE
from tests.support.core.gateway_street import GatewayStreet

__all__ = [
    "DAY_SLOTS",
    "RATED",
    "SLOT",
    "STRANGER",
    "changed",
    "close_alone",
    "curves",
    "events",
    "passed_over",
    "proven",
    "signed",
]

SLOT, DAY_SLOTS, RATED = 3600, 24, 10_000
STRANGER = "0x" + 40 * "5"
# Exported or imported by each home in every slot, Wh.
_NETS = (1_000, -400, -300)


def curves(street: GatewayStreet, *without: int) -> dict[int, list[int]]:
    """A day of all homes but some, by account number."""
    pairs = zip(street.numbers, _NETS, strict=True)
    return {number: [net] * DAY_SLOTS for number, net in pairs if number not in without}


def changed(
    leaves: DayLeaves, place: int, net: dict[int, int] | None = None, **fields: Any
) -> DayLeaves:
    """With other fields of one leaf, and other nets of some slots."""
    members: list[Leaf] = list(leaves.leaves)
    members[place] = replace(members[place], **fields)
    nets = np.array(leaves.nets)
    for slot, wh in (net or {}).items():
        nets[place, slot] = wh
    return DayLeaves(slot_seconds=SLOT, leaves=tuple(members), nets=nets)


def proven(leaves: DayLeaves, place: int, opening: bytes = b"") -> tuple[bytes, bytes, list[bytes]]:
    """A leaf and its proof, as the contract takes it."""
    records = leaves.records()
    return records[place], opening, list(leaf_tree(records).proof(place))


def signed(
    street: GatewayStreet, home: int, slot: int, registers: Sequence[int]
) -> tuple[Any, ...]:
    """A reading by a home's device at a slot's begin, counted from 1970."""
    meters, (imported, exported) = street.market.meters, registers
    reading = meters.reading(slot * SLOT, (imported, exported))
    return meters.sign_reading(street.devices[home], reading)


def close_alone(street: GatewayStreet, home: int, day: int) -> None:
    """Once it can be."""
    street.chain.set_time(max(street.chain.now, (day + 1) * DAY + DEADLINE))
    street.settlement.closeThrough([street.holders[home].address], day)


def events(street: GatewayStreet) -> list[tuple[str, dict[str, Any]]]:
    """Those of CommunityDays in the last call."""
    own = street.days.contract.address.lower()
    return [(name, values) for at, name, values in street.chain.logs if at.lower() == own]


def passed_over(street: GatewayStreet) -> dict[int, Reason]:
    """By account number, in the last call."""
    found = (values for name, values in events(street) if name == "MemberPassedOver")
    return {values["number"]: Reason(values["reason"]) for values in found}
