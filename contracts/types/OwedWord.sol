// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice What an account owes the grid account, and what the grid account owes it, in one storage word.
///
///     bit 175                          0
///     | receivable 88 | debt 88 |
///
/// Both in thousandths of a base unit; one of the two is 0. A field that is full stays full: more than all the money
/// that the contract can hold is never paid.
type OwedWord is uint256;

using OwedWordLibrary for OwedWord global;

/// @title OwedWordLibrary
/// @notice Named accessors of {OwedWord}.
library OwedWordLibrary {
    uint256 private constant RECEIVABLE_AT = 88;

    function pack(uint256 debt_, uint256 receivable_) internal pure returns (OwedWord) {
        return OwedWord.wrap(_bounded(debt_) | (_bounded(receivable_) << RECEIVABLE_AT));
    }

    function debt(OwedWord self) internal pure returns (uint256) {
        return uint88(OwedWord.unwrap(self));
    }

    function receivable(OwedWord self) internal pure returns (uint256) {
        return uint88(OwedWord.unwrap(self) >> RECEIVABLE_AT);
    }

    function _bounded(uint256 money) private pure returns (uint256) {
        return money > type(uint88).max ? type(uint88).max : money;
    }
}
