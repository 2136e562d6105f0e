// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AggregatorV3Interface} from "../interfaces/AggregatorV3Interface.sol";

/// @title FeedReader
/// @notice Test double: an external contract that uses only Chainlink's interface, and reads a feed as Chainlink's
/// documentation advises: only positive answers of complete rounds that are not too old.
contract FeedReader {
    enum Check {
        COMPLETE,
        ANSWERED,
        RECENT
    }

    AggregatorV3Interface public immutable FEED;
    /// @notice Seconds after which an answer is too old.
    uint256 public immutable HEARTBEAT;

    error FeedReader_NoPrice(int256 answer);
    error FeedReader_IncompleteRound(uint80 round, uint256 updatedAt, uint80 answeredInRound);
    error FeedReader_Carried(uint80 round, uint80 answeredInRound);
    error FeedReader_Stale(uint256 updatedAt);

    constructor(AggregatorV3Interface feed, uint256 heartbeat) {
        FEED = feed;
        HEARTBEAT = heartbeat;
    }

    /// @notice The price with the reader's number of decimals, rounded down.
    function read(uint8 decimals) external view returns (uint256) {
        readWith(Check.COMPLETE);
        readWith(Check.ANSWERED);
        uint256 price = readWith(Check.RECENT);
        uint8 own = FEED.decimals();
        if (decimals >= own) return price * 10 ** (decimals - own);
        return price / 10 ** (own - decimals);
    }

    /// @notice The price with the feed's decimals, as a reader sees it that makes only one of the checks.
    function readWith(Check check) public view returns (uint256) {
        (uint80 round, int256 answer,, uint256 updatedAt, uint80 answeredInRound) = FEED.latestRoundData();
        if (answer <= 0) revert FeedReader_NoPrice(answer);
        if (check == Check.COMPLETE && updatedAt == 0) {
            revert FeedReader_IncompleteRound(round, updatedAt, answeredInRound);
        }
        if (check == Check.ANSWERED && answeredInRound < round) revert FeedReader_Carried(round, answeredInRound);
        if (check == Check.RECENT && block.timestamp - updatedAt > HEARTBEAT) revert FeedReader_Stale(updatedAt);
        return uint256(answer);
    }
}
