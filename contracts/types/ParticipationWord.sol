// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice One participation in a demand-response event in one storage word.
///
///     bit 255                                                                0
///     | unused 5 | counts 1 | rewarded 1 | metered 1 | verified at 40 | event 48 | consumer 160 |
///
/// Counts: the reduction reached what it must by itself. Verified at is in Unix seconds. A word of zero is no
/// participation: a participation always has a consumer.
type ParticipationWord is uint256;

using ParticipationWordLibrary for ParticipationWord global;

/// @title ParticipationWordLibrary
/// @notice Named accessors of {ParticipationWord}.
library ParticipationWordLibrary {
    using SafeCast for uint256;

    uint256 private constant EVENT_AT = 160;
    uint256 private constant VERIFIED_AT = 208;
    uint256 private constant METERED = 1 << 248;
    uint256 private constant REWARDED = 1 << 249;
    uint256 private constant COUNTS = 1 << 250;

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

    function counts(ParticipationWord self) internal pure returns (bool) {
        return ParticipationWord.unwrap(self) & COUNTS != 0;
    }

    function withCounts(ParticipationWord self, bool counts_) internal pure returns (ParticipationWord) {
        return counts_ ? ParticipationWord.wrap(ParticipationWord.unwrap(self) | COUNTS) : self;
    }

    function withReward(ParticipationWord self) internal pure returns (ParticipationWord) {
        return ParticipationWord.wrap(ParticipationWord.unwrap(self) | REWARDED);
    }
}
