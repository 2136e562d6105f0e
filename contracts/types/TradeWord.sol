// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice Two trades in one storage word. Each half:
///
///     bit 127                                 0
///     | unused 16 | amount 32 | sell 40 | buy 40 |
///
/// Amount in Wh of each slot of the period. What they have in common with others is not stored again: of a pair of
/// on-chain orders, `buy` and `sell` are the orders' numbers, and price and period stand there; of a batch, they are
/// Settlement's account numbers, and price and period stand in its {BatchWord}. A half of zero is no trade: a trade
/// always has an amount.
type TradeWord is uint256;

using TradeWordLibrary for TradeWord global;

/// @title TradeWordLibrary
/// @notice Named accessors of {TradeWord}. `half` is the lowest bit of a trade's number.
library TradeWordLibrary {
    uint256 private constant HALF = 128;
    uint256 private constant SELL_AT = 40;
    uint256 private constant AMOUNT_AT = 80;

    /// @notice Adds a new trade in an unused half. The values must fit.
    function plus(TradeWord self, uint256 half, uint256 buy, uint256 sell, uint256 amount)
        internal
        pure
        returns (TradeWord)
    {
        uint256 bits = buy | (sell << SELL_AT) | (amount << AMOUNT_AT);
        return TradeWord.wrap(TradeWord.unwrap(self) | (bits << (half * HALF)));
    }

    /// @notice One of the two; zeros if there is none.
    function at(TradeWord self, uint256 half) internal pure returns (uint256 buy, uint256 sell, uint256 amount) {
        uint256 bits = TradeWord.unwrap(self) >> (half * HALF);
        return (uint40(bits), uint40(bits >> SELL_AT), uint32(bits >> AMOUNT_AT));
    }
}
