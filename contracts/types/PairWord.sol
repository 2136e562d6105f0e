// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {TransactionWord} from "./TransactionWord.sol";
import {Energy} from "./Units.sol";

/// @notice Two trades of a batch whose period is one slot, in one storage word; all other terms are the same for the
/// whole batch. Each half:
///
///     bit 127                                                              0
///     | settled 1 | cursor 1 | delivered 31 | amount 31 | seller 32 | buyer 32 |
///
/// Amounts in Wh: 31 bits are 2.1 GWh, more than a single power unit produces in an hour. The cursor is 1 when the slot
/// is finally settled. A half of zero is no trade: a trade always has a buyer.
type PairWord is uint256;

using PairWordLibrary for PairWord global;

// The largest amount that fits.
uint256 constant MAX_PAIR_ENERGY = (1 << 31) - 1;

/// @title PairWordLibrary
/// @notice Named accessors of {PairWord}.
library PairWordLibrary {
    uint256 private constant HALF = 128;
    uint256 private constant SELLER_AT = 32;
    uint256 private constant AMOUNT_AT = 64;
    uint256 private constant DELIVERED_AT = 95;
    uint256 private constant CURSOR_AT = 126;
    uint256 private constant SETTLED_AT = 127;

    /// @notice Adds a new trade in one half (0 or 1) to the other half. Seller and buyer are account numbers; they and
    /// the amount must fit.
    function plus(PairWord self, uint256 half, uint256 buyer, uint256 seller, uint256 amount)
        internal
        pure
        returns (PairWord)
    {
        uint256 bits = buyer | (seller << SELLER_AT) | (amount << AMOUNT_AT);
        return PairWord.wrap(PairWord.unwrap(self) | (bits << (half * HALF)));
    }

    /// @notice One of the two as a {TransactionWord} with the terms of its batch; zero if there is none.
    function at(PairWord self, uint256 half, TransactionWord header) internal pure returns (TransactionWord) {
        uint256 bits = uint128(PairWord.unwrap(self) >> (half * HALF));
        if (bits == 0) return TransactionWord.wrap(0);
        Energy amount = Energy.wrap((bits >> AMOUNT_AT) & MAX_PAIR_ENERGY);
        Energy delivered = Energy.wrap((bits >> DELIVERED_AT) & MAX_PAIR_ENERGY);
        TransactionWord transaction = header.alone().between(uint32(bits), uint32(bits >> SELLER_AT), amount)
            .afterDelivery(delivered, (bits >> CURSOR_AT) & 1);
        return bits >> SETTLED_AT == 0 ? transaction : transaction.settle();
    }

    /// @notice Copies the changes of one of the two.
    function with(PairWord self, uint256 half, TransactionWord transaction) internal pure returns (PairWord) {
        uint256 bits = transaction.buyer() | (transaction.seller() << SELLER_AT)
            | (Energy.unwrap(transaction.amount()) << AMOUNT_AT)
            | (Energy.unwrap(transaction.delivered()) << DELIVERED_AT) | (transaction.cursor() << CURSOR_AT);
        if (transaction.isSettled()) bits |= 1 << SETTLED_AT;
        uint256 other = PairWord.unwrap(self) & ~(uint256(type(uint128).max) << (half * HALF));
        return PairWord.wrap(other | (bits << (half * HALF)));
    }
}
