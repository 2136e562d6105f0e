// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice A delivery period and a price, in one word of a call.
///
///     bit 87                                       0
///     | price 32 | kind 8 | slots 16 | start slot 32 |
///
/// Price in money per kWh. `slots` is how many slots the period has from the start slot on. Kind: OF_SLOTS slots of one
/// UTC day, OF_A_DAY all of one UTC day, OF_A_WEEK all of one week from Monday.
type PeriodWord is uint256;

using PeriodWordLibrary for PeriodWord global;

// Kinds of a period.
uint256 constant OF_SLOTS = 0;
uint256 constant OF_A_DAY = 1;
uint256 constant OF_A_WEEK = 2;

/// @title PeriodWordLibrary
/// @notice Named accessors of {PeriodWord}.
library PeriodWordLibrary {
    uint256 private constant SLOTS_AT = 32;
    uint256 private constant KIND_AT = 48;
    uint256 private constant PRICE_AT = 56;

    /// @notice The values must fit their fields.
    function pack(uint256 startSlot_, uint256 slots_, uint256 kind_, uint256 price_)
        internal
        pure
        returns (PeriodWord)
    {
        return PeriodWord.wrap(startSlot_ | (slots_ << SLOTS_AT) | (kind_ << KIND_AT) | (price_ << PRICE_AT));
    }

    function startSlot(PeriodWord self) internal pure returns (uint256) {
        return uint32(PeriodWord.unwrap(self));
    }

    function slots(PeriodWord self) internal pure returns (uint256) {
        return uint16(PeriodWord.unwrap(self) >> SLOTS_AT);
    }

    function kind(PeriodWord self) internal pure returns (uint256) {
        return uint8(PeriodWord.unwrap(self) >> KIND_AT);
    }

    function price(PeriodWord self) internal pure returns (uint256) {
        return uint32(PeriodWord.unwrap(self) >> PRICE_AT);
    }
}
