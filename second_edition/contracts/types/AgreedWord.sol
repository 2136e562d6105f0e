// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice What the energy accounts say of an account that trades, in one word of an answer.
///
///     bit 183                                                             0
///     | pending 96 | refusal 8 | region 16 | metered to 32 | metered from 32 |
///
/// `metered from` and `metered to` are the slots that a meter speaks for, the second exclusive; both 0: none. `region`
/// is 0 before the first meter. `pending` is what late registers have charged, in thousandths of a money unit; 0 if
/// they have given. `refusal` says why the account cannot trade.
type AgreedWord is uint256;

using AgreedWordLibrary for AgreedWord global;

// Refusals.
uint256 constant AGREED = 0;
uint256 constant GAP_OPEN = 1;
uint256 constant POSITION_TOO_LARGE = 2;

/// @title AgreedWordLibrary
/// @notice Named accessors of {AgreedWord}.
library AgreedWordLibrary {
    uint256 private constant TO_AT = 32;
    uint256 private constant REGION_AT = 64;
    uint256 private constant REFUSAL_AT = 80;
    uint256 private constant PENDING_AT = 88;

    /// @notice The values must fit their fields.
    function pack(uint256 from, uint256 to, uint256 region_, uint256 refusal_, uint256 pending_)
        internal
        pure
        returns (AgreedWord)
    {
        uint256 word = from | (to << TO_AT) | (region_ << REGION_AT);
        return AgreedWord.wrap(word | (refusal_ << REFUSAL_AT) | (pending_ << PENDING_AT));
    }

    function meteredFrom(AgreedWord self) internal pure returns (uint256) {
        return uint32(AgreedWord.unwrap(self));
    }

    function meteredTo(AgreedWord self) internal pure returns (uint256) {
        return uint32(AgreedWord.unwrap(self) >> TO_AT);
    }

    function region(AgreedWord self) internal pure returns (uint256) {
        return uint16(AgreedWord.unwrap(self) >> REGION_AT);
    }

    function refusal(AgreedWord self) internal pure returns (uint256) {
        return uint8(AgreedWord.unwrap(self) >> REFUSAL_AT);
    }

    function pending(AgreedWord self) internal pure returns (uint256) {
        return uint96(AgreedWord.unwrap(self) >> PENDING_AT);
    }
}
