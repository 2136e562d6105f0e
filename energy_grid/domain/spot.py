"""The states of an offer and of a trade on the spot market."""

from __future__ import annotations

from energy_grid.domain.enums import OfferStatus, TradeStatus

__all__ = ["OfferStatus", "TradeStatus"]
