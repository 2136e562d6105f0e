"""The part of SmartMeter about gateways: what they anchor and what is proven of it.

Energy in Wh, power in W. A gateway is known by its number, which outlives its keys; an anchor is
the root of a Merkle tree in OpenZeppelin's standard form (`domain.merkle`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple

from energy_grid.chain.contract import Call
from energy_grid.chain.rpc.node import BlockId
from energy_grid.contracts.access import Managed
from energy_grid.contracts.records import AnchoredReading

__all__ = ["GatewayReadings"]


class GatewayReadings(Managed):
    """Gateways and their anchors, in the wrapper of SmartMeter.

    What is shown of a slot is refused with SmartMeter_NotAnchored or SmartMeter_WrongProof.
    """

    # Anyone

    def prove_slot(self, account: str, slot: int, reading: AnchoredReading) -> Call:
        """Count an account's slot as its gateway has anchored it, once.

        Raises: SmartMeter_ImplausibleEnergy, Settlement_SlotProven, Settlement_SlotMetered.
        """
        return self.prepare("proveSlot", account, slot, *astuple(reading))

    def dispute_double_count(
        self, account: str, slot: int, first: AnchoredReading, second: AnchoredReading
    ) -> Call:
        """Show that a gateway has anchored two readings of one account in one slot: unless it has
        been replaced since, it is suspended until it is.

        Raises: SmartMeter_NoContradiction, SmartMeter_NothingToDispute.
        """
        return self.prepare("disputeDoubleCount", account, slot, astuple(first), astuple(second))

    # Gateways

    def anchor_readings(self, root: bytes, slot: int, count: int) -> Call:
        """Fix the readings of so many accounts in a slot that is over, once.

        Raises: SmartMeter_NotAGateway, SmartMeter_EmptyAnchor, SmartMeter_SlotNotOver,
            SmartMeter_AnchorTooLate, SmartMeter_AlreadyAnchored.
        """
        return self.prepare("anchorReadings", root, slot, count)

    # Meter registrar

    def register_gateway(self, key: str) -> Call:
        """Register a gateway by its key; gives its number. Role: METER_REGISTRAR.

        Raises: SmartMeter_ZeroGateway, SmartMeter_GatewayTaken.
        """
        return self.prepare("registerGateway", key)

    def replace_gateway(self, gateway: int, key: str) -> Call:
        """Give a gateway another key; the old one fails at once. Role: METER_REGISTRAR.

        Raises: SmartMeter_NoSuchGateway, SmartMeter_ZeroGateway, SmartMeter_GatewayTaken.
        """
        return self.prepare("replaceGateway", gateway, key)

    def assign_gateway(self, account: str, gateway: int, rated_power: int) -> Call:
        """Let a gateway read an account from the running slot on. Role: METER_REGISTRAR.

        Gateway and power 0 take the account back.
        Raises: SmartMeter_ZeroAccount, SmartMeter_NoSuchGateway, SmartMeter_BadParameter,
            SmartMeter_HasMeters.
        """
        return self.prepare("assignGateway", account, gateway, rated_power)

    # Views

    def gateway_of(
        self, account: str, slot: int, *, block_identifier: BlockId = "latest"
    ) -> tuple[int, int]:
        """(who reads an account in a slot, within how many W); (0, 0): meters of its own."""
        gateway, rated_power = self.call(
            "gatewayOf", account, slot, block_identifier=block_identifier
        )
        return gateway, rated_power

    def gateway_at(self, gateway: int, *, block_identifier: BlockId = "latest") -> str:
        """A gateway's key; the zero address if it is suspended, or there is none."""
        return str(self.call("gatewayAt", gateway, block_identifier=block_identifier))

    def gateways_at(
        self, gateways: Iterable[int], *, block_identifier: BlockId = "latest"
    ) -> list[str]:
        """`gateway_at` many numbers in few round trips."""
        one_each = ([gateway] for gateway in gateways)
        return self.call_many("gatewayAt", one_each, block_identifier=block_identifier)

    def gateway_number_of(self, key: str, *, block_identifier: BlockId = "latest") -> int:
        """The number of the gateway that has this key; 0 if none has."""
        return self._number("gatewayNumberOf", key, block_identifier=block_identifier)

    def gateway_count(self, *, block_identifier: BlockId = "latest") -> int:
        """How many gateways were ever registered; they are numbered from 1."""
        return self._number("gatewayCount", block_identifier=block_identifier)

    def anchor_of(self, gateway: int, slot: int, *, block_identifier: BlockId = "latest") -> bytes:
        """The root that a gateway has anchored for a slot; 32 zeros if none."""
        return bytes(self.call("anchorOf", gateway, slot, block_identifier=block_identifier))

    def anchor_deadline(self, slot: int, *, block_identifier: BlockId = "latest") -> int:
        """The last second at which a slot can be anchored."""
        return self._number("anchorDeadline", slot, block_identifier=block_identifier)
