"""Slots: the final energy balance of an account's slot."""

from __future__ import annotations

from collections.abc import Sequence

from energy_grid.chain.tx.multisig import Actor
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.market.plan import Plan
from energy_grid.market.session import Market

__all__ = ["Slots"]

# Slots of one account in one transaction.
_SLOTS_AT_ONCE = 100


class Slots(Market):
    """Slots are known by their numbers."""

    def close_slots(
        self, who: Actor | str, account: str, slots: Sequence[int]
    ) -> Plan[list[Receipt]]:
        """Settle the imbalance of an account's slots; any account can. Settled slots are
        skipped, unless there is only one."""
        if len(slots) == 1:
            return self.plan(who, self.settlement.close_slot(account, slots[0]))
        calls = (
            self.settlement.close_slots(account, slots[first : first + _SLOTS_AT_ONCE])
            for first in range(0, len(slots), _SLOTS_AT_ONCE)
        )
        return self.plan(who, *calls)
