"""DemandResponse: programs, events and rewards (contracts/interfaces/IDemandResponse.sol)."""

from __future__ import annotations

from energy_grid.adapters.chain.access import Stoppable

__all__ = ["DemandResponse"]


class DemandResponse(Stoppable):
    """The wrapper of DemandResponse."""

    NAME = "DemandResponse"
