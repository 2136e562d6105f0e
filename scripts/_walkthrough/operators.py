"""The operators of a story: several Safes, each with the roles of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from energy_grid.chain.contract import Call
from energy_grid.chain.roles import functions_of
from energy_grid.client import Account, EnergyGrid, Multisig

__all__ = ["LOCAL_ACCOUNTS", "Operators"]

LOCAL_ACCOUNTS = 30
_ANY = "registrar"  # makes the calls that anybody may make


@dataclass(frozen=True, slots=True)
class Operators:
    """Acts as the Safe that has the role of a call."""

    market: EnergyGrid

    def named(self, name: str) -> Multisig:
        """A Safe by its name, with as many owners as must sign."""
        safe = self.market.deployment.safes[name]
        keys = [Account.local(number) for number in range(LOCAL_ACCOUNTS)]
        owners = [key for key in keys if key.address in safe.owners]
        return self.market.acting_safe(owners[: safe.threshold], name)

    def of(self, call: Call) -> Multisig:
        """The Safe that makes a call, or the first call of a batch."""
        first = call.parts[0] if call.parts else call
        for name, safe in self.market.deployment.safes.items():
            role = functions_of(first.contract).get(first.function.partition("(")[0])
            holders = () if role is None else self.market.deployment.roles[role]
            if safe.address in holders or safe.address == first.to:
                return self.named(name)
        return self.named(_ANY)

    def batch(self, calls: Sequence[Call]) -> Call:
        """Calls of one Safe, all of them or none."""
        return self.of(calls[0]).batch(calls)
