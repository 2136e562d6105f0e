"""A winter and a summer day of the same households side by side, off chain, by the market's rules.

Of each week it is the day of the report's weekday. All share, and that is all: nobody trades, keeps
energy credits, or is asked to use less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from energy_grid.demo import simbench
from energy_grid.demo.bidding import Tariff
from energy_grid.demo.community import village
from energy_grid.demo.opening import THETA
from energy_grid.demo.profiles import Household
from energy_grid.domain.simulation import Terms

__all__ = ["Season", "seasons"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Season:
    """A day of all households: energy in Wh, money in base units.

    Attributes:
        grid, grid_alone: what they draw from the grid, and would draw without each other.
        bill, bill_alone: cash, with each other and with the grid alone.
    """

    day: date
    used: int
    shared: int
    grid: int
    grid_alone: int
    fed_in: int
    bill: int
    bill_alone: int


def seasons(
    day: date, households: Sequence[Household], tariff: Tariff, slot_seconds: int
) -> list[Season]:
    """Those of all weeks there are data for."""
    terms = Terms(grid_price=tariff.grid_price, feed_in=tariff.feed_in, network_fee=0, theta=THETA)
    names = {household.name for household in households}
    found = []
    for week in simbench.weeks():
        of_week = week.days[day.weekday()]
        recording = village(week.name, of_week)
        homes = [home for home in recording.homes if home.name in names]
        result = replace(recording, homes=homes).simulate(terms, slot_seconds=slot_seconds)
        found.append(
            Season(
                day=of_week,
                used=result.used_wh,
                shared=result.total.taken,
                grid=result.total.from_grid,
                grid_alone=result.imported_wh,
                fed_in=result.total.fed_in,
                bill=result.bill,
                bill_alone=result.grid_alone,
            )
        )
    return sorted(found, key=lambda season: season.bill_alone, reverse=True)
