"""Slots on the command line: a number, or a time in the slot."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from energy_grid.cli.times import format_minute, zone_name
from energy_grid.domain.units import parse_time
from energy_grid.errors import InputError

if TYPE_CHECKING:
    from energy_grid.cli.session import View

__all__ = ["At", "parse_slot", "span"]

_NUMBER = re.compile(r"[0-9]{1,10}")


@dataclass(frozen=True, slots=True)
class At:
    """A slot as the user names it: by its number, or by a time in it (Unix seconds)."""

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
            f"{text[:20]!r} is not a slot: write its number, or a time such as 2024-01-01T18:00"
        ) from None


def span(view: View, slot: int) -> str:
    """The period of a slot: ``"2024-01-01 00:00 to 01:00 UTC"``."""
    begin, end = (format_minute(view.market.time_of(each)) for each in (slot, slot + 1))
    return f"{begin} to {end.removeprefix(begin[:11])} {zone_name()}"
