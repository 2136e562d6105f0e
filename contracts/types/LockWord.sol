// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice Money to lock for one signed order, in one word, so that one call can pass hundreds of them.
///
///     bit 255                                                    0
///     | unused 79 | buying 1 | nonce 40 | account 32 | amount 104 |
///
/// Amount in base units of the settlement token, account as Settlement's account number.
type LockWord is uint256;

using LockWordLibrary for LockWord global;

/// @title LockWordLibrary
/// @notice Named accessors of {LockWord}.
library LockWordLibrary {
    using SafeCast for uint256;

    uint256 private constant ACCOUNT_AT = 104;
    uint256 private constant NONCE_AT = 136;
    uint256 private constant BUYING = 1 << 176;

    /// @notice Packs a lock. The account's number and the nonce must fit.
    function pack(uint256 account_, uint256 amount_, uint256 nonce_, bool buying) internal pure returns (LockWord) {
        uint256 word = uint256(amount_.toUint104()) | (account_ << ACCOUNT_AT) | (nonce_ << NONCE_AT);
        return LockWord.wrap(buying ? word | BUYING : word);
    }

    function amount(LockWord self) internal pure returns (uint256) {
        return uint104(LockWord.unwrap(self));
    }

    function account(LockWord self) internal pure returns (uint256) {
        return uint32(LockWord.unwrap(self) >> ACCOUNT_AT);
    }

    function nonce(LockWord self) internal pure returns (uint256) {
        return uint40(LockWord.unwrap(self) >> NONCE_AT);
    }

    function isBuying(LockWord self) internal pure returns (bool) {
        return LockWord.unwrap(self) & BUYING != 0;
    }
}
