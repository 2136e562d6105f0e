// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice The states of 112 consecutive nonces of a trader, and the trader's number in Settlement, so that checking
/// and marking a signed order needs one storage word only.
///
///     bit 255                                                            0
///     | account 32 | state of nonce 111, 2 | ... | state of nonce 0, 2 bits |
///
/// The states are the numbers of IEnergyTrading.NonceState; an unused nonce is OPEN, 0. The account is 0 until it is
/// first needed: cancelling needs no number.
type NonceWord is uint256;

using NonceWordLibrary for NonceWord global;

// How many nonces share a word.
uint256 constant NONCES_PER_WORD = 112;

/// @title NonceWordLibrary
/// @notice Named accessors of {NonceWord}.
library NonceWordLibrary {
    uint256 private constant ACCOUNT_AT = 224;
    uint256 private constant STATE = 3;

    function account(NonceWord self) internal pure returns (uint256) {
        return NonceWord.unwrap(self) >> ACCOUNT_AT;
    }

    function state(NonceWord self, uint256 nonce) internal pure returns (uint256) {
        return (NonceWord.unwrap(self) >> _at(nonce)) & STATE;
    }

    function withState(NonceWord self, uint256 nonce, uint256 state_) internal pure returns (NonceWord) {
        uint256 at = _at(nonce);
        return NonceWord.wrap((NonceWord.unwrap(self) & ~(STATE << at)) | (state_ << at));
    }

    /// @notice Stores the account's number, which never changes. It must fit.
    function withAccount(NonceWord self, uint256 account_) internal pure returns (NonceWord) {
        return NonceWord.wrap(NonceWord.unwrap(self) | (account_ << ACCOUNT_AT));
    }

    function _at(uint256 nonce) private pure returns (uint256) {
        unchecked {
            return (nonce % NONCES_PER_WORD) * 2;
        }
    }
}
