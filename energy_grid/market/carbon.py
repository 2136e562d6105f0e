"""Carbon credits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from energy_grid.chain.multicall import past_events
from energy_grid.chain.tx.multisig import Actor, address_of
from energy_grid.contracts import events
from energy_grid.contracts.energy_certificates import Retirement
from energy_grid.domain.enums import EnergyType
from energy_grid.market.plan import Plan
from energy_grid.market.session import Market

__all__ = ["Carbon", "IssuedCredits"]

# Retirements in one transaction: well within the gas that any chain gives to one.
_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCredits:
    """What an account got, and for what.

    Attributes:
        grams: of CO2e.
        energy: of the retired certificates, in Wh.
        retirements: how many were credited.
    """

    grams: int
    energy: int
    retirements: int


class Carbon(Market):
    """Credits are grams of CO2e; days are known by their numbers from 1970, in UTC."""

    def creditable_retirements(self, account: str) -> list[int]:
        """An account's retirements of certificates that earn credits and have none yet, nor are
        about to get them with a transaction that waits."""
        first = self.deployment.first_block
        retired = past_events(self.certificates, "CertificatesRetired", first, account=account)
        numbers = [each["id"] for each in retired]
        records = self.certificates.call_many("retirement", zip(numbers), kind=Retirement)
        clean = self.carbon.call_many(
            "isCleanOn", [(each.producer, each.day) for each in records], kind=bool
        )
        credited = self.carbon.call_many(
            "isCredited", zip(numbers), kind=bool, block_identifier="pending"
        )
        known = zip(numbers, records, clean, credited, strict=True)
        return [
            number
            for number, record, is_clean, is_done in known
            if is_clean and not is_done and record.technology != EnergyType.NATURAL_GAS
        ]

    def issue_carbon(
        self, who: Actor | str, retirements: Sequence[int], *, account: str | None = None
    ) -> Plan[IssuedCredits]:
        """Issue the carbon credits of retired certificates to who has retired them, by default the
        account that sends."""
        owner = account or address_of(who)
        calls = [
            self.carbon.issue_carbon_credits(owner, retirements[first : first + _AT_ONCE])
            for first in range(0, max(len(retirements), 1), _AT_ONCE)
        ]
        kind = events.CarbonCredits_CarbonCreditsIssued
        return self._all_emitted(who, self.carbon, kind, *calls).then(
            lambda found: IssuedCredits(
                grams=sum(each.grams for each in found),
                energy=sum(each.energy for each in found),
                retirements=sum(each.retirements for each in found),
            )
        )
