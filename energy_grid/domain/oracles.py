"""The states of a round of an oracle."""

from __future__ import annotations

from energy_grid.domain.enums import RoundStatus

__all__ = ["PRICE_FEED", "RoundStatus"]

# The only feed of PriceOracle; those of other oracles are regions.
PRICE_FEED = ""
