// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IGridOperatorVerification} from "./IGridOperatorVerification.sol";
import {ILoadMonitoring} from "./ILoadMonitoring.sol";

/// @title IBalancingCoordination
/// @notice What a region can do against an imbalance, and what it is doing: actions of so many kW, never more than the
/// region can give. An open action commits its target; completing it changes what the region runs, cancelling or
/// expiring it frees the commitment. Power in kW.
///
///     OPEN --completeBalancingAction (until the deadline)--> COMPLETED
///     OPEN --cancelBalancingAction (until the deadline)--> CANCELLED
///     OPEN --expireBalancingAction (after the deadline)--> EXPIRED, and costs who opened it by hand performance
///
/// What is left to commit, by action ({availableFor}):
///
///     INCREASE_GENERATION  maxGeneration - reserve - currentGeneration - open increases
///     DECREASE_GENERATION  currentGeneration - open decreases
///     SHED_LOAD            reported demand - load that is shed - open sheds; 0 without a report of the last hour
///     RESTORE_LOAD         load that is shed - open restorations
///     RESERVE_ACTIVATION   reserve - open activations
///
/// Completed, they move: current + target; current - target; shed + target; shed - target; reserve - target and
/// current + target.
interface IBalancingCoordination {
    enum ActionType {
        INCREASE_GENERATION,
        DECREASE_GENERATION,
        SHED_LOAD,
        RESTORE_LOAD,
        RESERVE_ACTIVATION
    }

    enum ActionStatus {
        OPEN,
        COMPLETED,
        CANCELLED,
        EXPIRED
    }

    /// @param maxGeneration installed, the reserve included, in kW.
    /// @param currentGeneration running, in kW.
    /// @param reserve kept ready for RESERVE_ACTIVATION alone, in kW: currentGeneration + reserve <= maxGeneration.
    /// @param shed load that completed actions have shed and not restored, in kW.
    struct RegionCapacity {
        uint256 maxGeneration;
        uint256 currentGeneration;
        uint256 reserve;
        uint256 shed;
    }

    /// @param target kW.
    /// @param priority 1 (most urgent) to 5.
    /// @param operator who opened it, or whose report did.
    /// @param deadline the last second at which it can be completed or cancelled.
    /// @param automated whether a stability report opened it.
    struct BalancingAction {
        uint256 id;
        bytes32 region;
        address operator;
        ActionType actionType;
        ActionStatus status;
        uint8 priority;
        bool automated;
        uint256 target;
        uint256 createdAt;
        uint256 deadline;
    }

    /* EVENTS */

    /// @notice An operator has set what a region can give, in kW.
    event RegionCapacitySet(
        bytes32 indexed region,
        address indexed operator,
        uint256 maxGeneration,
        uint256 currentGeneration,
        uint256 reserve
    );
    /// @notice An action of `target` kW was opened; `automated` says whether a stability report opened it.
    event BalancingActionOpened(
        uint256 indexed id,
        bytes32 indexed region,
        address indexed operator,
        ActionType actionType,
        uint256 target,
        uint8 priority,
        bool automated
    );
    /// @notice An action was completed, cancelled or expired, as `status` says.
    event BalancingActionClosed(uint256 indexed id, bytes32 indexed region, ActionStatus status);

    /* ERRORS */

    /// @notice Current generation and reserve above the maximum, or a value above 2^64 - 1.
    error BalancingCoordination_BadCapacity(uint256 maxGeneration, uint256 currentGeneration, uint256 reserve);
    /// @notice The new capacity would not cover what open actions of this type have committed.
    error BalancingCoordination_Committed(bytes32 region, ActionType actionType, uint256 committed, uint256 possible);
    /// @notice No operator has set the region's capacity yet: {setRegionCapacity} first.
    error BalancingCoordination_NoCapacity(bytes32 region);
    /// @notice An action must have a target above 0 kW.
    error BalancingCoordination_ZeroTarget();
    /// @notice The priority must be 1 (most urgent) to 5.
    error BalancingCoordination_BadPriority(uint8 priority);
    /// @notice More than the region can give; an automated action is refused so only where nothing at all is left.
    error BalancingCoordination_AboveAvailable(
        bytes32 region, ActionType actionType, uint256 target, uint256 available
    );
    /// @notice The region has `maximum` open actions. Complete, cancel or expire one first.
    error BalancingCoordination_TooManyActions(bytes32 region, uint256 maximum);
    /// @notice There is no action of this number, see {actionCount}.
    error BalancingCoordination_NoSuchAction(uint256 id);
    /// @notice The action was closed already, with this status.
    error BalancingCoordination_NotOpen(uint256 id, ActionStatus status);
    /// @notice Too late to complete or cancel it; it can only expire.
    error BalancingCoordination_PastDeadline(uint256 id, uint256 deadline);
    /// @notice The action can be completed until `deadline` (Unix seconds); it can expire after that.
    error BalancingCoordination_NotDue(uint256 id, uint256 deadline);
    /// @notice Only StabilityMaintenance may call this.
    error BalancingCoordination_OnlyStability(address caller);
    /// @notice A page of 0 or of more than 100 actions.
    error BalancingCoordination_BadPage(uint256 limit, uint256 maximum);
    /// @notice A lifetime of 0 or of more than 30 days.
    error BalancingCoordination_BadParameter(bytes32 name, uint256 value);

