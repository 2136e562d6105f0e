// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ISmartMeter} from "../interfaces/ISmartMeter.sol";

/// @notice A reading in one word, or in the lower bits of one: {MeterWord} has the newest boundary reading there,
/// {LatestWord} the latest other one, and the event {ISmartMeter-ReadingRecorded} has nothing else.
///
///     bit 153                                                          0
///     | frequency 12 | voltage 14 | export 48 | import 48 | time 32 |
///
/// Registers in Wh, modulo 2^48: when a device is exchanged, the registers of the boundaries before are expressed in
/// those of the new device, which started later and so may be below zero there. Differences are exact, since no meter
/// counts 2^47 between two readings. Frequency in centihertz above {LOWEST_FREQUENCY}, voltage in decivolts (0: the
/// registers were given, not read). Time is in Unix seconds, but in {MeterWord} it is the slot that begins then.
type ReadingWord is uint256;

using ReadingWordLibrary for ReadingWord global;

// The largest values that fit. A frequency fits from LOWEST_FREQUENCY to 4095 above it.
uint256 constant MAX_REGISTER = (1 << 48) - 1;
uint256 constant MAX_VOLTAGE = (1 << 14) - 1;
uint256 constant LOWEST_FREQUENCY = 4500;

/// @title ReadingWordLibrary
/// @notice Named accessors of {ReadingWord}.
library ReadingWordLibrary {
    /// @dev The bits from here on are not the reading's.
    uint256 internal constant END = 154;

    uint256 private constant IMPORTED_AT = 32;
    uint256 private constant EXPORTED_AT = 80;
    uint256 private constant VOLTAGE_AT = 128;
    uint256 private constant FREQUENCY_AT = 142;

    /// @notice Registers without frequency and voltage. The caller must ensure that the values fit.
    function pack(uint256 time_, uint256 imported_, uint256 exported_) internal pure returns (ReadingWord) {
        return ReadingWord.wrap((exported_ << EXPORTED_AT) | (imported_ << IMPORTED_AT) | time_);
    }

    /// @notice A reading, taken at `time_`. The caller must ensure that the values fit.
    function pack(uint256 time_, ISmartMeter.MeterReading calldata reading) internal pure returns (ReadingWord) {
        unchecked {
            return ReadingWord.wrap(
                ((reading.gridFrequency - LOWEST_FREQUENCY) << FREQUENCY_AT) | (reading.voltage << VOLTAGE_AT)
                    | (reading.production << EXPORTED_AT) | (reading.consumption << IMPORTED_AT) | time_
            );
        }
    }

    /// @notice The same reading with another time.
    function at(ReadingWord self, uint256 time_) internal pure returns (ReadingWord) {
        return ReadingWord.wrap((ReadingWord.unwrap(self) >> IMPORTED_AT << IMPORTED_AT) | time_);
    }

    /// @notice Whether all of a reading is the same, whatever stands in the bits beyond.
    function isSame(ReadingWord self, ReadingWord other) internal pure returns (bool) {
        return (ReadingWord.unwrap(self) ^ ReadingWord.unwrap(other)) << (256 - END) == 0;
    }

    function time(ReadingWord self) internal pure returns (uint256) {
        return uint32(ReadingWord.unwrap(self));
    }

    function imported(ReadingWord self) internal pure returns (uint256) {
        return (ReadingWord.unwrap(self) >> IMPORTED_AT) & MAX_REGISTER;
    }

    function exported(ReadingWord self) internal pure returns (uint256) {
        return (ReadingWord.unwrap(self) >> EXPORTED_AT) & MAX_REGISTER;
    }

    function voltage(ReadingWord self) internal pure returns (uint256) {
        return (ReadingWord.unwrap(self) >> VOLTAGE_AT) & MAX_VOLTAGE;
    }

    /// @notice 0 for registers that were given, not read.
    function frequency(ReadingWord self) internal pure returns (uint256) {
        return self.voltage() == 0 ? 0 : LOWEST_FREQUENCY + ((ReadingWord.unwrap(self) >> FREQUENCY_AT) & 0xfff);
    }
}

/// @notice How far a register has risen, modulo 2^48: 2^47 or more is a decrease.
function riseOf(uint256 register, uint256 before) pure returns (uint256) {
    unchecked {
        return (register - before) & MAX_REGISTER;
    }
}

/// @notice A register of one device, modulo 2^48, in the terms of the next one, which starts at `initial` where the
/// first ends at `last`.
function movedTo(uint256 register, uint256 last, uint256 initial) pure returns (uint256) {
    unchecked {
        return (register - last + initial) & MAX_REGISTER;
    }
}
