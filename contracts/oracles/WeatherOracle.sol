// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {SignedMath} from "@openzeppelin/contracts/utils/math/SignedMath.sol";

import {MedianOracle} from "./MedianOracle.sol";
import {IWeatherOracle} from "../interfaces/IWeatherOracle.sol";

/// @title WeatherOracle
/// @notice See {IWeatherOracle}; comments here are for maintainers.
/// @dev Weather takes 56 bits, the first quantity in the lowest:
///
///     | cloudCover: 14 | windSpeed: 14 | temperature + 8000: 14 | irradiance: 14 |
contract WeatherOracle is MedianOracle, IWeatherOracle {
    using SafeCast for uint256;

    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant BITS = 14;

    /* CONSTRUCTOR */

    constructor(address authority, OracleParameters memory parameters) MedianOracle(authority, parameters) {}

    /* REPORTERS */

    /// @inheritdoc IWeatherOracle
    function submitWeather(bytes32 region, uint256 round, Weather calldata weather) external restricted {
        int256[] memory values = new int256[](4);
        values[0] = weather.irradiance.toInt256();
        values[1] = weather.temperature;
        values[2] = weather.windSpeed.toInt256();
        values[3] = weather.cloudCover.toInt256();
        _submit(region, round, values);
    }

    /* VIEWS */

    /// @inheritdoc IWeatherOracle
    function getWeather(bytes32 region) external view returns (Weather memory) {
        return _weather(_freshValues(region));
    }

    /// @inheritdoc IWeatherOracle
    function tryWeather(bytes32 region) external view returns (bool fresh, Weather memory weather) {
        fresh = isFresh(region);
        if (fresh) weather = _weather(_freshValues(region));
    }

    /* INTERNAL */

    /// @inheritdoc MedianOracle
    function _isNear(uint256 quantity, int256 value, int256 before) internal pure override returns (bool) {
        return SignedMath.abs(value - before) <= _maxStep(quantity);
    }

    /// @inheritdoc MedianOracle
    function _quantities() internal pure override returns (Quantity[] memory list) {
        list = new Quantity[](4);
        list[0] = Quantity({name: "irradiance", minimum: 0, maximum: 1500, bits: BITS});
        list[1] = Quantity({name: "temperature", minimum: -8000, maximum: 6000, bits: BITS});
        list[2] = Quantity({name: "windSpeed", minimum: 0, maximum: 10_000, bits: BITS});
        list[3] = Quantity({name: "cloudCover", minimum: 0, maximum: 10_000, bits: BITS});
    }

    /// @dev Cloud cover can change at once, so its whole range is allowed.
    function _maxStep(uint256 quantity) private pure returns (uint256) {
        if (quantity == 0) return 600;
        if (quantity == 1) return 1000;
        return quantity == 2 ? 1500 : 10_000;
    }

    function _weather(int256[] memory values) private pure returns (Weather memory) {
        // Only the temperature can be below zero.
        return Weather({
            irradiance: uint256(values[0]),
            temperature: values[1],
            windSpeed: uint256(values[2]),
            cloudCover: uint256(values[3])
        });
    }
}
