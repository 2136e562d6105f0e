// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Relayed} from "../access/Relayed.sol";
import {IDemandEnrolments} from "../interfaces/IDemandEnrolments.sol";
import {IDemandResponse} from "../interfaces/IDemandResponse.sol";

/// @title DemandEnrolments
/// @notice See {IDemandEnrolments}; comments here are for maintainers.
/// @dev Events of one program, or of one region outside programs, never overlap, and a consumer has one enrolment. So
/// no slot of a consumer is in two events that count, whoever is verified first.
///
/// Leaving a program does not undo the part in events that were announced before, or an aggregator would let those
/// leave who used more. The enrolment is therefore kept, and no new one begins, until these events can no longer be
/// verified. Program 0 has no aggregators, and who uses more there loses nothing: it can be left for a program at once,
/// and its events are then over for the consumer.
contract DemandEnrolments is IDemandEnrolments, Relayed {
    struct Members {
        // slot n: 11 + 5 = 16 bytes; a commitment is below 2^50 and the sum has room for 2^38 of the largest
        uint88 committed;
        uint40 participants;
    }

    /// @dev What an aggregator agrees to: W at most, basis points at least.
    struct Acceptance {
        // slot n: 30 + 2 = 32 bytes
        uint240 committed;
        uint16 feeBps;
    }

    /// @dev What came of events that count for misses: `2 * verifiableUntil`, and 1 more for a miss.
    struct Verdicts {
        uint256 judged;
        // 6 bytes each; sorted, which is the order of the events
        uint48[] ofEvents;
    }

    struct Busy {
        // slot n: 5 + 5 = 10 bytes
        uint40 until;
        uint40 verifiableUntil;
    }

    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant MAX_MISSED = 3;
    uint256 private constant BPS = 10_000;
    /// @dev Events at a shorter notice count no misses, or an operator could end enrolments at will.
    uint256 private constant FAIR_NOTICE = 1 hours;

    IDemandResponse public immutable RESPONSE;

    /* STORAGE */

    mapping(address account => bool registered) private _consumers;
    // Two slots each: 5 + 7 + 5 + 5 + 5 + 1 + 2 = 30 bytes, and the aggregator's 20
    mapping(address consumer => Enrolment enrolment) private _enrolments;
    mapping(uint256 programId => Members members) private _members;
    mapping(bytes32 key => Busy busy) private _busy;
    mapping(uint256 programId => mapping(bytes32 group => mapping(address consumer => uint256 since))) private _groups;
    mapping(uint256 eventId => mapping(address consumer => EventChoice choice)) private _choices;
    mapping(uint256 eventId => mapping(address aggregator => Portfolio portfolio)) private _portfolios;
    mapping(uint256 programId => mapping(address aggregator => mapping(address consumer => Acceptance accepted)))
        private _accepted;
    mapping(address consumer => Verdicts verdicts) private _verdicts;

    /* CONSTRUCTOR */

    constructor(IDemandResponse response, address forwarder) Relayed(forwarder) {
        RESPONSE = response;
    }

    modifier onlyResponse() {
        if (msg.sender != address(RESPONSE)) revert DemandEnrolments_NotDemandResponse(msg.sender);
        _;
    }

    /* CONSUMERS */

    /// @inheritdoc IDemandEnrolments
    function optIn(uint256 eventId) external {
        _choose(eventId, EventChoice.IN);
    }

    /// @inheritdoc IDemandEnrolments
    function optOut(uint256 eventId) external {
        _choose(eventId, EventChoice.OUT);
    }

    /* AGGREGATORS */

    /// @inheritdoc IDemandEnrolments
    function acceptMember(uint256 programId, address consumer, uint256 committed, uint256 feeBps) external {
        if (feeBps > BPS) revert IDemandResponse.DemandResponse_BadParameter("feeBps", feeBps);
        if (committed > type(uint240).max) {
            revert IDemandResponse.DemandResponse_BadParameter("committed", committed);
        }
        address aggregator = _holder();
        _accepted[programId][aggregator][consumer] = Acceptance(uint240(committed), uint16(feeBps));
        emit MemberAccepted(programId, consumer, aggregator, committed, feeBps);
    }

    /// @inheritdoc IDemandEnrolments
    function releaseMember(uint256 programId, address consumer) external {
        _requirePresent(programId, consumer);
        (address caller, address aggregator) = (_holder(), _enrolments[consumer].aggregator);
        if (caller != aggregator) revert DemandEnrolments_NotAggregator(caller, aggregator);
        _leave(programId, consumer);
    }

    /* THE OPERATOR OF A PROGRAM */

    /// @inheritdoc IDemandEnrolments
    function addToGroup(uint256 programId, bytes32 group, address[] calldata consumers) external {
        address operator = RESPONSE.getProgram(programId).operator;
        if (msg.sender != operator) revert IDemandResponse.DemandResponse_NotOperator(msg.sender, operator);
        if (group == 0) revert DemandEnrolments_NoGroup();
        mapping(address consumer => uint256 since) storage members = _groups[programId][group];
        for (uint256 i = 0; i < consumers.length; ++i) {
            if (members[consumers[i]] != 0) continue;
            members[consumers[i]] = block.timestamp;
            emit GroupJoined(programId, group, consumers[i]);
        }
    }

    /* DEMAND RESPONSE */

    /// @inheritdoc IDemandEnrolments
    function register(address consumer, address by, uint256 committed) external onlyResponse {
        if (_consumers[consumer]) revert IDemandResponse.DemandResponse_AlreadyRegistered(consumer);
        _register(consumer, by);
        _enrol(0, consumer, committed, address(0), 0);
    }

    /// @inheritdoc IDemandEnrolments
    function join(uint256 programId, address consumer, uint256 committed, address aggregator, uint256 feeBps)
        external
        onlyResponse
    {
        Enrolment storage enrolment = _enrolments[consumer];
        uint256 present = enrolment.programId;
        if (commitmentOf(present, consumer) != 0 && (present != 0 || programId == 0)) {
            revert IDemandResponse.AlreadyParticipating(present, consumer);
        }
        uint256 bound = enrolment.boundUntil;
        if (block.timestamp <= bound) revert DemandEnrolments_Bound(consumer, bound);
        if (aggregator != address(0)) _useAcceptance(_accepted[programId][aggregator][consumer], committed, feeBps);

        if (!_consumers[consumer]) _register(consumer, consumer);
        if (commitmentOf(0, consumer) != 0) _leave(0, consumer);
        _enrol(programId, consumer, committed, aggregator, feeBps);
        if (aggregator != address(0)) emit AggregatorNamed(programId, consumer, aggregator, feeBps);
    }

    /// @inheritdoc IDemandEnrolments
    function leave(uint256 programId, address consumer) external onlyResponse {
        _requirePresent(programId, consumer);
        _leave(programId, consumer);
    }

    /// @inheritdoc IDemandEnrolments
    function occupy(bytes32 key, uint256 startTime, uint256 endTime, uint256 verifiableUntil) external onlyResponse {
        uint256 until = _busy[key].until;
        if (startTime < until) revert DemandEnrolments_Overlapping(startTime, until);
        _busy[key] = Busy({until: uint40(endTime), verifiableUntil: uint40(verifiableUntil)});
    }

    /// @inheritdoc IDemandEnrolments
    /// @dev The time in which consumers are bound stays: earlier events may need it.
    function vacate(bytes32 key, uint256 startTime, uint256 endTime) external onlyResponse {
        if (_busy[key].until == endTime) _busy[key].until = uint40(startTime);
    }

    /// @inheritdoc IDemandEnrolments
    function tally(uint256 eventId, address consumer, int256 reduction, uint256 minimum, bool metered)
        external
        onlyResponse
        returns (Tally memory found)
    {
        IDemandResponse.DemandResponseEvent memory known = RESPONSE.getEvent(eventId);
        _requireEnrolled(known, consumer);
        EventChoice choice = _choices[eventId][consumer];
        if (choice == EventChoice.OUT || (known.optIn && choice != EventChoice.IN)) {
            revert DemandEnrolments_OptedOut(eventId, consumer);
        }
        Enrolment storage enrolment = _enrolments[consumer];
        (found.aggregator, found.feeBps) = (enrolment.aggregator, enrolment.feeBps);
        uint256 committed = enrolment.committed;
        bool missed = 2 * reduction < int256(committed);
        found.counts = !missed && reduction >= int256(minimum);
        if (metered && found.aggregator != address(0)) {
            Portfolio storage portfolio = _portfolios[eventId][found.aggregator];
            found.more = -int256(_countedOf(portfolio));
            portfolio.sum += reduction;
            if (reduction > 0) portfolio.reductions += uint256(reduction);
            portfolio.squares += minimum * minimum;
            portfolio.committed += committed;
            found.more += int256(_countedOf(portfolio));
            return found;
        }
        if (found.counts) found.more = reduction;
        if (!known.isTest && known.startTime - known.announcedAt >= FAIR_NOTICE) {
            _count(consumer, known.verifiableUntil, missed);
        }
    }

    /* VIEWS */

    /// @inheritdoc IDemandEnrolments
    function getEnrolment(address consumer) external view returns (Enrolment memory) {
        return _enrolments[consumer];
    }

    /// @inheritdoc IDemandEnrolments
    function getPortfolio(uint256 eventId, address aggregator)
        external
        view
        returns (Portfolio memory portfolio, uint256 counted)
    {
        return (_portfolios[eventId][aggregator], _countedOf(_portfolios[eventId][aggregator]));
    }

    /// @inheritdoc IDemandEnrolments
    function shareOf(uint256 eventId, address aggregator, uint256 reduction) external view returns (uint256) {
        Portfolio storage portfolio = _portfolios[eventId][aggregator];
        uint256 counted = _countedOf(portfolio);
        return counted == 0 ? 0 : (counted * reduction) / portfolio.reductions;
    }

    /// @inheritdoc IDemandEnrolments
    function acceptanceOf(uint256 programId, address aggregator, address consumer)
        external
        view
        returns (uint256 committed, uint256 feeBps)
    {
        Acceptance storage accepted = _accepted[programId][aggregator][consumer];
        return (accepted.committed, accepted.feeBps);
    }

    /// @inheritdoc IDemandEnrolments
    function commitmentOf(uint256 programId, address consumer) public view returns (uint256) {
        Enrolment storage enrolment = _enrolments[consumer];
        return enrolment.leftAt == 0 && enrolment.programId == programId ? enrolment.committed : 0;
    }

    /// @inheritdoc IDemandEnrolments
    function membersOf(uint256 programId) external view returns (uint256 participants, uint256 committed) {
        return (_members[programId].participants, _members[programId].committed);
    }

    /// @inheritdoc IDemandEnrolments
    function groupedSince(uint256 programId, bytes32 group, address consumer) external view returns (uint256) {
        return _groups[programId][group][consumer];
    }

    /// @inheritdoc IDemandEnrolments
    function choiceOf(uint256 eventId, address consumer) external view returns (EventChoice) {
        return _choices[eventId][consumer];
    }

    /// @inheritdoc IDemandEnrolments
    function isConsumer(address account) external view returns (bool) {
        return _consumers[account];
    }

    /* INTERNAL */

    function _choose(uint256 eventId, EventChoice choice) private {
        address consumer = _holder();
        IDemandResponse.DemandResponseEvent memory known = RESPONSE.getEvent(eventId);
        if (known.status != IDemandResponse.EventStatus.ACTIVE) {
            revert IDemandResponse.EventNotActive(eventId, known.status);
        }
        if (block.timestamp >= known.startTime) {
            revert IDemandResponse.DemandResponse_AlreadyStarted(eventId, known.startTime);
        }
        _requireEnrolled(known, consumer);
        _choices[eventId][consumer] = choice;
        emit EventChosen(eventId, consumer, choice);
    }

    function _register(address consumer, address by) private {
        _consumers[consumer] = true;
        emit ConsumerRegistered(consumer, by);
    }

    function _enrol(uint256 programId, address consumer, uint256 committed, address aggregator, uint256 feeBps)
        private
    {
        _enrolments[consumer] = Enrolment({
            programId: uint40(programId),
            committed: uint56(committed),
            joinedAt: uint40(block.timestamp),
            leftAt: 0,
            boundUntil: 0,
            missed: 0,
            feeBps: uint16(feeBps),
            aggregator: aggregator
        });
        _verdicts[consumer].judged = _verdicts[consumer].ofEvents.length;
        Members storage members = _members[programId];
        members.committed += uint88(committed);
        ++members.participants;
        emit ProgramJoined(programId, consumer, committed);
    }

    function _leave(uint256 programId, address consumer) private {
        Enrolment storage enrolment = _enrolments[consumer];
        enrolment.leftAt = uint40(block.timestamp);
        if (programId != 0) enrolment.boundUntil = _busy[bytes32(programId)].verifiableUntil;
        Members storage members = _members[programId];
        members.committed -= enrolment.committed;
        --members.participants;
        emit ProgramLeft(programId, consumer);
    }

    function _requirePresent(uint256 programId, address consumer) private view {
        if (commitmentOf(programId, consumer) == 0) {
            revert IDemandResponse.DemandResponse_NotParticipating(programId, consumer);
        }
    }

    /// @dev Before the announcement and not left before it, among those whom the event is for.
    function _requireEnrolled(IDemandResponse.DemandResponseEvent memory known, address consumer) private view {
        if (!_consumers[consumer]) revert IDemandResponse.ConsumerNotRegistered(consumer);
        (uint256 programId, uint256 announcedAt) = (known.programId, known.announcedAt);
        Enrolment storage enrolment = _enrolments[consumer];
        uint256 left = enrolment.leftAt;
        bool isIn = enrolment.programId == programId && enrolment.joinedAt < announcedAt
            && (left == 0 || (left > announcedAt && programId != 0));
        if (isIn && known.group != 0) {
            uint256 since = _groups[programId][known.group][consumer];
            isIn = since != 0 && since < announcedAt;
        }
        if (!isIn) revert IDemandResponse.DemandResponse_NotParticipating(programId, consumer);
    }

    /// @dev An acceptance is for joining once: who was released needs another one.
    function _useAcceptance(Acceptance storage accepted, uint256 committed, uint256 feeBps) private {
        (uint256 most, uint256 least) = (accepted.committed, accepted.feeBps);
        if (committed > most || feeBps < least) revert DemandEnrolments_NotAccepted(committed, most, feeBps, least);
        accepted.committed = 0;
    }

    /// @dev The third miss in a row ends the enrolment. A verdict waits until no earlier event can be verified any
    /// more: so whoever chooses the order of verification cannot break a row, nor make one. Few wait: events of one
    /// program do not overlap, and can be verified for days.
    function _count(address consumer, uint256 verifiableUntil, bool missed) private {
        Enrolment storage enrolment = _enrolments[consumer];
        if (enrolment.leftAt != 0) return;
        Verdicts storage verdicts = _verdicts[consumer];
        uint48[] storage ofEvents = verdicts.ofEvents;
        uint48 verdict = uint48(2 * verifiableUntil + (missed ? 1 : 0));
        ofEvents.push(verdict);
        for (uint256 at = ofEvents.length - 1; at > verdicts.judged && ofEvents[at - 1] > verdict; --at) {
            (ofEvents[at], ofEvents[at - 1]) = (ofEvents[at - 1], verdict);
        }
        (uint256 next, uint256 row) = (verdicts.judged, enrolment.missed);
        // Ends with the verdict itself at the latest: its event can be verified now.
        for (; row < MAX_MISSED && ofEvents[next] / 2 < block.timestamp; ++next) {
            row = ofEvents[next] % 2 == 0 ? 0 : row + 1;
        }
        (verdicts.judged, enrolment.missed) = (next, uint8(row));
        if (row == MAX_MISSED) _leave(enrolment.programId, consumer);
    }

    /// @dev W of a portfolio that count.
    function _countedOf(Portfolio storage portfolio) private view returns (uint256) {
        if (portfolio.sum <= 0) return 0;
        uint256 sum = uint256(portfolio.sum);
        return sum * sum < portfolio.squares || 2 * sum < portfolio.committed ? 0 : sum;
    }
}
