// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice What a closed day of an account brought, and what was measured and traded, in one word of an answer and of
/// an event. {DayFlowsWord} says where the energy went.
///
///     bit 255                                                                0
///     | deemed 40 | position, signed 48 | net, signed 48 | money, signed 120 |
///
/// `money` is what the grid account owes the account, in thousandths of a money unit; negative: what the account owes
/// it. `net` is export less import, metered or declared in time; `position` is bought less sold; `deemed` the decayed
/// mean of a day's import after the day. All in Wh.
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
    uint256 private constant NET_AT = 120;
    uint256 private constant POSITION_AT = 168;
    uint256 private constant DEEMED_AT = 216;

    /// @notice The values must fit their fields.
    function pack(int256 money_, int256 net_, int256 position_, uint256 deemed_) internal pure returns (ClosedDayWord) {
        uint256 word = (uint256(money_) & type(uint120).max) | ((uint256(net_) & type(uint48).max) << NET_AT);
        word |= (uint256(position_) & type(uint48).max) << POSITION_AT;
        return ClosedDayWord.wrap(word | (deemed_ << DEEMED_AT));
    }

    function money(ClosedDayWord self) internal pure returns (int256) {
        return int120(uint120(ClosedDayWord.unwrap(self)));
    }

    function net(ClosedDayWord self) internal pure returns (int256) {
        return int48(uint48(ClosedDayWord.unwrap(self) >> NET_AT));
    }

    function position(ClosedDayWord self) internal pure returns (int256) {
        return int48(uint48(ClosedDayWord.unwrap(self) >> POSITION_AT));
    }

    function deemed(ClosedDayWord self) internal pure returns (uint256) {
        return ClosedDayWord.unwrap(self) >> DEEMED_AT;
    }
}
