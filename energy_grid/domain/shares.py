"""The states of a divided asset, and of an offer for all of its shares."""

from __future__ import annotations

from energy_grid.domain.enums import BuyoutStatus, State

__all__ = ["BuyoutStatus", "State"]
