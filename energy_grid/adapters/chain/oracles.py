"""The oracles: medians of several reporters (contracts/interfaces/IMedianOracle.sol)."""

from __future__ import annotations

from energy_grid.adapters.chain.access import Managed

__all__ = ["GridOracle", "PriceOracle", "WeatherOracle"]


class PriceOracle(Managed):
    """The wrapper of PriceOracle."""

    NAME = "PriceOracle"


class WeatherOracle(Managed):
    """The wrapper of WeatherOracle."""

    NAME = "WeatherOracle"


class GridOracle(Managed):
    """The wrapper of GridOracle."""

    NAME = "GridOracle"
