// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice One settlement account in one storage word.
///
///     bit 255                                                     0
///     | flags 8 | signed floor 40 | locked 104    | available 104 |
///
/// Money is in base units of the settlement token: 104 bits are 2e31. Signed orders with a nonce below the floor are
/// cancelled; it is here because filling an order reads and writes this word anyway.
type AccountWord is uint256;

using AccountWordLibrary for AccountWord global;

// Flags of an account.
uint256 constant IN_DEBT = 1;
uint256 constant MAY_NOT_BUY = 2;
uint256 constant MAY_NOT_SELL = 4;

/// @title AccountWordLibrary
/// @notice Named accessors of {AccountWord}. Every change is a move between named fields; no field is set directly.
library AccountWordLibrary {
    using SafeCast for uint256;

    uint256 private constant LOCKED_AT = 104;
    uint256 private constant SIGNED_FLOOR_AT = 208;
    uint256 private constant FLAGS_AT = 248;

    function available(AccountWord self) internal pure returns (uint256) {
        return uint104(AccountWord.unwrap(self));
    }

    function locked(AccountWord self) internal pure returns (uint256) {
        return uint104(AccountWord.unwrap(self) >> LOCKED_AT);
    }

    function signedFloor(AccountWord self) internal pure returns (uint256) {
        return uint40(AccountWord.unwrap(self) >> SIGNED_FLOOR_AT);
    }

    function has(AccountWord self, uint256 flag) internal pure returns (bool) {
        return (AccountWord.unwrap(self) >> FLAGS_AT) & flag != 0;
    }

    function withFlag(AccountWord self, uint256 flag, bool on) internal pure returns (AccountWord) {
        uint256 bit = flag << FLAGS_AT;
        return AccountWord.wrap(on ? AccountWord.unwrap(self) | bit : AccountWord.unwrap(self) & ~bit);
    }

    /// @notice Replaces both amounts, checked to fit.
    function withMoney(AccountWord self, uint256 available_, uint256 locked_) internal pure returns (AccountWord) {
        uint256 rest = (AccountWord.unwrap(self) >> SIGNED_FLOOR_AT) << SIGNED_FLOOR_AT;
        return AccountWord.wrap(rest | (uint256(locked_.toUint104()) << LOCKED_AT) | available_.toUint104());
    }

    /// @notice Moves available money to locked; the caller has checked that there is enough.
    function lock(AccountWord self, uint256 amount) internal pure returns (AccountWord) {
        unchecked {
            // slither-disable-next-line unused-return: called for its check alone
            (self.locked() + amount).toUint104();
            return AccountWord.wrap(AccountWord.unwrap(self) - amount + (amount << LOCKED_AT));
        }
    }

    /// @notice Raises the floor; the caller has checked that it rises.
    function withSignedFloor(AccountWord self, uint256 nonce) internal pure returns (AccountWord) {
        uint256 rest = AccountWord.unwrap(self) & ~(uint256(type(uint40).max) << SIGNED_FLOOR_AT);
        return AccountWord.wrap(rest | (uint256(nonce.toUint40()) << SIGNED_FLOOR_AT));
    }
}
