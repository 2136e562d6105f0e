// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {PeriodKind} from "./Periods.sol";
import {Energy, Price} from "./Units.sol";

/// @notice One on-chain order in one storage word.
///
///     | status 2 | side 1 | kind 2 | unused 11 | start 32 | expiry 32 |
///     255                                                         176
///     | remaining 40 | amount 40 | trader 32 | price 64 |
///     175                                               0
///
/// Price in money per kWh (64 bits: 18 tokens of 18 decimals), amounts in Wh (40 bits: 1.1 TWh), expiry in Unix seconds
/// (32 bits: until 2106), start as the number of the period's first slot, trader as Settlement's account number. A word
/// of zero is no order: an order always has a price.
type OrderWord is uint256;

using OrderWordLibrary for OrderWord global;

/// @title OrderWordLibrary
/// @notice Named accessors of {OrderWord}. Side and status are the numbers of IEnergyTrading's enums.
library OrderWordLibrary {
    using SafeCast for uint256;

    uint256 private constant TRADER_AT = 64;
    uint256 private constant AMOUNT_AT = 96;
    uint256 private constant REMAINING_AT = 136;
    uint256 private constant EXPIRY_AT = 176;
    uint256 private constant START_AT = 208;
    uint256 private constant KIND_AT = 251;
    uint256 private constant SIDE_AT = 253;
    uint256 private constant STATUS_AT = 254;

    function pack(
        uint256 trader_,
        Energy amount_,
        Price price_,
        uint256 expiry_,
        uint256 startSlot_,
        PeriodKind kind_,
        uint256 side_
    ) internal pure returns (OrderWord) {
        uint256 amountWh = Energy.unwrap(amount_).toUint40();
        uint256 word = uint256(Price.unwrap(price_).toUint64()) | (uint256(trader_.toUint32()) << TRADER_AT);
        word |= (amountWh << AMOUNT_AT) | (amountWh << REMAINING_AT);
        word |= (uint256(expiry_.toUint32()) << EXPIRY_AT) | (uint256(startSlot_.toUint32()) << START_AT);
        return OrderWord.wrap(word | (uint256(kind_) << KIND_AT) | (side_ << SIDE_AT));
    }

    function exists(OrderWord self) internal pure returns (bool) {
        return OrderWord.unwrap(self) != 0;
    }

    function price(OrderWord self) internal pure returns (Price) {
        return Price.wrap(uint64(OrderWord.unwrap(self)));
    }

    function trader(OrderWord self) internal pure returns (uint256) {
        return uint32(OrderWord.unwrap(self) >> TRADER_AT);
    }

    function amount(OrderWord self) internal pure returns (Energy) {
        return Energy.wrap(uint40(OrderWord.unwrap(self) >> AMOUNT_AT));
    }

    function remaining(OrderWord self) internal pure returns (Energy) {
        return Energy.wrap(uint40(OrderWord.unwrap(self) >> REMAINING_AT));
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

    function side(OrderWord self) internal pure returns (uint256) {
        return (OrderWord.unwrap(self) >> SIDE_AT) & 1;
    }

    function status(OrderWord self) internal pure returns (uint256) {
        return OrderWord.unwrap(self) >> STATUS_AT;
    }

    function withStatus(OrderWord self, uint256 status_) internal pure returns (OrderWord) {
        uint256 rest = OrderWord.unwrap(self) & ((1 << STATUS_AT) - 1);
        return OrderWord.wrap(rest | (status_ << STATUS_AT));
    }

    /// @notice Subtracts a fill from the remaining amount, which must be at least the fill.
    function afterFill(OrderWord self, Energy fill) internal pure returns (OrderWord) {
        return OrderWord.wrap(OrderWord.unwrap(self) - (Energy.unwrap(fill) << REMAINING_AT));
    }
}
