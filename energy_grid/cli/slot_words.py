"""How slots are named on the command line: by their numbers, or by a time in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from energy_grid.domain.units import format_time, parse_time
from energy_grid.errors import InputError

if TYPE_CHECKING:
    from energy_grid.cli.session import View

__all__ = ["At", "parse_slot", "parse_slots", "span"]

_MOST_SLOTS = 10_000
_SLOTS = re.compile(r"([0-9]{1,10})(?:-([0-9]{1,10}))?")
_NUMBER = re.compile(r"[0-9]{1,10}")


@dataclass(frozen=True, slots=True)
class At:
    """A slot as somebody has named it: by its number, or by a time in it (Unix seconds)."""

    slot: int | None
    time: int = 0

    def number(self, view: View) -> int:
        """The number of the slot in a market."""
        return view.market.slot(self.time) if self.slot is None else self.slot


def parse_slot(text: str) -> At:
    """``"473352"``, or ``"2024-01-01T18:00"``.

    Raises:
        InputError: neither.
    """
    if _NUMBER.fullmatch(text):
        return At(int(text))
    try:
        return At(None, parse_time(text))
    except InputError:
        raise InputError(
            f"{text[:40]!r} is no slot: write its number, or a time in it such as 2024-01-01T18:00"
        ) from None


def parse_slots(text: str) -> list[int]:
    """``"473352,473360-473365"``: numbers, and ranges with both ends.

    Raises:
        InputError: something else, or too many.
    """
    found: list[int] = []
    for part in text.split(","):
        match = _SLOTS.fullmatch(part)
        if match is None:
            raise InputError(
                f"{part[:40]!r} is no slot: write numbers such as 473352,473360-473365"
            )
        first, last = int(match[1]), int(match[2] or match[1])
        if not first <= last < first + _MOST_SLOTS:
            raise InputError(f"{part!r} is no range of slots, at most {_MOST_SLOTS}")
        found += range(first, last + 1)
    return found


def span(view: View, slot: int) -> str:
    """When a slot is: ``"2024-01-01 00:00 to 01:00 UTC"``."""
    begin, end = (format_time(view.market.time_of(each))[:16] for each in (slot, slot + 1))
    return f"{begin} to {end.removeprefix(begin[:11])} UTC"
