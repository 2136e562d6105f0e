"""Meters and gateways: registrations, readings, proofs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import astuple

from energy_grid.chain.abi import checksum
from energy_grid.chain.accounts import Account
from energy_grid.chain.tx.multisig import Actor, address_of
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.chain.tx.unsigned import estimated_gas
from energy_grid.contracts import errors, events
from energy_grid.contracts.smart_meter import MeterReading, SignedReading
from energy_grid.domain.merkle import MerkleTree
from energy_grid.domain.quantities import Power, whole
from energy_grid.market.anchoring import SlotProof
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

    def assign_gateway(
        self, who: Actor | str, gateway: int, accounts: Sequence[tuple[str, int]]
    ) -> Plan[list[Receipt]]:
        """Let a gateway read accounts from the running slot on; 0 takes them back. Accounts that it
        reads already are skipped, also where that is not in a block yet.

        Args:
            accounts: each with the rated power of all its devices, in W.
        """
        slot = self.slot()
        pairs = ((each, slot) for each, _ in accounts)
        known = self.meters.call_many("gatewayOf", pairs, block_identifier="pending")
        return self.plan(
            who,
            *(
                self.meters.assign_gateway(account, gateway, power)
                for (account, power), current in zip(accounts, known, strict=True)
                if current != (gateway, power if gateway else 0)
            ),
        )

    def anchor_readings(
        self,
        who: Actor | str,
        tree: MerkleTree,
        slot: int,
        *,
        before_sending: Callable[[], object] | None = None,
    ) -> Plan[list[Receipt]]:
        """Fix the readings of a slot as the gateway that the account is (`anchoring.tree_of`).

        Args:
            before_sending: stores the readings: lost readings cannot be proven.
        """
        call = self.meters.anchor_readings(tree.root, slot, len(tree.rows))
        return self.plan(who, Step(call=call, before_sending=before_sending))

    def prove_slots(self, who: Actor | str, proofs: Sequence[SlotProof]) -> Plan[list[Receipt]]:
        """Have slots counted as their gateways have anchored them; any account can. Slots that were
        proven or disputed before are skipped, also where that is not in a block yet."""
        calls = [
            self.meters.prove_slot(checksum(proof.account), proof.slot, *astuple(proof.reading))
            for proof in proofs
        ]
        gas = estimated_gas(self.node, address_of(who), calls, block="pending")
        return self.plan(
            who,
            *(
                call
                for call, answer in zip(calls, gas, strict=True)
                if not isinstance(answer, errors.Settlement_SlotProven)
            ),
        )
