"""How far a forecast of the day was off, and what that would cost, by the market's rules.

The forecast is the simplest that is honest: each slot of all households together is expected as the
mean of the same slot on the days before, as many as the week has. What it costs is told for
neighbours that trade all that they expect ahead, at the shared price: what was sold and does not
come is bought from the grid, what was bought and is not needed is fed in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from energy_grid.demo.bidding import Tariff
from energy_grid.demo.profiles import DayProfile, Neighbourhood
from energy_grid.domain.costs import EXACT, grid_alone

__all__ = ["Foresight", "foresight"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Foresight:
    """Of a day of all households together.

    Attributes:
        days: so many before it were known.
        missed: sum of the errors of all slots, in Wh.
        net: sum of what came, export or import, in Wh.
        cost: of the errors against perfect foresight, in base units.
    """

    days: int
    missed: int
    net: int
    cost: int


def foresight(village: Neighbourhood, day: Sequence[DayProfile], tariff: Tariff) -> Foresight:
    """What the days before said of a day.

    Args:
        day: what the meters count.
    """
    first, length = village.week.lead_in, day[0].slot_seconds
    count = (day[0].day - first).days
    before = [
        _together(village.slots(first + timedelta(days=offset), length)) for offset in range(count)
    ]
    expected = [sum(nets) // count for nets in zip(*before, strict=True)]
    came = _together(day)

    def bill(sold: Sequence[int]) -> int:
        rests = (
            (net - wh, tariff.grid_price, tariff.feed_in)
            for net, wh in zip(came, sold, strict=True)
        )
        return grid_alone(rests) - sum(sold) * tariff.shared

    return Foresight(
        days=count,
        missed=sum(abs(net - wh) for net, wh in zip(came, expected, strict=True)),
        net=sum(map(abs, came)),
        cost=-(-(bill(expected) - bill(came)) // EXACT),
    )


def _together(days: Sequence[DayProfile]) -> list[int]:
    return [sum(nets) for nets in zip(*(day.nets_wh for day in days), strict=True)]
