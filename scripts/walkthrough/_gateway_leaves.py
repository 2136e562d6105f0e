"""What a gateway writes down of a day, for the story of communities' days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from energy_grid.contracts.community_days import Leaf
from energy_grid.domain.day_leaves import DayLeaves, Measured, Registers
from energy_grid.domain.day_leaves import Leaf as Row
from energy_grid.market.day_store import StoredDay
from scripts._walkthrough.houses import SLOT

__all__ = ["SLOTS", "Flat", "day_of", "leaf_of"]

SLOTS = 96
_HOUR_SLOTS = 3600 // SLOT


@dataclass(frozen=True)
class Flat:
    """A member's day: imported before it, and Wh by hour, exported, or imported if negative."""

    number: int
    before: tuple[int, int]
    hours: Mapping[int, int]
    continues: bool = False

    @property
    def nets(self) -> list[int]:
        """Of the slots, evenly."""
        return [self.hours.get(slot // _HOUR_SLOTS, 0) // _HOUR_SLOTS for slot in range(SLOTS)]

    @property
    def after(self) -> tuple[int, int]:
        """The registers at its end."""
        imported, exported = self.before
        nets = self.nets
        imports, exports = (sum(max(sign * net, 0) for net in nets) for sign in (-1, 1))
        return imported + imports, exported + exports


def day_of(community: int, day: int, rows: Sequence[Flat | Row]) -> StoredDay:
    """The leaves of a day, in the order of account numbers."""
    nets = np.zeros((len(rows), SLOTS), dtype=np.int32)
    leaves: list[Row] = []
    for place, row in enumerate(sorted(rows, key=lambda each: each.number)):
        if not isinstance(row, Flat):
            leaves.append(row)
            continue
        nets[place] = row.nets
        first, last = Registers(*row.before), Registers(*row.after)
        leaves.append(Measured(number=row.number, first=first, last=last, continues=row.continues))
    whole = DayLeaves(slot_seconds=SLOT, leaves=tuple(leaves), nets=nets)
    return StoredDay(community=community, day=day, leaves=whole, openings={})


def leaf_of(day: StoredDay, number: int) -> Leaf:
    """A leaf with its proof, as contracts take it."""
    found = day.prove(number)
    return Leaf(record=found.record, opening=found.opening, proof=tuple(found.proof))
