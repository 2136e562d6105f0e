// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IGridOperatorVerification} from "../interfaces/IGridOperatorVerification.sol";
import {ILoadMonitoring} from "../interfaces/ILoadMonitoring.sol";

/// @title LoadMonitoring
/// @notice See {ILoadMonitoring}; comments here are for maintainers.
contract LoadMonitoring is ILoadMonitoring {
    uint256 public constant HISTORY_LENGTH = 168;
    IGridOperatorVerification public immutable OPERATORS;

    constructor(IGridOperatorVerification operators) {
        OPERATORS = operators;
    }

    function reportLoad(bytes32 region, uint256 capacity, uint256 demand) external {
        revert();
    }

    function getCurrentLoad(bytes32 region) external view returns (LoadReport memory) {
        revert();
    }

    function isCriticalLoad(bytes32 region) external view returns (bool) {
        revert();
    }

    function getLoadStatus(uint256 percentage) external pure returns (LoadStatus) {
        revert();
    }

    function reportCount(bytes32 region) external view returns (uint256) {
        revert();
    }

    function getLoadHistory(bytes32 region, uint256 offset, uint256 limit) external view returns (LoadReport[] memory) {
        revert();
    }
}
