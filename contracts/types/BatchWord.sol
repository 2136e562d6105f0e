// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {PeriodKind} from "./Periods.sol";

/// @notice What the trades of a batch have in common, in one storage word.
///
///     bit 255                                             0
///     | unused 158 | kind 2 | trades 32 | start 32 | price 32 |
///
/// Price in money per kWh, start as the number of the period's first slot, the number of trades. A word of zero is no
/// batch: a batch always has trades.
type BatchWord is uint256;

using BatchWordLibrary for BatchWord global;

/// @title BatchWordLibrary
/// @notice Named accessors of {BatchWord}.
library BatchWordLibrary {
    uint256 private constant START_AT = 32;
    uint256 private constant TRADES_AT = 64;
    uint256 private constant KIND_AT = 96;

    /// @notice Packs a batch. The values must fit.
    function pack(uint256 price_, uint256 startSlot_, PeriodKind kind_, uint256 trades_)
        internal
        pure
        returns (BatchWord)
    {
        return BatchWord.wrap(price_ | (startSlot_ << START_AT) | (trades_ << TRADES_AT) | (uint256(kind_) << KIND_AT));
    }

    function exists(BatchWord self) internal pure returns (bool) {
        return BatchWord.unwrap(self) != 0;
    }

    function price(BatchWord self) internal pure returns (uint256) {
        return uint32(BatchWord.unwrap(self));
    }

    function startSlot(BatchWord self) internal pure returns (uint256) {
        return uint32(BatchWord.unwrap(self) >> START_AT);
    }

    function trades(BatchWord self) internal pure returns (uint256) {
        return uint32(BatchWord.unwrap(self) >> TRADES_AT);
    }

    function kind(BatchWord self) internal pure returns (PeriodKind) {
        return PeriodKind(BatchWord.unwrap(self) >> KIND_AT);
    }
}
