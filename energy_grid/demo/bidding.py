"""What households decide: who trades, who keeps credits, and at what limit prices.

Energy sharing needs no decision. A fifth of the households trades an hour of the morning ahead as
well, by the simplest honest rule: a household expects each slot of the hour to be as the same slot
of the day before. What it expects in every slot of the hour at least, it offers or bids for, the
same Wh in each: trades are firm and base-load. It knows nothing of the day itself. Little energy is
not worth the gas of a trade.

The limit price of a household is drawn from the seed, between the feed-in tariff and the grid
price: below the one no seller would sell to a neighbour, above the other no buyer would buy of
one. The draw holds for the whole day and for both sides of the market.

Those who expect a small surplus over the day keep as energy credits what sharing and trades leave
of it, for days on which they need it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from energy_grid.demo.calendar import HOUR_SECONDS, TRADED_HOUR
from energy_grid.demo.profiles import DayProfile, Household
from energy_grid.demo.seeded_random import draw_below, draw_bytes
from energy_grid.domain.orders import OrderType
from energy_grid.domain.units import natural
from energy_grid.errors import DomainError

__all__ = ["Offer", "Tariff", "keepers", "limit_price", "offer", "offers", "traders"]


# A tenth of a cent each, between a feed-in tariff of 8 and a grid price of 30 cents.
_PRICE_STEPS = 220
_TRADING_PART = 5
_LEAST_WH = 100
# Wh of a day: what a household can use itself on a few days without sun.
_SMALL_SURPLUS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """What energy costs, in money base units per kWh.

    Attributes:
        grid_price: what the grid takes.
        feed_in: what the grid pays.
        shared: what a neighbour pays for shared energy, and gets for it.

    Raises:
        DomainError: they are not in this order, so that somebody would not share.
    """

    grid_price: int
    feed_in: int
    shared: int

    def __post_init__(self) -> None:
        if not natural("feed-in tariff", self.feed_in) <= self.shared <= self.grid_price:
            raise DomainError(
                f"a price of shared energy of {self.shared} is not between a feed-in tariff of"
                f" {self.feed_in} and a grid price of {self.grid_price}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An order that a household is about to sign: Wh of the hour, and a limit price per kWh."""

    household: int
    order_type: OrderType
    wh: int
    price: int


def traders(households: Sequence[Household], seed: int) -> tuple[int, ...]:
    """The numbers of those who trade: a fifth, rounded up, drawn from the seed."""
    ranked = sorted(one.number for one in households)
    ranked.sort(key=lambda number: draw_bytes(seed, "trader", number))
    return tuple(sorted(ranked[: -(-len(ranked) // _TRADING_PART)]))


def keepers(days_before: Sequence[DayProfile]) -> tuple[int, ...]:
    """The numbers of those who keep credits: with panels, and a small surplus the day before."""
    return tuple(
        day.household.number
        for day in days_before
        if day.household.pv_peak_w and sum(max(net, 0) for net in day.nets_wh) < _SMALL_SURPLUS
    )


def limit_price(tariff: Tariff, seed: int, household: int) -> int:
    """The limit price of a household, per kWh, on the day of the seed."""
    step = draw_below(_PRICE_STEPS + 1, seed, "reservation", household)
    return tariff.feed_in + (tariff.grid_price - tariff.feed_in) * step // _PRICE_STEPS


def offer(day_before: DayProfile, hour: int, price: int) -> Offer | None:
    """The order of a household for an hour of the day, from 0; None where it expects too little.

    Args:
        price: its limit, per kWh.
    """
    slots = HOUR_SECONDS // day_before.slot_seconds
    expected = day_before.nets_wh[hour * slots : (hour + 1) * slots]
    surplus, deficit = min(expected), -max(expected)
    wh = max(surplus, deficit) * slots
    if wh < _LEAST_WH:
        return None
    return Offer(
        household=day_before.household.number,
        order_type=OrderType.SELL if surplus > 0 else OrderType.BUY,
        wh=wh,
        price=price,
    )


def offers(days_before: Sequence[DayProfile], tariff: Tariff, seed: int) -> tuple[Offer, ...]:
    """The orders of these households for the traded hour of the day."""
    made = (
        offer(day, TRADED_HOUR, limit_price(tariff, seed, day.household.number))
        for day in days_before
    )
    return tuple(each for each in made if each is not None)
