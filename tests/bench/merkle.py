"""How fast a tree of anchored readings is built, compared with bare hashing.

    python tests/bench/merkle.py

A leaf takes four rounds of Keccak (two of its 160 bytes, one to hash it again, one of its node), a
64-byte word takes one, by the same function: so no tree can be built in less than four times the
time of as many words. Both are timed side by side, the best of a few turns each, in the time of the
processor, which what else runs does not lengthen much; the ratio means something on any machine,
the seconds only on this one. The memory is what building takes at its peak beside the rows, and
what the tree keeps.
"""

from __future__ import annotations

import hashlib
import time
import tracemalloc
from collections.abc import Callable
from functools import partial

from sha3 import keccak_256

from energy_grid.domain.merkle import MerkleTree
from energy_grid.services.anchoring import LEAF_TYPES

SIZES = (1_000, 10_000, 100_000, 1_000_000)
TURNS = 3
PROOFS = 20_000
SLOT = 473_352
# Tracing makes building slow, and what a leaf takes is the same from here on.
MEASURED = 10_000

Row = tuple[str, int, int, int, bytes]


def best_of(work: Callable[[], object]) -> float:
    """Seconds of the fastest of a few turns."""
    seconds = []
    for _ in range(TURNS):
        start = time.process_time()
        work()
        seconds.append(time.process_time() - start)
    return min(seconds)


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


def main() -> None:
    """Print one line per size."""
    print(f"{'leaves':>9} {'tree':>10} {'words':>10}  tree /  {'proofs':>10}")
    print(f"{'':>9} {'ms':>10} {'ms':>10}  words   {'per s':>10}")
    for size in SIZES:
        rows = rows_of(size)
        built = best_of(partial(MerkleTree.of, rows, LEAF_TYPES))
        hashed = best_of(partial(words, size))
        tree = MerkleTree.of(rows, LEAF_TYPES)
        rate = proofs(tree) / best_of(partial(proofs, tree))
        timings = f"{built * 1e3:10.1f} {hashed * 1e3:10.1f}"
        print(f"{size:>9} {timings} {built / hashed:7.1f} {rate:12,.0f}")
    peak, kept = bytes_per_leaf()
    print(f"memory: {peak:.0f} bytes a leaf while building, {kept:.0f} kept")


if __name__ == "__main__":
    main()
