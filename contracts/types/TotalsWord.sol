// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice Produced and consumed energy of a time range in one storage word.
///
///     bit 255                    0
///     | consumed 128 | produced 128 |
///
/// Energy in Wh.
type TotalsWord is uint256;

using TotalsWordLibrary for TotalsWord global;

/// @title TotalsWordLibrary
/// @notice Named accessors of {TotalsWord}.
library TotalsWordLibrary {
    using SafeCast for uint256;

    uint256 private constant CONSUMED_AT = 128;

    function pack(uint256 produced_, uint256 consumed_) internal pure returns (TotalsWord) {
        return TotalsWord.wrap((uint256(consumed_.toUint128()) << CONSUMED_AT) | produced_.toUint128());
    }

    function produced(TotalsWord self) internal pure returns (uint256) {
        return uint128(TotalsWord.unwrap(self));
    }

    function consumed(TotalsWord self) internal pure returns (uint256) {
        return TotalsWord.unwrap(self) >> CONSUMED_AT;
    }

    function plus(TotalsWord self, uint256 produced_, uint256 consumed_) internal pure returns (TotalsWord) {
        return pack(self.produced() + produced_, self.consumed() + consumed_);
    }
}
