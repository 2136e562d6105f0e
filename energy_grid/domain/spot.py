"""The states of an offer and of a trade on the spot market."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["OfferStatus", "TradeStatus"]


class OfferStatus(IntEnum):
    """As IPeerToPeerTrading's OfferStatus."""

    OPEN = 0
    SOLD = 1
    CANCELLED = 2


class TradeStatus(IntEnum):
    """As IPeerToPeerTrading's TradeStatus."""

    PENDING = 0
    COMPLETED = 1
    CANCELLED = 2
