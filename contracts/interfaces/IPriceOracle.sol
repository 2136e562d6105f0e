// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AggregatorV3Interface} from "./AggregatorV3Interface.sol";
import {IMedianOracle} from "./IMedianOracle.sol";

/// @title IPriceOracle
/// @notice What a kWh costs outside of this market (a wholesale price), in whole money units with `decimals` digits,
/// as a Chainlink feed. `latestRoundData` gives the newest ANSWERED round with its true `updatedAt` and refuses a feed
/// without one (MedianOracle_NoAnswer); `getRoundData` refuses rounds that are not ANSWERED (MedianOracle_NoSuchRound).
///
/// Prices are above 0 and below 2^96, `decimals` is 24 at most. A jump beyond MAX_DEVIATION_BPS of the value it is
/// compared with is held; until it is confirmed, `latestRoundData` goes on giving the answer before it.
interface IPriceOracle is AggregatorV3Interface, IMedianOracle {
    /* REPORTERS (role REPORTER) */

    /// @notice Submits one reporter's price to the open round.
    /// @param round number of the open round, see {openRoundOf}.
    /// @param price whole money units with `decimals` digits, above 0 and below 2^96.
    function submitPrice(uint256 round, int256 price) external;

    /* VIEWS */

    /// @notice The price history as one number: each ANSWERED round moves it an eighth of the way to its answer (the
    /// step rounded towards 0); the first one sets it. A confirmed round counts when it is confirmed.
    /// @return fresh whether it is, see {isFresh}.
    /// @return price with `decimals` digits; 0 before the first answer.
    function smoothedPrice() external view returns (bool fresh, uint256 price);
    /// @notice How far an answer may be from the one before without being held.
    /// @return basis points.
    function MAX_DEVIATION_BPS() external view returns (uint256);
}
