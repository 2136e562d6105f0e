// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IMedianOracle} from "../interfaces/IMedianOracle.sol";

/// @title MedianOracle
/// @notice See {IMedianOracle}; comments here are for maintainers.
/// @dev A derived oracle lists its quantities and their maximum jumps; rounds, medians and the deviation guard are
/// here. The values of a submission, and those of an answer, are packed into at most 160 bits: quantity by quantity
/// from the lowest bit on, each as its distance from the quantity's minimum, in as many bits as it needs.
///
/// Storage of a feed. Rounds stay for ever; the words of submissions are used again by each open round, so that a
/// submission mostly changes words that are not zero:
///
///     _feeds[feed]            newest closed and answered round; the open one's beginning and submissions    22 bytes
///     _rounds[feed][n]        times, count, status and the answer                                           32 bytes
///                             the answered round before, only where a round is held                          8 bytes
///     _submissions[feed][i]   reporter, time and 56 bits of its values                                      32 bytes
///                             the other 104 bits, only where an oracle needs them                           13 bytes
abstract contract MedianOracle is IMedianOracle, AccessManaged {
    using SafeCast for uint256;

    /// @dev In memory only. `bits` hold every value from 0 to maximum - minimum.
    struct Quantity {
        bytes32 name;
        int256 minimum;
        int256 maximum;
        uint256 bits;
    }

    /// @dev Rounds by their numbers, 0 for none. `closed` is the newest one that is ANSWERED or HELD, `answered` the
    /// newest ANSWERED one: the two differ while `closed` is HELD. The open round is the one after `closed`.
    struct Feed {
        // 8 + 8 + 5 + 1 = 22 bytes
        uint64 closed;
        uint64 answered;
        uint40 startedAt;
        uint8 submissions;
    }

    struct RoundRecord {
        // slot n: 5 + 5 + 1 + 1 + 20 = 32 bytes
        uint40 startedAt;
        uint40 updatedAt;
        uint8 submissions;
        RoundStatus status;
        uint160 answer;
        // slot n + 1: 8 bytes
        uint64 answeredBefore;
    }

    struct Submission {
        // slot n: 20 + 5 + 7 = 32 bytes
        address reporter;
        uint40 time;
        uint56 low;
        // slot n + 1: 13 bytes
        uint104 high;
    }

    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant MAX_QUORUM = 31;
    uint256 private constant MIN_MAX_AGE = 1 minutes;
    uint256 private constant MAX_MAX_AGE = 1 days;
    /// @dev Bits of the values that share a word with the reporter.
    uint256 private constant LOW_BITS = 56;

    /* STORAGE */

    // 1 + 4 = 5 bytes
    uint8 private _quorum;
    uint32 private _maxAge;

    mapping(bytes32 feed => Feed state) private _feeds;
    mapping(bytes32 feed => mapping(uint256 round => RoundRecord record)) private _rounds;
    mapping(bytes32 feed => mapping(uint256 index => Submission submission)) private _submissions;
    mapping(address reporter => uint256 time) private _lastReports;

    /* CONSTRUCTOR */

    constructor(address authority, OracleParameters memory parameters) AccessManaged(authority) {
        _setParameters(parameters.quorum, parameters.maxAge);
    }

    /* GOVERNANCE */

    /// @inheritdoc IMedianOracle
    function setParameters(uint256 newQuorum, uint256 newMaxAge) external restricted {
        _setParameters(newQuorum, newMaxAge);
    }

    /* GUARDIAN */

    /// @inheritdoc IMedianOracle
    function confirmRound(bytes32 feed, uint256 round) external restricted {
        RoundStatus status = _requireRound(feed, round).status;
        if (status != RoundStatus.HELD || round != _feeds[feed].closed) {
            revert MedianOracle_NotHeld(feed, round, status);
        }
        _answer(feed, round, _unpack(_quantities(), _rounds[feed][round].answer));
    }

    /* VIEWS */

    /// @inheritdoc IMedianOracle
    function getRound(bytes32 feed, uint256 round) external view returns (Round memory) {
        return _requireRound(feed, round);
    }

    /// @inheritdoc IMedianOracle
    function latestRoundOf(bytes32 feed) external view returns (Round memory) {
        uint256 answered = _feeds[feed].answered;
        // slither-disable-next-line incorrect-equality: 0 only before the first answer
        if (answered == 0) revert MedianOracle_NoAnswer(feed);
        return _round(feed, answered);
    }

    /// @inheritdoc IMedianOracle
    function submissionOf(bytes32 feed, address reporter) external view returns (uint256 time, int256[] memory values) {
        Quantity[] memory quantities = _quantities();
        uint256 count = _feeds[feed].submissions;
        for (uint256 i = 0; i < count; ++i) {
            Submission storage submission = _submissions[feed][i];
            if (submission.reporter == reporter) {
                return (submission.time, _unpack(quantities, _load(submission, _isWide(quantities))));
            }
        }
    }

    /// @inheritdoc IMedianOracle
    function lastReportOf(address reporter) external view returns (uint256) {
        return _lastReports[reporter];
    }

    /// @inheritdoc IMedianOracle
    function openRoundOf(bytes32 feed) public view returns (uint256) {
        return uint256(_feeds[feed].closed) + 1;
    }

    /// @inheritdoc IMedianOracle
    function isFresh(bytes32 feed) public view returns (bool) {
        return freshUntil(feed) >= block.timestamp;
    }

    /// @inheritdoc IMedianOracle
    function freshUntil(bytes32 feed) public view returns (uint256) {
        Feed storage state = _feeds[feed];
        uint256 closed = state.closed;
        if (closed == 0 || closed != state.answered) return 0;
        return uint256(_rounds[feed][closed].updatedAt) + _maxAge;
    }

    /// @inheritdoc IMedianOracle
    function quorum() external view returns (uint256) {
        return _quorum;
    }

    /// @inheritdoc IMedianOracle
    function maxAge() external view returns (uint256) {
        return _maxAge;
    }

    /* INTERNAL: WHAT AN ORACLE SAYS OF ITSELF */

    /// @dev At most 160 bits in all.
    function _quantities() internal pure virtual returns (Quantity[] memory);

    /// @dev Whether a quantity's new value is within the deviation limit of an earlier value.
    function _isNear(uint256 quantity, int256 value, int256 before) internal view virtual returns (bool);

    /// @dev Called with each answer, once, when its round becomes ANSWERED.
    function _onAnswer(bytes32 feed, int256[] memory values) internal virtual {}

    /// @dev Called when a round becomes HELD: from now on the answer before it is not fresh.
    function _onHeld(bytes32 feed) internal virtual {}

    /* INTERNAL: FOR THE ORACLES */

    /// @dev Every entry point of the reporters ends here; its `restricted` has checked the role.
    function _submit(bytes32 feed, uint256 round, int256[] memory values) internal {
        // Through the manager's `execute`, every reporter would have the manager's address, and one could submit twice.
        if (msg.sender == authority()) revert AccessManagedUnauthorized(msg.sender);
        uint256 open = openRoundOf(feed);
        if (round != open) revert MedianOracle_WrongRound(feed, round, open);
        Quantity[] memory quantities = _quantities();
        uint160 packed = _packChecked(quantities, values);

        Feed storage state = _feeds[feed];
        uint256 count = state.submissions;
        (uint256 index, uint256 others) = _placeOf(feed, count);
        if (count == 0) state.startedAt = block.timestamp.toUint40();
        if (index == count) state.submissions = uint8(count + 1);
        _store(_submissions[feed][index], packed, _isWide(quantities));
        _lastReports[msg.sender] = block.timestamp;
        emit ReportSubmitted(feed, round, msg.sender, values);
        if (others + 1 >= _quorum) _closeRound(feed, round, quantities, others + 1);
    }

    /// @dev The answer now; reverts with the reason if there is none.
    function _freshValues(bytes32 feed) internal view returns (int256[] memory) {
        Feed storage state = _feeds[feed];
        uint256 closed = state.closed;
        if (closed == 0) revert MedianOracle_NoAnswer(feed);
        if (closed != state.answered) revert MedianOracle_Held(feed, closed);
        RoundRecord storage record = _rounds[feed][closed];
        if (!isFresh(feed)) revert MedianOracle_Stale(feed, record.updatedAt, _maxAge);
        return _unpack(_quantities(), record.answer);
    }

    /// @dev Status NONE if there is no such round.
    function _round(bytes32 feed, uint256 round) internal view returns (Round memory found) {
        RoundRecord storage record = _rounds[feed][round];
        found.id = round;
        found.startedAt = record.startedAt;
        found.updatedAt = record.updatedAt;
        found.submissions = record.submissions;
        found.status = record.status;
        if (record.status != RoundStatus.NONE) found.values = _unpack(_quantities(), record.answer);
    }

    /// @dev The round whose answer stood when a HELD round closed.
    function _answeredBefore(bytes32 feed, uint256 round) internal view returns (uint256) {
        return _rounds[feed][round].answeredBefore;
    }

    function _requireParameter(bytes32 name, uint256 value, uint256 minimum, uint256 maximum) internal pure {
        if (value < minimum || value > maximum) revert MedianOracle_BadParameter(name, value, minimum, maximum);
    }

    /* INTERNAL: PARAMETERS */

    function _setParameters(uint256 newQuorum, uint256 newMaxAge) private {
        _requireParameter("quorum", newQuorum, 1, MAX_QUORUM);
        _requireParameter("maxAge", newMaxAge, MIN_MAX_AGE, MAX_MAX_AGE);
        _quorum = uint8(newQuorum);
        _maxAge = uint32(newMaxAge);
        emit ParametersSet(newQuorum, newMaxAge);
    }

    /* INTERNAL: ROUNDS */

    /// @dev Where the caller's submission goes: over its own one, else over one that no longer counts, else behind the
    /// last. So each reporter has one, and there are never more than MAX_QUORUM: one is added only while all count, and
    /// as many as the quorum close the round.
    /// @return index the place.
    /// @return others the submissions of others that count.
    function _placeOf(bytes32 feed, uint256 count) private view returns (uint256 index, uint256 others) {
        index = count;
        bool isOwn = false;
        for (uint256 i = 0; i < count; ++i) {
            Submission storage submission = _submissions[feed][i];
            if (submission.reporter == msg.sender) {
                (index, isOwn) = (i, true);
            } else if (_counts(submission.time)) {
                ++others;
            } else if (!isOwn) {
                index = i;
            }
        }
    }

    function _closeRound(bytes32 feed, uint256 round, Quantity[] memory quantities, uint256 counted) private {
        (int256[][] memory reports, uint256 oldest) = _countedReports(feed, quantities, counted);
        int256[] memory values = _medians(reports, quantities.length);
        bool isPlausible = _isPlausible(feed, quantities, values);

        Feed storage state = _feeds[feed];
        RoundRecord storage record = _rounds[feed][round];
        record.startedAt = state.startedAt;
        record.updatedAt = uint40(oldest);
        record.submissions = uint8(counted);
        record.answer = _pack(quantities, values);
        state.closed = round.toUint64();
        state.submissions = 0;
        if (isPlausible) {
            _answer(feed, round, values);
        } else {
            record.status = RoundStatus.HELD;
            record.answeredBefore = state.answered;
            emit RoundHeld(feed, round, values);
            _onHeld(feed);
        }
    }

    function _answer(bytes32 feed, uint256 round, int256[] memory values) private {
        _rounds[feed][round].status = RoundStatus.ANSWERED;
        _feeds[feed].answered = uint64(round);
        emit RoundAnswered(feed, round, values);
        _onAnswer(feed, values);
    }

    /// @dev Each quantity must be near the last answer, or near the newest closed round, which is another one only
    /// while that is HELD.
    function _isPlausible(bytes32 feed, Quantity[] memory quantities, int256[] memory values)
        private
        view
        returns (bool)
    {
        Feed storage state = _feeds[feed];
        if (state.answered == 0) return true;
        int256[] memory answered = _unpack(quantities, _rounds[feed][state.answered].answer);
        int256[] memory closed = _unpack(quantities, _rounds[feed][state.closed].answer);
        for (uint256 i = 0; i < values.length; ++i) {
            if (!_isNear(i, values[i], answered[i]) && !_isNear(i, values[i], closed[i])) return false;
        }
        return true;
    }

    /// @dev A closed round, or the open one once it has a submission.
    function _requireRound(bytes32 feed, uint256 round) private view returns (Round memory found) {
        found = _round(feed, round);
        if (found.status != RoundStatus.NONE) return found;
        Feed storage state = _feeds[feed];
        uint256 count = state.submissions;
        if (count == 0 || round != openRoundOf(feed)) revert MedianOracle_NoSuchRound(feed, round);
        found.status = RoundStatus.OPEN;
        found.startedAt = state.startedAt;
        for (uint256 i = 0; i < count; ++i) {
            if (_counts(_submissions[feed][i].time)) ++found.submissions;
        }
    }

    /// @dev Whether a submission counts for a quorum. Half of the maximum age leaves an answer the other half.
    function _counts(uint256 time) private view returns (bool) {
        return block.timestamp - time <= _maxAge / 2;
    }

    /* INTERNAL: MEDIANS */

    /// @return reports the values of the submissions that count, of which there are `counted`.
    /// @return oldest the time of the oldest one of these.
    function _countedReports(bytes32 feed, Quantity[] memory quantities, uint256 counted)
        private
        view
        returns (int256[][] memory reports, uint256 oldest)
    {
        bool isWide = _isWide(quantities);
        reports = new int256[][](counted);
        oldest = block.timestamp;
        uint256 found = 0;
        for (uint256 i = 0; found < counted; ++i) {
            Submission storage submission = _submissions[feed][i];
            uint256 time = submission.time;
            if (!_counts(time)) continue;
            reports[found] = _unpack(quantities, _load(submission, isWide));
            ++found;
            oldest = Math.min(oldest, time);
        }
    }

    function _medians(int256[][] memory reports, uint256 quantities) private pure returns (int256[] memory medians) {
        medians = new int256[](quantities);
        int256[] memory column = new int256[](reports.length);
        for (uint256 k = 0; k < quantities; ++k) {
            for (uint256 i = 0; i < column.length; ++i) {
                column[i] = reports[i][k];
            }
            medians[k] = _median(column);
        }
    }

    /// @dev Sorts the array in place. Values are far from the ends of int256, so that the sum cannot overflow; the
    /// shift rounds towards minus infinity, below zero, too.
    function _median(int256[] memory values) private pure returns (int256) {
        for (uint256 i = 1; i < values.length; ++i) {
            int256 value = values[i];
            uint256 at = i;
            for (; at > 0 && values[at - 1] > value; --at) {
                values[at] = values[at - 1];
            }
            values[at] = value;
        }
        uint256 middle = values.length / 2;
        // slither-disable-next-line weak-prng,incorrect-equality: parity of the count, no randomness
        if (values.length % 2 == 1) return values[middle];
        return (values[middle - 1] + values[middle]) >> 1;
    }

    /* INTERNAL: PACKING */

    function _store(Submission storage submission, uint160 packed, bool isWide) private {
        submission.reporter = msg.sender;
        submission.time = block.timestamp.toUint40();
        submission.low = uint56(packed);
        if (isWide) submission.high = uint104(packed >> LOW_BITS);
    }

    function _load(Submission storage submission, bool isWide) private view returns (uint160 packed) {
        packed = submission.low;
        if (isWide) packed |= uint160(submission.high) << uint160(LOW_BITS);
    }

    /// @dev Whether values reach beyond the bits that share a word with the reporter.
    function _isWide(Quantity[] memory quantities) private pure returns (bool) {
        uint256 bits = 0;
        for (uint256 i = 0; i < quantities.length; ++i) {
            bits += quantities[i].bits;
        }
        return bits > LOW_BITS;
    }

    function _packChecked(Quantity[] memory quantities, int256[] memory values) private pure returns (uint160) {
        for (uint256 i = 0; i < quantities.length; ++i) {
            Quantity memory quantity = quantities[i];
            if (values[i] < quantity.minimum || values[i] > quantity.maximum) {
                revert MedianOracle_OutOfBounds(quantity.name, values[i], quantity.minimum, quantity.maximum);
            }
        }
        return _pack(quantities, values);
    }

    /// @dev The values must be within their bounds; a median of such values is, too.
    function _pack(Quantity[] memory quantities, int256[] memory values) private pure returns (uint160) {
        uint256 packed = 0;
        uint256 at = 0;
        for (uint256 i = 0; i < quantities.length; ++i) {
            packed |= uint256(values[i] - quantities[i].minimum) << at;
            at += quantities[i].bits;
        }
        return packed.toUint160();
    }

    function _unpack(Quantity[] memory quantities, uint256 packed) private pure returns (int256[] memory values) {
        values = new int256[](quantities.length);
        for (uint256 i = 0; i < values.length; ++i) {
            Quantity memory quantity = quantities[i];
            values[i] = quantity.minimum + int256(packed & ((1 << quantity.bits) - 1));
            packed >>= quantity.bits;
        }
    }
}
