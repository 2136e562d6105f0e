// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title IMedianOracle
/// @notice What the oracles share: several reporters, and the median of what they say. A feed is a region, or
/// {PriceOracle}'s only one (feed 0); each feed has rounds of its own, numbered from 1.
///
/// A round collects one submission per reporter and closes with the one that reaches the quorum. Each quantity's
/// answer is the median of the round's submissions (of an even number, the mean of the middle two, rounded down:
/// towards minus infinity, where values can be negative).
/// With a quorum of 2f + 1, f reporters that lie cannot move it out of the range of the honest ones' values. A round
/// whose first submission is older than MAX_AGE when the next one comes is given up, and that one opens the next round,
/// which it must name; until then, {getRound} shows the old one as OPEN, and {openRoundOf} already names the next.
///
///     OPEN --quorum, within the deviation limit--> ANSWERED
///     OPEN --quorum, beyond it--> HELD --confirmRound by the guardian--> ANSWERED
///     OPEN --no quorum within MAX_AGE--> ABANDONED
///
/// A round is closed when it is ANSWERED or HELD. The deviation guard compares each quantity with its value in the last
/// ANSWERED round and, where the newest closed round is HELD, in that one, too. A round is ANSWERED if each quantity is
/// within its limit (a step as large as the limit is) of either. So a real jump is held for one round and confirmed by
/// the next, and a single wild round is never an answer. A round that was HELD when a newer one closed stays HELD. The
/// first round of a feed has nothing to be compared with.
///
/// A feed is fresh while its newest closed round is ANSWERED and was closed not more than MAX_AGE seconds ago. Readers
/// never get an old value as a new one: they are refused, or told that it is not fresh. A confirmation makes no value
/// newer: its round keeps the time at which it closed.
///
/// Reporters are who holds the role REPORTER when they submit, and submit themselves: not through the AccessManager's
/// `execute` (AccessManagedUnauthorized), where two of them would be one. What a reporter has submitted to a round that
/// is still open counts even if the role is taken from it before the round closes; such a reporter is one of the f.
interface IMedianOracle {
    enum RoundStatus {
        NONE,
        OPEN,
        ANSWERED,
        HELD,
        ABANDONED
    }

    /// @param quorum submissions that close a round: 1 to 31.
    /// @param maxAge seconds after which an answer is no longer fresh, and an open round given up.
    struct OracleParameters {
        uint256 quorum;
        uint256 maxAge;
    }

    /// @param values the medians, by quantity in the order of the oracle: the answer of an ANSWERED round, what waits
    /// to be confirmed in a HELD one, empty in others.
    /// @param startedAt time of the first submission. @param updatedAt time at which the round closed, 0 before.
    struct Round {
        uint256 id;
        int256[] values;
        uint256 startedAt;
        uint256 updatedAt;
        uint256 submissions;
        RoundStatus status;
    }

    /* EVENTS */

    /// @notice A reporter submitted its `values` to a round, by quantity in the order of the oracle.
    event ReportSubmitted(bytes32 indexed feed, uint256 indexed round, address indexed reporter, int256[] values);
    /// @notice A round closed within the deviation limit, or was confirmed.
    event RoundAnswered(bytes32 indexed feed, uint256 indexed round, int256[] values);
    /// @notice A round closed beyond the deviation limit: its medians wait for the next round or {confirmRound}.
    event RoundHeld(bytes32 indexed feed, uint256 indexed round, int256[] values);
    /// @notice A round found no quorum in time and was given up.
    event RoundAbandoned(bytes32 indexed feed, uint256 indexed round);

    /* ERRORS */

    /// @notice The constructor was given a value outside its bounds; `name` (ASCII) says which parameter.
    error MedianOracle_BadParameter(bytes32 name, uint256 value);
    /// @notice Submissions go to the open round ({openRoundOf}), and to no other.
    error MedianOracle_WrongRound(bytes32 feed, uint256 round, uint256 open);
    /// @notice The reporter has submitted to this round already: it waits for the next one.
    error MedianOracle_AlreadySubmitted(bytes32 feed, uint256 round, address reporter);
    /// @notice Outside what the quantity can be. (Unsigned numbers from 2^255 on: SafeCastOverflowedUintToInt.)
    error MedianOracle_OutOfBounds(bytes32 quantity, int256 value, int256 minimum, int256 maximum);
    /// @notice The feed has no such round, or, for Chainlink's functions, none with an answer.
    error MedianOracle_NoSuchRound(bytes32 feed, uint256 round);
    /// @notice Only the newest closed round can be confirmed, and only while it is HELD. With status HELD: a newer
    /// round has closed since.
    error MedianOracle_NotHeld(bytes32 feed, uint256 round, RoundStatus status);
    /// @notice The feed has no answer yet.
    error MedianOracle_NoAnswer(bytes32 feed);
    /// @notice The newest answer is of `updatedAt` (Unix seconds), more than `maxAge` seconds ago. Wait for the
    /// reporters.
    error MedianOracle_Stale(bytes32 feed, uint256 updatedAt, uint256 maxAge);
    /// @notice The newest closed round is beyond the deviation limit and waits to be confirmed.
    error MedianOracle_Held(bytes32 feed, uint256 round);

    /* GUARDIAN */

    /// @notice Makes a held round the answer, though it is not near the one before.
    /// @param feed a region, or 0 for an oracle with one feed only.
    /// @param round number of the round, from 1 on.
    function confirmRound(bytes32 feed, uint256 round) external;

    /* VIEWS */

    /// @notice The round that the next submission must name.
    /// @param feed a region, or 0 for an oracle with one feed only.
    /// @return number of the round.
    function openRoundOf(bytes32 feed) external view returns (uint256);
    /// @notice One round of a feed. It reverts for a number that is none.
    /// @param feed a region, or 0 for an oracle with one feed only.
    /// @param round number of the round, from 1 on.
    /// @return the round.
    function getRound(bytes32 feed, uint256 round) external view returns (Round memory);
    /// @notice The newest ANSWERED round. Refuses a feed without one; freshness is {isFresh}'s.
    /// @param feed a region, or 0 for an oracle with one feed only.
    /// @return the round.
    function latestRoundOf(bytes32 feed) external view returns (Round memory);
    /// @notice Whether the newest closed round of a feed is an answer not older than {MAX_AGE}.
    /// @param feed a region, or 0 for an oracle with one feed only.
    /// @return whether it is.
    function isFresh(bytes32 feed) external view returns (bool);
    /// @notice Whether a reporter has submitted to the round.
    /// @param feed a region, or 0 for an oracle with one feed only.
    /// @param round number of the round, from 1 on.
    /// @param reporter account of the reporter.
    /// @return whether it has.
    function hasSubmitted(bytes32 feed, uint256 round, address reporter) external view returns (bool);
    /// @notice When a reporter last submitted anything to any feed of this oracle, 0 if never: one silent for longer
    /// than MAX_AGE is not live.
    /// @param reporter account of the reporter.
    /// @return Unix seconds.
    function lastReportOf(address reporter) external view returns (uint256);
    /// @notice How many submissions close a round.
    /// @return how many.
    function QUORUM() external view returns (uint256);
    /// @notice How long an answer is fresh, and a round open.
    /// @return seconds.
    function MAX_AGE() external view returns (uint256);
}
