"""How fast a tree of anchored readings is built, compared with bare hashing.

    python -m tests.bench.merkle

A leaf takes four rounds of Keccak (two of its 160 bytes, one to hash it again, one of its node), a
64-byte word takes one, by the same function: so no tree can be built in less than four times the
time of as many words. Both are timed side by side, the best of a few turns each, in the time of the
processor, which what else runs does not lengthen much; the ratio means something on any machine,
the seconds only on this one. The memory is what building takes at its peak beside the rows, and
what the tree keeps.
"""

from __future__ import annotations

import hashlib
import tracemalloc
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from time import process_time

from sha3 import keccak_256

from energy_grid.domain.merkle import MerkleTree
from energy_grid.market.anchoring import LEAF_TYPES
from tests.bench.timing import best_of

__all__ = ["SIZES", "TreeRow", "bytes_per_leaf", "measure_trees"]

SIZES = (1_000, 10_000, 100_000, 1_000_000)
TURNS = 3
PROOFS = 20_000
SLOT = 473_352
# Tracing makes building slow, and what a leaf takes is the same from here on.
MEASURED = 10_000

Row = tuple[str, int, int, int, bytes]


def rows_of(size: int) -> list[Row]:
    """Leaves of so many accounts."""
    digests = (hashlib.sha256(number.to_bytes(8, "big")).digest() for number in range(size))
    return [
        (f"0x{digest[:20].hex()}", SLOT, digest[20] * 8, digest[21] * 16, digest)
        for digest in digests
    ]


def words(size: int) -> None:
    """Hash so many words of 64 bytes."""
    word = bytes(64)
    for _ in range(size):
        keccak_256(word).digest()


def proofs(tree: MerkleTree) -> int:
    """Make proofs evenly over the tree; gives how many."""
    step = max(1, len(tree.rows) // PROOFS)
    indexes = range(0, len(tree.rows), step)
    for index in indexes:
        tree.proof(index)
    return len(indexes)


def bytes_per_leaf() -> tuple[float, float]:
    """(what building takes at its peak, what the tree keeps)."""
    rows = rows_of(MEASURED)
    tracemalloc.start()
    tree = MerkleTree.of(rows, LEAF_TYPES)
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert tree.rows is rows
    return peak / MEASURED, kept / MEASURED


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeRow:
    """Processor seconds of a tree and of as many words of 64 bytes; proofs per second."""

    readings: int
    build: float
    words: float
    proofs: float


def measure_trees(sizes: Iterable[int] = SIZES, turns: int = TURNS) -> list[TreeRow]:
    """One row a size."""
    found = []
    for size in sizes:
        rows = rows_of(size)
        tree = MerkleTree.of(rows, LEAF_TYPES)
        found.append(
            TreeRow(
                readings=size,
                build=best_of(partial(MerkleTree.of, rows, LEAF_TYPES), turns, process_time),
                words=best_of(partial(words, size), turns, process_time),
                proofs=proofs(tree) / best_of(partial(proofs, tree), turns, process_time),
            )
        )
    return found


def main() -> None:
    """Print one line per size."""
    print(f"{'leaves':>9} {'tree':>10} {'words':>10}  tree /  {'proofs':>10}")
    print(f"{'':>9} {'ms':>10} {'ms':>10}  words   {'per s':>10}")
    for row in measure_trees():
        timings = f"{row.build * 1e3:10.1f} {row.words * 1e3:10.1f}"
        print(f"{row.readings:>9} {timings} {row.build / row.words:7.1f} {row.proofs:12,.0f}")
    peak, kept = bytes_per_leaf()
    print(f"memory: {peak:.0f} bytes a leaf while building, {kept:.0f} kept")


if __name__ == "__main__":
    main()
