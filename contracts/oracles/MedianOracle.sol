// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IMedianOracle} from "../interfaces/IMedianOracle.sol";

/// @title MedianOracle
/// @notice See {IMedianOracle}; comments here are for maintainers.
/// @dev A derived oracle lists its quantities and their maximum jumps; rounds, medians and the deviation guard are
/// here. The values of a submission, and those of an answer, are packed into at most 160 bits: quantity by quantity
/// from the lowest bit on, each as its distance from the quantity's minimum, in as many bits as it needs.
///
/// Storage of a feed, for ever:
///
///     _feeds[feed]                 newest, closed and answered round                  24 bytes
///     _rounds[feed][n]             times, count, status and the answer                32 bytes
///     _submissions[feed][n][i]     reporter and 96 bits of its values                 32 bytes
///                                  the other 64 bits, only where an oracle needs them  8 bytes
abstract contract MedianOracle is IMedianOracle, AccessManaged {
    using SafeCast for uint256;

    /// @dev In memory only. `bits` hold every value from 0 to maximum - minimum.
    struct Quantity {
        bytes32 name;
        int256 minimum;
        int256 maximum;
        uint256 bits;
    }

    /// @dev Rounds by their numbers, 0 for none. `newest` is that of the last submission, `closed` the newest one that
    /// is ANSWERED or HELD, `answered` the newest ANSWERED one: the two differ while `closed` is HELD.
    struct Feed {
        // 8 + 8 + 8 = 24 bytes
        uint64 newest;
        uint64 closed;
        uint64 answered;
    }

    struct RoundRecord {
        // 5 + 5 + 1 + 1 + 20 = 32 bytes
        uint40 startedAt;
        uint40 updatedAt;
        uint8 submissions;
        RoundStatus status;
        uint160 answer;
    }

    struct Submission {
        // slot n: 20 + 12 = 32 bytes
        address reporter;
        uint96 low;
        // slot n + 1: 8 bytes
        uint64 high;
    }

    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant MAX_QUORUM = 31;
    /// @dev Bits of the values that share a word with the reporter.
    uint256 private constant LOW_BITS = 96;

    /// @inheritdoc IMedianOracle
    uint256 public immutable QUORUM;
    /// @inheritdoc IMedianOracle
    uint256 public immutable MAX_AGE;

    /* STORAGE */

    mapping(bytes32 feed => Feed state) private _feeds;
    mapping(bytes32 feed => mapping(uint256 round => RoundRecord record)) private _rounds;
    mapping(bytes32 feed => mapping(uint256 round => mapping(uint256 index => Submission submission))) private
        _submissions;
    mapping(address reporter => uint256 time) private _lastReports;

    /* CONSTRUCTOR */

    constructor(address authority, OracleParameters memory parameters) AccessManaged(authority) {
        _requireParameter(parameters.quorum > 0 && parameters.quorum <= MAX_QUORUM, "quorum", parameters.quorum);
        _requireParameter(parameters.maxAge > 0, "maxAge", parameters.maxAge);
        QUORUM = parameters.quorum;
        MAX_AGE = parameters.maxAge;
    }

    /* GUARDIAN */

    /// @inheritdoc IMedianOracle
    function confirmRound(bytes32 feed, uint256 round) external restricted {
        RoundRecord storage record = _requireRound(feed, round);
        Feed storage state = _feeds[feed];
        if (record.status != RoundStatus.HELD || round != state.closed) {
            revert MedianOracle_NotHeld(feed, round, record.status);
        }
        _answer(feed, round, _unpack(_quantities(), record.answer));
    }

    /* VIEWS */

    /// @inheritdoc IMedianOracle
    function getRound(bytes32 feed, uint256 round) external view returns (Round memory) {
        _requireRound(feed, round);
        return _round(feed, round);
    }

    /// @inheritdoc IMedianOracle
    function latestRoundOf(bytes32 feed) external view returns (Round memory) {
        return _latestRound(feed);
    }

    /// @inheritdoc IMedianOracle
    function hasSubmitted(bytes32 feed, uint256 round, address reporter) external view returns (bool) {
        return _hasSubmitted(feed, round, reporter);
    }

    /// @inheritdoc IMedianOracle
    function lastReportOf(address reporter) external view returns (uint256) {
        return _lastReports[reporter];
    }

    /// @inheritdoc IMedianOracle
    function openRoundOf(bytes32 feed) public view returns (uint256) {
        uint256 newest = _feeds[feed].newest;
        RoundRecord storage record = _rounds[feed][newest];
        bool isOpen = record.status == RoundStatus.OPEN && _isYoung(record.startedAt);
        return isOpen ? newest : newest + 1;
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
        return _rounds[feed][closed].updatedAt + MAX_AGE;
    }

    /* INTERNAL: WHAT AN ORACLE SAYS OF ITSELF */

    /// @dev At most 160 bits in all.
    function _quantities() internal pure virtual returns (Quantity[] memory);

    /// @dev Whether a quantity's new value is within the deviation limit of an earlier value.
    function _isNear(uint256 quantity, int256 value, int256 before) internal view virtual returns (bool);

    /// @dev Called with each answer, once, when its round becomes ANSWERED.
    function _onAnswer(bytes32 feed, int256[] memory values) internal virtual {}

    /* INTERNAL: FOR THE ORACLES */

    /// @dev Every entry point of the reporters ends here; its `restricted` has checked the role.
    function _submit(bytes32 feed, uint256 round, int256[] memory values) internal {
        // Through the manager's `execute`, every reporter would have the manager's address, and one could submit twice.
        if (msg.sender == authority()) revert AccessManagedUnauthorized(msg.sender);
        uint256 open = openRoundOf(feed);
        if (round != open) revert MedianOracle_WrongRound(feed, round, open);
        if (_hasSubmitted(feed, round, msg.sender)) {
            revert MedianOracle_AlreadySubmitted(feed, round, msg.sender);
        }
        Quantity[] memory quantities = _quantities();
        uint160 packed = _packChecked(quantities, values);

        RoundRecord storage record = _rounds[feed][round];
        if (record.status == RoundStatus.NONE) _openRound(feed, round);
        uint256 index = record.submissions;
        record.submissions = uint8(index + 1);
        _store(_submissions[feed][round][index], packed);
        _lastReports[msg.sender] = block.timestamp;
        emit ReportSubmitted(feed, round, msg.sender, values);
        if (index + 1 == QUORUM) _closeRound(feed, round, quantities);
    }

    /// @dev The answer now; reverts with the reason if there is none.
    function _freshValues(bytes32 feed) internal view returns (int256[] memory) {
        Feed storage state = _feeds[feed];
        uint256 closed = state.closed;
        if (closed == 0) revert MedianOracle_NoAnswer(feed);
        if (closed != state.answered) revert MedianOracle_Held(feed, closed);
        RoundRecord storage record = _rounds[feed][closed];
        if (!_isYoung(record.updatedAt)) revert MedianOracle_Stale(feed, record.updatedAt, MAX_AGE);
        return _unpack(_quantities(), record.answer);
    }

    function _latestRound(bytes32 feed) internal view returns (Round memory) {
        uint256 answered = _feeds[feed].answered;
        if (answered == 0) revert MedianOracle_NoAnswer(feed);
        return _round(feed, answered);
    }

    /// @dev Status NONE if there is no such round.
    function _round(bytes32 feed, uint256 round) internal view returns (Round memory) {
        RoundRecord storage record = _rounds[feed][round];
        return Round({
            id: round,
            values: record.updatedAt == 0 ? new int256[](0) : _unpack(_quantities(), record.answer),
            startedAt: record.startedAt,
            updatedAt: record.updatedAt,
            submissions: record.submissions,
            status: record.status
        });
    }

    function _requireParameter(bool isGood, bytes32 name, uint256 value) internal pure {
        if (!isGood) revert MedianOracle_BadParameter(name, value);
    }

    /* INTERNAL: ROUNDS */

    function _openRound(bytes32 feed, uint256 round) private {
        // The round before is OPEN only if it is too old; otherwise it would still be the open round.
        RoundRecord storage before = _rounds[feed][round - 1];
        if (before.status == RoundStatus.OPEN) {
            before.status = RoundStatus.ABANDONED;
            emit RoundAbandoned(feed, round - 1);
        }
        _feeds[feed].newest = round.toUint64();
        RoundRecord storage record = _rounds[feed][round];
        record.startedAt = block.timestamp.toUint40();
        record.status = RoundStatus.OPEN;
    }

    function _closeRound(bytes32 feed, uint256 round, Quantity[] memory quantities) private {
        int256[] memory values = _medians(feed, round, quantities);
        bool isPlausible = _isPlausible(feed, quantities, values);

        RoundRecord storage record = _rounds[feed][round];
        record.updatedAt = block.timestamp.toUint40();
        record.answer = _pack(quantities, values);
        _feeds[feed].closed = uint64(round);
        if (isPlausible) {
            _answer(feed, round, values);
        } else {
            record.status = RoundStatus.HELD;
            emit RoundHeld(feed, round, values);
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

    function _requireRound(bytes32 feed, uint256 round) private view returns (RoundRecord storage record) {
        record = _rounds[feed][round];
        if (record.status == RoundStatus.NONE) revert MedianOracle_NoSuchRound(feed, round);
    }

    function _hasSubmitted(bytes32 feed, uint256 round, address reporter) private view returns (bool) {
        uint256 count = _rounds[feed][round].submissions;
        for (uint256 i = 0; i < count; ++i) {
            if (_submissions[feed][round][i].reporter == reporter) return true;
        }
        return false;
    }

    function _isYoung(uint256 time) private view returns (bool) {
        return block.timestamp - time <= MAX_AGE;
    }

    /* INTERNAL: MEDIANS */

    function _medians(bytes32 feed, uint256 round, Quantity[] memory quantities)
        private
        view
        returns (int256[] memory medians)
    {
        bool isWide = _isWide(quantities);
        int256[][] memory reports = new int256[][](QUORUM);
        for (uint256 i = 0; i < reports.length; ++i) {
            reports[i] = _unpack(quantities, _load(_submissions[feed][round][i], isWide));
        }
        medians = new int256[](quantities.length);
        int256[] memory column = new int256[](reports.length);
        for (uint256 k = 0; k < medians.length; ++k) {
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

    function _store(Submission storage submission, uint160 packed) private {
        submission.reporter = msg.sender;
        submission.low = uint96(packed);
        uint64 high = uint64(packed >> LOW_BITS);
        if (high != 0) submission.high = high;
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
