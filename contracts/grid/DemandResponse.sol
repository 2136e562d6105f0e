// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {DemandPrograms} from "./DemandPrograms.sol";
import {DemandRewards} from "./DemandRewards.sol";
import {IDemandResponse} from "../interfaces/IDemandResponse.sol";
import {IEnergyAccounts} from "../interfaces/IEnergyAccounts.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {ITariffs} from "../interfaces/ITariffs.sol";
import {Baselines} from "../libraries/Baselines.sol";
import {Slots} from "../libraries/Slots.sol";
import {FindingWord, FindingWordLibrary} from "../types/FindingWord.sol";
import {ParticipationWord, ParticipationWordLibrary} from "../types/ParticipationWord.sol";

/// @title DemandResponse
/// @notice See {IDemandResponse}; comments here are for maintainers. This part: announcing and verifying events.
/// Programs: {DemandPrograms}; rewards of events: {DemandRewards}.
/// @dev Nothing is deleted, and no call is needed when an event starts or ends: its phase follows from the time.
///
///     status     verify...        cancelEvent   completeEvent      distribute, claim   reclaimBudget
///     ACTIVE     in its window    before start  after the window   -                   -
///     COMPLETED  -                -             -                  yes                 what rewards leave
///     CANCELLED  -                -             -                  -                   all
contract DemandResponse is DemandRewards {
    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant MAX_BASELINE_DAYS = 10;

    ISettlement public immutable SETTLEMENT;
    IEnergyAccounts public immutable ENERGY;
    ITariffs private immutable _TARIFFS;
    uint256 public immutable BASELINE_DAYS;
    uint256 public immutable BASELINE_HIGHEST;
    uint256 private immutable _slotLength;

    /* STORAGE */

    // one slot: 5 + 5 = 10 bytes
    uint40 private _eventCount;
    uint40 private _participationCount;

    /* CONSTRUCTOR */

    constructor(address authority_, IERC20 rewardToken, Modules memory modules, Parameters memory parameters)
        DemandPrograms(authority_, rewardToken, modules.operators, parameters.minReduction)
        DemandRewards(parameters.verificationTime, modules.settlement.ENERGY().GRACE())
    {
        _requireWithin("baselineDays", parameters.baselineDays, MAX_BASELINE_DAYS);
        _requireWithin("baselineHighest", parameters.baselineHighest, parameters.baselineDays);
        SETTLEMENT = modules.settlement;
        ENERGY = modules.settlement.ENERGY();
        _TARIFFS = modules.settlement.TARIFFS();
        BASELINE_DAYS = parameters.baselineDays;
        BASELINE_HIGHEST = parameters.baselineHighest;
        _slotLength = modules.settlement.SLOT_LENGTH();
    }

    /* GRID OPERATORS */

    /// @inheritdoc IDemandResponse
    function startEvent(uint256 targetReduction, uint256 rewardPerKw, uint256 duration)
        external
        nonReentrant
        returns (uint256 eventId)
    {
        _requireRunning();
        eventId = _announce(0, _requireOwnRegion(), targetReduction, rewardPerKw, duration);
        _takeBudget(targetReduction * rewardPerKw);
    }

    /// @inheritdoc IDemandResponse
    function startProgramEvent(uint256 programId, uint256 targetReduction, uint256 duration)
        external
        returns (uint256 eventId)
    {
        _requireRunning();
        ProgramRecord storage program = _ownProgram(programId);
        uint256 rate = program.incentiveRate;
        eventId = _announce(programId, program.region, targetReduction, rate, duration);
        // The money stays in escrow and belongs to the event from now on.
        _spend(programId, program, targetReduction * rate);
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
        _requireNew(_idOf[eventId][consumer] == 0, eventId, consumer);

        FindingWord finding = FindingWordLibrary.pack(baseline, actual, meterStart, meterEnd);
        if (meterEnd < meterStart || _averageUp(meterEnd - meterStart, record.duration) != actual) {
            revert InvalidMeterReading(meterStart, meterEnd, actual);
        }
        return _verify(record, ParticipationWordLibrary.pack(consumer, eventId, block.timestamp, false), finding);
    }

    /* THE OPERATOR OF AN EVENT */

    /// @inheritdoc IDemandResponse
    function cancelEvent(uint256 eventId) external {
        EventRecord storage record = _event(eventId);
        _requireOwner(record.gridOperator);
        _requireStatus(eventId, record, EventStatus.ACTIVE);
        if (block.timestamp >= record.startTime) revert DemandResponse_AlreadyStarted(eventId, record.startTime);

        record.status = EventStatus.CANCELLED;
        emit EventCancelled(eventId);
    }

    /* ANYONE */

    /// @inheritdoc IDemandResponse
    function verifyFromMeter(uint256 eventId, address consumer, uint256 baseline) external returns (uint256) {
        EventRecord storage record = _event(eventId);
        _requireVerifiable(eventId, record, consumer, _grace);
        _requireNew(!_participations[_idOf[eventId][consumer]].word.isMetered(), eventId, consumer);
        uint256 fromSlot = record.startTime / _slotLength;
        uint256 toSlot = _endOf(record) / _slotLength;
        uint256 drawn = _requireRead(consumer, record.region, fromSlot, toSlot);
        uint256 metered = baselineFromMeter(consumer, fromSlot, toSlot);
        if (baseline < metered && msg.sender != consumer) revert DemandResponse_BaselineTooLow(baseline, metered);

        uint256 actual = _averageUp(drawn, record.duration);
        FindingWord finding = FindingWordLibrary.pack(Math.min(baseline, metered), actual, 0, 0);
        return _verify(record, ParticipationWordLibrary.pack(consumer, eventId, block.timestamp, true), finding);
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

    /// @inheritdoc IDemandResponse
    function baselineFromMeter(address consumer, uint256 fromSlot, uint256 toSlot) public view returns (uint256 watts) {
        uint256 slotsPerDay = Slots.DAY / _slotLength;
        // The last slot of the baseline is one day before the last slot of the event; its readings must be final.
        uint256 latestEnd = (block.timestamp + Slots.DAY - _grace) / _slotLength;
        if (fromSlot >= toSlot || toSlot > latestEnd || toSlot - fromSlot > slotsPerDay) {
            revert DemandResponse_BadSlots(fromSlot, toSlot);
        }
        uint256 found;
        uint256 number = SETTLEMENT.numberOf(consumer);
        (watts, found) = Baselines.highestAverage(ENERGY, number, fromSlot, toSlot, BASELINE_DAYS, BASELINE_HIGHEST);
        if (found < BASELINE_HIGHEST) revert DemandResponse_TooFewDays(consumer, found, BASELINE_HIGHEST);
    }

    /* INTERNAL: EVENTS */

    function _announce(uint256 programId, bytes32 region, uint256 targetKw, uint256 rewardPerKw, uint256 duration)
        private
        returns (uint256 eventId)
    {
        _requireWithin("targetReduction", targetKw, type(uint40).max);
        _requireWithin("rewardPerKw", rewardPerKw, type(uint88).max);
        _requireWithin("duration", duration, Slots.DAY);
        if (duration % _slotLength != 0) revert DemandResponse_BadParameter("duration", duration);
        eventId = ++_eventCount;
        EventRecord storage record = _events[eventId];
        record.gridOperator = msg.sender;
        record.startTime = uint40((block.timestamp / _slotLength + 1) * _slotLength);
        record.duration = uint24(duration);
        record.region = region;
        record.programId = uint40(programId);
        record.targetReductionKw = uint40(targetKw);
        record.rewardPerKw = uint88(rewardPerKw);
        _emitEventStarted(eventId, record);
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
        _requireFrom(eventId, _endOf(record) + wait);
        uint256 deadline = _verifiableUntil(record);
        if (block.timestamp > deadline) revert EventExpired(eventId, deadline);
        _requireConsumer(consumer);
        uint256 programId = record.programId;
        // A consumer that joins after the start has committed to nothing: it knows its reduction already.
        if (programId != 0 && _participant(programId, consumer).joinedAt >= record.startTime) {
            revert DemandResponse_NotParticipating(programId, consumer);
        }
    }

    /// @dev The consumer's use in the event, which its settlement meter must have shown in time.
    function _requireRead(address consumer, bytes32 region, uint256 fromSlot, uint256 toSlot)
        private
        view
        returns (uint256 drawn)
    {
        uint256 number = SETTLEMENT.numberOf(consumer);
        (uint256 since, uint256 until) = ENERGY.meteredOf(number);
        if (fromSlot < since || toSlot > until) revert DemandResponse_IncompleteReadings(consumer, fromSlot);
        // A reduction in another region does not help the region that pays.
        // slither-disable-next-line unused-return: the power does not matter
        (uint256 ofMeter,) = ENERGY.regionOf(number);
        if (ofMeter != _TARIFFS.findRegion(region)) revert DemandResponse_OtherRegion(consumer, region);
        uint256 unknown;
        (drawn, unknown) = Baselines.drawn(ENERGY, number, fromSlot, toSlot, true);
        if (unknown != toSlot) revert DemandResponse_IncompleteReadings(consumer, unknown);
    }

    /// @dev Stores a new participation, or replaces one reported by the operator with a metered one.
    function _verify(EventRecord storage record, ParticipationWord word, FindingWord finding)
        private
        returns (uint256 id)
    {
        uint256 reduction = finding.reduction();
        _requireReduction(reduction);

        (uint256 eventId, address consumer, bool metered) = (word.eventId(), word.consumer(), word.isMetered());
        id = _idOf[eventId][consumer];
        if (id != 0) record.reported -= _participations[id].finding.reduction();
        else id = _index(eventId, consumer);
        if (metered) record.metered += reduction;
        else record.reported += reduction;
        _participations[id] = Participation({word: word, finding: finding});
        emit ReductionVerified(eventId, consumer, id, finding.baseline(), finding.actual(), reduction, metered);
    }

    function _index(uint256 eventId, address consumer) private returns (uint256 id) {
        id = ++_participationCount;
        _idOf[eventId][consumer] = id;
        _ofEvent[eventId].push(uint40(id));
        _ofConsumer[consumer].push(uint40(id));
    }

    /// @dev Wh over seconds, as average W; rounded up, against the consumer, as its baseline is rounded down.
    function _averageUp(uint256 wh, uint256 duration) private pure returns (uint256) {
        return Math.ceilDiv(wh * 1 hours, duration);
    }
}
