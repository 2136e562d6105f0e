"""Meters: registrations and readings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from energy_grid.chain.accounts import Account
from energy_grid.chain.tx.multisig import Actor
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.contracts import events
from energy_grid.contracts.smart_meter import MeterReading, SignedReading
from energy_grid.domain.quantities import Power, whole
from energy_grid.market.plan import Plan, Step
from energy_grid.market.session import Market
from energy_grid.market.signing import sign_reading, sign_registration

__all__ = ["Meters"]


class Meters(Market):
    """Readings are counters in Wh; a reading counts for the slot that it ends in."""

    def register_meter(
        self, registrar: Actor | str, meter: Account, owner: str, *, region: str, rated_power: int
    ) -> Plan[int]:
        """Register a meter for an owner; gives its number.

        Args:
            rated_power: ``Power.kw("4.2")``, or W: the largest power it can measure.

        Raises:
            MixedUnitsError: the power is another quantity.
        """
        rated_power = whole("rated_power", rated_power, Power)
        proof = sign_registration(meter, owner, region, rated_power, self.meter_domain)
        call = self.meters.register_meter(meter.address, owner, region, rated_power, proof)
        kind = events.SmartMeter_MeterRegistered
        return self._emitted(registrar, self.meters, kind, call).then(lambda event: event.number)

    def submit_reading(self, meter: Account, reading: MeterReading) -> Plan[list[Receipt]]:
        """Submit a reading as the meter itself, which pays for it."""
        return self.plan(meter, self.meters.submit_reading(reading))

    def sign_reading(self, meter: Account, reading: MeterReading) -> SignedReading:
        """A reading signed by its meter, which any account can submit."""
        return sign_reading(meter, reading, self.meter_domain)

    def submit_readings(
        self, who: Actor | str, readings: Sequence[SignedReading]
    ) -> Plan[list[Receipt]]:
        """Submit signed readings. The chain takes one reading of a meter in a call, so each further
        one of a meter is in a call of its own, behind the earlier one."""
        rounds: list[list[SignedReading]] = []
        taken: Counter[str] = Counter()
        for reading in sorted(readings, key=lambda each: each.reading.timestamp):
            at = taken[reading.meter]
            taken[reading.meter] += 1
            if at == len(rounds):
                rounds.append([])
            rounds[at].append(reading)
        steps = [
            Step(call=self.meters.submit_signed_readings(each), needs_previous=at > 0)
            for at, each in enumerate(rounds)
        ]
        return self.plan(who, *steps)
