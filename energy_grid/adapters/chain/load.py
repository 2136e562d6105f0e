"""LoadMonitoring: the load of each region (contracts/interfaces/ILoadMonitoring.sol)."""

from __future__ import annotations

from energy_grid.adapters.chain.contract import Contract

__all__ = ["LoadMonitoring"]


class LoadMonitoring(Contract):
    """The wrapper of LoadMonitoring."""

    NAME = "LoadMonitoring"
