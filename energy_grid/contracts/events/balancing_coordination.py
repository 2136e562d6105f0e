"""Events of BalancingCoordination.

What a region can do against an imbalance, and what it is doing: actions of so many kW, never more
than the region can give. An open action commits its target; completing it changes what the region
runs, cancelling or expiring it frees the commitment. Power in kW. OPEN --completeBalancingAction
(until the deadline)--> COMPLETED OPEN --cancelBalancingAction (until the deadline)--> CANCELLED
OPEN --expireBalancingAction (after the deadline)--> EXPIRED, and costs who opened it by hand
performance What is left to commit, by action (`availableFor`): INCREASE_GENERATION maxGeneration -
reserve - currentGeneration - open increases DECREASE_GENERATION currentGeneration - open decreases
SHED_LOAD reported demand - load that is shed - open sheds; 0 without a report of the last hour
RESTORE_LOAD load that is shed - open restorations RESERVE_ACTIVATION reserve - open activations
Completed, they move: current + target; current - target; shed + target; shed - target; reserve -
target and current + target.

Made by `ape run export_abis` from the contracts: change those, not this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from energy_grid.chain.event_log import EventLog
from energy_grid.domain.balancing import ActionStatus, ActionType

__all__ = [
    "BalancingCoordination_BalancingActionClosed",
    "BalancingCoordination_BalancingActionOpened",
    "BalancingCoordination_RegionCapacitySet",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancingCoordination_BalancingActionClosed(EventLog):
    """An action was completed, cancelled or expired, as ``status`` says.

    ``BalancingActionClosed(uint256 indexed id, bytes32 indexed region, enum
    IBalancingCoordination.ActionStatus status)``
    """

    contract: ClassVar[str] = "BalancingCoordination"
    event: ClassVar[str] = "BalancingActionClosed"

    id: int
    region: bytes
    status: ActionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancingCoordination_BalancingActionOpened(EventLog):
    """An action of ``target`` kW was opened; ``automated`` says whether a stability report
    opened it.

    ``BalancingActionOpened(uint256 indexed id, bytes32 indexed region, address indexed
    operator, enum IBalancingCoordination.ActionType actionType, uint256 target, uint8
    priority, bool automated)``
    """

    contract: ClassVar[str] = "BalancingCoordination"
    event: ClassVar[str] = "BalancingActionOpened"

    id: int
    region: bytes
    operator: str
    action_type: ActionType
    target: int
    priority: int
    automated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancingCoordination_RegionCapacitySet(EventLog):
    """An operator has set what a region can give, in kW.

    ``RegionCapacitySet(bytes32 indexed region, address indexed operator, uint256
    maxGeneration, uint256 currentGeneration, uint256 reserve)``
    """

    contract: ClassVar[str] = "BalancingCoordination"
    event: ClassVar[str] = "RegionCapacitySet"

    region: bytes
    operator: str
    max_generation: int
    current_generation: int
    reserve: int
