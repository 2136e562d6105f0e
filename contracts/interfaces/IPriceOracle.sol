// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AggregatorV3Interface} from "./AggregatorV3Interface.sol";
import {IMedianOracle} from "./IMedianOracle.sol";

/// @title IPriceOracle
/// @notice The price of a kWh outside of this market (a wholesale price), in whole money units with `decimals` digits,
/// as a Chainlink feed for consumers that speak only {AggregatorV3Interface}. Its rounds are the closed ones, from 1
/// on. Each has an answer:
///
///     round      answer                   updatedAt                             answeredInRound
///     ANSWERED   its own                  the oldest submission that decided    the same round
///     HELD       of the last one that     0: not complete                       that round
///                was ANSWERED before
///
/// So the feed never shows a held jump as a fresh price: while its newest round is HELD, `latestRoundData` fails each
/// of the usual checks (`updatedAt` not 0, `updatedAt` within a heartbeat, `answeredInRound >= roundId`). When the
/// guardian confirms the round, its data become those of an ANSWERED one; if a newer round closes first, the round
/// stays a gap, and `getRoundData` shows it as above. `latestRoundData` does not revert because an answer is old:
/// compare `updatedAt` with the clock. It reverts with MedianOracle_NoAnswer before the first answer; `getRoundData`
/// reverts with MedianOracle_NoSuchRound for 0, for the open round and for later ones.
///
/// Prices are above 0 and below 2^96, `decimals` is 24 at most. A jump of more than MAX_DEVIATION_BPS is held.
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
