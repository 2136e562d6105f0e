"""What operations cost in gas."""

from __future__ import annotations

from dataclasses import dataclass, field

from energy_grid.domain.units import WH_PER_KWH

__all__ = ["GasMeter", "GasUse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GasUse:
    """The gas of one operation; some of its transactions do it for several ``items`` at once.

    Attributes:
        transactions: how many were sent.
        items: how many orders, pairs, readings, trades, slots they were for.
        total, highest: gas of all transactions, and of the one that took most.
    """

    operation: str
    transactions: int
    items: int
    total: int
    highest: int

    @property
    def per_transaction(self) -> int:
        """Mean gas of a transaction."""
        return self.total // self.transactions

    @property
    def per_item(self) -> int:
        """Mean gas of what it was done for."""
        return self.total // self.items

    def per_kwh(self, traded_wh: int) -> int | None:
        """Gas per kWh traded, None where nothing was."""
        return self.total * WH_PER_KWH // traded_wh if traded_wh else None


@dataclass(slots=True)
class GasMeter:
    """Counts gas by operation, in the order in which operations first come."""

    _uses: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def add(self, operation: str, gas: int, items: int = 1) -> None:
        """Count one transaction that did something for so many items."""
        self._uses.setdefault(operation, []).append((gas, items))

    def report(self) -> tuple[GasUse, ...]:
        """What was counted so far."""
        return tuple(
            GasUse(
                operation=operation,
                transactions=len(uses),
                items=sum(items for _, items in uses),
                total=sum(gas for gas, _ in uses),
                highest=max(gas for gas, _ in uses),
            )
            for operation, uses in self._uses.items()
        )
