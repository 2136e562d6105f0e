"""BalancingCoordination: actions against imbalances (IBalancingCoordination.sol)."""

from __future__ import annotations

from energy_grid.adapters.chain.contract import Contract

__all__ = ["BalancingCoordination"]


class BalancingCoordination(Contract):
    """The wrapper of BalancingCoordination."""

    NAME = "BalancingCoordination"
