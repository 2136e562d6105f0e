// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title IMedianOracle
/// @notice The common part of the oracles: the median of the values that several reporters submit. A feed is a region,
/// or {PriceOracle}'s only one (feed 0); each feed has its own rounds, numbered from 1.
///
/// A feed has one open round, the one after its newest closed round. It collects one submission per reporter, each with
/// its own time. A submission counts for half of maxAge. The round closes with the submission that makes as many count
/// as the quorum. Each quantity's answer is the median of those that count (of an even number, the mean of the middle
/// two, rounded down: towards minus infinity, where values can be negative). With a quorum of 2f + 1, f false values
/// cannot move it out of the range of the correct ones.
///
///     OPEN --quorum, within the deviation limit--> ANSWERED
///     OPEN --quorum, outside the limit--> HELD --confirmRound by the guardian--> ANSWERED
///
/// The answer's `updatedAt` is the time of the oldest submission that counted. A feed is fresh while its newest closed
/// round is ANSWERED and its `updatedAt` is not more than maxAge seconds ago: so each of the values that decided an
/// answer is at most maxAge old, and an answer is fresh for half of maxAge at least. Otherwise the views revert or
/// return that the value is not fresh. A confirmed round keeps its times.
///
/// In the open round, a reporter replaces its own submission by another one: the new one has its own time, counts once,
/// and changes no other submission. A closed round never changes, except that a HELD one can be confirmed.
///
/// The deviation guard compares each quantity with its value in the last ANSWERED round and, where the newest closed
/// round is HELD, in that one, too. A round is ANSWERED if each quantity is within its limit (a step as large as the
/// limit is) of either. So a real jump is held for one round and confirmed by the next, and a single wrong round never
/// becomes an answer. A round that was HELD when a newer one closed stays HELD: a gap in the answers. The first round
/// of a feed is not compared.
///
/// A reporter must hold the role REPORTER when it submits, and must call directly. A call through the AccessManager's
/// `execute` reverts with AccessManagedUnauthorized, because all reporters would have one address there. A submission
/// to an open round counts even if the reporter loses the role before the round closes.
interface IMedianOracle {
    enum RoundStatus {
        NONE,
        OPEN,
        ANSWERED,
        HELD
    }

    /// @param quorum submissions that close a round: 1 to 31.
    /// @param maxAge seconds for which an answer is fresh, from the oldest submission that decided it: 60 to 86,400. A
    /// submission counts for half of it.
    struct OracleParameters {
        uint256 quorum;
        uint256 maxAge;
    }

    /// @param values the medians, in the oracle's order of quantities: the answer of an ANSWERED round, the unconfirmed
    /// medians of a HELD one, empty in others.
    /// @param startedAt time of the first submission.
    /// @param updatedAt time of the oldest submission that decided the closed round, 0 before.
    /// @param submissions those that decided the closed round; of an OPEN one, those that count now.
    struct Round {
        uint256 id;
        int256[] values;
        uint256 startedAt;
        uint256 updatedAt;
        uint256 submissions;
        RoundStatus status;
    }

    /* EVENTS */

    /// @notice A reporter submitted its `values` to a round, in the oracle's order of quantities. They replace what it
    /// had submitted to this round before.
    event ReportSubmitted(bytes32 indexed feed, uint256 indexed round, address indexed reporter, int256[] values);
    /// @notice A round closed within the deviation limit, or was confirmed.
    event RoundAnswered(bytes32 indexed feed, uint256 indexed round, int256[] values);
    /// @notice A round closed outside the deviation limit: the next round or {confirmRound} must confirm it.
    event RoundHeld(bytes32 indexed feed, uint256 indexed round, int256[] values);
    /// @notice From now on `quorum` submissions close a round, and an answer is fresh for `maxAge` seconds.
    event ParametersSet(uint256 quorum, uint256 maxAge);

    /* ERRORS */

