// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AggregatorV3Interface} from "./AggregatorV3Interface.sol";
import {IMedianOracle} from "./IMedianOracle.sol";

/// @title IPriceOracle
/// @notice The price of a kWh outside of this market (a wholesale price), in whole money units with `decimals` digits,
/// as a Chainlink feed. `latestRoundData` returns the newest ANSWERED round with its `updatedAt`, and reverts with
/// MedianOracle_NoAnswer if there is none. `getRoundData` reverts with MedianOracle_NoSuchRound for a round that is not
/// ANSWERED.
///
/// Prices are above 0 and below 2^96, `decimals` is 24 at most. A jump of more than MAX_DEVIATION_BPS is held; until it
/// is confirmed, `latestRoundData` returns the answer before it.
interface IPriceOracle is AggregatorV3Interface, IMedianOracle {
    /* REPORTERS (role REPORTER) */

    /// @notice Submits one reporter's price to the open round.
    /// @param round number of the open round, see {openRoundOf}.
    /// @param price whole money units with `decimals` digits, above 0 and below 2^96.
    function submitPrice(uint256 round, int256 price) external;

    /* VIEWS */

    /// @notice The exponentially smoothed price: each ANSWERED round moves it an eighth of the way to its answer (the
    /// step rounded towards 0); the first one sets it. A confirmed round counts when it is confirmed.
    /// @return fresh whether the feed is fresh, see {isFresh}.
    /// @return price with `decimals` digits; 0 before the first answer.
    function smoothedPrice() external view returns (bool fresh, uint256 price);
    /// @notice The maximum deviation of an answer from the one before that is not held.
    /// @return basis points.
    function MAX_DEVIATION_BPS() external view returns (uint256);
}
