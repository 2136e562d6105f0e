// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice A meter's latest reading and the totals of the day it belongs to, in one storage word: the only word of a
/// meter that a reading writes.
///
///     | consumed today 56 | produced today 56 | voltage 16 | frequency 16 |
///     255                                                             112
///     | production 40 | consumption 40 | timestamp 32 |
///     111                                             0
///
/// Energy in Wh (40 bits: 1.1 TWh a reading), frequency in centihertz, voltage in decivolts, timestamp in Unix seconds.
type ReadingWord is uint256;

using ReadingWordLibrary for ReadingWord global;

/// @title ReadingWordLibrary
/// @notice Named accessors of {ReadingWord}.
library ReadingWordLibrary {
    using SafeCast for uint256;

    uint256 private constant CONSUMPTION_AT = 32;
    uint256 private constant PRODUCTION_AT = 72;
    uint256 private constant FREQUENCY_AT = 112;
    uint256 private constant VOLTAGE_AT = 128;
    uint256 private constant PRODUCED_TODAY_AT = 144;
    uint256 private constant CONSUMED_TODAY_AT = 200;

    function pack(
        uint256 timestamp_,
        uint256 consumption_,
        uint256 production_,
        uint256 frequency_,
        uint256 voltage_,
        uint256 producedToday_,
        uint256 consumedToday_
    ) internal pure returns (ReadingWord) {
        return ReadingWord.wrap(
            uint256(timestamp_.toUint32()) | (uint256(consumption_.toUint40()) << CONSUMPTION_AT)
                | (uint256(production_.toUint40()) << PRODUCTION_AT) | (uint256(frequency_.toUint16()) << FREQUENCY_AT)
                | (uint256(voltage_.toUint16()) << VOLTAGE_AT)
                | (uint256(producedToday_.toUint56()) << PRODUCED_TODAY_AT)
                | (uint256(consumedToday_.toUint56()) << CONSUMED_TODAY_AT)
        );
    }

    function timestamp(ReadingWord self) internal pure returns (uint256) {
        return uint32(ReadingWord.unwrap(self));
    }

    function consumption(ReadingWord self) internal pure returns (uint256) {
        return uint40(ReadingWord.unwrap(self) >> CONSUMPTION_AT);
    }

    function production(ReadingWord self) internal pure returns (uint256) {
        return uint40(ReadingWord.unwrap(self) >> PRODUCTION_AT);
    }

    function frequency(ReadingWord self) internal pure returns (uint256) {
        return uint16(ReadingWord.unwrap(self) >> FREQUENCY_AT);
    }

    function voltage(ReadingWord self) internal pure returns (uint256) {
        return uint16(ReadingWord.unwrap(self) >> VOLTAGE_AT);
    }

    function producedToday(ReadingWord self) internal pure returns (uint256) {
        return uint56(ReadingWord.unwrap(self) >> PRODUCED_TODAY_AT);
    }

    function consumedToday(ReadingWord self) internal pure returns (uint256) {
        return ReadingWord.unwrap(self) >> CONSUMED_TODAY_AT;
    }
}
