// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ReadingWord, ReadingWordLibrary} from "./ReadingWord.sol";

/// @notice A meter's latest reading that is no boundary reading, and its registers when it was registered.
///
///     bit 249                                         154 153     0
///     | exported at start 48 | imported at start 48 | reading 154 |
///
/// Registers in Wh, modulo 2^48, in the terms of the present device. The reading's time is in Unix seconds. Until there
/// is one, it stands for the registration, or the exchange of the device.
type LatestWord is uint256;

using LatestWordLibrary for LatestWord global;

/// @title LatestWordLibrary
/// @notice Named accessors of {LatestWord}.
library LatestWordLibrary {
    uint256 private constant IMPORTED_AT_START_AT = 154;
    uint256 private constant EXPORTED_AT_START_AT = 202;
    uint256 private constant START = type(uint256).max << ReadingWordLibrary.END;

    /// @notice The caller must ensure that the values fit.
    function pack(uint256 importedAtStart_, uint256 exportedAtStart_, ReadingWord reading_)
        internal
        pure
        returns (LatestWord)
    {
        return LatestWord.wrap(
            (exportedAtStart_ << EXPORTED_AT_START_AT) | (importedAtStart_ << IMPORTED_AT_START_AT)
                | ReadingWord.unwrap(reading_)
        );
    }

    function reading(LatestWord self) internal pure returns (ReadingWord) {
        return ReadingWord.wrap(LatestWord.unwrap(self));
    }

    function importedAtStart(LatestWord self) internal pure returns (uint256) {
        return uint48(LatestWord.unwrap(self) >> IMPORTED_AT_START_AT);
    }

    function exportedAtStart(LatestWord self) internal pure returns (uint256) {
        return uint48(LatestWord.unwrap(self) >> EXPORTED_AT_START_AT);
    }

    function withReading(LatestWord self, ReadingWord reading_) internal pure returns (LatestWord) {
        return LatestWord.wrap((LatestWord.unwrap(self) & START) | ReadingWord.unwrap(reading_));
    }
}
