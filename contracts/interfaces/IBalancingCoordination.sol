// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IGridOperatorVerification} from "./IGridOperatorVerification.sol";
import {ILoadMonitoring} from "./ILoadMonitoring.sol";

/// @title IBalancingCoordination
/// @notice Balancing actions of a region against an imbalance, within the region's capacity. An open action commits its
/// target. Completing it changes the region's state; cancelling or expiring it frees the commitment. Power in kW.
///
///     OPEN --completeBalancingAction (until the deadline)--> COMPLETED
///     OPEN --cancelBalancingAction (until the deadline)--> CANCELLED; lowers the score of who cancels
///     OPEN --expireBalancingAction (after the deadline)--> EXPIRED; lowers the score of an operator who opened it
///
/// Places in a region: 32 for actions that operators open by hand, 8 of them for priority 1 alone; an operator has at
/// most 8 open. Automated actions have places of their own, one for each trigger and action type, so nobody can take
/// them.
///
/// What can still be committed, by action ({availableFor}):
///
///     INCREASE_GENERATION  maxGeneration - reserve - currentGeneration - open increases
///     DECREASE_GENERATION  currentGeneration - open decreases
///     SHED_LOAD            reported demand - load that is shed - open sheds; 0 without a report of the last hour
///     RESTORE_LOAD         load that is shed - open restorations
///     RESERVE_ACTIVATION   reserve - open activations
///
/// Completion changes, in the same order: current + target; current - target; shed + target; shed - target; reserve -
/// target and current + target.
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

    /// @param maxGeneration installed generation, including the reserve, in kW.
    /// @param currentGeneration running generation, in kW.
    /// @param reserve generation for RESERVE_ACTIVATION alone, in kW: currentGeneration + reserve <= maxGeneration.
    /// @param shed load that completed actions have shed and not restored, in kW.
    struct RegionCapacity {
        uint256 maxGeneration;
        uint256 currentGeneration;
        uint256 reserve;
        uint256 shed;
    }

    /// @param target kW.
    /// @param priority 1 (most urgent) to 5.
    /// @param operator the operator that opened it, or whose report did.
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

    /// @notice An operator set the capacities of a region, in kW.
    event RegionCapacitySet(
        bytes32 indexed region,
        address indexed operator,
        uint256 maxGeneration,
        uint256 currentGeneration,
        uint256 reserve
    );
    /// @notice An action of `target` kW was opened; `automated` if a stability report opened it.
    event BalancingActionOpened(
        uint256 indexed id,
        bytes32 indexed region,
        address indexed operator,
        ActionType actionType,
        uint256 target,
        uint8 priority,
        bool automated
    );
    /// @notice An action was completed, cancelled or expired, see `status`.
    event BalancingActionClosed(uint256 indexed id, bytes32 indexed region, ActionStatus status);

    /* ERRORS */

    /// @notice Current generation and reserve exceed the maximum, or a value exceeds 2^64 - 1.
    error BalancingCoordination_BadCapacity(uint256 maxGeneration, uint256 currentGeneration, uint256 reserve);
    /// @notice The new capacity would not cover what open actions of this type have committed.
    error BalancingCoordination_Committed(bytes32 region, ActionType actionType, uint256 committed, uint256 possible);
    /// @notice No operator has set the region's capacity yet: call {setRegionCapacity} first.
    error BalancingCoordination_NoCapacity(bytes32 region);
    /// @notice An action must have a target above 0 kW.
    error BalancingCoordination_ZeroTarget();
    /// @notice The priority must be 1 (most urgent) to 5.
    error BalancingCoordination_BadPriority(uint8 priority);
    /// @notice The target exceeds `available` (kW). An automated action takes what is available, and fails so only if
    /// that is 0.
    error BalancingCoordination_AboveAvailable(
        bytes32 region, ActionType actionType, uint256 target, uint256 available
    );
    /// @notice The region has `maximum` open actions by hand: 32, or 24 of a lower priority than 1. Complete or expire
    /// one first.
    error BalancingCoordination_TooManyActions(bytes32 region, uint256 maximum);
    /// @notice The operator has `maximum` open actions. Complete one first.
    error BalancingCoordination_ShareUsed(address operator, uint256 maximum);
    /// @notice There is no action of this number, see {actionCount}.
    error BalancingCoordination_NoSuchAction(uint256 id);
    /// @notice The action was closed already, with this status.
    error BalancingCoordination_NotOpen(uint256 id, ActionStatus status);
    /// @notice The deadline (Unix seconds) has passed: the action can only expire.
    error BalancingCoordination_PastDeadline(uint256 id, uint256 deadline);
    /// @notice The action can be completed until `deadline` (Unix seconds), so it cannot expire before.
    error BalancingCoordination_NotDue(uint256 id, uint256 deadline);
    /// @notice Only StabilityMaintenance may call this.
    error BalancingCoordination_OnlyStability(address caller);
    /// @notice The page size is 0 or above 100.
    error BalancingCoordination_BadPage(uint256 limit, uint256 maximum);
    /// @notice The lifetime is 0 or longer than 30 days.
    error BalancingCoordination_BadParameter(bytes32 name, uint256 value);

    /* OPERATORS (level OPERATE, of the region) */

    /// @notice Sets a region's capacities. Shed load stays shed. Reverts with Committed if open actions would no longer
    /// fit.
    /// @param region ASCII text, left-aligned.
    /// @param maxGeneration installed generation, including the reserve, in kW.
    /// @param currentGeneration running generation, in kW.
    /// @param reserveCapacity generation for RESERVE_ACTIVATION alone, in kW, at most `maxGeneration -
    /// currentGeneration`.
    function setRegionCapacity(
        bytes32 region,
        uint256 maxGeneration,
        uint256 currentGeneration,
        uint256 reserveCapacity
    ) external;

    /// @notice Opens an action, which takes a place. Checked in this order: operator, target, priority, the region's
    /// capacity, the region's places, the operator's, what is available.
    /// @param region ASCII text, left-aligned.
    /// @param actionType the kind of action.
    /// @param target kW, at most {availableFor}.
    /// @param priority 1 (most urgent) to 5.
    /// @return id numbered from 1.
    function initiateBalancingAction(bytes32 region, ActionType actionType, uint256 target, uint8 priority)
        external
        returns (uint256 id);

    /// @notice Completes an action: its effect counts from now on. Any operator of the region may call this until the
    /// deadline, inclusive; later it reverts with PastDeadline.
    /// @param id number of the action, from 1 on.
    function completeBalancingAction(uint256 id) external;

    /// @notice Cancels an action, and lowers the caller's score as an expired action lowers its operator's. Any
    /// operator of the region may call this until the deadline, inclusive; later it reverts with PastDeadline and only
    /// {expireBalancingAction} closes the action.
    /// @param id number of the action, from 1 on.
    function cancelBalancingAction(uint256 id) external;

    /* ANYONE */

    /// @notice Closes an open action whose deadline has passed, and lowers its operator's score. If a stability report
    /// opened it, the score stays: a report must not cost its reporter performance.
    /// @param id number of the action, from 1 on.
    function expireBalancingAction(uint256 id) external;

    /* STABILITY */

    /// @notice Opens an action for a stability report, of the smaller of `target` and what is available. Only
    /// StabilityMaintenance may call this.
    /// @param region ASCII text, left-aligned.
    /// @param actionType the kind of action.
    /// @param target kW; reduced to what is available.
    /// @param priority 1 (most urgent) to 5.
    /// @param operator who sent the report.
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
    /// @return the action. Reverts with NoSuchAction if there is none.
    function getBalancingAction(uint256 id) external view returns (BalancingAction memory);
    /// @notice The open actions of a region: the most urgent first, among equals the older first.
    /// @param region ASCII text, left-aligned.
    /// @return the actions: at most 32 by hand, and the automated ones.
    function getOpenActions(bytes32 region) external view returns (BalancingAction[] memory);
    /// @notice A page of all actions of a region, newest first.
    /// @param region ASCII text, left-aligned.
    /// @param offset number of the newest entries to skip.
    /// @param limit how many to return, 1 to 100.
    /// @return the actions; fewer than `limit` at the end.
    function getBalancingActions(bytes32 region, uint256 offset, uint256 limit)
        external
        view
        returns (BalancingAction[] memory);
    /// @notice The number of actions opened so far; they are numbered from 1 to this.
    /// @return the number.
    function actionCount() external view returns (uint256);
    /// @notice The capacities of a region; all 0 before {setRegionCapacity}.
    /// @param region ASCII text, left-aligned.
    /// @return the capacities, in kW.
    function getRegionCapacity(bytes32 region) external view returns (RegionCapacity memory);
    /// @notice The largest target of a new action of this type now; 0 while the region's capacity is unknown.
    /// @param region ASCII text, left-aligned.
    /// @param actionType the kind of action.
    /// @return kW.
    function availableFor(bytes32 region, ActionType actionType) external view returns (uint256);
    /// @notice The register of grid operators.
    /// @return the contract.
    function OPERATORS() external view returns (IGridOperatorVerification);
    /// @notice The contract that records each region's load.
    /// @return the contract.
    function LOAD() external view returns (ILoadMonitoring);
    /// @notice The contract that opens automated actions.
    /// @return StabilityMaintenance.
    function STABILITY() external view returns (address);
    /// @notice Seconds from opening an action to its deadline.
    /// @return seconds.
    function ACTION_LIFETIME() external view returns (uint256);
}
