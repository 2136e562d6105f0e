"""Carbon credits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from energy_grid.chain.multicall import ChainQuery, read_all
from energy_grid.chain.tx.multisig import Actor, address_of
from energy_grid.contracts import events
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.market.plan import Plan
from energy_grid.market.session import Market

__all__ = ["Carbon", "IssuedCredits"]

# Days of carbon credits in one transaction: well within the gas that any chain gives to one.
_DAYS_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCredits:
    """What a producer got, and for what.

    Attributes:
        grams: of CO2e.
        energy: the energy of the days, in Wh.
        days: how many days were credited.
    """

    grams: int
    energy: int
    days: int


class Carbon(Market):
    """Credits are grams of CO2e; days are known by their numbers from 1970, in UTC."""

    def creditable_days(self, producer: str, days: Iterable[int]) -> list[int]:
        """Those of the days that a producer can have credits for now, and has none yet, nor is
        about to get with a transaction that waits."""
        clean, today = self.carbon.clean_producer(producer), self.node.time // DAY_SECONDS
        until = min(clean.until_day or today, today)
        counting = [day for day in days if 0 < clean.from_day <= day < until]
        # Of a day that is not read, the energy is unknown.
        energies = read_all(
            self.node,
            [ChainQuery(self.carbon, "energyOf", (producer, day), True) for day in counting],
        )
        pairs = [(producer, day) for day in counting]
        credited = self.carbon.call_many("isCredited", pairs, kind=bool, block_identifier="pending")
        known = zip(counting, energies, credited, strict=True)
        return [day for day, energy, is_done in known if energy and not is_done]

    def issue_carbon(
        self, who: Actor | str, days: Sequence[int], *, producer: str | None = None
    ) -> Plan[IssuedCredits]:
        """Issue carbon credits of days to a producer, by default the account."""
        owner = producer or address_of(who)
        calls = [
            self.carbon.issue_carbon_credits(owner, days[first : first + _DAYS_AT_ONCE])
            for first in range(0, max(len(days), 1), _DAYS_AT_ONCE)
        ]
        kind = events.CarbonCredits_CarbonCreditsIssued
        return self._all_emitted(who, self.carbon, kind, *calls).then(
            lambda found: IssuedCredits(
                grams=sum(each.grams for each in found),
                energy=sum(each.energy for each in found),
                days=sum(each.days for each in found),
            )
        )
