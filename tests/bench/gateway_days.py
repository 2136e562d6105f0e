"""How fast a gateway makes a community's day from its readings: leaves, bytes, root.

    python -m tests.bench.gateway_days

It cannot be faster than hashing the finished records and the nodes of their tree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from energy_grid.domain.day_leaves import DayLeaves, Measured, Registers
from energy_grid.domain.hashing import keccak
from energy_grid.domain.merkle import leaf_tree
from energy_grid.market.day_building import build_leaves
from tests.bench.calldata import HOUR, MEMBERS, QUARTER, community_leaves
from tests.bench.timing import best_of

__all__ = ["GatewayRow", "measure_gateway_days"]

_RATED = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayRow:
    """A community's day: slots, and seconds from registers to leaves, from leaves to the root, and
    for the hashes alone."""

    slots: int
    build: float
    root: float
    hashes: float

    @property
    def per_second(self) -> float:
        """Members."""
        return MEMBERS / (self.build + self.root)


def measure_gateway_days(turns: int = 20) -> Sequence[GatewayRow]:
    """Of as many members as a call of the gas suite has, with curves of the demo."""
    return [_measure(slot, turns) for slot in (HOUR, QUARTER)]


def _measure(slot: int, turns: int) -> GatewayRow:
    leaves = community_leaves(slot, MEMBERS)
    numbers = [leaf.number for leaf in leaves.leaves]
    read, rated = _registers(leaves), dict.fromkeys(numbers, _RATED)
    before = {number: bounds[0] for number, bounds in read.items()}

    def build() -> DayLeaves:
        return build_leaves(slot, numbers, read, rated, before).leaves

    assert build().encode() == leaves.encode()
    hashed = [*leaves.records(), *(64 * b"x" for _ in range(MEMBERS - 1))]
    return GatewayRow(
        slots=leaves.nets.shape[1],
        build=best_of(build, turns),
        root=best_of(lambda: leaf_tree(leaves.records()).root, turns),
        hashes=best_of(lambda: [keccak(each) for each in hashed], turns),
    )


def _registers(day: DayLeaves) -> Mapping[int, Mapping[int, Registers]]:
    """At all bounds of the day, by account number."""
    read: dict[int, dict[int, Registers]] = {}
    for leaf, nets in zip(day.leaves, day.nets, strict=True):
        assert isinstance(leaf, Measured)
        imported, exported = (
            [0, *np.cumsum(np.maximum(sign * nets, 0)).tolist()] for sign in (-1, 1)
        )
        read[leaf.number] = {
            bound: Registers(leaf.first.imported + drawn, leaf.first.exported + fed)
            for bound, (drawn, fed) in enumerate(zip(imported, exported, strict=True))
        }
    return read


def main() -> None:
    """Print what was measured."""
    for row in measure_gateway_days():
        print(row)


if __name__ == "__main__":
    main()
