"""What operations cost in gas."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from energy_grid.domain.units import WH_PER_KWH

__all__ = ["GasMeter", "GasUse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GasUse:
    """The gas of one operation; some of its transactions do it for several ``items`` at once.

    Attributes:
        transactions: how many were sent.
        items: how many orders, pairs, readings, trades, slots they were for.
        total, highest: gas of all transactions, and of the one that took most.
        daily: whether it belongs to trading, and not to opening an account once or to what is done
            with plants and energy credits afterwards.
    """

    operation: str
    transactions: int
    items: int
    total: int
    highest: int
    daily: bool = True

    @property
    def per_transaction(self) -> int:
        """Mean gas of a transaction."""
        return self.total // self.transactions

    @property
    def per_item(self) -> int:
        """Mean gas of what it was done for."""
        return self.total // self.items

    def per_kwh(self, traded_wh: int) -> int | None:
        """Gas per kWh traded; None where nothing was, or if the operation is none of trading."""
        return self.total * WH_PER_KWH // traded_wh if traded_wh and self.daily else None


class GasMeter:
    """Counts gas by operation; they are reported in the order that they are named in here."""

    def __init__(
        self, opening: Iterable[str], daily: Iterable[str], afterwards: Iterable[str] = ()
    ) -> None:
        self._daily = tuple(daily)
        self._uses: dict[str, list[tuple[int, int]]] = {
            name: [] for name in (*opening, *self._daily, *afterwards)
        }

    def add(self, operation: str, gas: int, items: int = 1) -> None:
        """Count one transaction that did something for so many items."""
        self._uses[operation].append((gas, items))

    def report(self) -> tuple[GasUse, ...]:
        """What was counted so far, without operations that were never sent."""
        return tuple(
            GasUse(
                operation=operation,
                transactions=len(uses),
                items=sum(items for _, items in uses),
                total=sum(gas for gas, _ in uses),
                highest=max(gas for gas, _ in uses),
                daily=operation in self._daily,
            )
            for operation, uses in self._uses.items()
            if uses
        )
