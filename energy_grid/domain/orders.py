"""Orders for a delivery period: their terms, sides and states.

A trade is base-load: the same whole Wh in every slot of its period. So the amount of an order is a
multiple of the period's slots. An order is valid up to and including its expiry, which is never
later than the last second before its period, when the gate closes.
"""

from __future__ import annotations

from dataclasses import dataclass

from energy_grid.domain.enums import OrderStatus, OrderType, TransactionStatus
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.units import format_wh
from energy_grid.errors import DomainError

__all__ = [
    "MAX_PER_SLOT",
    "MAX_PRICE",
    "MAX_WH",
    "InvalidAmountError",
    "OrderStatus",
    "OrderTerms",
    "OrderType",
    "TransactionStatus",
    "check_amount",
    "is_valid_amount",
]


MAX_PER_SLOT = 2**31 - 1
"""The most Wh that an order has in each slot."""
MAX_WH = MAX_PER_SLOT * (PeriodKind.WEEKLY.seconds // PeriodKind.QUARTER_HOURLY.seconds)
"""The most Wh that an order of any period has."""
MAX_PRICE = 2**32 - 1
"""The highest price, money units per kWh."""


class InvalidAmountError(DomainError):
    """An amount that is not the same whole Wh in every slot; the message has the next valid ones.

    Attributes:
        lower, higher: 0 where there is none.
    """

    def __init__(self, amount: int, slots: int) -> None:
        per_slot = max(min(amount // slots, MAX_PER_SLOT), 0)
        self.amount = amount
        self.lower = per_slot * slots
        self.higher = 0 if per_slot == MAX_PER_SLOT else (per_slot + 1) * slots
        nearest = " or ".join(format_wh(wh) for wh in (self.lower, self.higher) if wh)
        rule = "whole Wh of a slot" if slots == 1 else f"the same whole Wh in each of {slots} slots"
        super().__init__(f"{format_wh(amount)} is not {rule}: the nearest valid is {nearest}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTerms:
    """What a trader asks for: Wh of the whole period, money units per kWh, Unix seconds."""

    trader: str
    order_type: OrderType
    amount: int
    price: int
    expiry: int
    period: Period


def is_valid_amount(amount: int, slots: int) -> bool:
    """Whether an amount is the same whole Wh in each of so many slots."""
    return amount % slots == 0 and 0 < amount <= MAX_PER_SLOT * slots


def check_amount(amount: int, slots: int) -> None:
    """Pass on a valid amount.

    Raises:
        InvalidAmountError: the amount is not.
    """
    if not is_valid_amount(amount, slots):
        raise InvalidAmountError(amount, slots)
