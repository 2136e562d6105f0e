// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {TermsWord} from "./TermsWord.sol";

/// @notice What the energy accounts say of an account that trades, in one word of an answer.
///
///     bit 151                                                        0
///     | pending 96 | refusal 8 | end day 16 | first day 16 | region 16 |
///
/// A meter speaks for the days from `first day` to before `end day`; both 0: none. `region` is 0 before the first
/// meter. `pending` is what late registers have charged, in thousandths of a money unit; 0 if they have given.
/// `refusal` says why the account cannot trade. The lowest 48 bits are those of {TermsWord}.
type AgreedWord is uint256;

using AgreedWordLibrary for AgreedWord global;

// Refusals.
uint256 constant AGREED = 0;
uint256 constant GAP_OPEN = 1;
uint256 constant POSITION_TOO_LARGE = 2;

/// @title AgreedWordLibrary
/// @notice Named accessors of {AgreedWord}.
library AgreedWordLibrary {
    uint256 private constant FIRST_DAY_AT = 16;
    uint256 private constant END_DAY_AT = 32;
    uint256 private constant TERMS = (1 << 48) - 1;
    uint256 private constant REFUSAL_AT = 48;
    uint256 private constant PENDING_AT = 56;

    /// @notice Region and bounds of the terms, with the rest, which must fit its fields.
    function pack(TermsWord terms, uint256 refusal_, uint256 pending_) internal pure returns (AgreedWord) {
        uint256 word = TermsWord.unwrap(terms) & TERMS;
        return AgreedWord.wrap(word | (refusal_ << REFUSAL_AT) | (pending_ << PENDING_AT));
    }

    function firstDay(AgreedWord self) internal pure returns (uint256) {
        return uint16(AgreedWord.unwrap(self) >> FIRST_DAY_AT);
    }

    function endDay(AgreedWord self) internal pure returns (uint256) {
        return uint16(AgreedWord.unwrap(self) >> END_DAY_AT);
    }

    /// @notice Whether a meter speaks for the day.
    function isMetered(AgreedWord self, uint256 day) internal pure returns (bool) {
        return self.firstDay() <= day && day < self.endDay();
    }

    function region(AgreedWord self) internal pure returns (uint256) {
        return uint16(AgreedWord.unwrap(self));
    }

    function refusal(AgreedWord self) internal pure returns (uint256) {
        return uint8(AgreedWord.unwrap(self) >> REFUSAL_AT);
    }

    function pending(AgreedWord self) internal pure returns (uint256) {
        return uint96(AgreedWord.unwrap(self) >> PENDING_AT);
    }
}
