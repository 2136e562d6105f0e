// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ITariffs} from "./ITariffs.sol";

/// @title IGridBands
/// @notice What frequencies and voltages are nominal in a region, and how far they may deviate: one deployment has
/// regions of 50 and 60 Hz, of 230 and 120 V. Frequency in centihertz (5000 is 50.00 Hz); nominal voltage in decivolts
/// (2300 is 230 V), its bands in percent of it.
///
///     level       frequency at 50 Hz by source 001     voltage
///     NORMAL      49.50 - 50.50                        95 - 105 %
///     ALERT       49.00 - 51.00                        90 - 110 %
///     EMERGENCY   47.50 - 51.50                        85 - 115 %
///     CRITICAL    outside                              outside
///
/// Bounds are included. 49.00 Hz is where automatic load shedding begins in Continental Europe, 47.50 and 51.50 Hz are
/// where generators may leave the grid; its operators alert at 50 mHz and at 200 mHz. From 90 to 110 % of the nominal
/// frequency and from 50 to 150 % of the nominal voltage are plausible; the rest is a broken instrument.
///
/// A region has the deployment's default, until the grid authority sets its own. A CRITICAL value raises prices, so the
/// EMERGENCY band reaches at least 1 % of the frequency and 10 % of the voltage to both sides. The NORMAL band reaches
/// at least 0.1 % (50 mHz) and 5 %: meters ask nobody about readings that are so close to the default's nominal values.
interface IGridBands {
    /// @notice What a meter's reading shows.
    enum Quality {
        NORMAL,
        UNUSUAL,
        IMPLAUSIBLE
    }

    /// @notice Each band is within the next one.
    struct Band {
        uint16 normalLow;
        uint16 normalHigh;
        uint16 alertLow;
        uint16 alertHigh;
        uint16 emergencyLow;
        uint16 emergencyHigh;
    }

    /// @param nominalFrequency 5000 to 6000 centihertz.
    /// @param nominalVoltage 1 to 10,922 decivolts.
    /// @param frequency centihertz.
    /// @param voltage percent of nominal.
    struct Bands {
        uint16 nominalFrequency;
        uint16 nominalVoltage;
        Band frequency;
        Band voltage;
    }

    /* EVENTS */

    /// @notice The region 0 is the default.
    event BandsSet(bytes32 indexed region, Bands bands);

    /* ERRORS */

    /// @notice No grid has this nominal value.
    error GridBands_BadNominal(bytes32 name, uint256 value, uint256 minimum, uint256 maximum);
    /// @notice The bands do not enclose each other, reach what is implausible, or are too narrow.
    error GridBands_BadBand(bytes32 name, Band band);

    /* GRID AUTHORITY */

    /// @notice Sets the bands of a region from now on; levels that were reported stay as they were.
    ///
    /// Refusals: Tariffs_UnknownRegion; BadNominal, BadBand.
    /// @param region its name.
    /// @param bands see {Bands}.
    function setBands(bytes32 region, Bands calldata bands) external;

    /* VIEWS */

    /// @notice Where regions are known.
    /// @return the contract.
    function TARIFFS() external view returns (ITariffs);

    /// @notice The bands of regions that have none of their own.
    /// @return see {Bands}.
    function defaultBands() external view returns (Bands memory);

    /// @notice The bands of a region, known or not.
    /// @param region its name.
    /// @return see {Bands}.
    function bandsOf(bytes32 region) external view returns (Bands memory);

    /// @notice What a meter's reading in a region shows. IMPLAUSIBLE is what neither its bands nor the default allow.
    /// @param region its name.
    /// @param frequency centihertz.
    /// @param voltage decivolts.
    /// @return see {Quality}.
    function qualityOf(bytes32 region, uint256 frequency, uint256 voltage) external view returns (Quality);
}
