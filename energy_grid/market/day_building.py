"""From the readings that a gateway has collected to the leaves of its community's day.

An account is measured if its meter's registers at all bounds of the day's slots are there; if not,
its leaf is absent, with the reason. Who was measured on the day before goes on from there.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from energy_grid.domain.day_leaves import (
    REGISTER_END,
    Absent,
    DayLeaves,
    Leaf,
    Measured,
    Nets,
    Registers,
    faults,
    slots_of_day,
)

__all__ = ["BuiltDay", "build_leaves"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BuiltDay:
    """A day's leaves.

    Attributes:
        absent: why members were not measured, by their account numbers.
    """

    leaves: DayLeaves
    absent: Mapping[int, str]


def build_leaves(
    slot_seconds: int,
    members: Collection[int],
    read: Mapping[int, Mapping[int, Registers]],
    rated: Mapping[int, int],
    before: Mapping[int, Registers],
) -> BuiltDay:
    """The leaves of a day.

    Args:
        slot_seconds: 900 or 3600.
        members: account numbers of the day.
        read: registers in the accounts' terms (Wh modulo 2^48), by account number and bound: 0 is
            the day's begin, 24 or 96 its end.
        rated: rated power of the members' meters in W, by account number.
        before: the last registers of all that were measured on the day before, by account number;
            empty where the leaves do not continue it.

    Raises:
        SlotLengthError: another slot length.
        LeavesError: neither members nor anybody who was measured before, or too many.
        LeafValueError: a register that does not fit.
    """
    numbers, slots = sorted({*members, *before}), slots_of_day(slot_seconds)
    leaves: list[Leaf] = []
    nets = np.zeros((len(numbers), slots), dtype=np.int32)
    absent: dict[int, str] = {}
    for place, number in enumerate(numbers):
        last = before.get(number)
        leaf, row, why = _measured(number, read.get(number, {}), last, slots)
        if number not in members:
            leaf, why = None, ""
        elif leaf is not None:
            nets[place] = row
            alone = DayLeaves(
                slot_seconds=slot_seconds, leaves=(leaf,), nets=nets[place : place + 1]
            )
            for fault in faults(alone, rated):
                leaf, why = None, str(fault.args[-1])
                nets[place] = 0
        if why:
            absent[number] = why
        leaves.append(leaf or Absent(number=number, first=last))
    built = DayLeaves(slot_seconds=slot_seconds, leaves=tuple(leaves), nets=nets)
    return BuiltDay(leaves=built, absent=absent)


def _measured(
    number: int, bounds: Mapping[int, Registers], before: Registers | None, slots: int
) -> tuple[Measured | None, Nets, str]:
    """The leaf of an account and its nets; without it, why not."""
    nets = np.zeros(slots, dtype=np.int32)
    missing = [bound for bound in range(slots + 1) if bound not in bounds]
    if missing:
        return None, nets, f"{len(missing)} of {slots + 1} readings are missing"
    first, last = bounds[0], bounds[slots]
    if before not in (None, first):
        return None, nets, "its registers do not go on from the day before"
    for slot in range(slots):
        (imported, exported), (imported_to, exported_to) = bounds[slot], bounds[slot + 1]
        net = (exported_to - exported) % REGISTER_END - (imported_to - imported) % REGISTER_END
        if abs(net) >= 2**31:
            return None, nets, f"its registers fall in slot {slot}"
        nets[slot] = net
    return Measured(number=number, first=first, last=last, continues=before is not None), nets, ""
