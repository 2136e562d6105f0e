"""Stop watches."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

__all__ = ["Clock", "best_of", "rate", "seconds"]

Clock = Callable[[], float]


def seconds(work: Callable[[], object], clock: Clock = perf_counter) -> float:
    """How long it takes once."""
    start = clock()
    work()
    return clock() - start


def best_of(work: Callable[[], object], turns: int, clock: Clock = perf_counter) -> float:
    """Seconds of the fastest of a few turns."""
    return min(seconds(work, clock) for _ in range(turns))


def rate(work: Callable[[], object], count: int) -> float:
    """How often per second."""

    def repeated() -> None:
        for _ in range(count):
            work()

    return count / seconds(repeated)
