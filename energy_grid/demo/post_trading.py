"""What the neighbourhood does once all accounts have closed the day.

    credits     what the largest plant has produced is certified slot by slot; its owner retires
                what the house used itself, which earns carbon credits
    retirement  the owner of the shared plant retires the neighbours' part of its credits
    redeeming   who has kept most energy credits turns half of them into money
    revenue     what the shared plant has earned goes to its shares, and the holders take it

The market is a port. A step for which there is nothing is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from energy_grid.demo.plants import SHARES, Plants, Sharing
from energy_grid.demo.trading_day import DayPlan
from energy_grid.domain.periods import DAY_SECONDS

__all__ = ["AssetMarket", "PostTrading"]


class AssetMarket(Protocol):
    """What the neighbourhood needs of the chain. Every call returns when its effects are final."""

    def certify(self, household: int, day: int) -> None:
        """Issue the certificates of a household's plant, have the household retire what it used
        itself, and issue carbon credits for that."""

    def credits_of(self, household: int) -> int:
        """The carbon credits that a household has, in g."""

    def retire(self, household: int, grams: int, reason: str) -> None:
        """Have a household retire credits for those who share its plant."""

    def redeem(self, households: Sequence[int]) -> None:
        """Have the household that has most energy credits turn half of them into money."""

    def earned(self, household: int, day: int) -> int:
        """What a household got on a day for energy that it shared, fed in and sold."""

    def share_out(self, household: int, amount: int) -> None:
        """Have a household pay money to the shares of its plant."""

    def claim(self, households: Sequence[int]) -> None:
        """Have holders take the revenue of the shares, as far as they are due any."""


class PostTrading:
    """Carries all of it out."""

    def __init__(
        self, market: AssetMarket, plants: Plants, keepers: Sequence[int], day: DayPlan
    ) -> None:
        self._market = market
        self._plants = plants
        self._keepers = keepers
        self._day = day

    def run(self) -> None:
        """All steps, one after the other."""
        day, sharing = self._day.start // DAY_SECONDS, self._plants.sharing
        if self._keepers:
            self._market.redeem(self._keepers)
        if (largest := self._plants.largest) is not None:
            self._market.certify(largest.number, day)
        if sharing is not None:
            self._retire(sharing)
            self._share_out(sharing, day)

    def _retire(self, sharing: Sharing) -> None:
        owner = sharing.plant.number
        if grams := self._market.credits_of(owner) * sharing.given // SHARES:
            day = self._day.days[0].day
            reason = f"plant {owner} on {day}"
            self._market.retire(owner, grams, reason)

    def _share_out(self, sharing: Sharing, day: int) -> None:
        owner = sharing.plant.number
        if amount := self._market.earned(owner, day):
            self._market.share_out(owner, amount)
            self._market.claim(sharing.holders)
