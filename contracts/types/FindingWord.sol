// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice The verified values of a participation in one storage word; 64 bits each.
///
///     bit 255                                      0
///     | meter end | meter start | actual | baseline |
///
/// Baseline and actual use in net W, two's complement; the meter's registers in Wh.
type FindingWord is uint256;

using FindingWordLibrary for FindingWord global;

/// @title FindingWordLibrary
/// @notice Named accessors of {FindingWord}.
library FindingWordLibrary {
    using SafeCast for uint256;
    using SafeCast for int256;

    uint256 private constant ACTUAL_AT = 64;
    uint256 private constant METER_START_AT = 128;
    uint256 private constant METER_END_AT = 192;

    function pack(int256 baseline_, int256 actual_, uint256 meterStart_, uint256 meterEnd_)
        internal
        pure
        returns (FindingWord)
    {
        uint256 word = uint256(uint64(baseline_.toInt64())) | (uint256(uint64(actual_.toInt64())) << ACTUAL_AT);
        word |= uint256(meterStart_.toUint64()) << METER_START_AT;
        return FindingWord.wrap(word | (uint256(meterEnd_.toUint64()) << METER_END_AT));
    }

    function baseline(FindingWord self) internal pure returns (int256) {
        return int64(uint64(FindingWord.unwrap(self)));
    }

    function actual(FindingWord self) internal pure returns (int256) {
        return int64(uint64(FindingWord.unwrap(self) >> ACTUAL_AT));
    }

    function meterStart(FindingWord self) internal pure returns (uint256) {
        return uint64(FindingWord.unwrap(self) >> METER_START_AT);
    }

    function meterEnd(FindingWord self) internal pure returns (uint256) {
        return uint64(FindingWord.unwrap(self) >> METER_END_AT);
    }

    /// @notice The difference of baseline and actual use, in W; below 0 if more was used.
    function reduction(FindingWord self) internal pure returns (int256) {
        return self.baseline() - self.actual();
    }
}
