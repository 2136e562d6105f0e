"""What the quantiles of a forecast say of a household's net: export less import, in Wh.

Arrays have the shape (3, hours), for the quantiles 10, 50 and 90 %.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["LEVELS", "Array", "cautious", "net_quantiles", "whole"]

Array = npt.NDArray[np.float64]
LEVELS = (10, 50, 90)
"""Percent of hours that come below each of the quantiles."""
_CAUTION = 0.5


def net_quantiles(production: Array, load: Array) -> Array:
    """Of the net; errors of production and load are taken as independent."""
    (low, sun, high), (least, used, most) = production, load
    net = sun - used
    below, above = np.hypot(sun - low, most - used), np.hypot(high - sun, used - least)
    return np.array([net - below, net, net + above])


def cautious(net: Array) -> list[int]:
    """What a schedule expects of each hour, in whole Wh: half the way from the median to the lowest
    quantile.

    What a battery lacks in a dear hour costs more than what it has left after it. In several hours
    together not each of them is at its worst.
    """
    low, middle, _ = net
    return whole(middle - _CAUTION * (middle - low))


def whole(wh: Array) -> list[int]:
    """In whole Wh."""
    found: list[int] = np.rint(wh).astype(int).tolist()
    return found
