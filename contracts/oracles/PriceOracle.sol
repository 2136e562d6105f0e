// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IPriceOracle} from "../interfaces/IPriceOracle.sol";

/// @title PriceOracle
/// @notice See {IPriceOracle}; comments here are for maintainers.
contract PriceOracle is IPriceOracle, AccessManaged {
    uint256 public immutable QUORUM;
    uint256 public immutable MAX_AGE;
    uint256 public immutable MAX_DEVIATION_BPS;

    constructor(address authority, OracleParameters memory parameters, uint8 decimals_, uint256 maxDeviationBps)
        AccessManaged(authority)
    {
        QUORUM = parameters.quorum;
        MAX_AGE = parameters.maxAge;
        MAX_DEVIATION_BPS = maxDeviationBps;
    }

    function submitPrice(uint256 round, int256 price) external {
        revert();
    }

    function smoothedPrice() external view returns (bool fresh, uint256 price) {
        revert();
    }

    function decimals() external view returns (uint8) {
        revert();
    }

    function description() external view returns (string memory) {
        revert();
    }

    function version() external view returns (uint256) {
        revert();
    }

    function getRoundData(uint80 roundId)
        external
        view
        returns (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        revert();
    }

    function latestRoundData()
        external
        view
        returns (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
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
