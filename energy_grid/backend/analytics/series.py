"""Hours of energy of several households, plants or sums of them.

Energy is in Wh, hours count from 1970 in UTC, and an hour that nobody has measured is NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

__all__ = ["DAY", "HISTORY", "HORIZON", "Array", "Hours", "Kind", "total"]

Array = npt.NDArray[np.float64]
DAY, HORIZON = 24, 48
HISTORY = 28 * DAY
"""Hours before the origin of a forecast that it looks at."""


class Kind(StrEnum):
    """What a series is of: one household is less regular than many together."""

    LOAD = "load"
    PRODUCTION = "production"
    COMMUNITY = "community"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Series of one kind that begin together.

    Attributes:
        first: the hour with which all begin.
        wh: shape (series, hours).
    """

    kind: Kind
    names: tuple[str, ...]
    first: int
    wh: Array

    @property
    def end(self) -> int:
        """The hour after the last one."""
        return self.first + self.wh.shape[1]

    def only(self, rows: Sequence[int]) -> Hours:
        """Some of the series."""
        names = tuple(self.names[row] for row in rows)
        return replace(self, names=names, wh=self.wh[[*rows]])

    def until(self, hour: int) -> Hours:
        """What was known when an hour began."""
        return replace(self, wh=self.wh[:, : max(hour - self.first, 0)])

    def at(self, origin: int) -> Array:
        """What came in the 48 hours from an origin, NaN where that is not known."""
        found = np.full((len(self.names), HORIZON), np.nan)
        known = self.wh[:, origin - self.first :][:, :HORIZON]
        found[:, : known.shape[1]] = known
        return found


def total(hours: Hours, name: str, kind: Kind) -> Hours:
    """The sum of all series. An hour that some lack is scaled up if half of them have it."""
    measured = np.isfinite(hours.wh)
    share = measured.mean(axis=0)
    sums = np.where(measured, hours.wh, 0.0).sum(axis=0)
    whole = np.where(share >= 0.5, sums / np.maximum(share, 0.5), np.nan)
    return Hours(kind=kind, names=(name,), first=hours.first, wh=whole[None])
