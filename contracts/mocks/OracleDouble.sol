// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IGridOracle} from "../interfaces/IGridOracle.sol";
import {IWeatherOracle} from "../interfaces/IWeatherOracle.sol";

/// @title OracleDouble
/// @notice Test double of all three oracles: returns the values set last, at once and for every region, so that tests
/// can try thousands of combinations. Unlike the oracles, it also returns values that are not fresh.
contract OracleDouble {
    struct Answers {
        bool isPriceFresh;
        uint256 smoothed;
        uint8 decimals;
        bool isWeatherFresh;
        IWeatherOracle.Weather weather;
        bool isGridFresh;
        IGridOracle.GridState gridState;
    }

    Answers private _answers;

    function tell(Answers calldata answers) external {
        _answers = answers;
    }

    /// @notice As {IPriceOracle}.
    function smoothedPrice() external view returns (bool, uint256) {
        return (_answers.isPriceFresh, _answers.smoothed);
    }

    /// @notice As {IPriceOracle}, or as a settlement token.
    function decimals() external view returns (uint8) {
        return _answers.decimals;
    }

    /// @notice As {IWeatherOracle}.
    function tryWeather(bytes32) external view returns (bool, IWeatherOracle.Weather memory) {
        return (_answers.isWeatherFresh, _answers.weather);
    }

    /// @notice As {IGridOracle}.
    function tryGridState(bytes32) external view returns (bool, IGridOracle.GridState memory) {
        return (_answers.isGridFresh, _answers.gridState);
    }
}
