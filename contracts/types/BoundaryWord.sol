// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice What a meter measured in one slot, by the registers at both of its bounds, in one word of a call.
///
///     bit 95                              0
///     | slot 32 | account 32 | net + 2^31 32 |
///
/// `slot` is the slot that ended, `account` an account's number. `net` is export less import in Wh, above -2^31 and
/// below 2^31: what a slot at the highest rated power holds.
type BoundaryWord is uint256;

using BoundaryWordLibrary for BoundaryWord global;

/// @title BoundaryWordLibrary
/// @notice Named accessors of {BoundaryWord}.
library BoundaryWordLibrary {
    uint256 private constant NUMBER_AT = 32;
    uint256 private constant SLOT_AT = 64;
    int256 private constant ZERO = 1 << 31;

    /// @notice The values must fit their fields.
    function pack(uint256 slot_, uint256 number_, int256 net_) internal pure returns (BoundaryWord) {
        return BoundaryWord.wrap((slot_ << SLOT_AT) | (number_ << NUMBER_AT) | uint256(net_ + ZERO));
    }

    function slot(BoundaryWord self) internal pure returns (uint256) {
        return uint32(BoundaryWord.unwrap(self) >> SLOT_AT);
    }

    function number(BoundaryWord self) internal pure returns (uint256) {
        return uint32(BoundaryWord.unwrap(self) >> NUMBER_AT);
    }

    /// @notice The net as a lane of a page of nets: with 2^31 added, so that 0 is no reading.
    function lane(BoundaryWord self) internal pure returns (uint256) {
        return uint32(BoundaryWord.unwrap(self));
    }
}
