"""Orders for a delivery period: their terms, sides and states.

An order is valid up to and including its expiry, which is never later than the last second before
gate closure.
"""

from __future__ import annotations

from dataclasses import dataclass

from energy_grid.domain.enums import OrderStatus, OrderType, TransactionStatus
from energy_grid.domain.periods import Period

__all__ = [
    "MAX_PRICE",
    "MAX_WH",
    "OrderStatus",
    "OrderTerms",
    "OrderType",
    "TransactionStatus",
]


MAX_WH, MAX_PRICE = 2**40 - 1, 2**64 - 1
"""The most energy and the highest price that an order has room for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTerms:
    """What a trader asks for: Wh, money units per kWh, Unix seconds."""

    trader: str
    order_type: OrderType
    amount: int
    price: int
    expiry: int
    period: Period
