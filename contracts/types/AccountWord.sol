// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice One settlement account in one storage word.
///
///     bit 255                                                                                                  224
///     | reach 10 | by gateway 1 | may not sell 1 | may not buy 1 | owes 1 | keeps from day 16 | next keeps 1 |
///     | keeps 1 | signed floor 40 | deemed 40 | day 16 | credits 40 | free 88 |
///     bit 224                                                                 0
///
/// `free` is money in thousandths of a base unit: 88 bits are 3e26. `credits` are Wh. `day` is the first day that is
/// not closed, from 1970. `deemed` is the decayed mean of a day's import, in Wh. Signed orders with a nonce below the
/// floor are cancelled. `keeps` says whether surplus is kept as credits, until the day from which `next keeps` does.
/// `owes`: the account has a debt or a receivable in {OwedWord}. `by gateway`: the newest closed day was closed with a
/// gateway's other accounts. `reach`: how many days from `day` on may have money in a {MoneyDayWord}; FAR is this many
/// or more.
type AccountWord is uint256;

using AccountWordLibrary for AccountWord global;

// Flags of an account.
uint256 constant OWES = 1 << 242;
uint256 constant MAY_NOT_BUY = 1 << 243;
uint256 constant MAY_NOT_SELL = 1 << 244;
uint256 constant BY_GATEWAY = 1 << 245;

/// @title AccountWordLibrary
/// @notice Named accessors of {AccountWord}.
library AccountWordLibrary {
    using SafeCast for uint256;

    uint256 private constant CREDITS_AT = 88;
    uint256 private constant DAY_AT = 128;
    uint256 private constant DEEMED_AT = 144;
    uint256 private constant SIGNED_FLOOR_AT = 184;
    uint256 private constant KEEPS_AT = 224;
    uint256 private constant NEXT_KEEPS_AT = 225;
    uint256 private constant KEEPS_FROM_AT = 226;
    uint256 private constant REACH_AT = 246;
    uint256 private constant FAR = 1023;

    function free(AccountWord self) internal pure returns (uint256) {
        return uint88(AccountWord.unwrap(self));
    }

    function credits(AccountWord self) internal pure returns (uint256) {
        return uint40(AccountWord.unwrap(self) >> CREDITS_AT);
    }

    function day(AccountWord self) internal pure returns (uint256) {
        return uint16(AccountWord.unwrap(self) >> DAY_AT);
    }

    /// @notice Whether the newest closed day is the one before, and was closed with a gateway's other accounts.
    function follows(AccountWord self, uint256 day_) internal pure returns (bool) {
        unchecked {
            return AccountWord.unwrap(self) & ((0xffff << DAY_AT) | BY_GATEWAY) == (day_ << DAY_AT) | BY_GATEWAY;
        }
    }

    function deemed(AccountWord self) internal pure returns (uint256) {
        return uint40(AccountWord.unwrap(self) >> DEEMED_AT);
    }

    function signedFloor(AccountWord self) internal pure returns (uint256) {
        return uint40(AccountWord.unwrap(self) >> SIGNED_FLOOR_AT);
    }

    function has(AccountWord self, uint256 flag) internal pure returns (bool) {
        return AccountWord.unwrap(self) & flag != 0;
    }

    /// @notice The day from which the newest choice holds.
    function keepsFrom(AccountWord self) internal pure returns (uint256) {
        return uint16(AccountWord.unwrap(self) >> KEEPS_FROM_AT);
    }

    /// @notice Whether surplus of a day that is not closed is kept as credits.
    function keepsOn(AccountWord self, uint256 day_) internal pure returns (bool) {
        uint256 at = day_ < self.keepsFrom() ? KEEPS_AT : NEXT_KEEPS_AT;
        return (AccountWord.unwrap(self) >> at) & 1 != 0;
    }

    /// @notice Whether the first open day may have money in a {MoneyDayWord}.
    function reaches(AccountWord self) internal pure returns (bool) {
        return AccountWord.unwrap(self) >> REACH_AT != 0;
    }

    function withFlag(AccountWord self, uint256 flag, bool on) internal pure returns (AccountWord) {
        return AccountWord.wrap(on ? AccountWord.unwrap(self) | flag : AccountWord.unwrap(self) & ~flag);
    }

    function withFree(AccountWord self, uint256 money) internal pure returns (AccountWord) {
        return AccountWord.wrap((AccountWord.unwrap(self) & ~uint256(type(uint88).max)) | uint256(money.toUint88()));
    }

    /// @notice With money taken from what is free.
    function less(AccountWord self, uint256 money) internal pure returns (AccountWord) {
        unchecked {
            return AccountWord.wrap(AccountWord.unwrap(self) - money);
        }
    }

    function withCredits(AccountWord self, uint256 wh) internal pure returns (AccountWord) {
        return _with(self, wh.toUint40(), CREDITS_AT, type(uint40).max);
    }

    /// @notice A day's mean that does not fit stays at what does.
    function withDeemed(AccountWord self, uint256 wh) internal pure returns (AccountWord) {
        return _with(self, wh > type(uint40).max ? type(uint40).max : wh, DEEMED_AT, type(uint40).max);
    }

    function withSignedFloor(AccountWord self, uint256 nonce) internal pure returns (AccountWord) {
        return _with(self, nonce.toUint40(), SIGNED_FLOOR_AT, type(uint40).max);
    }

    /// @notice A new account's first open day.
    function opened(uint256 day_) internal pure returns (AccountWord) {
        return AccountWord.wrap(day_ << DAY_AT);
    }

    /// @notice Whether surplus is kept from a day on; until then the newest choice holds.
    function withKeeps(AccountWord self, bool keeps, uint256 day_) internal pure returns (AccountWord) {
        uint256 before = (AccountWord.unwrap(self) >> NEXT_KEEPS_AT) & 1;
        return _with(self, before | (day_ << 2), KEEPS_AT, (1 << 18) - 1).withNextKeeps(keeps);
    }

    /// @notice Whether surplus is kept from the same day on.
    function withNextKeeps(AccountWord self, bool keeps) internal pure returns (AccountWord) {
        return self.withFlag(1 << NEXT_KEEPS_AT, keeps);
    }

    /// @notice After the first open day, with the mean that it leaves.
    function closed(AccountWord self, bool byGateway, uint256 deemed_) internal pure returns (AccountWord) {
        unchecked {
            uint256 word = AccountWord.unwrap(self.withFlag(BY_GATEWAY, byGateway)) + (1 << DAY_AT);
            uint256 reach = word >> REACH_AT;
            if (reach != 0 && reach != FAR) word -= 1 << REACH_AT;
            return AccountWord.wrap(word).withDeemed(deemed_);
        }
    }

    /// @notice Money stands in a {MoneyDayWord} of `lastDay`, which is not closed, and perhaps of days before.
    function reaching(AccountWord self, uint256 lastDay) internal pure returns (AccountWord) {
        unchecked {
            uint256 reach = lastDay + 1 - self.day();
            if (reach > FAR) reach = FAR;
            return reach > AccountWord.unwrap(self) >> REACH_AT ? _with(self, reach, REACH_AT, FAR) : self;
        }
    }

    function _with(AccountWord self, uint256 value, uint256 at, uint256 mask) private pure returns (AccountWord) {
        return AccountWord.wrap((AccountWord.unwrap(self) & ~(mask << at)) | (value << at));
    }
}
