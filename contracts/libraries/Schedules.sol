// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @title Schedules
/// @notice Values that hold from a day on, one word each, in the order of their days:
///
///     | unused 80 | entry 16 | from day 16 | value 144 |
///     255                                              0
///
/// `entry` counts the words before this one. The newest word stands apart: where nothing is planned, one read finds
/// what holds today. The first word has day and entry 0, so it is stored as its value.
library Schedules {
    using SafeCast for uint256;

    struct Schedule {
        uint256 newest;
        mapping(uint256 entry => uint256 word) former;
    }

    uint256 private constant FROM_DAY_AT = 144;
    uint256 private constant ENTRY_AT = 160;

    /// @notice What holds on a day: the newest word, or found among the former ones by halves.
    function at(Schedule storage self, uint256 day) internal view returns (uint256 word) {
        word = self.newest;
        if (fromDay(word) <= day) return word;
        // The words from `low` to before `high` are left; that of `low` holds by then.
        (uint256 low, uint256 high) = (0, entry(word));
        while (high - low > 1) {
            uint256 middle = (low + high) / 2;
            if (fromDay(self.former[middle]) <= day) low = middle;
            else high = middle;
        }
        return self.former[low];
    }

    /// @notice The word before another one, which must not be the first.
    function before(Schedule storage self, uint256 word) internal view returns (uint256) {
        return self.former[entry(word) - 1];
    }

    /// @notice What holds from a day on, whatever was planned for later. The day is above 0.
    function set(Schedule storage self, uint256 day, uint256 value) internal {
        uint256 newest = self.newest;
        while (fromDay(newest) >= day) newest = self.former[entry(newest) - 1];
        uint256 count = entry(newest);
        self.former[count] = newest;
        self.newest = value | (uint256(day.toUint16()) << FROM_DAY_AT) | (uint256((count + 1).toUint16()) << ENTRY_AT);
    }

    function fromDay(uint256 word) internal pure returns (uint256) {
        return uint16(word >> FROM_DAY_AT);
    }

    function entry(uint256 word) internal pure returns (uint256) {
        return uint16(word >> ENTRY_AT);
    }
}
