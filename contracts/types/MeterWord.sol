// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice What is fixed of a meter from one reading to the next, in one storage word that readings only read.
///
///     bit 255                                                         0
///     | unused 159 | active 1 | rated power 32 | account 32 | number 32 |
///
/// Rated power in W (32 bits: 4.3 GW), account as Settlement's account number. A word of zero is no meter: numbers
/// start at 1.
type MeterWord is uint256;

using MeterWordLibrary for MeterWord global;

/// @title MeterWordLibrary
/// @notice Named accessors of {MeterWord}.
library MeterWordLibrary {
    using SafeCast for uint256;

    uint256 private constant ACCOUNT_AT = 32;
    uint256 private constant RATED_POWER_AT = 64;
    uint256 private constant ACTIVE = 1 << 96;

    /// @notice A new meter, active.
    function pack(uint256 number_, uint256 account_, uint256 ratedPower_) internal pure returns (MeterWord) {
        return
            MeterWord.wrap(
                ACTIVE |
                    (uint256(ratedPower_.toUint32()) << RATED_POWER_AT) |
                    (uint256(account_.toUint32()) << ACCOUNT_AT) |
                    number_.toUint32()
            );
    }

    function exists(MeterWord self) internal pure returns (bool) {
        return MeterWord.unwrap(self) != 0;
    }

    function number(MeterWord self) internal pure returns (uint256) {
        return uint32(MeterWord.unwrap(self));
    }

    function account(MeterWord self) internal pure returns (uint256) {
        return uint32(MeterWord.unwrap(self) >> ACCOUNT_AT);
    }

    function ratedPower(MeterWord self) internal pure returns (uint256) {
        return uint32(MeterWord.unwrap(self) >> RATED_POWER_AT);
    }

    function isActive(MeterWord self) internal pure returns (bool) {
        return MeterWord.unwrap(self) & ACTIVE != 0;
    }

    function withAccount(MeterWord self, uint256 account_) internal pure returns (MeterWord) {
        uint256 rest = MeterWord.unwrap(self) & ~(uint256(type(uint32).max) << ACCOUNT_AT);
        return MeterWord.wrap(rest | (uint256(account_.toUint32()) << ACCOUNT_AT));
    }

    function deactivated(MeterWord self) internal pure returns (MeterWord) {
        return MeterWord.wrap(MeterWord.unwrap(self) & ~ACTIVE);
    }
}
