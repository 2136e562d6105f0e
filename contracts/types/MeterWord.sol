// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice A meter's data that a reading needs, in one storage word, the only one that a reading reads and writes: the
/// meter's properties (which readings do not change), its latest reading, and the totals of the day of that reading.
///
///     | active 1 | rated power 31 | account 32 | consumed today 36 | produced today 36 |
///     255                                                                            120
///     | frequency 10 | voltage 14 | production 32 | consumption 32 | timestamp 32 |
///     119                                                                         0
///
/// Rated power in W (31 bits: 2.1 GW, more than any single power unit), account as Settlement's account number. Energy
/// in Wh: the largest meter counts 2^32 in two hours, and 36 bits hold one of its days plus such a reading. Frequency
/// in centihertz above {LOWEST_FREQUENCY}, voltage in decivolts, timestamp in Unix seconds (until 2106). A word of zero
/// is no meter: a registered meter has a timestamp.
type MeterWord is uint256;

using MeterWordLibrary for MeterWord global;

// The largest values that fit. A frequency fits from LOWEST_FREQUENCY to 1023 above it.
uint256 constant MAX_RATED_POWER = (1 << 31) - 1;
uint256 constant MAX_READING = type(uint32).max;
uint256 constant MAX_VOLTAGE = (1 << 14) - 1;
uint256 constant LOWEST_FREQUENCY = 4500;

/// @title MeterWordLibrary
/// @notice Named accessors of {MeterWord}.
library MeterWordLibrary {
    using SafeCast for uint256;

    uint256 private constant CONSUMPTION_AT = 32;
    uint256 private constant PRODUCTION_AT = 64;
    uint256 private constant VOLTAGE_AT = 96;
    uint256 private constant FREQUENCY_AT = 110;
    uint256 private constant PRODUCED_TODAY_AT = 120;
    uint256 private constant CONSUMED_TODAY_AT = 156;
    uint256 private constant ACCOUNT_AT = 192;
    uint256 private constant RATED_POWER_AT = 224;
    uint256 private constant ACTIVE = 1 << 255;
    /// @dev The part that readings do not change.
    uint256 private constant METER = type(uint256).max << ACCOUNT_AT;
    uint256 private constant METER_AND_TODAY = type(uint256).max << PRODUCED_TODAY_AT;
    uint256 private constant TODAY = (1 << 36) - 1;

    /// @notice A new active meter that counts from `timestamp_` on. The caller must bound the rated power.
    function pack(uint256 account_, uint256 ratedPower_, uint256 timestamp_) internal pure returns (MeterWord) {
        return MeterWord.wrap(
            ACTIVE | (ratedPower_ << RATED_POWER_AT) | (uint256(account_.toUint32()) << ACCOUNT_AT)
                | timestamp_.toUint32()
        );
    }

    /// @notice The word after a reading, of the same day or of a later one. The caller must ensure that energies,
    /// frequency and voltage fit, and that the energies are within the rated power; then the totals of the day fit,
    /// too.
    function afterReading(
        MeterWord self,
        bool isSameDay,
        uint256 timestamp_,
        uint256 consumption_,
        uint256 production_,
        uint256 frequency_,
        uint256 voltage_
    ) internal pure returns (MeterWord) {
        unchecked {
            uint256 word = MeterWord.unwrap(self) & (isSameDay ? METER_AND_TODAY : METER);
            word += (consumption_ << CONSUMED_TODAY_AT) + (production_ << PRODUCED_TODAY_AT);
            word |= ((frequency_ - LOWEST_FREQUENCY) << FREQUENCY_AT) | (voltage_ << VOLTAGE_AT);
            word |= (production_ << PRODUCTION_AT) | (consumption_ << CONSUMPTION_AT) | timestamp_.toUint32();
            return MeterWord.wrap(word);
        }
    }

    function exists(MeterWord self) internal pure returns (bool) {
        return MeterWord.unwrap(self) != 0;
    }

    function isActive(MeterWord self) internal pure returns (bool) {
        return MeterWord.unwrap(self) & ACTIVE != 0;
    }

    function ratedPower(MeterWord self) internal pure returns (uint256) {
        return (MeterWord.unwrap(self) >> RATED_POWER_AT) & MAX_RATED_POWER;
    }

    function account(MeterWord self) internal pure returns (uint256) {
        return uint32(MeterWord.unwrap(self) >> ACCOUNT_AT);
    }

    /// @notice Whether a reading was recorded; until then the timestamp is that of the registration.
    function hasReading(MeterWord self) internal pure returns (bool) {
        return self.voltage() != 0;
    }

    function timestamp(MeterWord self) internal pure returns (uint256) {
        return uint32(MeterWord.unwrap(self));
    }

    function consumption(MeterWord self) internal pure returns (uint256) {
        return uint32(MeterWord.unwrap(self) >> CONSUMPTION_AT);
    }

    function production(MeterWord self) internal pure returns (uint256) {
        return uint32(MeterWord.unwrap(self) >> PRODUCTION_AT);
    }

    /// @notice The frequency of the latest reading; meaningless without one.
    function frequency(MeterWord self) internal pure returns (uint256) {
        return LOWEST_FREQUENCY + ((MeterWord.unwrap(self) >> FREQUENCY_AT) & 0x3ff);
    }

    function voltage(MeterWord self) internal pure returns (uint256) {
        return (MeterWord.unwrap(self) >> VOLTAGE_AT) & MAX_VOLTAGE;
    }

    function producedToday(MeterWord self) internal pure returns (uint256) {
        return (MeterWord.unwrap(self) >> PRODUCED_TODAY_AT) & TODAY;
    }

    function consumedToday(MeterWord self) internal pure returns (uint256) {
        return (MeterWord.unwrap(self) >> CONSUMED_TODAY_AT) & TODAY;
    }

    function withAccount(MeterWord self, uint256 account_) internal pure returns (MeterWord) {
        uint256 rest = MeterWord.unwrap(self) & ~(uint256(type(uint32).max) << ACCOUNT_AT);
        return MeterWord.wrap(rest | (uint256(account_.toUint32()) << ACCOUNT_AT));
    }

    function deactivated(MeterWord self) internal pure returns (MeterWord) {
        return MeterWord.wrap(MeterWord.unwrap(self) & ~ACTIVE);
    }
}