    /// @notice The value is outside the bounds of the parameter `name` (ASCII); choose one from `minimum` to `maximum`.
    error MedianOracle_BadParameter(bytes32 name, uint256 value, uint256 minimum, uint256 maximum);
    /// @notice Submissions must give the number of the open round, `open`; see {openRoundOf}.
    error MedianOracle_WrongRound(bytes32 feed, uint256 round, uint256 open);
    /// @notice The value is outside the range of the quantity. (Unsigned numbers from 2^255 on:
    /// SafeCastOverflowedUintToInt.)
    error MedianOracle_OutOfBounds(bytes32 quantity, int256 value, int256 minimum, int256 maximum);
    /// @notice The feed has no such round; for Chainlink's functions, no such closed round.
    error MedianOracle_NoSuchRound(bytes32 feed, uint256 round);
    /// @notice Only the newest closed round can be confirmed, and only while it is HELD. If `status` is HELD, a newer
    /// round has closed since.
    error MedianOracle_NotHeld(bytes32 feed, uint256 round, RoundStatus status);
    /// @notice The feed has no answer yet.
    error MedianOracle_NoAnswer(bytes32 feed);
    /// @notice The oldest value that decided the newest answer is of `updatedAt` (Unix seconds), more than `maxAge`
    /// seconds ago. Wait for the next round.
    error MedianOracle_Stale(bytes32 feed, uint256 updatedAt, uint256 maxAge);
    /// @notice The newest closed round is outside the deviation limit and not confirmed.
    error MedianOracle_Held(bytes32 feed, uint256 round);

    /* GOVERNANCE */

    /// @notice Changes the quorum and the maximum age of all feeds at once. An open round closes with the next
    /// submission that finds enough that count. With a higher maxAge, an answer that was stale can be fresh again, and
    /// a submission can count again. Reverts with BadParameter outside the bounds of {OracleParameters}. Role: ADMIN.
    /// @param newQuorum submissions that close a round: 1 to 31.
    /// @param newMaxAge seconds: 60 to 86,400.
    function setParameters(uint256 newQuorum, uint256 newMaxAge) external;

    /* GUARDIAN */

    /// @notice Makes a held round the answer, although it is outside the deviation limit. Role: GUARDIAN.
    /// @param feed a region, or 0 for an oracle with one feed only.
    /// @param round number of the round, from 1 on.
    function confirmRound(bytes32 feed, uint256 round) external;

    /* VIEWS */

    /// @notice The round that the next submission must name: the one after the newest closed round.
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
    /// @notice Whether the newest closed round of a feed is ANSWERED and not older than {maxAge}.
    /// @param feed a region, or 0 for an oracle with one feed only.
    /// @return whether it is.
    function isFresh(bytes32 feed) external view returns (bool);
    /// @notice Until when the newest closed round of a feed is fresh, if no further one closes.
    /// @param feed a region, or 0 for an oracle with one feed only.
    /// @return Unix seconds; 0 if that round is not ANSWERED, or there is none.
    function freshUntil(bytes32 feed) external view returns (uint256);
    /// @notice A reporter's submission to the open round. Those to closed rounds are in the events.
    /// @param feed a region, or 0 for an oracle with one feed only.
    /// @param reporter account of the reporter.
    /// @return time Unix seconds; 0 if it has submitted nothing. It counts until half of {maxAge} later.
    /// @return values in the oracle's order of quantities; empty if it has submitted nothing.
    function submissionOf(bytes32 feed, address reporter) external view returns (uint256 time, int256[] memory values);
    /// @notice The time of a reporter's last submission to any feed of this oracle, 0 if never. A reporter without one
    /// for more than maxAge is not live.
    /// @param reporter account of the reporter.
    /// @return Unix seconds.
    function lastReportOf(address reporter) external view returns (uint256);
    /// @notice The number of submissions that close a round.
    /// @return the number.
    function quorum() external view returns (uint256);
    /// @notice The time for which an answer is fresh, from the oldest submission that decided it. A submission counts
    /// for half of it.
    /// @return seconds.
    function maxAge() external view returns (uint256);
}
