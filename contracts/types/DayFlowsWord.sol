// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice Where the energy of an account's closed day came from and went, beside what was measured and traded (see
/// {ClosedDayWord}), in one word of an answer and of an event.
///
///     bit 247                                                                          0
///     | from grid 40 | drawn 40 | taken 40 | unused 8 | fed in 40 | kept 40 | given 40 |
///
/// In Wh. `taken` and `given` are shared in the community, `drawn` and `kept` are credits used and got, `from grid` and
/// `fed in` what remained. A day has at most 96 slots of less than 2^33 Wh: each sum is below 2^40.
type DayFlowsWord is uint256;

using DayFlowsWordLibrary for DayFlowsWord global;

/// @title DayFlowsWordLibrary
/// @notice Named accessors of {DayFlowsWord}.
library DayFlowsWordLibrary {
    uint256 private constant KEPT_AT = 40;
    uint256 private constant FED_IN_AT = 80;
    uint256 private constant TAKEN_AT = 128;
    uint256 private constant DRAWN_AT = 168;
    uint256 private constant FROM_GRID_AT = 208;

    /// @notice The values must fit their fields.
    function pack(uint256 given_, uint256 kept_, uint256 fedIn_, uint256 taken_, uint256 drawn_, uint256 fromGrid_)
        internal
        pure
        returns (DayFlowsWord)
    {
        uint256 word = given_ | (kept_ << KEPT_AT) | (fedIn_ << FED_IN_AT) | (taken_ << TAKEN_AT);
        return DayFlowsWord.wrap(word | (drawn_ << DRAWN_AT) | (fromGrid_ << FROM_GRID_AT));
    }

    function given(DayFlowsWord self) internal pure returns (uint256) {
        return uint40(DayFlowsWord.unwrap(self));
    }

    function kept(DayFlowsWord self) internal pure returns (uint256) {
        return uint40(DayFlowsWord.unwrap(self) >> KEPT_AT);
    }

    function fedIn(DayFlowsWord self) internal pure returns (uint256) {
        return uint40(DayFlowsWord.unwrap(self) >> FED_IN_AT);
    }

    function taken(DayFlowsWord self) internal pure returns (uint256) {
        return uint40(DayFlowsWord.unwrap(self) >> TAKEN_AT);
    }

    function drawn(DayFlowsWord self) internal pure returns (uint256) {
        return uint40(DayFlowsWord.unwrap(self) >> DRAWN_AT);
    }

    function fromGrid(DayFlowsWord self) internal pure returns (uint256) {
        return DayFlowsWord.unwrap(self) >> FROM_GRID_AT;
    }
}
