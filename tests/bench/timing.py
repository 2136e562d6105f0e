"""Stop watches."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["best_of", "rate", "seconds"]


def seconds(work: Callable[[], object]) -> float:
    """How long it takes once."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def best_of(work: Callable[[], object], turns: int) -> float:
    """Seconds of the fastest of a few turns."""
    return min(seconds(work) for _ in range(turns))


def rate(work: Callable[[], object], count: int) -> float:
    """How often per second."""

    def repeated() -> None:
        for _ in range(count):
            work()

    return count / seconds(repeated)
