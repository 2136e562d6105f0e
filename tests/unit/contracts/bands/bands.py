"""Setting the bands of a region."""

from __future__ import annotations

from energy_grid.chain.roles import Role
from energy_grid.domain.grid_levels import Bands
from tests.support.market import Market, Receipt

__all__ = ["set_bands"]


def set_bands(market: Market, region: bytes, bands: Bands) -> Receipt:
    """By the grid authority, from now on."""
    return market.do(
        market.roles[Role.GRID_AUTHORITY], market.contracts["GridBands"], "setBands", region, bands
    )
