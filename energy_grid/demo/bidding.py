"""How households turn forecasts into orders.

The rule is the simplest honest one. A household expects every slot of the day to be as the same
slot of the day before: it offers its expected surplus and bids for its expected deficit, and
places no order in a slot that it expects to balance. It knows nothing of the day itself.

The limit price of a household is drawn from the seed, between the feed-in tariff and the grid
price: below the one no seller would sell to a neighbour, above the other no buyer would buy of
one. The draw holds for the whole day and for both sides of the market.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from energy_grid.demo.profiles import DayProfile
from energy_grid.demo.seeded_random import draw_below, draw_bytes
from energy_grid.domain.orders import OrderType
from energy_grid.domain.units import natural
from energy_grid.errors import DomainError

__all__ = ["Offer", "Tariff", "forecast", "limit_price", "offers"]

# A tenth of a cent each, between a feed-in tariff of 8 and a grid price of 30 cents.
_PRICE_STEPS = 220


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """What energy costs without a neighbour, in money base units per kWh.

    Attributes:
        grid_price: what the grid takes.
        feed_in: what the grid pays.

    Raises:
        DomainError: the grid pays more than it takes, so that no household would trade.
    """

    grid_price: int
    feed_in: int

    def __post_init__(self) -> None:
        if natural("feed-in tariff", self.feed_in) > natural("grid price", self.grid_price):
            raise DomainError(
                f"a feed-in tariff of {self.feed_in} is above the grid price of {self.grid_price}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An order that a household is about to place: Wh, and a limit price per kWh."""

    household: int
    order_type: OrderType
    wh: int
    price: int


def forecast(day_before: DayProfile) -> tuple[int, ...]:
    """The surplus that a household expects in each slot, in Wh; negative: a deficit."""
    return tuple(produced - consumed for produced, consumed in day_before)


def limit_price(tariff: Tariff, seed: int, household: int) -> int:
    """The limit price of a household, per kWh, on the day of the seed."""
    step = draw_below(_PRICE_STEPS + 1, seed, "reservation", household)
    return tariff.feed_in + (tariff.grid_price - tariff.feed_in) * step // _PRICE_STEPS


def offers(
    days_before: Sequence[DayProfile], slot_of_day: int, tariff: Tariff, seed: int
) -> tuple[Offer, ...]:
    """The orders of all households for one slot, in the order in which they arrive.

    On the chain the earlier order sets the price of a match, so the order of arrival is drawn
    anew for each slot: no household is first all day.
    """
    made = []
    for day in days_before:
        number = day.household.number
        if expected := forecast(day)[slot_of_day]:
            made.append(
                Offer(
                    household=number,
                    order_type=OrderType.SELL if expected > 0 else OrderType.BUY,
                    wh=abs(expected),
                    price=limit_price(tariff, seed, number),
                )
            )
    made.sort(key=lambda offer: draw_bytes(seed, "arrival", slot_of_day, offer.household))
    return tuple(made)
