// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Lanes
/// @notice Eight numbers of 32 bits in a word, the first in the lowest bits.
library Lanes {
    /// @dev What is added to the net of a slot, so that a lane of 0 is a slot that was not read.
    int256 internal constant ZERO = 1 << 31;
    uint256 internal constant NET_OF_ZERO = 1 << 31;

    uint256 private constant MASK = type(uint32).max;

    /// @param lane only its lowest three bits count.
    function at(uint256 page, uint256 lane) internal pure returns (uint256) {
        return (page >> (32 * (lane & 7))) & MASK;
    }

    /// @notice A lane in two's complement.
    function signedAt(uint256 page, uint256 lane) internal pure returns (int256) {
        return int32(uint32(at(page, lane)));
    }

    /// @notice Replaces a lane; what does not fit it is cut off.
    function with(uint256 page, uint256 lane, uint256 value) internal pure returns (uint256) {
        uint256 shift = 32 * (lane & 7);
        return (page & ~(MASK << shift)) | ((value & MASK) << shift);
    }

    /// @notice Adds a number to lanes in two's complement.
    /// @param from the first of them, of which only the lowest three bits count.
    /// @param count how many; they end in the same word.
    /// @param value between -2^32 and 2^32.
    /// @return fits whether every sum is above -2^31 and below 2^31; if not, the word does not count.
    /// @return sum the word.
    function plus(uint256 page, uint256 from, uint256 count, int256 value)
        internal
        pure
        returns (bool fits, uint256 sum)
    {
        for (uint256 lane = from; lane < from + count; ++lane) {
            int256 result = signedAt(page, lane) + value;
            if (result >= ZERO || result <= -ZERO) return (false, page);
            page = with(page, lane, uint256(result));
        }
        return (true, page);
    }
}
