// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IBalancingCoordination} from "../interfaces/IBalancingCoordination.sol";
import {IGridManagement} from "../interfaces/IGridManagement.sol";
import {IGridOperatorVerification} from "../interfaces/IGridOperatorVerification.sol";
import {IStabilityMaintenance} from "../interfaces/IStabilityMaintenance.sol";

/// @title StabilityMaintenance
/// @notice See {IStabilityMaintenance}; comments here are for maintainers.
contract StabilityMaintenance is IStabilityMaintenance {
    uint256 public constant HISTORY_LENGTH = 168;
    IGridOperatorVerification public immutable OPERATORS;
    IBalancingCoordination public immutable BALANCING;
    IGridManagement public immutable GRID;

    constructor(IGridOperatorVerification operators, IBalancingCoordination balancing, IGridManagement grid) {
        OPERATORS = operators;
        BALANCING = balancing;
        GRID = grid;
    }

    function reportStabilityMetrics(bytes32 region, uint256 frequency, uint256 voltage, int256 phaseAngle) external {
        revert();
    }

    function triggerStabilityResponse(bytes32 region, uint256 frequency, uint256 voltage, StabilityLevel severity)
        external
    {
        revert();
    }

    function configureAutomatedResponse(
        Trigger triggerCondition,
        IBalancingCoordination.ActionType actionType,
        uint256 adjustment,
        uint8 priority
    ) external {
        revert();
    }

    function resolveCriticalEvent(uint256 id) external {
        revert();
    }

    function getCurrentStability(bytes32 region) external view returns (StabilityReport memory) {
        revert();
    }

    function getStabilityLevel(uint256 frequency, uint256 voltage) external pure returns (StabilityLevel) {
        revert();
    }

    function reportCount(bytes32 region) external view returns (uint256) {
        revert();
    }

    function getStabilityHistory(bytes32 region, uint256 offset, uint256 limit)
        external
        view
        returns (StabilityReport[] memory)
    {
        revert();
    }

    function getAutomatedResponses(bytes32 region) external view returns (AutomatedResponse[] memory) {
        revert();
    }

    function isInEmergency(bytes32 region) external view returns (bool) {
        revert();
    }

    function getCriticalEvent(uint256 id) external view returns (CriticalEvent memory) {
        revert();
    }

    function getCriticalEvents(bytes32 region, uint256 offset, uint256 limit)
        external
        view
        returns (CriticalEvent[] memory)
    {
        revert();
    }

    function criticalEventCount() external view returns (uint256) {
        revert();
    }
}
