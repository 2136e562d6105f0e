"""What the neighbourhood does with its plants once all slots of a day are closed.

    credits     clean production of the day earns carbon credits
    retirement  the owner of the shared plant retires the neighbours' part of its credits
    spot        energy credits changes hands (`spot_plan`)
    revenue     what the shared plant has earned goes to its shares, and the holders take it

The market is a port. A step for which there is nothing is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from energy_grid.demo.bidding import limit_price
from energy_grid.demo.plants import SHARES, Plants, Sharing
from energy_grid.demo.spot_plan import Purchase, SpotOffer, SpotPosition, SpotTrade, plan_spot
from energy_grid.demo.trading_day import DayPlan

__all__ = ["AssetMarket", "PostTrading"]


class AssetMarket(Protocol):
    """What the neighbourhood needs of the chain. Every call returns when its effects are final."""

    def issue(self, slots: Mapping[int, Sequence[int]]) -> None:
        """Issue the credits of slots to households, by their numbers."""

    def credits_of(self, household: int) -> int:
        """The credits that a household has, in g."""

    def retire(self, household: int, grams: int, reason: str) -> None:
        """Have a household retire credits for those who share its plant."""

    def positions(self, slots: range) -> Sequence[SpotPosition]:
        """What energy credits every household has now, and what it drew in so many slots."""

    def trade(self, trade: SpotTrade) -> None:
        """Have the seller address a trade to the buyer, and the buyer complete it."""

    def offer(self, offers: Sequence[SpotOffer]) -> None:
        """Have households offer energy credits."""

    def accept(self, purchases: Sequence[Purchase]) -> None:
        """Have households buy of these offers, in their order."""

    def cancel_offers(self, sellers: Sequence[int]) -> None:
        """Have households take their offers back."""

    def earned(self, household: int) -> int:
        """What a household got for energy so far, in the auctions and on the spot."""

    def share_out(self, household: int, amount: int) -> None:
        """Have a household pay money to the shares of its plant."""

    def claim(self, households: Sequence[int]) -> None:
        """Have holders take the revenue of the shares, as far as they are due any."""


class PostTrading:
    """Carries all of it out."""

    def __init__(self, market: AssetMarket, plants: Plants, day: DayPlan) -> None:
        self._market = market
        self._plants = plants
        self._day = day

    def run(self) -> None:
        """All steps, one after the other."""
        self._issue()
        sharing = self._plants.sharing
        if sharing is not None:
            self._retire(sharing)
        self._trade()
        if sharing is not None:
            self._share_out(sharing)

    def _issue(self) -> None:
        productive = {
            day.household.number: [
                slot for slot, wh in zip(self._day.slots, day.produced_wh, strict=True) if wh
            ]
            for day in self._day.days
        }
        slots = {plant.number: productive[plant.number] for plant in self._plants.clean}
        if found := {number: some for number, some in slots.items() if some}:
            self._market.issue(found)

    def _retire(self, sharing: Sharing) -> None:
        owner = sharing.plant.number
        if grams := self._market.credits_of(owner) * sharing.given // SHARES:
            day = self._day.days[0].day
            reason = f"the neighbours' part in the clean energy of plant {owner} on {day}"
            self._market.retire(owner, grams, reason)

    def _trade(self) -> None:
        positions = self._market.positions(self._day.slots)
        limits = {
            one.household: limit_price(self._day.tariff, self._day.seed, one.household)
            for one in positions
        }
        plan = plan_spot(positions, limits)
        if plan.trade is not None:
            self._market.trade(plan.trade)
        if plan.offers:
            self._market.offer(plan.offers)
        if plan.purchases:
            self._market.accept(plan.purchases)
        if plan.cancelled:
            self._market.cancel_offers(plan.cancelled)

    def _share_out(self, sharing: Sharing) -> None:
        owner = sharing.plant.number
        if amount := self._market.earned(owner):
            self._market.share_out(owner, amount)
            self._market.claim(sharing.holders)