    /* OPERATORS (level OPERATE, of the region) */

    /// @notice Says what a region has. Load that is shed stays shed. Open actions must stay possible (Committed).
    /// @param region ASCII text, left-aligned.
    /// @param maxGeneration installed, the reserve included, in kW.
    /// @param currentGeneration running, in kW.
    /// @param reserveCapacity kept ready for RESERVE_ACTIVATION alone, in kW; at most what `currentGeneration` leaves
    /// of `maxGeneration`.
    function setRegionCapacity(
        bytes32 region,
        uint256 maxGeneration,
        uint256 currentGeneration,
        uint256 reserveCapacity
    ) external;

    /// @notice Opens an action; at most 32 of a region are open at once. Checked in this order: operator, target,
    /// priority, the region's capacity, the number open, what is available.
    /// @param region ASCII text, left-aligned.
    /// @param actionType what is to be done.
    /// @param target kW, at most {availableFor}.
    /// @param priority 1 (most urgent) to 5.
    /// @return id numbered from 1.
    function initiateBalancingAction(bytes32 region, ActionType actionType, uint256 target, uint8 priority)
        external
        returns (uint256 id);

    /// @notice The action is carried out: its effect counts from now on. Any operator of the region may say so, until
    /// the deadline, that second included (PastDeadline).
    /// @param id number of the action, from 1 on.
    function completeBalancingAction(uint256 id) external;

    /// @notice The action is not to be carried out. Any operator of the region may say so, until the deadline, that
    /// second included (PastDeadline): what was missed is closed by {expireBalancingAction} alone.
    /// @param id number of the action, from 1 on.
    function cancelBalancingAction(uint256 id) external;

    /* ANYONE */

    /// @notice Closes an open action whose deadline has passed, and notes it against its operator; not so if a
    /// stability report opened it: reporting what is measured must cost nobody performance.
    /// @param id number of the action, from 1 on.
    function expireBalancingAction(uint256 id) external;

    /* STABILITY */

    /// @notice Opens an action for a stability report: of `target` or of what is available, whichever is less. Only
    /// StabilityMaintenance may call this.
    /// @param region ASCII text, left-aligned.
    /// @param actionType what is to be done.
    /// @param target kW; what is available counts if it is less.
    /// @param priority 1 (most urgent) to 5.
    /// @param operator whose report it was.
    /// @return id number of the action.
    function initiateAutomatedAction(
        bytes32 region,
        ActionType actionType,
        uint256 target,
        uint8 priority,
        address operator
    ) external returns (uint256 id);

    /* VIEWS */

    /// @notice One action.
    /// @param id number of the action, from 1 on.
    /// @return the action. It reverts for a number that is none.
    function getBalancingAction(uint256 id) external view returns (BalancingAction memory);
    /// @notice The open actions of a region: the most urgent first, among equals the older first.
    /// @param region ASCII text, left-aligned.
    /// @return the actions, at most 32.
    function getOpenActions(bytes32 region) external view returns (BalancingAction[] memory);
    /// @notice A page of all actions of a region, newest first.
    /// @param region ASCII text, left-aligned.
    /// @param offset how many of the newest to leave out.
    /// @param limit how many to return, 1 to 100.
    /// @return the actions; fewer than `limit` at the end.
    function getBalancingActions(bytes32 region, uint256 offset, uint256 limit)
        external
        view
        returns (BalancingAction[] memory);
    /// @notice How many actions were ever opened; they are numbered from 1 to this.
    /// @return how many.
    function actionCount() external view returns (uint256);
    /// @notice All 0 where nobody has said what the region has.
    /// @param region ASCII text, left-aligned.
    /// @return the capacities, in kW.
    function getRegionCapacity(bytes32 region) external view returns (RegionCapacity memory);
    /// @notice kW that an action of this type could be opened for now; 0 while the region's capacity is unknown.
    /// @param region ASCII text, left-aligned.
    /// @param actionType what is to be done.
    /// @return kW.
    function availableFor(bytes32 region, ActionType actionType) external view returns (uint256);
    /// @notice The register of grid operators.
    /// @return the contract.
    function OPERATORS() external view returns (IGridOperatorVerification);
    /// @notice The contract that knows each region's load.
    /// @return the contract.
    function LOAD() external view returns (ILoadMonitoring);
    /// @notice The contract that opens automated actions.
    /// @return StabilityMaintenance.
    function STABILITY() external view returns (address);
    /// @notice Seconds from opening an action to its deadline.
    /// @return seconds.
    function ACTION_LIFETIME() external view returns (uint256);
}
