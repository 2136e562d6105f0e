// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {BPS} from "./Units.sol";

/// @notice The tariff of a region from a day on, in one storage word.
///
///     bit 191                                                                                               0
///     | entry 16 | from day 16 | maxFactor 16 | protocolFee 32 | networkFee 32 | feedIn 32 | buy 32 |
///
/// Prices and fees are money per kWh, maxFactor is in basis points, days count from 1970. `entry` counts the tariffs
/// before this one (see {Schedules}). A word of zero is no tariff: maxFactor is at least 10,000.
type TariffWord is uint256;

using TariffWordLibrary for TariffWord global;

/// @title TariffWordLibrary
/// @notice Named accessors of {TariffWord}, and the prices that follow from it.
library TariffWordLibrary {
    uint256 private constant FEED_IN_AT = 32;
    uint256 private constant NETWORK_FEE_AT = 64;
    uint256 private constant PROTOCOL_FEE_AT = 96;
    uint256 private constant MAX_FACTOR_AT = 128;
    uint256 private constant FROM_DAY_AT = 144;

    /// @dev The caller has checked the widths; {Schedules} sets the day and the entry.
    function pack(uint256 buy_, uint256 feedIn_, uint256 networkFee_, uint256 protocolFee_, uint256 maxFactor_)
        internal
        pure
        returns (TariffWord)
    {
        uint256 word = buy_ | (feedIn_ << FEED_IN_AT) | (networkFee_ << NETWORK_FEE_AT);
        return TariffWord.wrap(word | (protocolFee_ << PROTOCOL_FEE_AT) | (maxFactor_ << MAX_FACTOR_AT));
    }

    function buy(TariffWord self) internal pure returns (uint256) {
        return uint32(TariffWord.unwrap(self));
    }

    function feedIn(TariffWord self) internal pure returns (uint256) {
        return uint32(TariffWord.unwrap(self) >> FEED_IN_AT);
    }

    function networkFee(TariffWord self) internal pure returns (uint256) {
        return uint32(TariffWord.unwrap(self) >> NETWORK_FEE_AT);
    }

    function protocolFee(TariffWord self) internal pure returns (uint256) {
        return uint32(TariffWord.unwrap(self) >> PROTOCOL_FEE_AT);
    }

    function maxFactor(TariffWord self) internal pure returns (uint256) {
        return uint16(TariffWord.unwrap(self) >> MAX_FACTOR_AT);
    }

    function fromDay(TariffWord self) internal pure returns (uint256) {
        return uint16(TariffWord.unwrap(self) >> FROM_DAY_AT);
    }

    /// @notice Both fees of a kWh that is sold.
    function fees(TariffWord self) internal pure returns (uint256) {
        return self.networkFee() + self.protocolFee();
    }

    /// @notice The price of a kWh of deficit at a factor in basis points, rounded up.
    function deficitPrice(TariffWord self, uint256 factor) internal pure returns (uint256) {
        return (self.buy() * factor + BPS - 1) / BPS;
    }

    /// @notice The dearest price of a kWh of deficit.
    function maxBuy(TariffWord self) internal pure returns (uint256) {
        return self.deficitPrice(self.maxFactor());
    }

    /// @notice What a taker pays a giver for a shared kWh, without the network fee, rounded up.
    /// @param theta basis points of what lies between feed-in and purchase.
    function sharedPrice(TariffWord self, uint256 theta) internal pure returns (uint256) {
        uint256 feedIn_ = self.feedIn();
        return feedIn_ + (theta * (self.buy() - self.networkFee() - feedIn_) + BPS - 1) / BPS;
    }
}
