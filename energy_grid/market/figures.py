"""Figures of a market as people read them: with their units, and names for addresses."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from energy_grid.domain.units import format_money, format_price, format_time
from energy_grid.errors import ChainError, DomainError

if TYPE_CHECKING:
    # Help and input errors of commands need no chain, whose modules are slow to import.
    from energy_grid.market.assets import Assets

__all__ = ["Figures"]

_EXACT_DECIMALS = 3


class Figures:
    """How a market writes its figures."""

    def __init__(self, market: Assets) -> None:
        self.market = market

    @cached_property
    def coin(self) -> tuple[int, str]:
        """Decimals and symbol of the market's money."""
        return self.market.coin.decimals, self.market.coin.symbol

    @cached_property
    def _token(self) -> tuple[int, str]:
        return self.market.token_coin.decimals, self.market.token_coin.symbol

    @cached_property
    def _vote(self) -> tuple[int, str]:
        return self.market.votes.decimals(), self.market.votes.symbol()

    def money(self, amount: int) -> str:
        """``"2.5 tUSD"``."""
        return format_money(amount, *self.coin)

    def tokens(self, amount: int) -> str:
        """``"2.5 tUSD"``, of smallest units of the settlement token."""
        return format_money(amount, *self._token)

    def exact_money(self, amount: int) -> str:
        """``"2.500125 tUSD"``, of thousandths of a base unit, in which accounts hold money."""
        decimals, symbol = self.coin
        return format_money(amount, decimals + _EXACT_DECIMALS, symbol)

    def price(self, amount: int) -> str:
        """``"0.25 tUSD/kWh"``."""
        return format_price(amount, *self.coin)

    def rate(self, amount: int) -> str:
        """``"0.25 tUSD/kW"``."""
        return f"{self.tokens(amount)}/kW"

    def votes(self, amount: int) -> str:
        """``"250000 GGT"``, of base units of the governance token."""
        return format_money(amount, *self._vote)

    def time(self, timestamp: int) -> str:
        """``"2024-01-01 18:00:00 UTC"``, of Unix seconds."""
        return format_time(timestamp)

    def proposal(self, proposal_id: int) -> str:
        """``"proposal 3"``, of its id; ``"the unknown proposal 8…"`` where there is none."""
        from energy_grid.market.governance import proposal_number

        try:
            return f"proposal {proposal_number(self.market.governor, proposal_id)}"
        except ChainError:
            return f"the unknown proposal {proposal_id}"

    def contract_at(self, address: str) -> str | None:
        """The name of the market's contract at an address, shares included."""
        if address == self.market.money.address:
            return self.market.money.name
        if (safe := self.market.safe_at(address)) is not None:
            return safe.name
        contracts = self.market.deployment.contracts
        for name, one in contracts.items():
            if one.address == address:
                return name
        try:
            return self.market.shares(address).name
        except (ChainError, DomainError):
            return None

    def named(self, address: str) -> str:
        """An address, with its role if that is known: ``"0x… (the treasury's Safe)"``."""
        if address == self.market.timelock.address:
            return f"{address} (governance)"
        for name, safe in self.market.safes.items():
            if safe.address == address:
                return f"{address} (the {name}'s Safe)"
        return address
