// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice What a closed day of an account brought, and what was measured and traded, in one word of an answer and of
/// an event. {DayFlowsWord} says where the energy went.
///
///     bit 255                                                                            0
///     | number 32 | deemed 40 | position, signed 44 | net, signed 40 | money, signed 100 |
///
/// `number` is the account's. `money` is what the grid account owes the account, in thousandths of a money unit;
/// negative: what the account owes it. `net` is export less import, metered or declared in time; `position` is bought
/// less sold; `deemed` the decayed mean of a day's import after the day. All in Wh.
///
/// Nothing is lost: a day has at most 96 slots, and a slot holds a net below 2^31 and a position below 3 * 2^31, hence
/// less than 2^33 Wh. So a day's net is below 2^38 and its position below 2^40; `deemed` has the 40 bits that an
/// account keeps of it. The money of the slots is below 2^72, as prices are below 2^32. Late charges up to 2^95 and gap
/// charges below 2^77 (see {GapWord}) come with it: together below 2^96.
type ClosedDayWord is uint256;

using ClosedDayWordLibrary for ClosedDayWord global;

/// @title ClosedDayWordLibrary
/// @notice Named accessors of {ClosedDayWord}.
library ClosedDayWordLibrary {
    uint256 private constant NET_AT = 100;
    uint256 private constant POSITION_AT = 140;
    uint256 private constant DEEMED_AT = 184;
    uint256 private constant NUMBER_AT = 224;
    /// @dev Bits above the money, whose highest one is its sign.
    uint256 private constant MONEY_FROM_TOP = 156;

    /// @notice The values must fit their fields.
    function pack(uint256 number_, int256 money_, int256 net_, int256 position_, uint256 deemed_)
        internal
        pure
        returns (ClosedDayWord)
    {
        uint256 word = (uint256(money_) & ((1 << 100) - 1)) | ((uint256(net_) & type(uint40).max) << NET_AT);
        word |= ((uint256(position_) & ((1 << 44) - 1)) << POSITION_AT) | (deemed_ << DEEMED_AT);
        return ClosedDayWord.wrap(word | (number_ << NUMBER_AT));
    }

    function number(ClosedDayWord self) internal pure returns (uint256) {
        return ClosedDayWord.unwrap(self) >> NUMBER_AT;
    }

    function money(ClosedDayWord self) internal pure returns (int256) {
        return int256(ClosedDayWord.unwrap(self) << MONEY_FROM_TOP) >> MONEY_FROM_TOP;
    }

    function deemed(ClosedDayWord self) internal pure returns (uint256) {
        return uint40(ClosedDayWord.unwrap(self) >> DEEMED_AT);
    }
}
