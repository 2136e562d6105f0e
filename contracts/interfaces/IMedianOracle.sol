// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title IMedianOracle
/// @notice The common part of the oracles: the median of the values that several reporters submit. A feed is a region,
/// or {PriceOracle}'s only one (feed 0); each feed has its own rounds, numbered from 1.
///
/// A round collects one submission per reporter and closes with the one that reaches the quorum. Each quantity's answer
/// is the median of the round's submissions (of an even number, the mean of the middle two, rounded down: towards minus
/// infinity, where values can be negative). With a quorum of 2f + 1, f false values cannot move it out of the range of
/// the correct ones. If the first submission of a round is older than MAX_AGE when the next one arrives, the round is
/// abandoned; the new submission opens the next round and must give its number. Until then, {getRound} shows the old
/// round as OPEN, and {openRoundOf} returns the next one.
///
///     OPEN --quorum, within the deviation limit--> ANSWERED
///     OPEN --quorum, outside the limit--> HELD --confirmRound by the guardian--> ANSWERED
///     OPEN --no quorum within MAX_AGE--> ABANDONED
///
/// A round is closed when it is ANSWERED or HELD. The deviation guard compares each quantity with its value in the last
/// ANSWERED round and, where the newest closed round is HELD, in that one, too. A round is ANSWERED if each quantity is
/// within its limit (a step as large as the limit is) of either. So a real jump is held for one round and confirmed by
/// the next, and a single wrong round never becomes an answer. A round that was HELD when a newer one closed stays
/// HELD. The first round of a feed is not compared.
///
/// A feed is fresh while its newest closed round is ANSWERED and was closed not more than MAX_AGE seconds ago.
/// Otherwise the views revert or return that the value is not fresh. A confirmed round keeps the time at which it
/// closed.
///
/// A reporter must hold the role REPORTER when it submits, and must call directly. A call through the AccessManager's
/// `execute` reverts with AccessManagedUnauthorized, because all reporters would have one address there. A submission
/// to an open round counts even if the reporter loses the role before the round closes.
interface IMedianOracle {
    enum RoundStatus {
        NONE,
        OPEN,
        ANSWERED,
        HELD,
        ABANDONED
    }

    /// @param quorum submissions that close a round: 1 to 31.
    /// @param maxAge seconds after which an answer is no longer fresh and an open round is abandoned.
    struct OracleParameters {
        uint256 quorum;
        uint256 maxAge;
    }

    /// @param values the medians, in the oracle's order of quantities: the answer of an ANSWERED round, the unconfirmed
    /// medians of a HELD one, empty in others.
    /// @param startedAt time of the first submission.
    /// @param updatedAt time at which the round closed, 0 before.
    struct Round {
        uint256 id;
        int256[] values;
        uint256 startedAt;
        uint256 updatedAt;
        uint256 submissions;
        RoundStatus status;
    }

    /* EVENTS */

    /// @notice A reporter submitted its `values` to a round, in the oracle's order of quantities.
    event ReportSubmitted(bytes32 indexed feed, uint256 indexed round, address indexed reporter, int256[] values);
    /// @notice A round closed within the deviation limit, or was confirmed.
    event RoundAnswered(bytes32 indexed feed, uint256 indexed round, int256[] values);
    /// @notice A round closed outside the deviation limit: the next round or {confirmRound} must confirm it.
    event RoundHeld(bytes32 indexed feed, uint256 indexed round, int256[] values);
    /// @notice A round did not reach the quorum in time and was abandoned.
    event RoundAbandoned(bytes32 indexed feed, uint256 indexed round);

    /* ERRORS */

