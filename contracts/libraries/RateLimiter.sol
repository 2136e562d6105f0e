// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title RateLimiter
/// @notice Two limiters without window edges: a token bucket for counted calls and a decaying sum for money. Both allow
/// a full burst at once and regain it evenly, so up to twice the limit passes in one window, never more.
library RateLimiter {
    /// @notice Refills a bucket of at most `capacity` tokens that regains one every `refill` seconds.
    /// @return tokens number of tokens in the bucket now.
    /// @return updated the time up to which regained tokens are counted: the unused part of a refill interval still
    /// counts later.
    function refilled(uint256 tokens, uint256 updated, uint256 capacity, uint256 refill, uint256 time)
        internal
        pure
        returns (uint256, uint256)
    {
        uint256 regained = (time - updated) / refill;
        if (tokens + regained >= capacity) return (capacity, time);
        // slither-disable-next-line divide-before-multiply: only whole intervals count
        return (tokens + regained, updated + regained * refill);
    }

    /// @notice The part of `used` that still counts against `limit` per `window` seconds after `elapsed` seconds. The
    /// decay is rounded down, in favour of the limit.
    function decayed(uint256 used, uint256 elapsed, uint256 limit, uint256 window) internal pure returns (uint256) {
        if (elapsed >= window) return 0;
        return Math.saturatingSub(used, Math.saturatingMul(limit, elapsed) / window);
    }
}
