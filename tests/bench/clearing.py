"""How fast a period is cleared, compared with sorting the same orders.

    python tests/bench/clearing.py

Clearing includes the fills of all orders and the list of pairs. No clearing can be faster than
putting the orders in order, so both are timed side by side, the best of a few turns each; the
ratios mean something on any machine, the seconds only on this one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import numpy as np

from energy_grid.domain.clearing import OrderColumns, clear

SIZES = (1_000, 10_000, 100_000, 1_000_000)
TURNS = 5


def best_of(work: Callable[[], object]) -> float:
    """Seconds of the fastest of a few turns."""
    seconds = []
    for _ in range(TURNS):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def main() -> None:
    """Print one line per size."""
    rng = np.random.default_rng(2026)
    print(f"{'orders':>9} {'pairs':>8} {'clear':>10} {'np.sort':>10} {'sorted':>10}   clear /")
    print(f"{'':>9} {'':>8} {'ms':>10} {'ms':>10} {'ms':>10}   np.sort   sorted")
    for size in SIZES:
        ids = np.arange(1, size + 1, dtype=np.uint64)
        prices = rng.integers(100_000, 400_000, size).astype(np.uint64)
        amounts = rng.integers(1, 5_000, size)
        buying = rng.random(size) < 0.5
        bids, asks = (
            OrderColumns(ids=ids[side], prices=prices[side], amounts=amounts[side])
            for side in (buying, ~buying)
        )
        rows = list(zip(prices.tolist(), ids.tolist(), amounts.tolist(), strict=True))
        ours = best_of(partial(clear, bids, asks))
        numpy_sort = best_of(partial(np.sort, prices))
        python_sort = best_of(partial(sorted, rows))
        pairs = len(clear(bids, asks).pair_wh)
        timings = " ".join(f"{value * 1e3:10.2f}" for value in (ours, numpy_sort, python_sort))
        print(f"{size:>9} {pairs:>8} {timings} {ours / numpy_sort:9.1f} {ours / python_sort:8.2f}")


if __name__ == "__main__":
    main()
