"""Which plants of the neighbourhood become assets, and which of them is shared among neighbours.

The largest plants have a meter of their own, which counts neither battery nor load, and is read at
each midnight: for small ones that is not worth its gas. What a plant cost and when it was
commissioned are made up: the data know nothing of it.

The largest plant is divided into 100 shares, of which up to two neighbours get ten each: first
those without panels, drawn from the seed. The owner keeps the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from energy_grid.demo.profiles import Household
from energy_grid.demo.seeded_random import draw_below, draw_bytes
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import W_PER_KW

__all__ = [
    "LIFETIME_YEARS",
    "SHARES",
    "SHARES_EACH",
    "VALUE_PER_KW",
    "Plant",
    "Plants",
    "Sharing",
    "plan_plants",
]

SHARES, SHARES_EACH = 100, 10
# Whole coins for a kW of peak power.
VALUE_PER_KW = 1_500
LIFETIME_YEARS = 20
_MOST_PLANTS, _MOST_NEIGHBOURS = 3, 2
_YEARS, _MONTHS = range(2008, 2016), 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """The panels of a household.

    Attributes:
        capacity_w: W of peak power.
        commissioned_at: Unix seconds; made up.
        value: what it cost, in whole coins; made up.
        lifetime: seconds over which it is written down.
    """

    household: Household
    capacity_w: int
    commissioned_at: int
    value: int
    lifetime: int

    @property
    def number(self) -> int:
        """The number of its household."""
        return self.household.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """A plant in shares: the neighbours' numbers, each with ``SHARES_EACH``; the rest is the
    owner's."""

    plant: Plant
    neighbours: tuple[int, ...]

    @property
    def given(self) -> int:
        """How many shares the neighbours have together."""
        return SHARES_EACH * len(self.neighbours)

    @property
    def holders(self) -> tuple[int, ...]:
        """The numbers of all holders, the owner first."""
        return (self.plant.number, *self.neighbours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plants:
    """The plants, in the order of their households.

    Attributes:
        sharing: None where there is no plant, or no neighbour to share it with.
    """

    plants: tuple[Plant, ...]
    sharing: Sharing | None

    @property
    def largest(self) -> Plant | None:
        """Of several that are as large, the first."""
        return max(self.plants, key=lambda one: (one.capacity_w, -one.number), default=None)


def plan_plants(households: Sequence[Household], seed: int) -> Plants:
    """The plants of some households, always the same for a seed."""
    largest = sorted(households, key=lambda one: (-one.pv_peak_w, one.number))[:_MOST_PLANTS]
    plants = tuple(_plant(one, seed) for one in households if one.pv_peak_w and one in largest)
    largest_plant = Plants(plants=plants, sharing=None).largest
    return Plants(plants=plants, sharing=_sharing(largest_plant, households, seed))


def _plant(household: Household, seed: int) -> Plant:
    number = household.number
    year = _YEARS[draw_below(len(_YEARS), seed, "year", number)]
    month = 1 + draw_below(_MONTHS, seed, "month", number)
    return Plant(
        household=household,
        capacity_w=household.pv_peak_w,
        commissioned_at=int(datetime(year, month, 1, tzinfo=UTC).timestamp()),
        value=-(-household.pv_peak_w * VALUE_PER_KW // W_PER_KW),
        lifetime=LIFETIME_YEARS * 365 * DAY_SECONDS,
    )


def _sharing(shared: Plant | None, households: Sequence[Household], seed: int) -> Sharing | None:
    if shared is None or len(households) == 1:
        return None
    others = [one for one in households if one.number != shared.number]
    others.sort(key=lambda one: (one.pv_peak_w > 0, draw_bytes(seed, "neighbour", one.number)))
    chosen = sorted(one.number for one in others[:_MOST_NEIGHBOURS])
    return Sharing(plant=shared, neighbours=tuple(chosen))
