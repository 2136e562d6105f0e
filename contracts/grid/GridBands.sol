// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {IGridBands} from "../interfaces/IGridBands.sol";
import {IStabilityMaintenance} from "../interfaces/IStabilityMaintenance.sol";
import {ITariffs} from "../interfaces/ITariffs.sol";
import {GridLevels} from "../libraries/GridLevels.sol";
import {MAX_VOLTAGE} from "../types/ReadingWord.sol";

/// @title GridBands
/// @notice See {IGridBands}; comments here are for maintainers.
contract GridBands is IGridBands, AccessManaged {
    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant LOWEST_NOMINAL = 5000;
    uint256 private constant HIGHEST_NOMINAL = 6000;
    /// @dev 150 % of it, the highest plausible voltage, is MAX_VOLTAGE.
    uint256 private constant MAX_NOMINAL_VOLTAGE = (MAX_VOLTAGE * 2) / 3;
    /// @dev How far the NORMAL and the EMERGENCY band reach at least, in thousandths of the nominal value.
    uint256 private constant NORMAL_FREQUENCY = 1;
    uint256 private constant EMERGENCY_FREQUENCY = 10;
    uint256 private constant NORMAL_VOLTAGE = 50;
    uint256 private constant EMERGENCY_VOLTAGE = 100;

    /// @inheritdoc IGridBands
    ITariffs public immutable TARIFFS;

    /* STORAGE */

    /// @dev Of region 0, the default; a nominal frequency of 0 is a region without its own.
    mapping(bytes32 region => Bands bands) private _bands;

    /* CONSTRUCTOR */

    constructor(address authority, ITariffs tariffs, Bands memory bands) AccessManaged(authority) {
        TARIFFS = tariffs;
        _set(0, bands);
    }

    /* GRID AUTHORITY */

    /// @inheritdoc IGridBands
    function setBands(bytes32 region, Bands calldata bands) external restricted {
        // slither-disable-next-line unused-return: whether there is such a region
        TARIFFS.regionId(region);
        _set(region, bands);
    }

    /* VIEWS */

    /// @inheritdoc IGridBands
    function defaultBands() external view returns (Bands memory) {
        return _bands[0];
    }

    /// @inheritdoc IGridBands
    function bandsOf(bytes32 region) external view returns (Bands memory) {
        return _of(region);
    }

    /// @inheritdoc IGridBands
    function qualityOf(bytes32 region, uint256 frequency, uint256 voltage) external view returns (Quality) {
        Bands memory bands = _of(region);
        // What the default allows is never refused, so bands keep no meter from being read.
        bool isPlausible = _isPlausible(bands, frequency, voltage) || _isPlausible(_bands[0], frequency, voltage);
        if (!isPlausible) return Quality.IMPLAUSIBLE;
        bool isNormal = GridLevels.levelIn(bands.frequency, frequency) == IStabilityMaintenance.StabilityLevel.NORMAL
            && GridLevels.isWithin(voltage, bands.nominalVoltage, bands.voltage.normalLow, bands.voltage.normalHigh);
        return isNormal ? Quality.NORMAL : Quality.UNUSUAL;
    }

    /* INTERNAL */

    function _of(bytes32 region) private view returns (Bands storage) {
        return _bands[_bands[region].nominalFrequency == 0 ? bytes32(0) : region];
    }

    function _isPlausible(Bands memory bands, uint256 frequency, uint256 voltage) private pure returns (bool) {
        return GridLevels.isFrequency(frequency, bands.nominalFrequency)
            && GridLevels.isVoltage(voltage, bands.nominalVoltage);
    }

    function _set(bytes32 region, Bands memory bands) private {
        uint256 nominal = bands.nominalFrequency;
        _requireNominal("nominalFrequency", nominal, LOWEST_NOMINAL, HIGHEST_NOMINAL);
        _requireNominal("nominalVoltage", bands.nominalVoltage, 1, MAX_NOMINAL_VOLTAGE);
        (Band memory frequency, Band memory voltage) = (bands.frequency, bands.voltage);
        bool isGood = _encloses(frequency, nominal, NORMAL_FREQUENCY, EMERGENCY_FREQUENCY)
            && GridLevels.isFrequency(frequency.emergencyLow, nominal)
            && GridLevels.isFrequency(frequency.emergencyHigh, nominal);
        if (!isGood) revert GridBands_BadBand("frequency", frequency);
        isGood = _encloses(voltage, 100, NORMAL_VOLTAGE, EMERGENCY_VOLTAGE)
            && GridLevels.isVoltage(voltage.emergencyLow, 100) && GridLevels.isVoltage(voltage.emergencyHigh, 100);
        if (!isGood) revert GridBands_BadBand("voltage", voltage);
        _bands[region] = bands;
        emit BandsSet(region, bands);
    }

    function _requireNominal(bytes32 name, uint256 value, uint256 minimum, uint256 maximum) private pure {
        if (value < minimum || value > maximum) revert GridBands_BadNominal(name, value, minimum, maximum);
    }

    /// @dev Whether each band encloses the one before, and they reach far enough from the nominal value.
    /// @param normal,emergency thousandths of it.
    function _encloses(Band memory band, uint256 nominal, uint256 normal, uint256 emergency)
        private
        pure
        returns (bool)
    {
        return band.emergencyLow <= band.alertLow && band.alertLow <= band.normalLow
            && band.normalHigh <= band.alertHigh && band.alertHigh <= band.emergencyHigh
            && _reaches(band.normalLow, band.normalHigh, nominal, normal)
            && _reaches(band.emergencyLow, band.emergencyHigh, nominal, emergency);
    }

    function _reaches(uint256 low, uint256 high, uint256 nominal, uint256 thousandths) private pure returns (bool) {
        return low * 1000 <= nominal * (1000 - thousandths) && high * 1000 >= nominal * (1000 + thousandths);
    }
}
