"""What the relay's day has left: gas for all, for one account, and for strangers together.

    of all          relay_gas
    of strangers    a fifth of it: addresses without a meter, however many somebody makes
    of an asker     a fiftieth of it: such addresses that one network address brings
    of an account   relay_account_gas

Each counts what was used and the limits of what is on its way. A call that was taken and not sent
counts a little as well: else who signs what is void a moment later fills the store for nothing.
A meter comes from the registrar alone, so nobody makes neighbours as they make addresses. A day is
one in UTC, by the chain's time.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Self

from sqlalchemy import Connection, or_, select

from energy_grid.backend.relay_service.calls import RelayState
from energy_grid.backend.store.relays import RELAYED_CALLS
from energy_grid.domain.periods import DAY_SECONDS

__all__ = ["LEAST_GAS", "RelayBudget", "RelayLimits"]

LEAST_GAS = 50_000
"""What every call that was taken counts."""
_STRANGERS_PART, _ASKERS_PART = 5, 50


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayLimits:
    """The most gas of a day; 0: no limit.

    Attributes:
        gas: for all.
        account_gas: for one account.
    """

    gas: int
    account_gas: int

    @property
    def strangers_gas(self) -> int:
        """For all addresses without a meter together."""
        return self.gas // _STRANGERS_PART

    @property
    def asker_gas(self) -> int:
        """For those of them that one network address brings."""
        return self.gas // _ASKERS_PART


class RelayBudget:
    """What a day has left.

    Args:
        spent: gas by account and whether it is a stranger.
    """

    def __init__(self, limits: RelayLimits, spent: Counter[tuple[str, bool]]) -> None:
        self._limits, self._spent = limits, spent

    @classmethod
    def read(
        cls, connection: Connection, limits: RelayLimits, now: int, *, with_received: bool
    ) -> Self:
        """The budget of the day of ``now``.

        Args:
            with_received: count what waits for its turn, too.
        """
        table = RELAYED_CALLS.c
        states = [RelayState.SENT, *([RelayState.RECEIVED] if with_received else [])]
        wanted = select(table.account, table.is_stranger, table.gas).where(
            or_(table.state.in_(states), table.counted_at >= now - now % DAY_SECONDS)
        )
        spent: Counter[tuple[str, bool]] = Counter()
        for account, is_stranger, gas in connection.execute(wanted):
            spent[account, is_stranger] += gas
        return cls(limits, spent)

    @property
    def total(self) -> int:
        """The gas of all."""
        return self._spent.total()

    def why_not(self, account: str, is_stranger: bool, gas: int) -> str | None:
        """Which limit so much more gas would exceed, if any."""
        for what, of_it, limit in self._parts(account, is_stranger):
            if limit and of_it + gas > limit:
                return f"the gas of today for {what} is used up: {of_it:,} of {limit:,}"
        return None

    def never(self, account: str, is_stranger: bool, gas: int) -> str | None:
        """Which limit so much gas would exceed on every day, if any."""
        for what, _, limit in self._parts(account, is_stranger):
            if limit and gas > limit:
                return f"it takes up to {gas:,} gas, and {what} may take {limit:,} a day"
        return None

    def take(self, account: str, is_stranger: bool, gas: int) -> None:
        """Count so much more."""
        self._spent[account, is_stranger] += gas

    def _parts(self, account: str, is_stranger: bool) -> list[tuple[str, int, int]]:
        spent, limits = self._spent, self._limits
        of_account = spent[account, False] + spent[account, True]
        parts = [
            (f"the account {account}", of_account, limits.account_gas),
            ("all accounts", self.total, limits.gas),
        ]
        if is_stranger:
            of_strangers = sum(gas for (_, strange), gas in spent.items() if strange)
            parts.append(("accounts without a meter", of_strangers, limits.strangers_gas))
        return parts
