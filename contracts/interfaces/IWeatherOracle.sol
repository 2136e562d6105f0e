// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IMedianOracle} from "./IMedianOracle.sol";

/// @title IWeatherOracle
/// @notice The weather of each region.
///
///     quantity     unit                          range          held beyond a jump of
///     irradiance   W/m2 on the horizontal        0 - 1500       600
///     temperature  hundredths of a degree C      -8000 - 6000   1000
///     windSpeed    hundredths of a m/s           0 - 10000      1500
///     cloudCover   basis points of the sky       0 - 10000      never
interface IWeatherOracle is IMedianOracle {
    struct Weather {
        uint256 irradiance;
        int256 temperature;
        uint256 windSpeed;
        uint256 cloudCover;
    }

    /* REPORTERS (role REPORTER) */

    /// @notice Submits one reporter's values to the open round of a region.
    /// @param region ASCII text, left-aligned.
    /// @param round number of the open round, see {openRoundOf}.
    /// @param weather the values, in the units of the table above.
    function submitWeather(bytes32 region, uint256 round, Weather calldata weather) external;

    /* VIEWS */

    /// @notice The weather now. Reverts with NoAnswer, Stale or Held if there is no fresh answer.
    /// @param region ASCII text, left-aligned.
    /// @return the weather.
    function getWeather(bytes32 region) external view returns (Weather memory);
    /// @notice As {getWeather}, but returns zeros instead of reverting if there is no fresh answer.
    /// @param region ASCII text, left-aligned.
    /// @return fresh whether the weather can be relied on.
    /// @return weather the weather.
    function tryWeather(bytes32 region) external view returns (bool fresh, Weather memory weather);
}
