// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {TermsWord} from "./TermsWord.sol";

/// @notice What the energy accounts say of an account that trades, in one word of an answer.
///
///     bit 183                                                             0
///     | pending 96 | refusal 8 | metered to 32 | metered from 32 | region 16 |
///
/// `metered from` and `metered to` are the slots that a meter speaks for, the second exclusive; both 0: none. `region`
/// is 0 before the first meter. `pending` is what late registers have charged, in thousandths of a money unit; 0 if
/// they have given. `refusal` says why the account cannot trade. The lowest 80 bits are those of {TermsWord}.
type AgreedWord is uint256;

using AgreedWordLibrary for AgreedWord global;

// Refusals.
uint256 constant AGREED = 0;
uint256 constant GAP_OPEN = 1;
uint256 constant POSITION_TOO_LARGE = 2;

/// @title AgreedWordLibrary
/// @notice Named accessors of {AgreedWord}.
library AgreedWordLibrary {
    uint256 private constant FROM_AT = 16;
    uint256 private constant TO_AT = 48;
    uint256 private constant TERMS = (1 << 80) - 1;
    uint256 private constant REFUSAL_AT = 80;
    uint256 private constant PENDING_AT = 88;

    /// @notice Region and bounds of the terms, with the rest, which must fit its fields.
    function pack(TermsWord terms, uint256 refusal_, uint256 pending_) internal pure returns (AgreedWord) {
        uint256 word = TermsWord.unwrap(terms) & TERMS;
        return AgreedWord.wrap(word | (refusal_ << REFUSAL_AT) | (pending_ << PENDING_AT));
    }

    function meteredFrom(AgreedWord self) internal pure returns (uint256) {
        return uint32(AgreedWord.unwrap(self) >> FROM_AT);
    }

    function meteredTo(AgreedWord self) internal pure returns (uint256) {
        return uint32(AgreedWord.unwrap(self) >> TO_AT);
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
