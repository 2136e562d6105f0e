"""What operations cost in gas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["GasMeter", "GasUse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GasUse:
    """The gas of one operation; some of its transactions do it for several ``items`` at once.

    Attributes:
        transactions: how many were sent.
        items: how many trades, readings, accounts they were for.
        total, highest: gas of all transactions, and of the one that took most.
        part: of the day that it belongs to; empty for what is done once, or was on days before.
    """

    operation: str
    transactions: int
    items: int
    total: int
    highest: int
    part: str = ""

    @property
    def per_transaction(self) -> int:
        """Mean gas of a transaction."""
        return self.total // self.transactions

    @property
    def per_item(self) -> int:
        """Mean gas of what it was done for."""
        return self.total // self.items

    def per_household(self, households: int) -> int | None:
        """Gas of a household's day; None if the operation is no part of it."""
        return self.total // households if self.part else None


class GasMeter:
    """Counts gas by operation; they are reported in the order that they are named in here.

    Args:
        parts: the part of the day that each operation belongs to.
    """

    def __init__(self, parts: Mapping[str, str]) -> None:
        self._parts = parts
        self._uses: dict[str, list[tuple[int, int]]] = {name: [] for name in parts}

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
                part=self._parts[operation],
            )
            for operation, uses in self._uses.items()
            if uses
        )
