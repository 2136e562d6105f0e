// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice One report of a region's load in one storage word.
///
///     bit 255                                           0
///     | unused 96 | timestamp 32 | demand 64 | capacity 64 |
///
/// Power in kW, timestamp in Unix seconds (until 2106). A word of zero is no report: a report has a capacity above 0.
type LoadWord is uint256;

using LoadWordLibrary for LoadWord global;

/// @title LoadWordLibrary
/// @notice Named accessors of {LoadWord}.
library LoadWordLibrary {
    using SafeCast for uint256;

    uint256 private constant DEMAND_AT = 64;
    uint256 private constant TIMESTAMP_AT = 128;

    /// @notice Packs a report. The caller must ensure that the capacity is not 0.
    function pack(uint256 capacity_, uint256 demand_, uint256 timestamp_) internal pure returns (LoadWord) {
        return LoadWord.wrap(
            (uint256(timestamp_.toUint32()) << TIMESTAMP_AT) | (uint256(demand_.toUint64()) << DEMAND_AT)
                | capacity_.toUint64()
        );
    }

    function exists(LoadWord self) internal pure returns (bool) {
        return LoadWord.unwrap(self) != 0;
    }

    function capacity(LoadWord self) internal pure returns (uint256) {
        return uint64(LoadWord.unwrap(self));
    }

    function demand(LoadWord self) internal pure returns (uint256) {
        return uint64(LoadWord.unwrap(self) >> DEMAND_AT);
    }

    function timestamp(LoadWord self) internal pure returns (uint256) {
        return LoadWord.unwrap(self) >> TIMESTAMP_AT;
    }

    /// @notice Percent of the capacity, rounded down.
    function percentageDown(LoadWord self) internal pure returns (uint256) {
        return (self.demand() * 100) / self.capacity();
    }
}
