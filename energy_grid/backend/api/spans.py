"""Spans of time as requests name them."""

from __future__ import annotations

from datetime import datetime

from energy_grid.backend.api.problems import ProblemError
from energy_grid.domain.periods import DAY_SECONDS

__all__ = ["span_of"]


def span_of(
    span: tuple[datetime | None, datetime | None], now: int, most_days: int
) -> tuple[int, int]:
    """The first second of a span, and the first one behind it; by default the last day.

    Args:
        span: its two ends, each None where it is not said.

    Raises:
        ProblemError: it ends before it begins, or is too long.
    """
    start, end = span
    last = now if end is None else int(end.timestamp())
    first = last - DAY_SECONDS if start is None else int(start.timestamp())
    if not first < last <= first + most_days * DAY_SECONDS:
        raise ProblemError(
            422,
            "invalid-request",
            f"ask for at most {most_days} days, from before to",
            field="to",
        )
    return first, last
