"""What a reading adds to a slot, and what a transaction can draw of it."""

from __future__ import annotations

from dataclasses import replace

from energy_grid.domain.periods import DAY_SECONDS, slot_of
from energy_grid.domain.slots import SlotEnergy
from energy_grid.domain.units import natural

__all__ = ["day_of_reading", "deliverable", "metered", "slot_of_reading", "unsold"]


def slot_of_reading(timestamp: int, slot_seconds: int) -> int:
    """The slot a meter reading counts for: one at exactly 11:00:00 completes 10:00-11:00."""
    return slot_of(timestamp - 1, slot_seconds)


def day_of_reading(timestamp: int) -> int:
    """The UTC day (days since 1970) a meter reading counts for."""
    return natural("timestamp", timestamp - 1) // DAY_SECONDS


def metered(energy: SlotEnergy, produced: int, consumed: int) -> SlotEnergy:
    """The balance with one more reading in it, in Wh."""
    return replace(
        energy,
        produced=energy.produced + natural("production", produced),
        consumed=energy.consumed + natural("consumption", consumed),
    )


def unsold(energy: SlotEnergy) -> int:
    """Production that no transaction has drawn yet, in Wh."""
    return energy.produced - energy.sold


def deliverable(seller: SlotEnergy, buyer: SlotEnergy, owed: int) -> int:
    """What a transaction can draw in a slot: never more than the seller produced and kept."""
    if seller.closed or buyer.closed:
        return 0
    return min(owed, unsold(seller))
