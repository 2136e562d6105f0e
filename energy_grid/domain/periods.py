"""Slots and delivery periods.

A slot is the accounting interval: slot ``s`` covers the seconds ``[s * L, (s + 1) * L)``. It is
final a grace time after its end: what is read later is charged without sharing. Accounts close by
whole UTC days, once the last slot of a day is final.

A delivery period is what orders are for: a whole number of slots with a start that everybody
knows. Its start is its gate closure. All times are Unix seconds UTC.
"""

from __future__ import annotations

from dataclasses import dataclass

from energy_grid.domain.enums import PeriodKind
from energy_grid.domain.units import format_time, natural
from energy_grid.errors import DomainError

__all__ = [
    "DAY_SECONDS",
    "SLOT_LENGTHS",
    "MisalignedPeriodError",
    "Period",
    "PeriodKind",
    "SlotLengthError",
    "slot_of",
]

DAY_SECONDS = 86_400
SLOT_LENGTHS = (900, 3600)
# 1 January 1970 was a Thursday; the first Monday came four days later.
_FIRST_MONDAY = 4 * DAY_SECONDS


class MisalignedPeriodError(DomainError):
    """A period starts where none of its kind can start."""


class SlotLengthError(DomainError):
    """A slot length that the market does not know, or that the period cannot be cut into."""


_STARTS = {
    PeriodKind.HOURLY: "at a full UTC hour",
    PeriodKind.DAILY: "at 00:00 UTC",
    PeriodKind.WEEKLY: "on a Monday at 00:00 UTC",
    PeriodKind.QUARTER_HOURLY: "at a full quarter of an hour",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One delivery period: its kind and its first second.

    Raises:
        MisalignedPeriodError: the start is not one of that kind's starts.
    """

    kind: PeriodKind
    start: int

    def __post_init__(self) -> None:
        natural("period start", self.start)
        if (self.start - _offset(self.kind)) % self.kind.seconds:
            kind = self.kind.name.lower().replace("_", "-")
            raise MisalignedPeriodError(
                f"{kind} periods start {_STARTS[self.kind]}, not at {format_time(self.start)}"
            )

    @classmethod
    def current(cls, kind: PeriodKind, now: int) -> Period:
        """The period of a kind that contains ``now``."""
        offset = _offset(kind)
        return cls(kind=kind, start=(now - offset) // kind.seconds * kind.seconds + offset)

    @classmethod
    def next(cls, kind: PeriodKind, now: int) -> Period:
        """The first period of a kind whose gate is open."""
        return cls(kind=kind, start=cls.current(kind, now).end)

    @property
    def end(self) -> int:
        """The first second after the period."""
        return self.start + self.kind.seconds

    @property
    def last_order(self) -> int:
        """The last second in which the gate is open."""
        return self.start - 1

    def slots(self, slot_seconds: int) -> range:
        """The numbers of its slots.

        Raises:
            SlotLengthError: the market has no such slots, or they are longer than the period.
        """
        if _slot_length(slot_seconds) > self.kind.seconds:
            raise SlotLengthError(f"{self.kind.name} periods need slots of 900 s: {slot_seconds}")
        return range(self.start // slot_seconds, self.end // slot_seconds)


def slot_of(timestamp: int, slot_seconds: int) -> int:
    """The slot that contains a moment."""
    return natural("timestamp", timestamp) // _slot_length(slot_seconds)


def _offset(kind: PeriodKind) -> int:
    return _FIRST_MONDAY if kind is PeriodKind.WEEKLY else 0


def _slot_length(slot_seconds: int) -> int:
    if slot_seconds not in SLOT_LENGTHS:
        raise SlotLengthError(f"a slot lasts 900 or 3600 s, not {slot_seconds}")
    return slot_seconds
