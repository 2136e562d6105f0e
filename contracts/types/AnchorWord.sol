// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice What became of an anchored day, in one storage word.
///
///     bit 208                               0
///     | settled 1 | anchored at 48 | closed 160 |
///
/// `anchored at` is in Unix seconds; 0: not anchored. `closed` has a bit for each place whose account was closed with the
/// others.
type AnchorWord is uint256;

using AnchorWordLibrary for AnchorWord global;

/// @title AnchorWordLibrary
/// @notice Named accessors of {AnchorWord}.
library AnchorWordLibrary {
    uint256 private constant TIME_AT = 160;
    uint256 private constant SETTLED = 1 << 208;

    /// @notice The time must fit its field.
    function anchored(uint256 time_) internal pure returns (AnchorWord) {
        return AnchorWord.wrap(time_ << TIME_AT);
    }

    function time(AnchorWord self) internal pure returns (uint256) {
        return uint48(AnchorWord.unwrap(self) >> TIME_AT);
    }

    function isSettled(AnchorWord self) internal pure returns (bool) {
        return AnchorWord.unwrap(self) & SETTLED != 0;
    }

    /// @notice The bits of all places.
    function closed(AnchorWord self) internal pure returns (uint256) {
        return uint160(AnchorWord.unwrap(self));
    }

    function isClosed(AnchorWord self, uint256 place) internal pure returns (bool) {
        return (AnchorWord.unwrap(self) >> place) & 1 != 0;
    }

    /// @param closed_ the bits of all places.
    function settled(AnchorWord self, uint256 closed_) internal pure returns (AnchorWord) {
        return AnchorWord.wrap(AnchorWord.unwrap(self) | SETTLED | closed_);
    }
}
