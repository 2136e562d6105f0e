// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {DemandEscrow} from "./DemandEscrow.sol";
import {DemandRewards} from "./DemandRewards.sol";
import {IDemandBaselines} from "../interfaces/IDemandBaselines.sol";
import {IDemandEnrolments} from "../interfaces/IDemandEnrolments.sol";
import {IDemandResponse} from "../interfaces/IDemandResponse.sol";
import {Slots} from "../libraries/Slots.sol";
import {FindingWord, FindingWordLibrary} from "../types/FindingWord.sol";
import {ParticipationWord, ParticipationWordLibrary} from "../types/ParticipationWord.sol";

/// @title DemandResponse
/// @notice See {IDemandResponse}; comments here are for maintainers. This part: announcing and verifying events.
/// Money: {DemandEscrow}; programs: {DemandPrograms}; rewards: {DemandRewards}. Contracts of their own: who takes part,
/// {DemandEnrolments}; what meters show, {DemandBaselines}.
/// @dev Nothing is deleted, and no call is needed when an event starts or ends: its phase follows from the time.
///
///     status     opt in, opt out, cancel   verify...       completeEvent      distribute, claim   reclaimBudget
///     ACTIVE     before start              in its window   after the window   -                   -
///     COMPLETED  -                         -               -                  yes                 what rewards leave
///     CANCELLED  -                         -               -                  -                   all
contract DemandResponse is DemandRewards {
    using SafeCast for uint256;

    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant MAX_NOTICE = 7 days;

    /* STORAGE */

    // one slot: 5 + 5 = 10 bytes
    uint40 private _eventCount;
    uint40 private _participationCount;

    /// @dev The end of the last event that an operator reported of a consumer.
    mapping(address consumer => uint256 time) private _saidUntil;

    /* CONSTRUCTOR */

    constructor(address authority_, IERC20 rewardToken, Modules memory modules, Parameters memory parameters)
        DemandEscrow(authority_, rewardToken, modules, parameters.verificationTime)
    {}

    /* GRID OPERATORS */

    /// @inheritdoc IDemandResponse
    function startEvent(uint256 targetReduction, uint256 rewardPerKw, uint256 duration)
        external
        nonReentrant
        returns (uint256 eventId)
    {
        // slither-disable-next-line uninitialized-local: the other terms are nothing
        EventTerms memory terms;
        (terms.targetReductionKw, terms.rewardPerKw, terms.duration) = (targetReduction, rewardPerKw, duration);
        terms.startTime = (block.timestamp / _slotLength + 1) * _slotLength;
        return _schedule(terms);
    }

    /// @inheritdoc IDemandResponse
    function scheduleEvent(EventTerms calldata terms) external nonReentrant returns (uint256 eventId) {
        return _schedule(terms);
    }

    /// @inheritdoc IDemandResponse
    function verifyReduction(
        uint256 eventId,
        address consumer,
        uint256 baseline,
        uint256 actual,
        uint256 meterStart,
        uint256 meterEnd
    ) external returns (uint256) {
        _requireGridOperator();
        EventRecord storage record = _event(eventId);
        _requireOwner(record.gridOperator);
        _requireOperates(record.region);
        _requireVerifiable(eventId, record, consumer, 0);
        (uint256 from, uint256 to) = (_measuredFrom(record), _endOf(record));
        _requireUnmetered(consumer, record.startTime, to);
        FindingWord finding = FindingWordLibrary.pack(baseline.toInt256(), actual.toInt256(), meterStart, meterEnd);
        if (meterEnd < meterStart || _averageUp(meterEnd - meterStart, to - from) != actual) {
            revert InvalidMeterReading(meterStart, meterEnd, actual);
        }
        _requireReduction(Math.saturatingSub(baseline, actual));
        // The operators of two regions may both know the consumer.
        if (record.startTime < _saidUntil[consumer]) {
            revert IDemandEnrolments.DemandEnrolments_Overlapping(record.startTime, _saidUntil[consumer]);
        }
        _saidUntil[consumer] = to;

        ParticipationWord word = ParticipationWordLibrary.pack(consumer, eventId, block.timestamp, false);
        return _verify(word, finding, MIN_REDUCTION);
    }

    /* THE OPERATOR OF AN EVENT */

    /// @inheritdoc IDemandResponse
    function cancelEvent(uint256 eventId) external {
        EventRecord storage record = _event(eventId);
        _requireOwner(record.gridOperator);
        _requireNotStarted(eventId, record);

        record.status = EventStatus.CANCELLED;
        if (record.kind == EventKind.CAPACITY) ENROLMENTS.vacate(_keyOf(record), record.startTime, _endOf(record));
        emit EventCancelled(eventId);
    }

    /* ANYONE */

    /// @inheritdoc IDemandResponse
    function verifyFromMeter(uint256 eventId, address consumer) external returns (uint256) {
        EventRecord storage record = _event(eventId);
        _requireVerifiable(eventId, record, consumer, _grace);
        IDemandEnrolments.Enrolment memory enrolment = ENROLMENTS.getEnrolment(consumer);
        IDemandBaselines.Measurement memory found = BASELINES.measure(
            consumer,
            record.region,
            record.announcedAt,
            _measuredFrom(record) / _slotLength,
            _endOf(record) / _slotLength,
            enrolment.committed,
            enrolment.aggregator != address(0)
        );
        uint256 from = _verifiableUntil(record) - UNREAD_TIME;
        if (found.unread != 0 && block.timestamp < from) {
            revert DemandResponse_Unread(consumer, found.unread, from);
        }
        FindingWord finding = FindingWordLibrary.pack(found.baseline, found.actual, 0, 0);
        return _verify(ParticipationWordLibrary.pack(consumer, eventId, block.timestamp, true), finding, found.minimum);
    }

    /// @inheritdoc IDemandResponse
    function completeEvent(uint256 eventId) external {
        EventRecord storage record = _event(eventId);
        _requireStatus(eventId, record, EventStatus.ACTIVE);
        _requireFrom(eventId, _verifiableUntil(record) + 1);

        record.status = EventStatus.COMPLETED;
        emit EventCompleted(eventId, _totalOf(record), _rewardsOf(record));
    }

    /* VIEWS */

    /// @inheritdoc IDemandResponse
    function eventCount() external view returns (uint256) {
        return _eventCount;
    }

    /* INTERNAL: EVENTS */

    /// @dev The money of a program's event stays in escrow and belongs to the event from now on.
    function _schedule(EventTerms memory terms) private returns (uint256 eventId) {
        _requireRunning();
        uint256 programId = terms.programId;
        bytes32 region;
        // slither-disable-next-line incorrect-equality: outside programs
        if (programId == 0) {
            region = _requireOwnRegion();
            if (terms.group != 0) revert DemandResponse_NoSuchProgram(0);
        } else {
            ProgramRecord storage program = _ownProgram(programId);
            region = program.region;
            // slither-disable-next-line incorrect-equality: a kind
            if (terms.kind == EventKind.CAPACITY) {
                if (terms.rewardPerKw != 0) revert DemandResponse_BadParameter("rewardPerKw", terms.rewardPerKw);
                terms.rewardPerKw = program.incentiveRate;
            }
        }
        eventId = ++_eventCount;
        EventRecord storage record = _events[eventId];
        _requireTerms(terms);
        record.gridOperator = msg.sender;
        record.announcedAt = uint40(block.timestamp);
        record.region = region;
        _store(record, terms);
        // slither-disable-next-line incorrect-equality: a kind
        if (terms.kind == EventKind.CAPACITY) {
            // Events that pay come one after the other, so that no reduction is paid twice.
            // slither-disable-next-line reentrancy-no-eth: a contract of the market
            ENROLMENTS.occupy(_keyOf(record), terms.startTime, _endOf(record), _verifiableUntil(record));
        }
        _emitEventStarted(eventId, record);
        uint256 budget = _budgetOf(record);
        if (programId != 0) _spend(programId, _program(programId), budget);
        else if (budget != 0) _takeBudget(budget);
    }

    function _requireTerms(EventTerms memory terms) private view {
        // slither-disable-next-line incorrect-equality: a kind
        bool isPrice = terms.kind == EventKind.PRICE;
        uint256 target = terms.targetReductionKw;
        if (!isPrice) _requireWithin("targetReduction", target, type(uint40).max);
        else if (target != 0 || terms.isTest) revert DemandResponse_BadParameter("targetReduction", target);
        if (!terms.isTest) _requireWithin("rewardPerKw", terms.rewardPerKw, type(uint88).max);
        _requireWithin("duration", terms.duration, Slots.DAY);
        _requireWhole("duration", terms.duration);
        _requireWhole("ramp", terms.ramp);
        if (terms.ramp >= terms.duration) revert DemandResponse_BadParameter("ramp", terms.ramp);
        _requireWhole("startTime", terms.startTime);
        if (terms.startTime <= block.timestamp || terms.startTime > block.timestamp + MAX_NOTICE) {
            revert DemandResponse_BadParameter("startTime", terms.startTime);
        }
    }

    function _requireWhole(bytes32 name, uint256 value) private view {
        // slither-disable-next-line weak-prng: whether it is whole slots
        if (value % _slotLength != 0) revert DemandResponse_BadParameter(name, value);
    }

    function _store(EventRecord storage record, EventTerms memory terms) private {
        record.startTime = uint40(terms.startTime);
        record.duration = uint24(terms.duration);
        record.kind = terms.kind;
        record.optIn = terms.optIn;
        record.isTest = terms.isTest;
        record.programId = uint40(terms.programId);
        record.targetReductionKw = uint40(terms.targetReductionKw);
        record.rewardPerKw = terms.isTest ? 0 : uint88(terms.rewardPerKw);
        record.rampSlots = uint8(terms.ramp / _slotLength);
        record.group = terms.group;
    }

    function _keyOf(EventRecord storage record) private view returns (bytes32) {
        return record.programId == 0 ? record.region : bytes32(uint256(record.programId));
    }

    function _emitEventStarted(uint256 eventId, EventRecord storage record) private {
        emit EventStarted(
            eventId,
            record.programId,
            record.gridOperator,
            record.region,
            record.targetReductionKw,
            record.rewardPerKw,
            record.startTime,
            _endOf(record),
            _budgetOf(record)
        );
        emit EventScheduled(eventId, record.kind, record.group, _measuredFrom(record), record.optIn, record.isTest);
    }

    function _requireNotStarted(uint256 eventId, EventRecord storage record) private view {
        _requireStatus(eventId, record, EventStatus.ACTIVE);
        if (block.timestamp >= record.startTime) revert DemandResponse_AlreadyStarted(eventId, record.startTime);
    }

    function _requireFrom(uint256 eventId, uint256 from) private view {
        if (block.timestamp < from) revert DemandResponse_TooEarly(eventId, from);
    }

    /* INTERNAL: VERIFICATION */

    /// @param wait seconds after the event's end until this kind of verification is possible.
    function _requireVerifiable(uint256 eventId, EventRecord storage record, address consumer, uint256 wait)
        private
        view
    {
        _requireStatus(eventId, record, EventStatus.ACTIVE);
        if (record.kind == EventKind.PRICE) revert DemandResponse_PriceSignal(eventId);
        _requireFrom(eventId, _endOf(record) + wait);
        uint256 deadline = _verifiableUntil(record);
        if (block.timestamp > deadline) revert EventExpired(eventId, deadline);
        if (_idOf[eventId][consumer] != 0) revert AlreadyParticipating(eventId, consumer);
    }

    function _verify(ParticipationWord word, FindingWord finding, uint256 minimum) private returns (uint256 id) {
        (uint256 eventId, address consumer, bool metered) = (word.eventId(), word.consumer(), word.isMetered());
        IDemandEnrolments.Tally memory tally =
            ENROLMENTS.tally(eventId, consumer, finding.reduction(), minimum, metered);
        EventRecord storage record = _events[eventId];
        // What counts of a portfolio can become less with each member.
        if (metered) record.metered = uint256(int256(record.metered) + tally.more);
        else record.reported += uint256(tally.more);
        id = _index(eventId, consumer);
        _participations[id] = Participation({
            word: word.withCounts(tally.counts),
            finding: finding,
            aggregator: tally.aggregator,
            feeBps: tally.feeBps,
            minimum: minimum.toUint64()
        });
        emit ReductionVerified(
            eventId, consumer, id, finding.baseline(), finding.actual(), finding.reduction(), minimum, metered
        );
    }

    function _index(uint256 eventId, address consumer) private returns (uint256 id) {
        id = ++_participationCount;
        _idOf[eventId][consumer] = id;
        _ofEvent[eventId].push(uint40(id));
        _ofConsumer[consumer].push(uint40(id));
    }

    /// @dev Wh over seconds, as average W; rounded up, against the consumer.
    function _averageUp(uint256 wh, uint256 duration) private pure returns (uint256) {
        return Math.ceilDiv(wh * 1 hours, duration);
    }
}
