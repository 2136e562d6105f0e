"""StabilityMaintenance: frequency and voltage of each region (IStabilityMaintenance.sol)."""

from __future__ import annotations

from energy_grid.adapters.chain.contract import Contract

__all__ = ["StabilityMaintenance"]


class StabilityMaintenance(Contract):
    """The wrapper of StabilityMaintenance."""

    NAME = "StabilityMaintenance"