    /// @notice The constructor was given a value outside its bounds; `name` (ASCII) is the parameter.
    error MedianOracle_BadParameter(bytes32 name, uint256 value);
    /// @notice Submissions must give the number of the open round, `open`; see {openRoundOf}.
    error MedianOracle_WrongRound(bytes32 feed, uint256 round, uint256 open);
    /// @notice The reporter has submitted to this round already; it can submit to the next one.
    error MedianOracle_AlreadySubmitted(bytes32 feed, uint256 round, address reporter);
    /// @notice The value is outside the range of the quantity. (Unsigned numbers from 2^255 on:
    /// SafeCastOverflowedUintToInt.)
    error MedianOracle_OutOfBounds(bytes32 quantity, int256 value, int256 minimum, int256 maximum);
    /// @notice The feed has no such round; for Chainlink's functions, no such round with an answer.
    error MedianOracle_NoSuchRound(bytes32 feed, uint256 round);
    /// @notice Only the newest closed round can be confirmed, and only while it is HELD. If `status` is HELD, a newer
    /// round has closed since.
    error MedianOracle_NotHeld(bytes32 feed, uint256 round, RoundStatus status);
    /// @notice The feed has no answer yet.
    error MedianOracle_NoAnswer(bytes32 feed);
    /// @notice The newest answer is of `updatedAt` (Unix seconds), more than `maxAge` seconds ago. Wait for the next
    /// round.
    error MedianOracle_Stale(bytes32 feed, uint256 updatedAt, uint256 maxAge);
    /// @notice The newest closed round is outside the deviation limit and not confirmed.
    error MedianOracle_Held(bytes32 feed, uint256 round);

    /* GUARDIAN */

    /// @notice Makes a held round the answer, although it is outside the deviation limit. Role: GUARDIAN.
    /// @param feed a region, or 0 for an oracle with one feed only.
    /// @param round number of the round, from 1 on.
    function confirmRound(bytes32 feed, uint256 round) external;

    /* VIEWS */

    /// @notice The round that the next submission must name.
    /// @param feed a region, or 0 for an oracle with one feed only.
    /// @return number of the round.
    function openRoundOf(bytes32 feed) external view returns (uint256);
    /// @notice One round of a feed. Reverts with NoSuchRound if there is none.
    /// @param feed a region, or 0 for an oracle with one feed only.
    /// @param round number of the round, from 1 on.
    /// @return the round.
    function getRound(bytes32 feed, uint256 round) external view returns (Round memory);
    /// @notice The newest ANSWERED round, fresh or not (see {isFresh}). Reverts with NoAnswer if there is none.
    /// @param feed a region, or 0 for an oracle with one feed only.
    /// @return the round.
    function latestRoundOf(bytes32 feed) external view returns (Round memory);
    /// @notice Whether the newest closed round of a feed is ANSWERED and not older than {MAX_AGE}.
    /// @param feed a region, or 0 for an oracle with one feed only.
    /// @return whether it is.
    function isFresh(bytes32 feed) external view returns (bool);
    /// @notice Until when the newest closed round of a feed is fresh, if no further one closes.
    /// @param feed a region, or 0 for an oracle with one feed only.
    /// @return Unix seconds; 0 if that round is not ANSWERED, or there is none.
    function freshUntil(bytes32 feed) external view returns (uint256);
    /// @notice Whether a reporter has submitted to the round.
    /// @param feed a region, or 0 for an oracle with one feed only.
    /// @param round number of the round, from 1 on.
    /// @param reporter account of the reporter.
    /// @return whether it has.
    function hasSubmitted(bytes32 feed, uint256 round, address reporter) external view returns (bool);
    /// @notice The time of a reporter's last submission to any feed of this oracle, 0 if never. A reporter without one
    /// for more than MAX_AGE is not live.
    /// @param reporter account of the reporter.
    /// @return Unix seconds.
    function lastReportOf(address reporter) external view returns (uint256);
    /// @notice The number of submissions that close a round.
    /// @return the number.
    function QUORUM() external view returns (uint256);
    /// @notice The time for which an answer is fresh and a round stays open.
    /// @return seconds.
    function MAX_AGE() external view returns (uint256);
}
