// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {PeriodKind} from "../types/Periods.sol";

/// @title Slots
/// @notice The calendar: accounting slots and delivery periods, all in Unix seconds UTC.
/// @dev Life of slot s, with L the slot length and G the grace time:
///
///     s*L                      (s+1)*L                            (s+1)*L + G
///      |-- metered ------------|-- boundary readings come in -----|-- final: its day can close when all its slots are
///      trades of it are over, its price is known
///
/// What is read until it is final is shared. Later readings still count, without sharing.
library Slots {
    uint256 internal constant QUARTER = 900;
    uint256 internal constant HOUR = 3600;
    uint256 internal constant DAY = 86_400;
    uint256 internal constant WEEK = 604_800;
    /// @dev 1970-01-05 was a Monday.
    uint256 internal constant FIRST_MONDAY = 345_600;

    function lengthOf(PeriodKind kind) internal pure returns (uint256) {
        if (kind == PeriodKind.HOURLY) return HOUR;
        if (kind == PeriodKind.DAILY) return DAY;
        if (kind == PeriodKind.WEEKLY) return WEEK;
        return QUARTER;
    }

    /// @notice Whether a period of this kind can start at `start` with slots of `slotLength` seconds. False for times
    /// beyond 64 bits.
    function isAligned(PeriodKind kind, uint256 start, uint256 slotLength) internal pure returns (bool) {
        if (start > type(uint64).max) return false;
        if (kind == PeriodKind.WEEKLY) return start >= FIRST_MONDAY && (start - FIRST_MONDAY) % WEEK == 0;
        if (kind == PeriodKind.QUARTER_HOURLY && slotLength != QUARTER) return false;
        return start % lengthOf(kind) == 0;
    }
}
