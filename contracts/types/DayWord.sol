// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice A meter's registers at the beginning of a day with readings. They end the day before, too. Only if no
/// reading follows on the next day, the day has its own end.
///
///     bit 193                                                                                       0
///     | exists 1 | has end 1 | exported at end 48 | imported at end 48 | exported 48 | imported 48 |
///
/// Registers in Wh, modulo 2^48.
type DayWord is uint256;

using DayWordLibrary for DayWord global;

/// @title DayWordLibrary
/// @notice Named accessors of {DayWord}.
library DayWordLibrary {
    uint256 private constant EXPORTED_AT = 48;
    uint256 private constant END_AT = 96;
    uint256 private constant HAS_END = 1 << 192;
    uint256 private constant EXISTS = 1 << 193;

    /// @notice A day that begins with these registers. The caller must ensure that they fit.
    function pack(uint256 imported_, uint256 exported_) internal pure returns (DayWord) {
        return DayWord.wrap(EXISTS | (exported_ << EXPORTED_AT) | imported_);
    }

    /// @notice The day with its own end. The caller must ensure that the registers fit, and that it has none yet.
    function endingAt(DayWord self, uint256 imported_, uint256 exported_) internal pure returns (DayWord) {
        return DayWord.wrap(DayWord.unwrap(self) | HAS_END | (((exported_ << EXPORTED_AT) | imported_) << END_AT));
    }

    function exists(DayWord self) internal pure returns (bool) {
        return DayWord.unwrap(self) & EXISTS != 0;
    }

    function hasEnd(DayWord self) internal pure returns (bool) {
        return DayWord.unwrap(self) & HAS_END != 0;
    }

    function imported(DayWord self) internal pure returns (uint256) {
        return uint48(DayWord.unwrap(self));
    }

    function exported(DayWord self) internal pure returns (uint256) {
        return uint48(DayWord.unwrap(self) >> EXPORTED_AT);
    }

    /// @notice The registers at its own end, as a day that begins with them.
    function end(DayWord self) internal pure returns (DayWord) {
        return DayWord.wrap(DayWord.unwrap(self) >> END_AT);
    }
}
