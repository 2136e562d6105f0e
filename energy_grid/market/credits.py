"""Energy credits: surplus that an account keeps, in Wh."""

from __future__ import annotations

from energy_grid.chain.tx.multisig import Actor
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.contracts import events
from energy_grid.domain.quantities import Energy, whole
from energy_grid.market.plan import Plan
from energy_grid.market.session import Market

__all__ = ["EnergyCredits"]


class EnergyCredits(Market):
    """Credits stand in the settlement account, or outside it as EnergyToken (ERC-20)."""

    def keep_surplus(self, who: Actor | str, keeps: bool) -> Plan[events.Settlement_KeepsSet]:
        """Keep surplus as credits from the next day on, or feed it in."""
        call = self.settlement.set_keeps(keeps)
        return self._emitted(who, self.settlement, events.Settlement_KeepsSet, call)

    def redeem_credits(
        self, who: Actor | str, energy: int
    ) -> Plan[events.Settlement_CreditsRedeemed]:
        """Turn credits into money at today's value; a debt is paid first."""
        call = self.settlement.redeem(whole("energy", energy, Energy))
        return self._emitted(who, self.settlement, events.Settlement_CreditsRedeemed, call)

    def withdraw_credits(self, who: Actor | str, energy: int) -> Plan[list[Receipt]]:
        """Turn credits of the account into EnergyToken."""
        return self.plan(who, self.settlement.withdraw_credits(whole("energy", energy, Energy)))

    def deposit_credits(self, who: Actor | str, energy: int) -> Plan[list[Receipt]]:
        """Turn EnergyToken into credits of the account, which pay a debt first."""
        return self.plan(who, self.settlement.deposit_credits(whole("energy", energy, Energy)))
