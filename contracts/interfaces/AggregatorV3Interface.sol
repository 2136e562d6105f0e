// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

// Chainlink's name, which consumers of the feed import.
// solhint-disable interface-starts-with-i

/// @title AggregatorV3Interface
/// @notice Chainlink's interface of a data feed, with Chainlink's names.
interface AggregatorV3Interface {
    /// @notice The number of decimals of the answer.
    /// @return decimals, 0 to 24.
    function decimals() external view returns (uint8);
    /// @notice A description of the feed.
    /// @return plain text.
    function description() external view returns (string memory);
    /// @notice The version of the feed.
    /// @return its number.
    function version() external view returns (uint256);
    /// @notice The data of one round. A round without an answer of its own shows the one before it.
    /// @param roundId number of the round, from 1 on.
    /// @return id number of the round.
    /// @return answer the price in whole money units, with `decimals` digits.
    /// @return startedAt Unix seconds of the round's first submission.
    /// @return updatedAt Unix seconds of the oldest submission that decided the answer; 0 if it is another round's.
    /// @return answeredInRound the round of the answer: `id`, or an earlier one.
    function getRoundData(uint80 roundId)
        external
        view
        returns (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
    /// @notice The data of the newest round. It reverts before the first answer. Compare `updatedAt` with the clock:
    /// the answer can be old.
    /// @return id number of the round.
    /// @return answer the price in whole money units, with `decimals` digits.
    /// @return startedAt Unix seconds of the round's first submission.
    /// @return updatedAt Unix seconds of the oldest submission that decided the answer; 0 if it is another round's.
    /// @return answeredInRound the round of the answer: `id`, or an earlier one.
    function latestRoundData()
        external
        view
        returns (uint80 id, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
}
