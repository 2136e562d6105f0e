"""What traders can spend on trades, and what trades take of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from energy_grid.domain.costs import locked_rate

if TYPE_CHECKING:
    # It needs numpy, which is an extra.
    from energy_grid.domain.batch_clearing import OpenOrder

__all__ = ["Balances", "TradeTerms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeTerms:
    """What a seller's cover depends on in a region and period, money per kWh.

    Attributes:
        fees: network and protocol fee when the period begins.
        dearest: the highest price of a deficit.
    """

    fees: int
    dearest: int

    def rate(self, price: int, *, selling: bool) -> int:
        """What a trade takes of free money, exact money per Wh."""
        return locked_rate(price, selling=selling, fees=self.fees, dearest=self.dearest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balances:
    """What traders can spend on trades of a period, in exact money (thousandths of a unit).

    Attributes:
        spare: by trader: free money, less its debt and what its open days may cost.
        terms: by trader, of its region.
    """

    spare: Mapping[str, int]
    terms: Mapping[str, TradeTerms]

    def cost(self, order: OpenOrder, wh: int, price: int) -> int:
        """What a fill takes of `spare`; an on-chain order frees what it has locked at its limit."""
        rate = self._rate(order, price)
        return wh * (rate if order.signed is not None else rate - self._rate(order, order.price))

    def _rate(self, order: OpenOrder, price: int) -> int:
        return self.terms[order.trader].rate(price, selling=not order.is_buy)
