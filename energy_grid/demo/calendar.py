"""When what happens on a day.

    time                   step     what
    09:00 - lead           TRADE    orders for the hour, cleared and traded in a batch
    slot end               METER    meters sign boundary readings, which a gateway keeps

The first reading is that of the slot before the day, with which the day begins. Days are settled
whole, after the last slot is final.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from energy_grid.domain.periods import DAY_SECONDS, SLOT_LENGTHS, SlotLengthError
from energy_grid.domain.units import natural

__all__ = ["HOUR_SECONDS", "TRADED_HOUR", "Phase", "Step", "steps_of"]

HOUR_SECONDS = 3600
TRADED_HOUR = 9
"""The hour of the day that is traded, UTC."""


class Phase(IntEnum):
    """What is done, in the order of one and the same second."""

    METER = 0
    TRADE = 1


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Step:
    """One phase, due ``at`` a Unix second: of the hour or the slot that begins at ``start``."""

    at: int
    phase: Phase
    start: int


def steps_of(start: int, *, slot_seconds: int, lead: int) -> tuple[Step, ...]:
    """All steps of the day that begins at ``start``, in the order in which they are due.

    Raises:
        SlotLengthError: a slot lasts 900 or 3600 s.
        DomainError: a negative lead.
    """
    if slot_seconds not in SLOT_LENGTHS:
        raise SlotLengthError(f"a slot lasts 900 or 3600 s, not {slot_seconds}")
    early, end = natural("lead", lead), start + DAY_SECONDS
    hour = start + TRADED_HOUR * HOUR_SECONDS
    steps = [Step(at=hour - early, phase=Phase.TRADE, start=hour)]
    steps += [
        Step(at=slot + slot_seconds, phase=Phase.METER, start=slot)
        for slot in range(start - slot_seconds, end, slot_seconds)
    ]
    return tuple(sorted(steps))
