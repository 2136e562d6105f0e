// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IGridBands} from "../interfaces/IGridBands.sol";
import {IStabilityMaintenance} from "../interfaces/IStabilityMaintenance.sol";

/// @title GridLevels
/// @notice How far a frequency or voltage is from its nominal value, see {IGridBands}. Both have one unit: centihertz,
/// decivolts, or percent (of 100).
library GridLevels {
    uint256 internal constant LOWEST_FREQUENCY = 90;
    uint256 internal constant HIGHEST_FREQUENCY = 110;
    uint256 internal constant LOWEST_VOLTAGE = 50;
    uint256 internal constant HIGHEST_VOLTAGE = 150;

    /// @notice Whether a grid can have this frequency.
    function isFrequency(uint256 value, uint256 nominal) internal pure returns (bool) {
        return isWithin(value, nominal, LOWEST_FREQUENCY, HIGHEST_FREQUENCY);
    }

    /// @notice Whether a grid can have this voltage.
    function isVoltage(uint256 value, uint256 nominal) internal pure returns (bool) {
        return isWithin(value, nominal, LOWEST_VOLTAGE, HIGHEST_VOLTAGE);
    }

    /// @param low,high percent of the nominal value, which is included.
    function isWithin(uint256 value, uint256 nominal, uint256 low, uint256 high) internal pure returns (bool) {
        return value <= type(uint32).max && value * 100 >= nominal * low && value * 100 <= nominal * high;
    }

    /// @notice The level of a value by the bands of its quantity.
    function levelIn(IGridBands.Band memory band, uint256 value)
        internal
        pure
        returns (IStabilityMaintenance.StabilityLevel)
    {
        if (band.normalLow <= value && value <= band.normalHigh) {
            return IStabilityMaintenance.StabilityLevel.NORMAL;
        }
        if (band.alertLow <= value && value <= band.alertHigh) return IStabilityMaintenance.StabilityLevel.ALERT;
        return band.emergencyLow <= value && value <= band.emergencyHigh
            ? IStabilityMaintenance.StabilityLevel.EMERGENCY
            : IStabilityMaintenance.StabilityLevel.CRITICAL;
    }
}
