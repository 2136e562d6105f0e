// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IGridOracle} from "../interfaces/IGridOracle.sol";
import {IWeatherOracle} from "../interfaces/IWeatherOracle.sol";

/// @title OracleDouble
/// @notice Test double of all three oracles: answers whatever it was told last, at once and for every region, so that
/// thousands of combinations can be tried. Unlike the oracles, it has values in what is not fresh, too.
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

    /// @notice As {IPriceOracle}; or a settlement token's.
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
