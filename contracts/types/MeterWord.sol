// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ReadingWord, ReadingWordLibrary} from "./ReadingWord.sol";

/// @notice A meter's data that a boundary reading needs, in one storage word, the only one that it reads and writes:
/// the meter's properties, which readings do not change, and the newest boundary reading.
///
///     bit 255                                                                                                   154
///     | active 1 | settlement 1 | by gateway 1 | unused 4 | end day 16 | first day 16 | rated power 31 | account 32
///     | reading 154 |
///     bit 153       0
///
/// Rated power in W (31 bits: 2.1 GW, more than any single power unit), account as Settlement's account number. The
/// meter measures for the account from the first day to before the end day ({OPEN_END}: not detached). The reading's
/// time is the slot that begins with it. `by gateway`: days of the account may be read by its community's gateway. A
/// word of zero is no meter.
type MeterWord is uint256;

using MeterWordLibrary for MeterWord global;

uint256 constant MAX_RATED_POWER = (1 << 31) - 1;
uint256 constant OPEN_END = type(uint16).max;

/// @title MeterWordLibrary
/// @notice Named accessors of {MeterWord}.
library MeterWordLibrary {
    uint256 private constant ACCOUNT_AT = 154;
    uint256 private constant RATED_POWER_AT = 186;
    uint256 private constant FIRST_DAY_AT = 217;
    uint256 private constant END_DAY_AT = 233;
    uint256 private constant BY_GATEWAY = 1 << 253;
    uint256 private constant SETTLEMENT = 1 << 254;
    uint256 private constant ACTIVE = 1 << 255;
    uint256 private constant METER = type(uint256).max << ReadingWordLibrary.END;

    /// @notice A new active meter. The caller must ensure that the values fit.
    function pack(bool settlement_, uint256 firstDay_, uint256 ratedPower_, uint256 account_, ReadingWord reading_)
        internal
        pure
        returns (MeterWord)
    {
        return MeterWord.wrap(
            ACTIVE | (settlement_ ? SETTLEMENT : 0) | (OPEN_END << END_DAY_AT) | (firstDay_ << FIRST_DAY_AT)
                | (ratedPower_ << RATED_POWER_AT) | (account_ << ACCOUNT_AT) | ReadingWord.unwrap(reading_)
        );
    }

    function exists(MeterWord self) internal pure returns (bool) {
        return MeterWord.unwrap(self) != 0;
    }

    function isActive(MeterWord self) internal pure returns (bool) {
        return MeterWord.unwrap(self) & ACTIVE != 0;
    }

    function isSettlement(MeterWord self) internal pure returns (bool) {
        return MeterWord.unwrap(self) & SETTLEMENT != 0;
    }

    /// @notice Whether a gateway may read days of the account, so that the meter's own readings may have to wait.
    function isByGateway(MeterWord self) internal pure returns (bool) {
        return MeterWord.unwrap(self) & BY_GATEWAY != 0;
    }

    function endDay(MeterWord self) internal pure returns (uint256) {
        return uint16(MeterWord.unwrap(self) >> END_DAY_AT);
    }

    function firstDay(MeterWord self) internal pure returns (uint256) {
        return uint16(MeterWord.unwrap(self) >> FIRST_DAY_AT);
    }

    function ratedPower(MeterWord self) internal pure returns (uint256) {
        return (MeterWord.unwrap(self) >> RATED_POWER_AT) & MAX_RATED_POWER;
    }

    function account(MeterWord self) internal pure returns (uint256) {
        return uint32(MeterWord.unwrap(self) >> ACCOUNT_AT);
    }

    /// @notice The newest boundary reading.
    function reading(MeterWord self) internal pure returns (ReadingWord) {
        return ReadingWord.wrap(MeterWord.unwrap(self));
    }

    /// @notice The slot that begins with the newest boundary reading.
    function readTo(MeterWord self) internal pure returns (uint256) {
        return uint32(MeterWord.unwrap(self));
    }

    function withReading(MeterWord self, ReadingWord reading_) internal pure returns (MeterWord) {
        return MeterWord.wrap((MeterWord.unwrap(self) & METER) | ReadingWord.unwrap(reading_));
    }

    function withByGateway(MeterWord self, bool byGateway) internal pure returns (MeterWord) {
        uint256 word = MeterWord.unwrap(self);
        return MeterWord.wrap(byGateway ? word | BY_GATEWAY : word & ~BY_GATEWAY);
    }

    function withRatedPower(MeterWord self, uint256 ratedPower_) internal pure returns (MeterWord) {
        uint256 rest = MeterWord.unwrap(self) & ~(MAX_RATED_POWER << RATED_POWER_AT);
        return MeterWord.wrap(rest | (ratedPower_ << RATED_POWER_AT));
    }

    /// @notice The caller must ensure that the meter has no end yet, and that the day fits.
    function endingAt(MeterWord self, uint256 endDay_) internal pure returns (MeterWord) {
        return MeterWord.wrap(MeterWord.unwrap(self) ^ ((endDay_ ^ OPEN_END) << END_DAY_AT));
    }

    function deactivated(MeterWord self) internal pure returns (MeterWord) {
        return MeterWord.wrap(MeterWord.unwrap(self) & ~ACTIVE);
    }
}
