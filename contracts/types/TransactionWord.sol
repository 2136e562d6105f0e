// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {PeriodKind} from "./Periods.sol";
import {Energy, Price} from "./Units.sol";

/// @notice One trade in one storage word.
///
///     | unused 2 | late 1 | settled 1 | kind 2 | cursor 10 | start 32 | seller 32 |
///     255                                                                     176
///     | buyer 32 | delivered 40 | amount 40 | price 64 |
///     175                                              0
///
/// Units as in {OrderWord}. The cursor counts the slots of the period that are finally settled: a week of quarter hours
/// has 672. A word of zero is no trade: a trade always has a price.
type TransactionWord is uint256;

using TransactionWordLibrary for TransactionWord global;

/// @title TransactionWordLibrary
/// @notice Named accessors of {TransactionWord}.
library TransactionWordLibrary {
    using SafeCast for uint256;

    uint256 private constant AMOUNT_AT = 64;
    uint256 private constant DELIVERED_AT = 104;
    uint256 private constant BUYER_AT = 144;
    uint256 private constant SELLER_AT = 176;
    uint256 private constant START_AT = 208;
    uint256 private constant CURSOR_AT = 240;
    uint256 private constant KIND_AT = 250;
    uint256 private constant SETTLED_AT = 252;
    uint256 private constant LATE_AT = 253;

    /// @notice The common terms of the trades of one match or batch.
    function terms(Price price_, uint256 startSlot_, PeriodKind kind_, bool late)
        internal
        pure
        returns (TransactionWord)
    {
        uint256 word = uint256(Price.unwrap(price_).toUint64()) | (uint256(startSlot_.toUint32()) << START_AT);
        word |= uint256(kind_) << KIND_AT;
        return TransactionWord.wrap(late ? word | (1 << LATE_AT) : word);
    }

    /// @notice A trade with such terms; seller and buyer are account numbers, which must fit.
    function between(TransactionWord self, uint256 buyer_, uint256 seller_, Energy fill)
        internal
        pure
        returns (TransactionWord)
    {
        return TransactionWord.wrap(
            TransactionWord.unwrap(self) | (uint256(Energy.unwrap(fill).toUint40()) << AMOUNT_AT) | (buyer_ << BUYER_AT)
                | (seller_ << SELLER_AT)
        );
    }

    /// @notice The header of a batch: the common terms, with the number of trades in place of the amount.
    function alone(TransactionWord self) internal pure returns (TransactionWord) {
        return TransactionWord.wrap(TransactionWord.unwrap(self) & ~(uint256(type(uint40).max) << AMOUNT_AT));
    }

    function exists(TransactionWord self) internal pure returns (bool) {
        return TransactionWord.unwrap(self) != 0;
    }

    function price(TransactionWord self) internal pure returns (Price) {
        return Price.wrap(uint64(TransactionWord.unwrap(self)));
    }

    function amount(TransactionWord self) internal pure returns (Energy) {
        return Energy.wrap(uint40(TransactionWord.unwrap(self) >> AMOUNT_AT));
    }

    function delivered(TransactionWord self) internal pure returns (Energy) {
        return Energy.wrap(uint40(TransactionWord.unwrap(self) >> DELIVERED_AT));
    }

    function buyer(TransactionWord self) internal pure returns (uint256) {
        return uint32(TransactionWord.unwrap(self) >> BUYER_AT);
    }

    function seller(TransactionWord self) internal pure returns (uint256) {
        return uint32(TransactionWord.unwrap(self) >> SELLER_AT);
    }

    function startSlot(TransactionWord self) internal pure returns (uint256) {
        return uint32(TransactionWord.unwrap(self) >> START_AT);
    }

    function cursor(TransactionWord self) internal pure returns (uint256) {
        return (TransactionWord.unwrap(self) >> CURSOR_AT) & 0x3ff;
    }

    function kind(TransactionWord self) internal pure returns (PeriodKind) {
        return PeriodKind((TransactionWord.unwrap(self) >> KIND_AT) & 3);
    }

    function isSettled(TransactionWord self) internal pure returns (bool) {
        return (TransactionWord.unwrap(self) >> SETTLED_AT) & 1 != 0;
    }

    /// @notice Whether it was matched when slots of its period could be closed already.
    function isLate(TransactionWord self) internal pure returns (bool) {
        return (TransactionWord.unwrap(self) >> LATE_AT) & 1 != 0;
    }

    /// @notice Adds delivered energy (never more than owed) and moves the cursor past `slots` finished slots.
    function afterDelivery(TransactionWord self, Energy delivered_, uint256 slots)
        internal
        pure
        returns (TransactionWord)
    {
        return TransactionWord.wrap(
            TransactionWord.unwrap(self) + (Energy.unwrap(delivered_) << DELIVERED_AT) + (slots << CURSOR_AT)
        );
    }

    function settle(TransactionWord self) internal pure returns (TransactionWord) {
        return TransactionWord.wrap(TransactionWord.unwrap(self) | (1 << SETTLED_AT));
    }
}
