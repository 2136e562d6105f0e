"""What settling a community's day takes on the chain, as it was measured.

`settlement_gas.json` holds figures of `tests/gas/snapshots/gas.json`, by their names there: the
tests of gas keep both equal.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

from energy_grid.domain.periods import DAY_SECONDS

__all__ = ["FILE", "settlement_gas"]

FILE = resources.files(__package__).joinpath("settlement_gas.json")
"""Where the figures are."""


def settlement_gas(members: int, slot_seconds: int) -> int:
    """Gas of a member's day: its part of the call that settles the day, measured with 100 members,
    and of the one that anchors it."""
    figures = _figures()
    each = figures[f"settleDay, {DAY_SECONDS // slot_seconds} slots, each of 100"]
    return each + -(-figures["anchor, a community's day"] // members)


@cache
def _figures() -> dict[str, int]:
    found: dict[str, int] = json.loads(FILE.read_text(encoding="utf-8"))
    return found
