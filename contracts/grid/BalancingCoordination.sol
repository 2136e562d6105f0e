// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IBalancingCoordination} from "../interfaces/IBalancingCoordination.sol";
import {IGridOperatorVerification} from "../interfaces/IGridOperatorVerification.sol";
import {ILoadMonitoring} from "../interfaces/ILoadMonitoring.sol";

/// @title BalancingCoordination
/// @notice See {IBalancingCoordination}; comments here are for maintainers.
contract BalancingCoordination is IBalancingCoordination {
    IGridOperatorVerification public immutable OPERATORS;
    ILoadMonitoring public immutable LOAD;
    address public immutable STABILITY;
    uint256 public immutable ACTION_LIFETIME;

    constructor(IGridOperatorVerification operators, ILoadMonitoring load, address stability, uint256 actionLifetime) {
        OPERATORS = operators;
        LOAD = load;
        STABILITY = stability;
        ACTION_LIFETIME = actionLifetime;
    }

    function setRegionCapacity(
        bytes32 region,
        uint256 maxGeneration,
        uint256 currentGeneration,
        uint256 reserveCapacity
    ) external {
        revert();
    }

    function initiateBalancingAction(bytes32 region, ActionType actionType, uint256 target, uint8 priority)
        external
        returns (uint256 id)
    {
        revert();
    }

    function completeBalancingAction(uint256 id) external {
        revert();
    }

    function cancelBalancingAction(uint256 id) external {
        revert();
    }

    function expireBalancingAction(uint256 id) external {
        revert();
    }

    function initiateAutomatedAction(
        bytes32 region,
        ActionType actionType,
        uint256 target,
        uint8 priority,
        address operator
    ) external returns (uint256 id) {
        revert();
    }

    function getBalancingAction(uint256 id) external view returns (BalancingAction memory) {
        revert();
    }

    function getOpenActions(bytes32 region) external view returns (BalancingAction[] memory) {
        revert();
    }

    function getBalancingActions(bytes32 region, uint256 offset, uint256 limit)
        external
        view
        returns (BalancingAction[] memory)
    {
        revert();
    }

    function actionCount() external view returns (uint256) {
        revert();
    }

    function getRegionCapacity(bytes32 region) external view returns (RegionCapacity memory) {
        revert();
    }

    function availableFor(bytes32 region, ActionType actionType) external view returns (uint256) {
        revert();
    }
}
