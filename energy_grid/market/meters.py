"""Meters and gateways: registrations, readings, proofs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple

from energy_grid.chain.abi import checksum
from energy_grid.chain.accounts import Account
from energy_grid.chain.tx.multisig import Actor
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.contracts import events
from energy_grid.contracts.smart_meter import MeterReading, SignedReading
from energy_grid.domain.merkle import MerkleTree
from energy_grid.domain.quantities import Power, whole
from energy_grid.market.anchoring import SlotProof
from energy_grid.market.session import Market
from energy_grid.market.signing import sign_reading, sign_registration

__all__ = ["Meters"]


class Meters(Market):
    """Readings are counters in Wh; a reading counts for the slot that it ends in."""

    def register_meter(
        self, registrar: Actor, meter: Account, owner: str, *, region: str, rated_power: int
    ) -> int:
        """Register a meter for an owner; gives its number.

        Args:
            rated_power: ``Power.kw("4.2")``, or W: the most it can show.

        Raises:
            MixedUnitsError: the power is another quantity.
            ContractError: as `SmartMeter.register_meter`.
        """
        rated_power = whole("rated_power", rated_power, Power)
        proof = sign_registration(meter, owner, region, rated_power, self.meter_domain)
        call = self.meters.register_meter(meter.address, owner, region, rated_power, proof)
        receipt = self.send(registrar, call)
        return self.meters.events(receipt.logs, events.SmartMeter_MeterRegistered)[0].number

    def submit_reading(self, meter: Account, reading: MeterReading) -> Receipt:
        """Bring a reading in as the meter itself, which pays for it.

        Raises:
            ContractError: as `SmartMeter.submit_reading`.
        """
        return self.send(meter, self.meters.submit_reading(reading))

    def sign_reading(self, meter: Account, reading: MeterReading) -> SignedReading:
        """A reading signed by its meter, for anybody to submit."""
        return sign_reading(meter, reading, self.meter_domain)

    def submit_readings(self, account: Actor, readings: Sequence[SignedReading]) -> Receipt:
        """Bring signed readings in: all of them or, if one is refused, none.

        Raises:
            ContractError: as `SmartMeter`.
        """
        return self.send(account, self.meters.submit_signed_readings(readings))

    def anchor_readings(self, account: Actor, tree: MerkleTree, slot: int) -> Receipt:
        """Fix the readings of a slot as the gateway that the account is (`anchoring.tree_of`).

        Raises:
            ContractError: as `GatewayReadings.anchor_readings`.
        """
        return self.send(account, self.meters.anchor_readings(tree.root, slot, len(tree.rows)))

    def prove_slot(self, account: Actor, proof: SlotProof) -> Receipt:
        """Have a slot counted as its gateway has anchored it; anybody can.

        Raises:
            ContractError: as `GatewayReadings.prove_slot`.
        """
        call = self.meters.prove_slot(checksum(proof.account), proof.slot, *astuple(proof.reading))
        return self.send(account, call)
