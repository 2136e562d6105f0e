// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice An account's coefficient of its community's static key, in basis points.
///
///     bit 79                                                        0
///     | offer 16 | end day 16 | from day 16 | next 16 | before 16 |
///
/// The coefficient is `before` until `from day`, `next` from then on, and 0 from `end day` on, with which the
/// membership ended; an end day of 0 is none. An offer of 0 is none. A new account's word is 0.
type CoefficientWord is uint256;

using CoefficientWordLibrary for CoefficientWord global;

/// @title CoefficientWordLibrary
/// @notice Named accessors of {CoefficientWord}. Values given to them must fit their fields.
library CoefficientWordLibrary {
    uint256 private constant NEXT_AT = 16;
    uint256 private constant FROM_DAY_AT = 32;
    uint256 private constant END_DAY_AT = 48;
    uint256 private constant OFFER_AT = 64;

    /// @notice One that becomes another on a day, without an end and without an offer.
    function pack(uint256 before_, uint256 next_, uint256 day) internal pure returns (CoefficientWord) {
        return CoefficientWord.wrap((day << FROM_DAY_AT) | (next_ << NEXT_AT) | before_);
    }

    function offer(CoefficientWord self) internal pure returns (uint256) {
        return CoefficientWord.unwrap(self) >> OFFER_AT;
    }

    function fromDay(CoefficientWord self) internal pure returns (uint256) {
        return uint16(CoefficientWord.unwrap(self) >> FROM_DAY_AT);
    }

    /// @notice The coefficient of a day.
    function on(CoefficientWord self, uint256 day) internal pure returns (uint256) {
        uint256 end = _endDay(self);
        if (end != 0 && day >= end) return 0;
        return uint16(CoefficientWord.unwrap(self) >> (day < self.fromDay() ? 0 : NEXT_AT));
    }

    /// @notice The last day before another one on which the coefficient may have changed; 0 if there is none.
    function changedBefore(CoefficientWord self, uint256 day) internal pure returns (uint256) {
        (uint256 end, uint256 from) = (_endDay(self), self.fromDay());
        if (end != 0 && end < day) return end;
        return from < day ? from : 0;
    }

    function withOffer(CoefficientWord self, uint256 offer_) internal pure returns (CoefficientWord) {
        uint256 rest = CoefficientWord.unwrap(self) & ((1 << OFFER_AT) - 1);
        return CoefficientWord.wrap(rest | (offer_ << OFFER_AT));
    }

    /// @notice The caller must ensure that it has no end yet, and no offer.
    function endingAt(CoefficientWord self, uint256 day) internal pure returns (CoefficientWord) {
        return CoefficientWord.wrap(CoefficientWord.unwrap(self) | (day << END_DAY_AT));
    }

    function _endDay(CoefficientWord self) private pure returns (uint256) {
        return uint16(CoefficientWord.unwrap(self) >> END_DAY_AT);
    }
}
