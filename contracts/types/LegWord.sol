// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice One account's side of a match, in one word of a call.
///
///     bit 151                                                          0
///     | locked 40 | unused 6 | stored 1 | sell 1 | nonce 40 | wh 32 | account 32 |
///
/// `wh` of every slot of the period. `stored`: an on-chain order, for which `locked` was locked for a Wh in each slot,
/// in thousandths of a money unit. Otherwise a signed order, for which nothing was, and whose nonce must not be below
/// the account's floor.
type LegWord is uint256;

using LegWordLibrary for LegWord global;

/// @title LegWordLibrary
/// @notice Named accessors of {LegWord}.
library LegWordLibrary {
    uint256 private constant WH_AT = 32;
    uint256 private constant NONCE_AT = 64;
    uint256 private constant SELL = 1 << 104;
    uint256 private constant STORED = 1 << 105;
    uint256 private constant LOCKED_AT = 112;

    /// @notice A side of a signed order. The values must fit their fields.
    function packSigned(uint256 number_, uint256 wh_, uint256 nonce_, bool sell) internal pure returns (LegWord) {
        uint256 word = number_ | (wh_ << WH_AT) | (nonce_ << NONCE_AT);
        return LegWord.wrap(sell ? word | SELL : word);
    }

    /// @notice A side of an on-chain order. The values must fit their fields.
    function packStored(uint256 number_, uint256 wh_, uint256 locked_, bool sell) internal pure returns (LegWord) {
        uint256 word = number_ | (wh_ << WH_AT) | STORED | (locked_ << LOCKED_AT);
        return LegWord.wrap(sell ? word | SELL : word);
    }

    function number(LegWord self) internal pure returns (uint256) {
        return uint32(LegWord.unwrap(self));
    }

    function wh(LegWord self) internal pure returns (uint256) {
        return uint32(LegWord.unwrap(self) >> WH_AT);
    }

    function nonce(LegWord self) internal pure returns (uint256) {
        return uint40(LegWord.unwrap(self) >> NONCE_AT);
    }

    function isSell(LegWord self) internal pure returns (bool) {
        return LegWord.unwrap(self) & SELL != 0;
    }

    function isStored(LegWord self) internal pure returns (bool) {
        return LegWord.unwrap(self) & STORED != 0;
    }

    function locked(LegWord self) internal pure returns (uint256) {
        return uint40(LegWord.unwrap(self) >> LOCKED_AT);
    }
}
