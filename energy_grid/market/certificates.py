"""Certificates of production: issued, sold, and retired against consumption."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from energy_grid.chain.contract import Call
from energy_grid.chain.tx.multisig import Actor, address_of
from energy_grid.contracts import events
from energy_grid.contracts.energy_certificates import Device
from energy_grid.contracts.smart_meter import SignedReading
from energy_grid.domain.certificates import certificate_id
from energy_grid.domain.costs import cost_up
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.market.money import Payments
from energy_grid.market.plan import Plan, Step

__all__ = ["Certificates"]

# Readings in one transaction: the bounds of a day's quarter hours, both midnights among them, well
# within the gas that a chain gives it.
_READINGS_AT_ONCE = 97


class Certificates(Payments):
    """Energies are plain Wh, prices base units of the settlement token per kWh, or per kg of
    carbon credits; slots and days are known by their numbers from 1970."""

    def issue_certificates(
        self, who: Actor | str, readings: Sequence[SignedReading]
    ) -> Plan[list[events.EnergyCertificates_CertificatesIssued]]:
        """Issue what a device's signed readings earn, in the order of their times.

        Readings of one device; those that were used before are skipped.
        """
        ordered = sorted(readings, key=lambda each: each.reading.timestamp)
        parts = range(0, max(len(ordered), 1), _READINGS_AT_ONCE)
        calls = [self.certificates.issue(ordered[at : at + _READINGS_AT_ONCE]) for at in parts]
        steps = [Step(call=call, needs_previous=number > 0) for number, call in enumerate(calls)]
        kind = events.EnergyCertificates_CertificatesIssued
        return self._all_emitted(who, self.certificates, kind, *steps)

    def held_certificates(self, account: str, device: int, day: int) -> dict[int, int]:
        """What an account holds of a device's certificates of a day: Wh by slot."""
        ids = self._ids(device, day)
        held = self.certificates.balance_of_batch([account] * len(ids), list(ids.values()))
        return {slot: wh for slot, wh in zip(ids, held, strict=True) if wh}

    def matchable_certificates(self, account: str, device: int, day: int) -> dict[int, int]:
        """What an account can retire now of a device's certificates of a day: of each slot what it
        holds, as far as nothing else is matched with its consumption. Wh by slot."""
        held = self.held_certificates(account, device, day)
        pairs = [(account, slot) for slot in held]
        consumed = self.certificates.call_many("consumptionOf", pairs, kind=int)
        matched = self.certificates.call_many("matchedOf", pairs, kind=int)
        free = {
            slot: min(wh, used - done)
            for (slot, wh), used, done in zip(held.items(), consumed, matched, strict=True)
        }
        return {slot: wh for slot, wh in free.items() if wh > 0}

    def retire_certificates(
        self, who: Actor | str, device: int, amounts: Mapping[int, int], account: str | None = None
    ) -> Plan[events.EnergyCertificates_CertificatesRetired]:
        """Retire certificates of one device and day against an account's consumption.

        Args:
            amounts: Wh by slot.
            account: by default the sender's own; another one must have approved the sender.
        """
        ids = [self._id_of(self.certificates.device_of(device), device, slot) for slot in amounts]
        call = self.certificates.retire(account or address_of(who), ids, list(amounts.values()))
        kind = events.EnergyCertificates_CertificatesRetired
        return self._emitted(who, self.certificates, kind, call)

    def offer_certificates(
        self, who: Actor | str, device: int, slots: range, energy: int, price: int
    ) -> Plan[int]:
        """Offer certificates of these slots for the settlement token, and let the market move them;
        gives the offer's number."""
        market = self.certificate_market
        tokens = price * self.token_units
        call = market.offer_certificates(
            device, slots[0], slots[-1], energy, tokens, self.money.address
        )
        return self._offered(who, *self._approving_market(who), call)

    def offer_carbon(self, who: Actor | str, grams: int, price: int) -> Plan[int]:
        """Offer carbon credits for the settlement token, and let the market move as many; gives
        the offer's number."""
        market = self.certificate_market
        approval = Step(call=self.carbon.approve(market.address, grams), prepares=True)
        call = market.offer_credits(grams, price * self.token_units, self.money.address)
        return self._offered(who, approval, call)

    def buy_certificates(
        self, who: Actor | str, offer: int, amounts: Mapping[int, int]
    ) -> Plan[events.CertificateMarket_CertificatesSold]:
        """Buy certificates of an offer at its present price or less, approving the money if need
        be.

        Args:
            amounts: Wh by slot.

        Raises:
            DomainError: the account has less money.
        """
        found = self.certificate_market.offer_of(offer)
        device = self.certificates.device_of(found.device)
        ids = [self._id_of(device, found.device, slot) for slot in amounts]
        cost = cost_up(sum(amounts.values()), found.price)
        call = self.certificate_market.buy_certificates(offer, ids, list(amounts.values()), cost)
        return self._bought(who, call, cost)

    def buy_carbon(
        self, who: Actor | str, offer: int, grams: int
    ) -> Plan[events.CertificateMarket_CertificatesSold]:
        """Buy carbon credits of an offer at its present price or less, approving the money if need
        be.

        Raises:
            DomainError: the account has less money.
        """
        found = self.certificate_market.offer_of(offer)
        cost = cost_up(grams, found.price)
        return self._bought(who, self.certificate_market.buy_credits(offer, grams, cost), cost)

    def _offered(self, who: Actor | str, *steps: Call | Step) -> Plan[int]:
        kind = events.CertificateMarket_CertificatesOffered
        return self._emitted(who, self.certificate_market, kind, *steps).then(
            lambda event: event.offer_id
        )

    def _bought(
        self, who: Actor | str, call: Call, cost: int
    ) -> Plan[events.CertificateMarket_CertificatesSold]:
        kind = events.CertificateMarket_CertificatesSold
        steps = self.approved(who, call, cost)
        return self._emitted(who, self.certificate_market, kind, *steps)

    def _approving_market(self, who: Actor | str) -> list[Step]:
        market = self.certificate_market.address
        if self.certificates.is_approved_for_all(address_of(who), market):
            return []
        return [Step(call=self.certificates.set_approval_for_all(market, True), prepares=True)]

    def _ids(self, device: int, day: int) -> dict[int, int]:
        """The ids of a device's certificates of a day, by slot."""
        known, slots = self.certificates.device_of(device), DAY_SECONDS // self._slot_length
        return {
            slot: self._id_of(known, device, slot) for slot in range(day * slots, (day + 1) * slots)
        }

    def _id_of(self, known: Device, device: int, slot: int) -> int:
        return certificate_id(known.technology, known.region, device, slot)
