"""GridOperatorVerification: who operates the grid where (IGridOperatorVerification.sol).

Capacity in kW, scores 0 to 100. Regions are plain text here.
"""

from __future__ import annotations

from energy_grid.chain.contract import Call, from_bytes32, regional, to_bytes32
from energy_grid.chain.rpc.node import BlockId
from energy_grid.contracts.access import Managed
from energy_grid.contracts.grid_records import Operator
from energy_grid.domain.grid_levels import PermissionLevel

__all__ = ["GridOperatorVerification"]


class GridOperatorVerification(Managed):
    """The wrapper of GridOperatorVerification.

    A step that an operator's status does not allow is refused with
    GridOperatorVerification_WrongStatus.
    """

    NAME = "GridOperatorVerification"

    # Anyone

    def register_operator(self, name: str, region: str, capacity: int) -> Call:
        """Register the sender as operator of a region, unverified; a name has 1 to 64 bytes.

        Raises: GridOperatorVerification_BadName, GridOperatorVerification_BadParameter,
            GridOperatorVerification_AlreadyRegistered.
        """
        return self.prepare("registerOperator", name, to_bytes32(region), capacity)

    # Grid authority

    def verify_operator(self, operator: str) -> Call:
        """Verify a registered operator, or a revoked one again. Role: GRID_AUTHORITY."""
        return self.prepare("verifyOperator", operator)

    def revoke_operator(self, operator: str) -> Call:
        """Take an operator's verification away. Role: GRID_AUTHORITY."""
        return self.prepare("revokeOperator", operator)

    def set_operator_authorization(self, operator: str, allowed: bool) -> Call:
        """Suspend a verified operator, or let it act again. Role: GRID_AUTHORITY."""
        return self.prepare("setOperatorAuthorization", operator, allowed)

    def set_operator_score(self, operator: str, score: int) -> Call:
        """Judge a registered operator's performance. Role: GRID_AUTHORITY.

        Raises: GridOperatorVerification_BadParameter.
        """
        return self.prepare("setOperatorScore", operator, score)

    def note_missed_action(self, operator: str) -> Call:
        """Lower a score by five. BalancingCoordination only:
        GridOperatorVerification_OnlyBalancing."""
        return self.prepare("noteMissedAction", operator)

    # Views

    def get_operator(self, operator: str, *, block_identifier: BlockId = "latest") -> Operator:
        """An operator; one that never registered has status NONE."""
        values = self.call("getOperator", operator, block_identifier=block_identifier)
        return regional(Operator, values)

    def is_verified_operator(self, operator: str, *, block_identifier: BlockId = "latest") -> bool:
        """Whether it is verified, suspended or not."""
        return bool(self.call("isVerifiedOperator", operator, block_identifier=block_identifier))

    def is_authorized_operator(
        self, operator: str, region: str, *, block_identifier: BlockId = "latest"
    ) -> bool:
        """Whether it is verified, not suspended, and of this region."""
        word = to_bytes32(region)
        return bool(
            self.call("isAuthorizedOperator", operator, word, block_identifier=block_identifier)
        )

    def permission_level_of(
        self, operator: str, *, block_identifier: BlockId = "latest"
    ) -> PermissionLevel:
        """What it may do in its region; NONE unless it is authorized there."""
        return PermissionLevel(
            self.call("permissionLevelOf", operator, block_identifier=block_identifier)
        )

    def require_operator(
        self,
        operator: str,
        region: str,
        needed: PermissionLevel,
        *,
        block_identifier: BlockId = "latest",
    ) -> None:
        """Pass if it is authorized in a region and has this level.

        Raises: GridOperatorVerification_NotAuthorized, GridOperatorVerification_LevelTooLow.
        """
        word = to_bytes32(region)
        self.call("requireOperator", operator, word, needed, block_identifier=block_identifier)

    def region_of_operator(
        self, operator: str, needed: PermissionLevel, *, block_identifier: BlockId = "latest"
    ) -> str:
        """The region of an operator that is authorized and has this level.

        Raises: GridOperatorVerification_NotAuthorized, GridOperatorVerification_LevelTooLow.
        """
        return from_bytes32(
            self.call("regionOfOperator", operator, needed, block_identifier=block_identifier)
        )

    # Fixed at deployment

    def balancing(self) -> str:
        """Address of BalancingCoordination."""
        return str(self.call("BALANCING"))
