"""Orders for a delivery period: their terms, sides and states.

An order is valid up to and including its expiry, which is never later than the last second before
gate closure.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from energy_grid.domain.periods import Period

__all__ = [
    "HIGHEST_PRICE",
    "MOST_WH",
    "OrderStatus",
    "OrderTerms",
    "OrderType",
    "TransactionStatus",
]


MOST_WH, HIGHEST_PRICE = 2**40 - 1, 2**64 - 1
"""The most energy and the highest price that an order has room for."""


class OrderType(IntEnum):
    """Sides, numbered as on the chain."""

    BUY = 0
    SELL = 1


class OrderStatus(IntEnum):
    """States of an order, numbered as on the chain."""

    ACTIVE = 0
    FILLED = 1
    CANCELLED = 2


class TransactionStatus(IntEnum):
    """States of a transaction, numbered as on the chain."""

    MATCHED = 0
    SETTLED = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTerms:
    """What a trader asks for: Wh, money units per kWh, Unix seconds."""

    trader: str
    order_type: OrderType
    amount: int
    price: int
    expiry: int
    period: Period
