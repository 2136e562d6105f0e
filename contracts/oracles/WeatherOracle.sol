// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IWeatherOracle} from "../interfaces/IWeatherOracle.sol";

/// @title WeatherOracle
/// @notice See {IWeatherOracle}; comments here are for maintainers.
contract WeatherOracle is IWeatherOracle, AccessManaged {
    uint256 public immutable QUORUM;
    uint256 public immutable MAX_AGE;

    constructor(address authority, OracleParameters memory parameters) AccessManaged(authority) {
        QUORUM = parameters.quorum;
        MAX_AGE = parameters.maxAge;
    }

    function submitWeather(bytes32 region, uint256 round, Weather calldata weather) external {
        revert();
    }

    function getWeather(bytes32 region) external view returns (Weather memory) {
        revert();
    }

    function tryWeather(bytes32 region) external view returns (bool fresh, Weather memory weather) {
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
