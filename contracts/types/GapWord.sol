// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice What missing and late registers of one account cost, in one storage word.
///
///     bit 255                                             0
///     | gap charge 76 | deemed money 84 | pending, signed 96 |
///
/// All in thousandths of a money unit. `pending` enters the next closing: what late registers have charged, less what
/// they have given. `gap charge` is what unread days cost at deemed import until there are enough of them, `deemed
/// money` what was charged so, until registers have caught up. A day of deemed import is below 2^72: 40 bits of Wh at
/// a 32-bit price. At most 30 days wait in the gap charge. Fields that are full stay full.
type GapWord is uint256;

using GapWordLibrary for GapWord global;

/// @title GapWordLibrary
/// @notice Named accessors of {GapWord}.
library GapWordLibrary {
    uint256 private constant DEEMED_AT = 96;
    uint256 private constant GAP_AT = 180;
    uint256 private constant MAX_DEEMED = (1 << 84) - 1;
    uint256 private constant MAX_GAP = (1 << 76) - 1;

    function pack(int256 pending_, uint256 deemedMoney_, uint256 gapCharge_) internal pure returns (GapWord) {
        if (pending_ > type(int96).max) pending_ = type(int96).max;
        if (pending_ < type(int96).min) pending_ = type(int96).min;
        if (deemedMoney_ > MAX_DEEMED) deemedMoney_ = MAX_DEEMED;
        if (gapCharge_ > MAX_GAP) gapCharge_ = MAX_GAP;
        uint256 word = uint256(pending_) & type(uint96).max;
        return GapWord.wrap(word | (deemedMoney_ << DEEMED_AT) | (gapCharge_ << GAP_AT));
    }

    function pending(GapWord self) internal pure returns (int256) {
        return int96(uint96(GapWord.unwrap(self)));
    }

    function deemedMoney(GapWord self) internal pure returns (uint256) {
        return (GapWord.unwrap(self) >> DEEMED_AT) & MAX_DEEMED;
    }

    function gapCharge(GapWord self) internal pure returns (uint256) {
        return GapWord.unwrap(self) >> GAP_AT;
    }
}
