"""BalancingCoordination: actions against imbalances (IBalancingCoordination.sol).

Power in kW. Regions are plain text here.
"""

from __future__ import annotations

from energy_grid.chain.contract import Call, Contract, regional, structure, to_bytes32
from energy_grid.chain.rpc.node import BlockId
from energy_grid.contracts.grid_records import BalancingAction, RegionCapacity
from energy_grid.domain.balancing import ActionType

__all__ = ["BalancingCoordination"]


class BalancingCoordination(Contract):
    """The wrapper of BalancingCoordination.

    Who may not act is refused with GridOperatorVerification_NotAuthorized or
    GridOperatorVerification_LevelTooLow, an action that is none with
    BalancingCoordination_NoSuchAction or BalancingCoordination_NotOpen.
    """

    NAME = "BalancingCoordination"

    # Operators of the region, level OPERATE

    def set_region_capacity(
        self, region: str, *, max_generation: int, current_generation: int, reserve: int
    ) -> Call:
        """Say what a region has: installed with the reserve, running, and kept ready.

        Raises: BalancingCoordination_BadCapacity, BalancingCoordination_Committed.
        """
        word = to_bytes32(region)
        return self.prepare("setRegionCapacity", word, max_generation, current_generation, reserve)

    def initiate_balancing_action(
        self, region: str, action_type: ActionType, target: int, priority: int
    ) -> Call:
        """Open an action; priority 1 (most urgent) to 5; gives its number.

        Raises: BalancingCoordination_ZeroTarget, BalancingCoordination_BadPriority,
            BalancingCoordination_NoCapacity, BalancingCoordination_TooManyActions,
            BalancingCoordination_AboveAvailable.
        """
        word = to_bytes32(region)
        return self.prepare("initiateBalancingAction", word, action_type, target, priority)

    def complete_balancing_action(self, action_id: int) -> Call:
        """Say that an action is carried out: its effect counts from now on.

        Raises: BalancingCoordination_PastDeadline.
        """
        return self.prepare("completeBalancingAction", action_id)

    def cancel_balancing_action(self, action_id: int) -> Call:
        """Say that an open action is not to be carried out.

        Raises: BalancingCoordination_PastDeadline.
        """
        return self.prepare("cancelBalancingAction", action_id)

    # Anyone

    def expire_balancing_action(self, action_id: int) -> Call:
        """Close an open action whose deadline has passed; costs who opened it by hand 5 points.

        Raises: BalancingCoordination_NotDue.
        """
        return self.prepare("expireBalancingAction", action_id)

    def initiate_automated_action(
        self, region: str, action_type: ActionType, target: int, priority: int, operator: str
    ) -> Call:
        """Open an action for a stability report; gives its number. StabilityMaintenance only:
        BalancingCoordination_OnlyStability."""
        word = to_bytes32(region)
        return self.prepare(
            "initiateAutomatedAction", word, action_type, target, priority, operator
        )

    # Views

    def get_balancing_action(
        self, action_id: int, *, block_identifier: BlockId = "latest"
    ) -> BalancingAction:
        """An action."""
        values = self.call("getBalancingAction", action_id, block_identifier=block_identifier)
        return regional(BalancingAction, values)

    def get_open_actions(
        self, region: str, *, block_identifier: BlockId = "latest"
    ) -> list[BalancingAction]:
        """A region's open actions: the most urgent first, among equals the older first."""
        word = to_bytes32(region)
        found = self.call("getOpenActions", word, block_identifier=block_identifier)
        return [regional(BalancingAction, values) for values in found]

    def get_balancing_actions(
        self, region: str, offset: int, limit: int, *, block_identifier: BlockId = "latest"
    ) -> list[BalancingAction]:
        """A page of 1 to 100 of a region's actions, newest first, without the first ``offset``.

        Raises: BalancingCoordination_BadPage.
        """
        word = to_bytes32(region)
        page = self.call(
            "getBalancingActions", word, offset, limit, block_identifier=block_identifier
        )
        return [regional(BalancingAction, values) for values in page]

    def action_count(self, *, block_identifier: BlockId = "latest") -> int:
        """How many actions were ever opened; they are numbered from 1."""
        return self._number("actionCount", block_identifier=block_identifier)

    def get_region_capacity(
        self, region: str, *, block_identifier: BlockId = "latest"
    ) -> RegionCapacity:
        """What a region has; zeros where nothing was said."""
        word = to_bytes32(region)
        values = self.call("getRegionCapacity", word, block_identifier=block_identifier)
        return structure(RegionCapacity, values)

    def available_for(
        self, region: str, action_type: ActionType, *, block_identifier: BlockId = "latest"
    ) -> int:
        """kW that an action of this type could be opened for now."""
        word = to_bytes32(region)
        return self._number("availableFor", word, action_type, block_identifier=block_identifier)

    # Fixed at deployment

    def operators(self) -> str:
        """Address of GridOperatorVerification."""
        return str(self.call("OPERATORS"))

    def load(self) -> str:
        """Address of LoadMonitoring."""
        return str(self.call("LOAD"))

    def stability(self) -> str:
        """Address of StabilityMaintenance."""
        return str(self.call("STABILITY"))

    def action_lifetime(self) -> int:
        """Seconds from opening an action to its deadline."""
        return self._number("ACTION_LIFETIME")
