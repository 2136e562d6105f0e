// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice The kinds of delivery period an order can be for. Quarter hours exist only where slots are 900 s.
enum PeriodKind {
    HOURLY,
    DAILY,
    WEEKLY,
    QUARTER_HOURLY
}
