"""How fast a period is cleared, compared with sorting the same orders.

    python -m tests.bench.clearing

Clearing includes the fills of all orders and the list of pairs. No clearing can be faster than
putting the orders in order, so both are timed side by side, the best of a few turns each; the
ratios mean something on any machine, the seconds only on this one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np

from energy_grid.domain.clearing import OrderColumns, clear
from tests.bench.timing import best_of

__all__ = ["SIZES", "ClearingRow", "measure_clearing"]

SIZES = (1_000, 10_000, 100_000, 1_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearingRow:
    """Seconds for one book: ours, numpy's sort of the prices, Python's of the orders."""

    orders: int
    pairs: int
    clear: float
    numpy_sort: float
    python_sort: float


def measure_clearing(sizes: Iterable[int] = SIZES, turns: int = 5) -> list[ClearingRow]:
    """One row a size."""
    rng = np.random.default_rng(2026)
    found = []
    for size in sizes:
        ids = np.arange(1, size + 1, dtype=np.uint64)
        prices = rng.integers(100_000, 400_000, size).astype(np.uint64)
        amounts = rng.integers(1, 5_000, size)
        buying = rng.random(size) < 0.5
        bids, asks = (
            OrderColumns(ids=ids[side], prices=prices[side], amounts=amounts[side])
            for side in (buying, ~buying)
        )
        rows = list(zip(prices.tolist(), ids.tolist(), amounts.tolist(), strict=True))
        found.append(
            ClearingRow(
                orders=size,
                pairs=len(clear(bids, asks).pair_wh),
                clear=best_of(partial(clear, bids, asks), turns),
                numpy_sort=best_of(partial(np.sort, prices), turns),
                python_sort=best_of(partial(sorted, rows), turns),
            )
        )
    return found


def main() -> None:
    """Print one line per size."""
    print(f"{'orders':>9} {'pairs':>8} {'clear':>10} {'np.sort':>10} {'sorted':>10}   clear /")
    print(f"{'':>9} {'':>8} {'ms':>10} {'ms':>10} {'ms':>10}   np.sort   sorted")
    for row in measure_clearing():
        timings = " ".join(
            f"{value * 1e3:10.2f}" for value in (row.clear, row.numpy_sort, row.python_sort)
        )
        ratios = f"{row.clear / row.numpy_sort:9.1f} {row.clear / row.python_sort:8.2f}"
        print(f"{row.orders:>9} {row.pairs:>8} {timings} {ratios}")


if __name__ == "__main__":
    main()
