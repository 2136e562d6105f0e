"""When what happens to the slots of a day.

    time                       step     what
    slot start - lead          TRADE    orders come in, the auction, matches
    slot end                   METER    readings are reported, trades settle against them
    slot end + grace           FINAL    no reading can come any more: what is left of trades ends
    slot end + 2 * grace       CLOSE    energy credits are minted or used, the grid sells the rest

The steps of neighbouring slots interleave; at one and the same second the earlier slot goes first.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from energy_grid.domain.periods import SLOT_LENGTHS, SlotLengthError
from energy_grid.domain.units import natural

__all__ = ["Phase", "Step", "steps_of"]


class Phase(IntEnum):
    """What is done with a slot, in the order of time."""

    TRADE = 0
    METER = 1
    FINAL = 2
    CLOSE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One phase of one slot, due ``at`` a Unix second."""

    at: int
    slot: int
    phase: Phase


def steps_of(slots: range, *, slot_seconds: int, grace: int, lead: int) -> tuple[Step, ...]:
    """All steps of consecutive slots in the order in which they are due.

    Raises:
        SlotLengthError: a slot lasts 900 or 3600 s.
        DomainError: a negative grace or lead.
    """
    if slot_seconds not in SLOT_LENGTHS:
        raise SlotLengthError(f"a slot lasts 900 or 3600 s, not {slot_seconds}")
    offsets = {
        Phase.TRADE: -natural("lead", lead),
        Phase.METER: slot_seconds,
        Phase.FINAL: slot_seconds + natural("grace", grace),
        Phase.CLOSE: slot_seconds + 2 * grace,
    }
    steps = [
        Step(at=slot * slot_seconds + offset, slot=slot, phase=phase)
        for slot in slots
        for phase, offset in offsets.items()
    ]
    return tuple(sorted(steps, key=lambda step: (step.at, step.slot, step.phase)))
