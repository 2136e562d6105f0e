// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice What the energy accounts know of one account besides its energy, in one storage word.
///
///     bit 250                                                                                                    160
///     | next by gateway 1 | by gateway 1 | open money 1 | declared day 16 | unread days 8 | late to slot 32 | ...
///     | from day 16 | next community 24 | community 24 | reach by weeks 16 | days 16 | slots 16 | rated power 32 |
///     | end day 16 | first day 16 | region 16 |
///     bit 47                                  0
///
/// A meter of `rated power` (W, both directions together) speaks for the days from `first day` to before `end day`,
/// FOREVER while it is attached. A reach is the last day of which a lane of that kind may hold a position: days beyond
/// it need no read. The account is in `community` before `from day` and in `next community` since then; 0 is none; the
/// flags say whether a gateway reads its meter for it. No slot since `late to slot` was read after it was final.
/// `unread days` counts the closed days that wait to be charged at deemed import. On no day after `declared day` has
/// the account declared consumption. `open money`: the account has a {GapWord}.
type TermsWord is uint256;

using TermsWordLibrary for TermsWord global;

// The end of what an attached meter speaks for.
uint256 constant FOREVER = type(uint16).max;

/// @title TermsWordLibrary
/// @notice Named accessors of {TermsWord}. Values given to them must fit their fields.
library TermsWordLibrary {
    uint256 private constant FIRST_DAY_AT = 16;
    uint256 private constant END_DAY_AT = 32;
    uint256 private constant RATED_POWER_AT = 48;
    /// @dev Of the reach by slots; those by days and by weeks follow.
    uint256 private constant REACH_AT = 80;
    uint256 private constant COMMUNITY_AT = 128;
    uint256 private constant NEXT_COMMUNITY_AT = 152;
    uint256 private constant FROM_DAY_AT = 176;
    uint256 private constant LATE_TO_AT = 192;
    uint256 private constant UNREAD_DAYS_AT = 224;
    uint256 private constant DECLARED_DAY_AT = 232;
    uint256 private constant OPEN_MONEY = 1 << 248;
    uint256 private constant BY_GATEWAY = 1 << 249;
    uint256 private constant NEXT_BY_GATEWAY = 1 << 250;

    /// @dev Next community and unread days.
    uint256 private constant USUAL = (uint256(type(uint24).max) << NEXT_COMMUNITY_AT) | (0xff << UNREAD_DAYS_AT);
    uint256 private constant MEMBERSHIP = (1 << 64) - 1;
    uint256 private constant BOUNDS = (1 << 32) - 1;

    function region(TermsWord self) internal pure returns (uint256) {
        return uint16(TermsWord.unwrap(self));
    }

    /// @notice The first day that a meter speaks for.
    function firstDay(TermsWord self) internal pure returns (uint256) {
        return uint16(TermsWord.unwrap(self) >> FIRST_DAY_AT);
    }

    /// @notice The day after the last one that a meter speaks for; 0: none.
    function endDay(TermsWord self) internal pure returns (uint256) {
        return uint16(TermsWord.unwrap(self) >> END_DAY_AT);
    }

    /// @notice Whether a meter speaks for the day.
    function isMetered(TermsWord self, uint256 day) internal pure returns (bool) {
        return self.firstDay() <= day && day < self.endDay();
    }

    /// @notice In W.
    function ratedPower(TermsWord self) internal pure returns (uint256) {
        return uint32(TermsWord.unwrap(self) >> RATED_POWER_AT);
    }

    /// @param kind 0 lanes of slots, 1 of days, 2 of weeks.
    function reach(TermsWord self, uint256 kind) internal pure returns (uint256) {
        unchecked {
            return uint16(TermsWord.unwrap(self) >> (REACH_AT + 16 * kind));
        }
    }

    /// @notice Whether the day may hold a position.
    function reaches(TermsWord self, uint256 day) internal pure returns (bool) {
        unchecked {
            uint256 word = TermsWord.unwrap(self) >> REACH_AT;
            return uint16(word) >= day || uint16(word >> 16) >= day || uint16(word >> 32) >= day;
        }
    }

    function community(TermsWord self) internal pure returns (uint256) {
        return uint24(TermsWord.unwrap(self) >> COMMUNITY_AT);
    }

    function nextCommunity(TermsWord self) internal pure returns (uint256) {
        return uint24(TermsWord.unwrap(self) >> NEXT_COMMUNITY_AT);
    }

    /// @notice The first day of the next community.
    function fromDay(TermsWord self) internal pure returns (uint256) {
        return uint16(TermsWord.unwrap(self) >> FROM_DAY_AT);
    }

    /// @notice The community that the account is in on a day; 0 is none.
    function communityOn(TermsWord self, uint256 day) internal pure returns (uint256) {
        uint256 word = TermsWord.unwrap(self);
        return uint24(word >> (day < uint16(word >> FROM_DAY_AT) ? COMMUNITY_AT : NEXT_COMMUNITY_AT));
    }

    /// @notice Whether a day of the account is as most are: metered, in the community for more than a day, without
    /// closed days that wait to be charged.
    function isUsual(TermsWord self, uint256 community_, uint256 day) internal pure returns (bool) {
        unchecked {
            uint256 word = TermsWord.unwrap(self);
            return word & USUAL == community_ << NEXT_COMMUNITY_AT && uint16(word >> FROM_DAY_AT) < day
                && uint16(word >> FIRST_DAY_AT) <= day && uint16(word >> END_DAY_AT) > day;
        }
    }

    function lateTo(TermsWord self) internal pure returns (uint256) {
        return uint32(TermsWord.unwrap(self) >> LATE_TO_AT);
    }

    function unreadDays(TermsWord self) internal pure returns (uint256) {
        return uint8(TermsWord.unwrap(self) >> UNREAD_DAYS_AT);
    }

    function declaredDay(TermsWord self) internal pure returns (uint256) {
        return uint16(TermsWord.unwrap(self) >> DECLARED_DAY_AT);
    }

    function hasOpenMoney(TermsWord self) internal pure returns (bool) {
        return TermsWord.unwrap(self) & OPEN_MONEY != 0;
    }

    /// @notice Whether a gateway reads the account's meter on a day.
    function isByGateway(TermsWord self, uint256 day) internal pure returns (bool) {
        return TermsWord.unwrap(self) & (day < self.fromDay() ? BY_GATEWAY : NEXT_BY_GATEWAY) != 0;
    }

    /// @notice Whether a gateway reads the account's meter in its community or the next one.
    function isEverByGateway(TermsWord self) internal pure returns (bool) {
        return TermsWord.unwrap(self) & (BY_GATEWAY | NEXT_BY_GATEWAY) != 0;
    }

    function withRegion(TermsWord self, uint256 region_) internal pure returns (TermsWord) {
        return _with(self, region_, 0, type(uint16).max);
    }

    function withMetered(TermsWord self, uint256 from, uint256 to) internal pure returns (TermsWord) {
        return _with(self, from | (to << 16), FIRST_DAY_AT, BOUNDS);
    }

    function withRatedPower(TermsWord self, uint256 watts) internal pure returns (TermsWord) {
        return _with(self, watts, RATED_POWER_AT, type(uint32).max);
    }

    /// @notice The same word if the day is not beyond the reach.
    function reaching(TermsWord self, uint256 kind, uint256 day) internal pure returns (TermsWord) {
        return day > self.reach(kind) ? _with(self, day, REACH_AT + 16 * kind, type(uint16).max) : self;
    }

    /// @param keepsCommunity whether the present community stays the one before `day`; if not, the next one becomes it.
    function withNext(TermsWord self, bool keepsCommunity, uint256 next, uint256 day, bool byGateway)
        internal
        pure
        returns (TermsWord)
    {
        uint256 word = TermsWord.unwrap(self);
        uint256 before = keepsCommunity ? self.community() : self.nextCommunity();
        bool wasByGateway = word & (keepsCommunity ? BY_GATEWAY : NEXT_BY_GATEWAY) != 0;
        word = (word & ~(BY_GATEWAY | NEXT_BY_GATEWAY)) | (wasByGateway ? BY_GATEWAY : 0);
        if (byGateway) word |= NEXT_BY_GATEWAY;
        return _with(TermsWord.wrap(word), before | (next << 24) | (day << 48), COMMUNITY_AT, MEMBERSHIP);
    }

    function withLateTo(TermsWord self, uint256 slot) internal pure returns (TermsWord) {
        return _with(self, slot, LATE_TO_AT, type(uint32).max);
    }

    function withUnreadDays(TermsWord self, uint256 count) internal pure returns (TermsWord) {
        return _with(self, count, UNREAD_DAYS_AT, type(uint8).max);
    }

    function withDeclaredDay(TermsWord self, uint256 day) internal pure returns (TermsWord) {
        return _with(self, day, DECLARED_DAY_AT, type(uint16).max);
    }

    function withOpenMoney(TermsWord self, bool open) internal pure returns (TermsWord) {
        uint256 word = TermsWord.unwrap(self);
        return TermsWord.wrap(open ? word | OPEN_MONEY : word & ~OPEN_MONEY);
    }

    function _with(TermsWord self, uint256 value, uint256 at, uint256 mask) private pure returns (TermsWord) {
        return TermsWord.wrap((TermsWord.unwrap(self) & ~(mask << at)) | (value << at));
    }
}
