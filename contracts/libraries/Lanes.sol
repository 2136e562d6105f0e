// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Lanes
/// @notice Eight numbers of 32 bits in a word, the first in the lowest bits.
library Lanes {
    /// @dev What is added to the net of a slot, so that a lane of 0 is a slot that was not read.
    int256 internal constant ZERO = 1 << 31;
    uint256 internal constant NET_OF_ZERO = 1 << 31;

    uint256 private constant MASK = type(uint32).max;
    // Bits of all lanes: the lowest, the highest, all others. In every second lane: all, and the lowest.
    uint256 private constant LOWEST = type(uint256).max / MASK;
    uint256 private constant HIGHEST = LOWEST << 31;
    uint256 private constant LOWER = ~HIGHEST;
    uint256 private constant SECOND = LOWEST_OF_SECOND * MASK;
    uint256 private constant LOWEST_OF_SECOND = type(uint256).max / type(uint64).max;

    /// @param lane only its lowest three bits count.
    function at(uint256 page, uint256 lane) internal pure returns (uint256) {
        unchecked {
            return (page >> (32 * (lane & 7))) & MASK;
        }
    }

    /// @notice A lane in two's complement.
    function signedAt(uint256 page, uint256 lane) internal pure returns (int256) {
        return int32(uint32(at(page, lane)));
    }

    /// @notice Replaces a lane; what does not fit it is cut off.
    function with(uint256 page, uint256 lane, uint256 value) internal pure returns (uint256) {
        unchecked {
            uint256 shift = 32 * (lane & 7);
            return (page & ~(MASK << shift)) | ((value & MASK) << shift);
        }
    }

    /// @notice Adds a number to lanes in two's complement, all of them at once.
    /// @param from the first of them, of which only the lowest three bits count.
    /// @param count how many, from 1 to 8; they end in the same word.
    /// @return fits whether the value and every sum are above -2^31 and below 2^31; if not, the word does not count.
    /// @return sum the word.
    function plus(uint256 page, uint256 from, uint256 count, int256 value)
        internal
        pure
        returns (bool fits, uint256 sum)
    {
        unchecked {
            if (value >= ZERO || value <= -ZERO) return (false, page);
            uint256 ones = (LOWEST >> (256 - 32 * count)) << (32 * (from & 7));
            uint256 addend = ones * (uint256(value) & MASK);
            // No carry leaves a lane: its highest bits are added without one.
            sum = ((page & LOWER) + (addend & LOWER)) ^ ((page ^ addend) & HIGHEST);
            // A sum is too large if it has neither addend's sign, or is -2^31: all but its highest bit is 0.
            uint256 overflow = (page ^ sum) & (addend ^ sum);
            uint256 inside = ((sum & LOWER) + LOWER) | ~sum;
            fits = inside & ~overflow & HIGHEST == HIGHEST;
        }
    }

    /// @notice The sum of lanes in two's complement.
    function sumOfSigned(uint256 page) internal pure returns (int256) {
        unchecked {
            return int256(_sum(page ^ HIGHEST)) - 8 * ZERO;
        }
    }

    /// @notice The sums of nets with {ZERO} added, in which a lane of 0 counts as none.
    /// @return net of all.
    /// @return imported of the negative ones, without their sign.
    function sumsOfNets(uint256 page) internal pure returns (int256 net, uint256 imported) {
        unchecked {
            // The lowest bit of each lane that is not 0, then of each that is negative.
            uint256 present = ((((page & LOWER) + LOWER) | page) & HIGHEST) >> 31;
            uint256 negative = present & ~(page >> 31);
            net = int256(_sum(page)) - int256(_count(present) << 31);
            imported = (_count(negative) << 31) - _sum(page & (negative * MASK));
        }
    }

    /// @dev Lanes of 0 or 1.
    function _count(uint256 ones) private pure returns (uint256) {
        unchecked {
            return (ones * LOWEST) >> 224;
        }
    }

    function _sum(uint256 page) private pure returns (uint256) {
        unchecked {
            // Four sums of two lanes, each in 64 bits; a product adds them up in the highest ones.
            return (((page & SECOND) + ((page >> 32) & SECOND)) * LOWEST_OF_SECOND) >> 192;
        }
    }
}
