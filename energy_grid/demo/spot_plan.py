"""What is offered and bought on the spot market once a day is over.

Each household expects the next day to be as this one. It keeps as many energy credits as it drew
from credits and grid on the day, and offers the rest at its limit price (`bidding`). The households
with the largest grid purchases buy their deficit: the cheapest offer first, up to their own limit
price.

Before that, the household with the largest surplus trades directly with the first of these buyers
whose limit price is not below its own, halfway between the two. An offer without a buyer is
cancelled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["BUYERS", "Purchase", "SpotOffer", "SpotPlan", "SpotPosition", "SpotTrade", "plan_spot"]

# So many of those who bought most from the grid go to the spot market.
BUYERS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotPosition:
    """A household when all slots of a day are closed, in Wh.

    Attributes:
        energy_credits: what it has now.
        burned, from_grid: what it drew on the day, from credits and from the grid.
    """

    household: int
    energy_credits: int
    burned: int
    from_grid: int

    @property
    def surplus(self) -> int:
        """What it has more than it drew on the day."""
        return max(self.energy_credits - self.burned - self.from_grid, 0)

    @property
    def deficit(self) -> int:
        """What it has less than it drew on the day."""
        return max(self.burned + self.from_grid - self.energy_credits, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotOffer:
    """A public offer: Wh, at a price per kWh."""

    seller: int
    wh: int
    price: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotTrade:
    """Wh for one buyer, at a price per kWh."""

    seller: int
    buyer: int
    wh: int
    price: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """So many Wh of a seller's offer."""

    buyer: int
    seller: int
    wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpotPlan:
    """All of it: the trade comes first, then the offers, then the purchases in their order."""

    trade: SpotTrade | None
    offers: tuple[SpotOffer, ...]
    purchases: tuple[Purchase, ...]

    @property
    def cancelled(self) -> tuple[int, ...]:
        """The sellers whose offers find no buyer."""
        found = {purchase.seller for purchase in self.purchases}
        return tuple(offer.seller for offer in self.offers if offer.seller not in found)


def plan_spot(positions: Sequence[SpotPosition], limits: Mapping[int, int]) -> SpotPlan:
    """What households do; ``limits`` are their limit prices per kWh."""
    surplus = {one.household: one.surplus for one in positions if one.surplus}
    buyers = sorted(
        (one for one in positions if one.deficit and one.from_grid),
        key=lambda one: (-one.from_grid, one.household),
    )[:BUYERS]
    deficit = {one.household: one.deficit for one in buyers}
    trade = _trade(surplus, deficit, limits)
    if trade is not None:
        surplus[trade.seller] -= trade.wh
        deficit[trade.buyer] -= trade.wh
    offers = tuple(
        SpotOffer(seller=seller, wh=wh, price=limits[seller])
        for seller, wh in sorted(surplus.items())
        if wh
    )
    return SpotPlan(trade=trade, offers=offers, purchases=_purchases(offers, deficit, limits))


def _trade(
    surplus: Mapping[int, int], deficit: Mapping[int, int], limits: Mapping[int, int]
) -> SpotTrade | None:
    if not surplus:
        return None
    seller = max(surplus, key=lambda number: (surplus[number], -number))
    for buyer, wh in deficit.items():
        if limits[buyer] >= limits[seller]:
            return SpotTrade(
                seller=seller,
                buyer=buyer,
                wh=min(wh, surplus[seller]),
                price=(limits[seller] + limits[buyer]) // 2,
            )
    return None


def _purchases(
    offers: Sequence[SpotOffer], deficit: Mapping[int, int], limits: Mapping[int, int]
) -> tuple[Purchase, ...]:
    left = {offer.seller: offer.wh for offer in offers}
    cheapest = sorted(offers, key=lambda offer: (offer.price, offer.seller))
    made = []
    for buyer, wanted in deficit.items():
        missing = wanted
        for offer in cheapest:
            if not missing or offer.price > limits[buyer]:
                break
            wh = min(missing, left[offer.seller])
            if wh:
                made.append(Purchase(buyer=buyer, seller=offer.seller, wh=wh))
                left[offer.seller] -= wh
                missing -= wh
    return tuple(made)
