// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {PeriodKind} from "./Periods.sol";

/// @notice One on-chain order in one storage word.
///
///     | unused 19 | locked 40 | status 2 | side 1 | kind 2 | start 32 |
///     255                                                           160
///     | expiry 32 | remaining 32 | amount 32 | trader 32 | price 32 |
///     159                                                          0
///
/// Price in money per kWh, amounts in Wh of each slot of the period, expiry in Unix seconds (32 bits: until 2106),
/// start as the number of the period's first slot, trader as Settlement's account number, locked as thousandths of
/// a money unit for a Wh in each slot. A word of zero is no order: an order always has an amount.
type OrderWord is uint256;

using OrderWordLibrary for OrderWord global;

/// @title OrderWordLibrary
/// @notice Named accessors of {OrderWord}. Side and status are the numbers of IEnergyTrading's enums.
library OrderWordLibrary {
    uint256 private constant TRADER_AT = 32;
    uint256 private constant AMOUNT_AT = 64;
    uint256 private constant REMAINING_AT = 96;
    uint256 private constant EXPIRY_AT = 128;
    uint256 private constant START_AT = 160;
    uint256 private constant KIND_AT = 192;
    uint256 private constant SIDE_AT = 194;
    uint256 private constant STATUS_AT = 195;
    uint256 private constant LOCKED_AT = 197;
    uint256 private constant PERIOD = ((1 << 34) - 1) << START_AT;

    /// @notice Packs a new order. The values must fit their fields.
    function pack(
        uint256 trader_,
        uint256 amount_,
        uint256 price_,
        uint256 expiry_,
        uint256 startSlot_,
        PeriodKind kind_,
        uint256 side_
    ) internal pure returns (OrderWord) {
        uint256 word =
            price_ | (trader_ << TRADER_AT) | (amount_ << AMOUNT_AT) | (amount_ << REMAINING_AT);
        word |= (expiry_ << EXPIRY_AT) | (startSlot_ << START_AT);
        return OrderWord.wrap(word | (uint256(kind_) << KIND_AT) | (side_ << SIDE_AT));
    }

    function exists(OrderWord self) internal pure returns (bool) {
        return OrderWord.unwrap(self) != 0;
    }

    function price(OrderWord self) internal pure returns (uint256) {
        return uint32(OrderWord.unwrap(self));
    }

    function trader(OrderWord self) internal pure returns (uint256) {
        return uint32(OrderWord.unwrap(self) >> TRADER_AT);
    }

    function amount(OrderWord self) internal pure returns (uint256) {
        return uint32(OrderWord.unwrap(self) >> AMOUNT_AT);
    }

    function remaining(OrderWord self) internal pure returns (uint256) {
        return uint32(OrderWord.unwrap(self) >> REMAINING_AT);
    }

    function expiry(OrderWord self) internal pure returns (uint256) {
        return uint32(OrderWord.unwrap(self) >> EXPIRY_AT);
    }

    function startSlot(OrderWord self) internal pure returns (uint256) {
        return uint32(OrderWord.unwrap(self) >> START_AT);
    }

    function kind(OrderWord self) internal pure returns (PeriodKind) {
        return PeriodKind((OrderWord.unwrap(self) >> KIND_AT) & 3);
    }

    function isSell(OrderWord self) internal pure returns (bool) {
        return side(self) != 0;
    }

    function side(OrderWord self) internal pure returns (uint256) {
        return (OrderWord.unwrap(self) >> SIDE_AT) & 1;
    }

    function status(OrderWord self) internal pure returns (uint256) {
        return (OrderWord.unwrap(self) >> STATUS_AT) & 3;
    }

    function locked(OrderWord self) internal pure returns (uint256) {
        return OrderWord.unwrap(self) >> LOCKED_AT;
    }

    /// @notice Says what a new order has locked; it must fit.
    function withLocked(OrderWord self, uint256 locked_) internal pure returns (OrderWord) {
        return OrderWord.wrap(OrderWord.unwrap(self) | (locked_ << LOCKED_AT));
    }

    function isOfSamePeriod(OrderWord self, OrderWord other) internal pure returns (bool) {
        return (OrderWord.unwrap(self) ^ OrderWord.unwrap(other)) & PERIOD == 0;
    }

    function withStatus(OrderWord self, uint256 status_) internal pure returns (OrderWord) {
        uint256 rest = OrderWord.unwrap(self) & ~(uint256(3) << STATUS_AT);
        return OrderWord.wrap(rest | (status_ << STATUS_AT));
    }

    /// @notice Subtracts a fill from the remaining amount, which must be at least the fill.
    function afterFill(OrderWord self, uint256 fill) internal pure returns (OrderWord) {
        unchecked {
            return OrderWord.wrap(OrderWord.unwrap(self) - (fill << REMAINING_AT));
        }
    }
}
