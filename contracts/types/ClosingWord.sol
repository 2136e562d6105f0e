// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice What the closing of an account's day needs to know of its settlement account, in one word of a call.
///
///     bit 113                                                      0
///     | by gateway 1 | keeps 1 | deemed 40 | credits 40 | account 32 |
///
/// `deemed` is the decayed mean of a day's import and `credits` the account's energy credits, both in Wh. `keeps`:
/// surplus of the day is kept as credits, and credits cover its deficits. `by gateway`: the day before was closed with a
/// gateway's other accounts.
type ClosingWord is uint256;

using ClosingWordLibrary for ClosingWord global;

/// @title ClosingWordLibrary
/// @notice Named accessors of {ClosingWord}.
library ClosingWordLibrary {
    uint256 private constant CREDITS_AT = 32;
    uint256 private constant DEEMED_AT = 72;
    uint256 private constant KEEPS_AT = 112;
    uint256 private constant BY_GATEWAY_AT = 113;

    /// @notice The values must fit their fields.
    function pack(uint256 number_, uint256 credits_, uint256 deemed_, bool keeps_, bool byGateway_)
        internal
        pure
        returns (ClosingWord)
    {
        uint256 word = number_ | (credits_ << CREDITS_AT) | (deemed_ << DEEMED_AT);
        if (keeps_) word |= 1 << KEEPS_AT;
        return ClosingWord.wrap(byGateway_ ? word | (1 << BY_GATEWAY_AT) : word);
    }

    function number(ClosingWord self) internal pure returns (uint256) {
        return uint32(ClosingWord.unwrap(self));
    }

    function credits(ClosingWord self) internal pure returns (uint256) {
        return uint40(ClosingWord.unwrap(self) >> CREDITS_AT);
    }

    function deemed(ClosingWord self) internal pure returns (uint256) {
        return uint40(ClosingWord.unwrap(self) >> DEEMED_AT);
    }

    function keeps(ClosingWord self) internal pure returns (bool) {
        return (ClosingWord.unwrap(self) >> KEEPS_AT) & 1 != 0;
    }

    function byGateway(ClosingWord self) internal pure returns (bool) {
        return (ClosingWord.unwrap(self) >> BY_GATEWAY_AT) & 1 != 0;
    }
}
