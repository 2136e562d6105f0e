// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice A meter's registers, which never decrease: the energy up to the last finished day, and the registers when
/// its current account got it. The current day is in {MeterWord}.
///
///     bit 255                                                               0
///     | consumed at link 64 | produced at link 64 | consumed 64 | produced 64 |
///
/// Energy in Wh: the largest meter (2.1 GW) counts 2^64 in 980,000 years.
type RegisterWord is uint256;

using RegisterWordLibrary for RegisterWord global;

/// @title RegisterWordLibrary
/// @notice Named accessors of {RegisterWord}.
library RegisterWordLibrary {
    using SafeCast for uint256;

    uint256 private constant CONSUMED_AT = 64;
    uint256 private constant PRODUCED_AT_LINK_AT = 128;
    uint256 private constant CONSUMED_AT_LINK_AT = 192;

    function produced(RegisterWord self) internal pure returns (uint256) {
        return uint64(RegisterWord.unwrap(self));
    }

    function consumed(RegisterWord self) internal pure returns (uint256) {
        return uint64(RegisterWord.unwrap(self) >> CONSUMED_AT);
    }

    function producedAtLink(RegisterWord self) internal pure returns (uint256) {
        return uint64(RegisterWord.unwrap(self) >> PRODUCED_AT_LINK_AT);
    }

    function consumedAtLink(RegisterWord self) internal pure returns (uint256) {
        return RegisterWord.unwrap(self) >> CONSUMED_AT_LINK_AT;
    }

    /// @notice Adds a finished day.
    function plus(RegisterWord self, uint256 produced_, uint256 consumed_) internal pure returns (RegisterWord) {
        uint256 links = (RegisterWord.unwrap(self) >> PRODUCED_AT_LINK_AT) << PRODUCED_AT_LINK_AT;
        uint256 consumedSum = (self.consumed() + consumed_).toUint64();
        return RegisterWord.wrap(links | (consumedSum << CONSUMED_AT) | (self.produced() + produced_).toUint64());
    }

    /// @notice Stores the registers, including the current day, when an account gets the meter.
    function linkedAt(RegisterWord self, uint256 produced_, uint256 consumed_) internal pure returns (RegisterWord) {
        return RegisterWord.wrap(
            uint128(RegisterWord.unwrap(self)) | (uint256(produced_.toUint64()) << PRODUCED_AT_LINK_AT)
                | (uint256(consumed_.toUint64()) << CONSUMED_AT_LINK_AT)
        );
    }
}
