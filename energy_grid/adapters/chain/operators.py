"""GridOperatorVerification: who operates the grid where (IGridOperatorVerification.sol)."""

from __future__ import annotations

from energy_grid.adapters.chain.access import Managed

__all__ = ["GridOperatorVerification"]


class GridOperatorVerification(Managed):
    """The wrapper of GridOperatorVerification."""

    NAME = "GridOperatorVerification"
