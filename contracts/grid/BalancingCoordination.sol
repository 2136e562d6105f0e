// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";

import {IBalancingCoordination} from "../interfaces/IBalancingCoordination.sol";
import {IGridOperatorVerification} from "../interfaces/IGridOperatorVerification.sol";
import {ILoadMonitoring} from "../interfaces/ILoadMonitoring.sol";

/// @title BalancingCoordination
/// @notice See {IBalancingCoordination}; comments here are for maintainers.
/// @dev The commitments of open actions are stored as one sum per region and type, so no loop over actions is needed.
/// Between changes, in every region:
///
///     currentGeneration + reserve + open increases <= maxGeneration
///     open decreases <= currentGeneration, open activations <= reserve, open restorations <= shed
///
/// Completing an action keeps these relations, so it cannot fail for lack of capacity. Only the demand can fall below
/// the shed load plus the open sheds.
contract BalancingCoordination is IBalancingCoordination {
    using EnumerableSet for EnumerableSet.UintSet;
    using SafeCast for uint256;

    /// @dev The capacities (see {RegionCapacity}) and commitments of a region.
    struct Region {
        // slot n: 8 + 8 + 8 + 8 = 32 bytes
        uint64 maxGeneration;
        uint64 currentGeneration;
        uint64 reserve;
        uint64 shed;
        // slot n + 1: 1 + 1 + 1 = 3 bytes
        bool isSet;
        uint8 byHand;
        uint8 ordinary;
        mapping(ActionType actionType => uint256 power) committed;
        mapping(address operator => uint256 actions) held;
        EnumerableSet.UintSet open;
        uint256[] actions;
    }

    /// @dev The deadline follows from `createdAt`.
    struct Action {
        // slot n: 32 bytes
        bytes32 region;
        // slot n + 1: 20 + 8 + 4 = 32 bytes
        address operator;
        uint64 target;
        uint32 createdAt;
        // slot n + 2: 1 + 1 + 1 + 1 = 4 bytes
        ActionType actionType;
        ActionStatus status;
        uint8 priority;
        bool automated;
    }

    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant LOWEST_PRIORITY = 5;
    uint256 private constant MOST_URGENT = 1;
    /// @dev Places of a region for actions by hand; of these, for such of a lower priority; and of each operator.
    uint256 private constant MAX_BY_HAND = 32;
    uint256 private constant MAX_ORDINARY = 24;
    uint256 private constant MAX_HELD = 8;
    uint256 private constant MAX_PAGE = 100;
    uint256 private constant MAX_LIFETIME = 30 days;
    /// @dev An older demand report is ignored.
    uint256 private constant MAX_LOAD_AGE = 1 hours;

    /// @inheritdoc IBalancingCoordination
    IGridOperatorVerification public immutable OPERATORS;
    /// @inheritdoc IBalancingCoordination
    ILoadMonitoring public immutable LOAD;
    /// @inheritdoc IBalancingCoordination
    address public immutable STABILITY;
    /// @inheritdoc IBalancingCoordination
    uint256 public immutable ACTION_LIFETIME;

    /* STORAGE */

    /// @inheritdoc IBalancingCoordination
    uint256 public actionCount;
    mapping(bytes32 name => Region region) private _regions;
    mapping(uint256 id => Action action) private _actions;

    /* CONSTRUCTOR */

    constructor(IGridOperatorVerification operators, ILoadMonitoring load, address stability, uint256 actionLifetime) {
        if (actionLifetime == 0 || actionLifetime > MAX_LIFETIME) {
            revert BalancingCoordination_BadParameter("actionLifetime", actionLifetime);
        }
        OPERATORS = operators;
        LOAD = load;
        STABILITY = stability;
        ACTION_LIFETIME = actionLifetime;
    }

    /* OPERATORS */

    /// @inheritdoc IBalancingCoordination
    function setRegionCapacity(
        bytes32 region,
        uint256 maxGeneration,
        uint256 currentGeneration,
        uint256 reserveCapacity
    ) external {
        _requireOperator(region);
        // With this order of checks no sum can overflow.
        if (
            maxGeneration > type(uint64).max || reserveCapacity > maxGeneration
                || currentGeneration > maxGeneration - reserveCapacity
        ) revert BalancingCoordination_BadCapacity(maxGeneration, currentGeneration, reserveCapacity);

        Region storage changed = _regions[region];
        changed.maxGeneration = maxGeneration.toUint64();
        changed.currentGeneration = currentGeneration.toUint64();
        changed.reserve = reserveCapacity.toUint64();
        changed.isSet = true;
        _requirePossible(region, changed, ActionType.INCREASE_GENERATION);
        _requirePossible(region, changed, ActionType.DECREASE_GENERATION);
        _requirePossible(region, changed, ActionType.RESERVE_ACTIVATION);
        emit RegionCapacitySet(region, msg.sender, maxGeneration, currentGeneration, reserveCapacity);
    }

    /// @inheritdoc IBalancingCoordination
    function initiateBalancingAction(bytes32 region, ActionType actionType, uint256 target, uint8 priority)
        external
        returns (uint256 id)
    {
        _requireOperator(region);
        uint256 available = _requireRoom(region, actionType, target, priority);
        _takePlace(region, priority);
        if (target > available) {
            revert BalancingCoordination_AboveAvailable(region, actionType, target, available);
        }
        return _open(region, actionType, target, priority, msg.sender, false);
    }

    /// @inheritdoc IBalancingCoordination
    function completeBalancingAction(uint256 id) external {
        Action storage action = _timelyActionOfCaller(id);
        _apply(_regions[action.region], action.actionType, action.target);
        _close(id, action, ActionStatus.COMPLETED);
    }

    /// @inheritdoc IBalancingCoordination
    function cancelBalancingAction(uint256 id) external {
        _close(id, _timelyActionOfCaller(id), ActionStatus.CANCELLED);
        // Whoever cancels pays for it, so that nobody can make a colleague pay, nor drop automated actions for nothing.
        OPERATORS.noteMissedAction(msg.sender);
    }

    /* ANYONE */

    /// @inheritdoc IBalancingCoordination
    function expireBalancingAction(uint256 id) external {
        Action storage action = _existing(id);
        _requireOpen(id, action);
        uint256 deadline = _deadlineOf(action);
        if (block.timestamp <= deadline) revert BalancingCoordination_NotDue(id, deadline);
        _close(id, action, ActionStatus.EXPIRED);
        if (!action.automated) OPERATORS.noteMissedAction(action.operator);
    }

    /* STABILITY */

    /// @inheritdoc IBalancingCoordination
    function initiateAutomatedAction(
        bytes32 region,
        ActionType actionType,
        uint256 target,
        uint8 priority,
        address operator
    ) external returns (uint256 id) {
        if (msg.sender != STABILITY) revert BalancingCoordination_OnlyStability(msg.sender);
        uint256 available = _requireRoom(region, actionType, target, priority);
        if (available == 0) revert BalancingCoordination_AboveAvailable(region, actionType, target, 0);
        return _open(region, actionType, Math.min(target, available), priority, operator, true);
    }

    /* VIEWS */

    /// @inheritdoc IBalancingCoordination
    function getBalancingAction(uint256 id) external view returns (BalancingAction memory) {
        _existing(id);
        return _describe(id);
    }

    /// @inheritdoc IBalancingCoordination
    function getOpenActions(bytes32 region) external view returns (BalancingAction[] memory found) {
        uint256[] memory ids = _regions[region].open.values();
        found = new BalancingAction[](ids.length);
        for (uint256 i = 0; i < ids.length; ++i) {
            BalancingAction memory action = _describe(ids[i]);
            uint256 place = i;
            for (; place > 0 && _isBefore(action, found[place - 1]); --place) {
                found[place] = found[place - 1];
            }
            found[place] = action;
        }
    }

    /// @inheritdoc IBalancingCoordination
    function getBalancingActions(bytes32 region, uint256 offset, uint256 limit)
        external
        view
        returns (BalancingAction[] memory page)
    {
        if (limit == 0 || limit > MAX_PAGE) revert BalancingCoordination_BadPage(limit, MAX_PAGE);
        uint256[] storage ids = _regions[region].actions;
        uint256 end = Math.saturatingSub(ids.length, offset);
        page = new BalancingAction[](Math.min(limit, end));
        for (uint256 i = 0; i < page.length; ++i) {
            page[i] = _describe(ids[end - 1 - i]);
        }
    }

    /// @inheritdoc IBalancingCoordination
    function getRegionCapacity(bytes32 region) external view returns (RegionCapacity memory) {
        Region storage found = _regions[region];
        return RegionCapacity({
            maxGeneration: found.maxGeneration,
            currentGeneration: found.currentGeneration,
            reserve: found.reserve,
            shed: found.shed
        });
    }

    /// @inheritdoc IBalancingCoordination
    function availableFor(bytes32 region, ActionType actionType) public view returns (uint256) {
        Region storage found = _regions[region];
        if (!found.isSet) return 0;
        return Math.saturatingSub(_possible(region, found, actionType), found.committed[actionType]);
    }

    /* INTERNAL: REGIONS */

    /// @dev The maximum sum of targets of this type, including open actions.
    function _possible(bytes32 name, Region storage region, ActionType actionType) private view returns (uint256) {
        if (actionType == ActionType.INCREASE_GENERATION) {
            return uint256(region.maxGeneration) - region.reserve - region.currentGeneration;
        }
        if (actionType == ActionType.DECREASE_GENERATION) return region.currentGeneration;
        if (actionType == ActionType.SHED_LOAD) return Math.saturatingSub(_demandOf(name), region.shed);
        if (actionType == ActionType.RESTORE_LOAD) return region.shed;
        return region.reserve;
    }

    /// @dev The last reported demand, 0 if it is too old or missing.
    function _demandOf(bytes32 region) private view returns (uint256) {
        if (LOAD.reportCount(region) == 0) return 0;
        ILoadMonitoring.LoadReport memory report = LOAD.getCurrentLoad(region);
        return block.timestamp - report.timestamp > MAX_LOAD_AGE ? 0 : report.demand;
    }

    function _requirePossible(bytes32 name, Region storage region, ActionType actionType) private view {
        uint256 committed = region.committed[actionType];
        uint256 possible = _possible(name, region, actionType);
        if (committed > possible) {
            revert BalancingCoordination_Committed(name, actionType, committed, possible);
        }
    }

    /// @dev Applies the effect of a completed action to its region.
    function _apply(Region storage region, ActionType actionType, uint64 target) private {
        if (actionType == ActionType.INCREASE_GENERATION) {
            region.currentGeneration += target;
        } else if (actionType == ActionType.DECREASE_GENERATION) {
            region.currentGeneration -= target;
        } else if (actionType == ActionType.SHED_LOAD) {
            region.shed += target;
        } else if (actionType == ActionType.RESTORE_LOAD) {
            region.shed -= target;
        } else {
            region.reserve -= target;
            region.currentGeneration += target;
        }
    }

    /* INTERNAL: ACTIONS */

    /// @dev Checks the parameters of a new action and returns what is available.
    function _requireRoom(bytes32 name, ActionType actionType, uint256 target, uint8 priority)
        private
        view
        returns (uint256 available)
    {
        if (target == 0) revert BalancingCoordination_ZeroTarget();
        if (priority == 0 || priority > LOWEST_PRIORITY) revert BalancingCoordination_BadPriority(priority);
        if (!_regions[name].isSet) revert BalancingCoordination_NoCapacity(name);
        return availableFor(name, actionType);
    }

    /// @dev Takes a place for an action by hand. Automated actions need none: StabilityMaintenance has at most one of
    /// each trigger and type open.
    function _takePlace(bytes32 name, uint8 priority) private {
        Region storage region = _regions[name];
        bool isOrdinary = priority > MOST_URGENT;
        if (region.byHand == MAX_BY_HAND) revert BalancingCoordination_TooManyActions(name, MAX_BY_HAND);
        if (isOrdinary && region.ordinary == MAX_ORDINARY) {
            revert BalancingCoordination_TooManyActions(name, MAX_ORDINARY);
        }
        if (region.held[msg.sender] == MAX_HELD) revert BalancingCoordination_ShareUsed(msg.sender, MAX_HELD);
        ++region.byHand;
        if (isOrdinary) ++region.ordinary;
        ++region.held[msg.sender];
    }

    function _open(
        bytes32 name,
        ActionType actionType,
        uint256 target,
        uint8 priority,
        address operator,
        bool automated
    ) private returns (uint256 id) {
        id = ++actionCount;
        _actions[id] = Action({
            region: name,
            operator: operator,
            target: target.toUint64(),
            createdAt: block.timestamp.toUint32(),
            actionType: actionType,
            status: ActionStatus.OPEN,
            priority: priority,
            automated: automated
        });
        Region storage region = _regions[name];
        region.committed[actionType] += target;
        // slither-disable-next-line unused-return: always true, the number is new
        region.open.add(id);
        region.actions.push(id);
        emit BalancingActionOpened(id, name, operator, actionType, target, priority, automated);
    }

    function _close(uint256 id, Action storage action, ActionStatus status) private {
        bytes32 name = action.region;
        Region storage region = _regions[name];
        action.status = status;
        region.committed[action.actionType] -= action.target;
        if (!action.automated) {
            --region.byHand;
            if (action.priority > MOST_URGENT) --region.ordinary;
            --region.held[action.operator];
        }
        // slither-disable-next-line unused-return: always true, the action was open
        region.open.remove(id);
        emit BalancingActionClosed(id, name, status);
    }

    function _existing(uint256 id) private view returns (Action storage action) {
        action = _actions[id];
        if (action.createdAt == 0) revert BalancingCoordination_NoSuchAction(id);
    }

    /// @dev Requires an open action before its deadline. A missed action can only expire, so its operator's score is
    /// always lowered.
    function _timelyActionOfCaller(uint256 id) private view returns (Action storage action) {
        action = _existing(id);
        _requireOperator(action.region);
        _requireOpen(id, action);
        uint256 deadline = _deadlineOf(action);
        if (block.timestamp > deadline) revert BalancingCoordination_PastDeadline(id, deadline);
    }

    function _requireOpen(uint256 id, Action storage action) private view {
        if (action.status != ActionStatus.OPEN) revert BalancingCoordination_NotOpen(id, action.status);
    }

    function _requireOperator(bytes32 region) private view {
        OPERATORS.requireOperator(msg.sender, region, IGridOperatorVerification.PermissionLevel.OPERATE);
    }

    function _deadlineOf(Action storage action) private view returns (uint256) {
        return action.createdAt + ACTION_LIFETIME;
    }

    function _isBefore(BalancingAction memory one, BalancingAction memory other) private pure returns (bool) {
        return one.priority < other.priority || (one.priority == other.priority && one.id < other.id);
    }

    function _describe(uint256 id) private view returns (BalancingAction memory) {
        Action storage action = _actions[id];
        return BalancingAction({
            id: id,
            region: action.region,
            operator: action.operator,
            actionType: action.actionType,
            status: action.status,
            priority: action.priority,
            automated: action.automated,
            target: action.target,
            createdAt: action.createdAt,
            deadline: _deadlineOf(action)
        });
    }
}
