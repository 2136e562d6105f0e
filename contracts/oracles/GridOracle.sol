// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IGridOracle} from "../interfaces/IGridOracle.sol";

/// @title GridOracle
/// @notice See {IGridOracle}; comments here are for maintainers.
contract GridOracle is IGridOracle, AccessManaged {
    uint256 public immutable QUORUM;
    uint256 public immutable MAX_AGE;

    constructor(address authority, OracleParameters memory parameters) AccessManaged(authority) {
        QUORUM = parameters.quorum;
        MAX_AGE = parameters.maxAge;
    }

    function submitGridState(bytes32 region, uint256 round, GridState calldata state) external {
        revert();
    }

    function getGridState(bytes32 region) external view returns (GridState memory) {
        revert();
    }

    function tryGridState(bytes32 region) external view returns (bool fresh, GridState memory state) {
        revert();
    }

    function confirmRound(bytes32 feed, uint256 round) external {
        revert();
    }

    function openRoundOf(bytes32 feed) external view returns (uint256) {
        revert();
    }

    function getRound(bytes32 feed, uint256 round) external view returns (Round memory) {
        revert();
    }

    function latestRoundOf(bytes32 feed) external view returns (Round memory) {
        revert();
    }

    function isFresh(bytes32 feed) external view returns (bool) {
        revert();
    }

    function hasSubmitted(bytes32 feed, uint256 round, address reporter) external view returns (bool) {
        revert();
    }

    function lastReportOf(address reporter) external view returns (uint256) {
        revert();
    }
}
