// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice The money of an account that its closing of one day sets free, in one storage word.
///
///     bit 175                    0
///     | cover 88 | income 88 |
///
/// In thousandths of a base unit. `income` is what sold energy of the day brings, less its fees, from the pot; `cover`
/// what the account has locked for what the day may cost. Trades of a whole week have a word of their own, with the
/// amounts of one of its days.
type MoneyDayWord is uint256;

using MoneyDayWordLibrary for MoneyDayWord global;

/// @title MoneyDayWordLibrary
/// @notice Named accessors of {MoneyDayWord}.
library MoneyDayWordLibrary {
    using SafeCast for uint256;

    uint256 private constant COVER_AT = 88;

    function income(MoneyDayWord self) internal pure returns (uint256) {
        return uint88(MoneyDayWord.unwrap(self));
    }

    function cover(MoneyDayWord self) internal pure returns (uint256) {
        return uint88(MoneyDayWord.unwrap(self) >> COVER_AT);
    }

    /// @notice Both together.
    function sum(MoneyDayWord self) internal pure returns (uint256) {
        return self.income() + self.cover();
    }

    function plus(MoneyDayWord self, uint256 income_, uint256 cover_) internal pure returns (MoneyDayWord) {
        uint256 low = (self.income() + income_).toUint88();
        return MoneyDayWord.wrap(low | (uint256((self.cover() + cover_).toUint88()) << COVER_AT));
    }
}
