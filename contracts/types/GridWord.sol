// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// @notice The grid account in one storage word.
///
///     bit 248                                        0
///     | waiting 1 | credits 72 | owed 88 | cash 88 |
///
/// Money in thousandths of a base unit. `cash` is what it has, `owed` the sum of all receivables, `credits` all Wh of
/// energy credit, in accounts and as tokens. `waiting`: the queue of receivables has entries.
type GridWord is uint256;

using GridWordLibrary for GridWord global;

/// @title GridWordLibrary
/// @notice Named accessors of {GridWord}.
library GridWordLibrary {
    using SafeCast for uint256;

    uint256 private constant OWED_AT = 88;
    uint256 private constant CREDITS_AT = 176;
    uint256 private constant WAITING = 1 << 248;

    function pack(uint256 cash_, uint256 owed_, uint256 credits_, bool waiting) internal pure returns (GridWord) {
        uint256 word = uint256(cash_.toUint88()) | (uint256(owed_.toUint88()) << OWED_AT);
        word |= uint256(credits_.toUint72()) << CREDITS_AT;
        return GridWord.wrap(waiting ? word | WAITING : word);
    }

    function cash(GridWord self) internal pure returns (uint256) {
        return uint88(GridWord.unwrap(self));
    }

    function owed(GridWord self) internal pure returns (uint256) {
        return uint88(GridWord.unwrap(self) >> OWED_AT);
    }

    function credits(GridWord self) internal pure returns (uint256) {
        return uint72(GridWord.unwrap(self) >> CREDITS_AT);
    }

    function isWaiting(GridWord self) internal pure returns (bool) {
        return GridWord.unwrap(self) & WAITING != 0;
    }
}
