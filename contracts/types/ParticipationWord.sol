// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice Who took part in which demand-response event, in one storage word.
///
///     bit 255                                                                0
///     | unused 6 | rewarded 1 | metered 1 | verified at 40 | event 48 | consumer 160 |
///
/// Verified at is in Unix seconds. A word of zero is no participation: a stored one always has a consumer.
type ParticipationWord is uint256;

/// @notice What was found of a participation, in one storage word; 64 bits each.
///
///     bit 255                                      0
///     | meter end | meter start | actual | baseline |
///
/// Baseline and actual use in W, the meter's registers in Wh.
type FindingWord is uint256;

using ParticipationWordLibrary for ParticipationWord global;
using FindingWordLibrary for FindingWord global;

/// @title ParticipationWordLibrary
/// @notice Named accessors of {ParticipationWord}.
library ParticipationWordLibrary {
    using SafeCast for uint256;

    uint256 private constant EVENT_AT = 160;
    uint256 private constant VERIFIED_AT = 208;
    uint256 private constant METERED = 1 << 248;
    uint256 private constant REWARDED = 1 << 249;

    function pack(address consumer_, uint256 eventId_, uint256 verifiedAt_, bool metered)
        internal
        pure
        returns (ParticipationWord)
    {
        uint256 word = uint160(consumer_) | (uint256(eventId_.toUint48()) << EVENT_AT);
        word |= uint256(verifiedAt_.toUint40()) << VERIFIED_AT;
        return ParticipationWord.wrap(metered ? word | METERED : word);
    }

    function consumer(ParticipationWord self) internal pure returns (address) {
        return address(uint160(ParticipationWord.unwrap(self)));
    }

    function eventId(ParticipationWord self) internal pure returns (uint256) {
        return uint48(ParticipationWord.unwrap(self) >> EVENT_AT);
    }

    function verifiedAt(ParticipationWord self) internal pure returns (uint256) {
        return uint40(ParticipationWord.unwrap(self) >> VERIFIED_AT);
    }

    function isMetered(ParticipationWord self) internal pure returns (bool) {
        return ParticipationWord.unwrap(self) & METERED != 0;
    }

    function isRewarded(ParticipationWord self) internal pure returns (bool) {
        return ParticipationWord.unwrap(self) & REWARDED != 0;
    }

    function withReward(ParticipationWord self) internal pure returns (ParticipationWord) {
        return ParticipationWord.wrap(ParticipationWord.unwrap(self) | REWARDED);
    }
}

/// @title FindingWordLibrary
/// @notice Named accessors of {FindingWord}.
library FindingWordLibrary {
    using SafeCast for uint256;

    uint256 private constant ACTUAL_AT = 64;
    uint256 private constant METER_START_AT = 128;
    uint256 private constant METER_END_AT = 192;

    function pack(uint256 baseline_, uint256 actual_, uint256 meterStart_, uint256 meterEnd_)
        internal
        pure
        returns (FindingWord)
    {
        uint256 word = uint256(baseline_.toUint64()) | (uint256(actual_.toUint64()) << ACTUAL_AT);
        word |= uint256(meterStart_.toUint64()) << METER_START_AT;
        return FindingWord.wrap(word | (uint256(meterEnd_.toUint64()) << METER_END_AT));
    }

    function baseline(FindingWord self) internal pure returns (uint256) {
        return uint64(FindingWord.unwrap(self));
    }

    function actual(FindingWord self) internal pure returns (uint256) {
        return uint64(FindingWord.unwrap(self) >> ACTUAL_AT);
    }

    function meterStart(FindingWord self) internal pure returns (uint256) {
        return uint64(FindingWord.unwrap(self) >> METER_START_AT);
    }

    function meterEnd(FindingWord self) internal pure returns (uint256) {
        return uint64(FindingWord.unwrap(self) >> METER_END_AT);
    }

    /// @notice By how much the actual use is below the baseline, in W; 0 where it is not.
    function reduction(FindingWord self) internal pure returns (uint256) {
        return self.baseline() > self.actual() ? self.baseline() - self.actual() : 0;
    }
}
