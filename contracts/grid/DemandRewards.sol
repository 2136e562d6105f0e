// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {DemandPrograms} from "./DemandPrograms.sol";
import {IDemandResponse} from "../interfaces/IDemandResponse.sol";
import {FindingWord} from "../types/FindingWord.sol";
import {ParticipationWord} from "../types/ParticipationWord.sol";

/// @title DemandRewards
/// @notice The part of {IDemandResponse} about rewards and refunds of events; comments here are for maintainers.
/// @dev The rewards of an event follow from its totals, which do not change once it is completed. So each reward is
/// computed when it is paid, and none is stored.
abstract contract DemandRewards is DemandPrograms {
    struct EventRecord {
        // slot n: 20 + 5 + 3 + 1 + 1 + 1 + 1 = 32 bytes
        address gridOperator;
        uint40 startTime;
        uint24 duration;
        EventStatus status;
        EventKind kind;
        bool optIn;
        bool isTest;
        // slot n + 1: 32 bytes
        bytes32 region;
        // slot n + 2: 5 + 5 + 11 + 5 + 5 + 1 = 32 bytes; the budget, target * reward, fits 128 bits
        uint40 programId;
        uint40 targetReductionKw;
        uint88 rewardPerKw;
        uint40 distributed;
        uint40 announcedAt;
        uint8 rampSlots;
        // slot n + 3: 32 bytes
        bytes32 group;
        // slots n + 4 and n + 5: W metered, and W reported by the operator, of reductions that count
        uint256 metered;
        uint256 reported;
        // slots n + 6 to n + 8: money; `allotted` is the sum of the rewards processed so far, paid or not
        uint256 paid;
        uint256 refunded;
        uint256 allotted;
    }

    struct Participation {
        ParticipationWord word;
        FindingWord finding;
        // slot n + 2: 20 + 2 + 8 = 30 bytes; as they were when it was verified
        address aggregator;
        uint16 feeBps;
        uint64 minimum;
    }

    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant MAX_PAGE = 100;
    /// @dev Twice the gas of an expensive token transfer, and small enough for a page of payees that use all of it.
    uint256 private constant PUSH_GAS = 100_000;

    /* STORAGE */

    mapping(uint256 eventId => EventRecord record) internal _events;
    mapping(uint256 participationId => Participation participation) internal _participations;
    mapping(address aggregator => uint256 amount) private _fees;
    mapping(uint256 eventId => mapping(address consumer => uint256 participationId)) internal _idOf;
    mapping(uint256 eventId => uint40[] participationIds) internal _ofEvent;
    mapping(address consumer => uint40[] participationIds) internal _ofConsumer;

    /* CONSUMERS */

    /// @inheritdoc IDemandResponse
    function claimReward(uint256 eventId, address to) external nonReentrant returns (uint256 amount) {
        EventRecord storage record = _completedEvent(eventId);
        address consumer = _holder();
        uint256 id = _idOf[eventId][consumer];
        Participation memory participation = _participations[id];
        // Without a participation the reduction is 0 and so is the reward.
        uint256 reward = participation.word.isRewarded() ? 0 : _rewardOf(record, participation);
        uint256 fee = _feeOf(participation, reward);
        amount = reward - fee;

        _setPaid(record, id, participation, reward);
        _payFee(eventId, consumer, participation.aggregator, fee);
        emit RewardPaid(eventId, consumer, to, amount);
        _pay(consumer, to, amount);
    }

    /* AGGREGATORS */

    /// @inheritdoc IDemandResponse
    function claimFees(address to) external nonReentrant returns (uint256 amount) {
        address aggregator = _holder();
        amount = _fees[aggregator];

        _fees[aggregator] = 0;
        emit FeesPaid(aggregator, to, amount);
        _pay(aggregator, to, amount);
    }

    /* THE OPERATOR OF AN EVENT */

    /// @inheritdoc IDemandResponse
    function reclaimBudget(uint256 eventId, address to) external nonReentrant returns (uint256 amount) {
        EventRecord storage record = _event(eventId);
        _requireOwner(record.gridOperator);
        if (record.status == EventStatus.ACTIVE) revert EventNotActive(eventId, record.status);
        amount = _budgetOf(record) - _neededBy(eventId, record) - record.refunded;
        uint256 programId = record.programId;
        bool ofProgram = programId != 0 && _program(programId).status == ProgramStatus.ACTIVE;
        if (ofProgram) to = address(this);

        record.refunded += amount;
        emit BudgetRefunded(eventId, msg.sender, to, amount);
        if (!ofProgram) _pay(msg.sender, to, amount);
        // slither-disable-next-line incorrect-equality: 0 means nothing to return
        else if (amount == 0) revert DemandResponse_NothingToClaim(msg.sender);
        else _program(programId).spent -= amount;
    }

    /* ANYONE */

    /// @inheritdoc IDemandResponse
    /// @dev A caller can make transfers fail on purpose by sending too little gas. It gains nothing, and the payee
    /// loses only the gas of {claimReward}.
    function distributeRewards(uint256 eventId, uint256 max) external nonReentrant returns (bool done) {
        _requirePage(max);
        EventRecord storage record = _completedEvent(eventId);
        uint40[] storage ids = _ofEvent[eventId];
        uint256 next = record.distributed;
        uint256 end = Math.min(ids.length, next + max);
        uint256 allotted = record.allotted;
        // Written before the first transfer, so a reentrant call finds these participants processed.
        record.distributed = uint40(end);
        for (; next < end; ++next) {
            allotted += _distribute(eventId, record, ids[next]);
        }
        record.allotted = allotted;
        return end == ids.length;
    }

    /* VIEWS */

    /// @inheritdoc IDemandResponse
    function getEvent(uint256 eventId) external view returns (DemandResponseEvent memory) {
        EventRecord storage record = _event(eventId);
        return DemandResponseEvent({
            eventId: eventId,
            programId: record.programId,
            kind: record.kind,
            gridOperator: record.gridOperator,
            region: record.region,
            group: record.group,
            optIn: record.optIn,
            isTest: record.isTest,
            targetReductionKw: record.targetReductionKw,
            rewardPerKw: record.rewardPerKw,
            announcedAt: record.announcedAt,
            startTime: record.startTime,
            measuredFrom: _measuredFrom(record),
            endTime: _endOf(record),
            verifiableUntil: _verifiableUntil(record),
            status: record.status,
            totalParticipants: _ofEvent[eventId].length,
            totalReductionW: _totalOf(record),
            meteredReductionW: record.metered,
            budget: _budgetOf(record),
            paid: record.paid,
            refunded: record.refunded
        });
    }

    /// @inheritdoc IDemandResponse
    function feesOf(address aggregator) external view returns (uint256) {
        return _fees[aggregator];
    }

    /// @inheritdoc IDemandResponse
    function getParticipation(uint256 eventId, address consumer)
        external
        view
        returns (ParticipationRecord memory record)
    {
        _event(eventId);
        uint256 id = _idOf[eventId][consumer];
        if (id != 0) return _recordOf(id);
        (record.eventId, record.consumer) = (eventId, consumer);
    }

    /// @inheritdoc IDemandResponse
    function getConsumerParticipations(address consumer, uint256 offset, uint256 limit)
        external
        view
        returns (ParticipationRecord[] memory)
    {
        return _page(_ofConsumer[consumer], offset, limit);
    }

    /// @inheritdoc IDemandResponse
    function getEventParticipations(uint256 eventId, uint256 offset, uint256 limit)
        external
        view
        returns (ParticipationRecord[] memory)
    {
        _event(eventId);
        return _page(_ofEvent[eventId], offset, limit);
    }

    /* INTERNAL: EVENTS */

    function _event(uint256 eventId) internal view returns (EventRecord storage record) {
        record = _events[eventId];
        if (record.gridOperator == address(0)) revert EventNotFound(eventId);
    }

    function _completedEvent(uint256 eventId) private view returns (EventRecord storage record) {
        record = _event(eventId);
        _requireStatus(eventId, record, EventStatus.COMPLETED);
    }

    function _requireStatus(uint256 eventId, EventRecord storage record, EventStatus needed) internal view {
        if (record.status != needed) revert EventNotActive(eventId, record.status);
    }

    function _endOf(EventRecord storage record) internal view returns (uint256) {
        return uint256(record.startTime) + record.duration;
    }

    function _measuredFrom(EventRecord storage record) internal view returns (uint256) {
        return record.startTime + record.rampSlots * _slotLength;
    }

    function _verifiableUntil(EventRecord storage record) internal view returns (uint256) {
        return _endOf(record) + _grace + VERIFICATION_TIME;
    }

    /* INTERNAL: REWARDS */

    /// @return reward the participant's reward, whether the transfer succeeded or not.
    function _distribute(uint256 eventId, EventRecord storage record, uint256 id) private returns (uint256 reward) {
        Participation memory participation = _participations[id];
        reward = _rewardOf(record, participation);
        // slither-disable-next-line incorrect-equality: exactly 0 is no reward
        if (reward == 0 || participation.word.isRewarded()) return reward;
        address consumer = participation.word.consumer();
        uint256 fee = _feeOf(participation, reward);
        _setPaid(record, id, participation, reward);
        _release(reward - fee);
        if (_push(consumer, reward - fee)) {
            _payFee(eventId, consumer, participation.aggregator, fee);
            emit RewardPaid(eventId, consumer, consumer, reward - fee);
        } else {
            _participations[id].word = participation.word;
            record.paid -= reward;
            _retain(reward - fee);
            emit RewardDeferred(eventId, consumer, reward - fee);
        }
    }

    function _setPaid(EventRecord storage record, uint256 id, Participation memory participation, uint256 amount)
        private
    {
        _participations[id].word = participation.word.withReward();
        record.paid += amount;
    }

    /// @dev The fee stays in escrow, for the aggregator.
    function _payFee(uint256 eventId, address consumer, address aggregator, uint256 fee) private {
        // slither-disable-next-line incorrect-equality: exactly 0 is no fee
        if (fee == 0) return;
        _fees[aggregator] += fee;
        emit FeeEarned(eventId, aggregator, consumer, fee);
    }

    /// @dev As SafeERC20's trySafeTransfer, but with a gas limit: a token may call its payee, and a payee that uses up
    /// all gas must not block the others. The token has code, because the budget was transferred with it.
    function _push(address to, uint256 amount) private returns (bool paid) {
        address token = address(REWARD_TOKEN);
        bytes memory data = abi.encodeCall(IERC20.transfer, (to, amount));
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(0x00, 0)
            paid := call(PUSH_GAS, token, 0, add(data, 0x20), mload(data), 0x00, 0x20)
            // Success if the call did not revert and returned nothing or true; at most one word is copied.
            paid := and(paid, or(iszero(returndatasize()), eq(mload(0x00), 1)))
        }
    }

    /// @dev Rounded down, in favour of the budget. At most 88 + 50 + 64 bits before the division.
    function _rewardOf(EventRecord storage record, Participation memory participation) private view returns (uint256) {
        uint256 metered = record.metered;
        uint256 left = record.targetReductionKw * WATTS_PER_KW;
        uint256 claimants = metered;
        if (!participation.word.isMetered()) (left, claimants) = (Math.saturatingSub(left, metered), record.reported);
        if (left == 0) return 0;
        uint256 divisor = Math.max(left, claimants) * WATTS_PER_KW;
        return (left * record.rewardPerKw * _shareOf(participation)) / divisor;
    }

    function _feeOf(Participation memory participation, uint256 reward) private pure returns (uint256) {
        return (reward * participation.feeBps) / BPS;
    }

    /// @dev W that count for a participant: by itself, or as its share of what its portfolio came to.
    function _shareOf(Participation memory participation) private view returns (uint256) {
        int256 reduction = participation.finding.reduction();
        if (reduction <= 0) return 0;
        if (!participation.word.isMetered() || participation.aggregator == address(0)) {
            return participation.word.counts() ? uint256(reduction) : 0;
        }
        return ENROLMENTS.shareOf(participation.word.eventId(), participation.aggregator, uint256(reduction));
    }

    /// @dev The sum of all rewards, before each of them is rounded down.
    function _rewardsOf(EventRecord storage record) internal view returns (uint256) {
        uint256 target = record.targetReductionKw * WATTS_PER_KW;
        return (Math.min(target, _totalOf(record)) * record.rewardPerKw) / WATTS_PER_KW;
    }

    /// @dev The maximum payout of an event that is not active; the exact payout once all participants have been
    /// processed.
    function _neededBy(uint256 eventId, EventRecord storage record) private view returns (uint256) {
        if (record.status == EventStatus.CANCELLED) return 0;
        return record.distributed == _ofEvent[eventId].length ? record.allotted : _rewardsOf(record);
    }

    function _totalOf(EventRecord storage record) internal view returns (uint256) {
        return record.metered + record.reported;
    }

    function _budgetOf(EventRecord storage record) internal view returns (uint256) {
        return uint256(record.targetReductionKw) * record.rewardPerKw;
    }

    /* INTERNAL: RECORDS */

    function _requirePage(uint256 limit) private pure {
        if (limit == 0 || limit > MAX_PAGE) revert DemandResponse_BadPage(limit, MAX_PAGE);
    }

    function _page(uint40[] storage ids, uint256 offset, uint256 limit)
        private
        view
        returns (ParticipationRecord[] memory page)
    {
        _requirePage(limit);
        page = new ParticipationRecord[](Math.min(limit, Math.saturatingSub(ids.length, offset)));
        for (uint256 i = 0; i < page.length; ++i) {
            page[i] = _recordOf(ids[offset + i]);
        }
    }

    function _recordOf(uint256 id) private view returns (ParticipationRecord memory) {
        Participation memory participation = _participations[id];
        (ParticipationWord word, FindingWord finding) = (participation.word, participation.finding);
        EventRecord storage record = _events[word.eventId()];
        bool completed = record.status == EventStatus.COMPLETED;
        uint256 reward = completed ? _rewardOf(record, participation) : 0;
        ParticipationStatus status = ParticipationStatus.VERIFIED;
        if (word.isRewarded()) status = ParticipationStatus.REWARDED;
        // slither-disable-next-line incorrect-equality: exactly 0 is no reward
        else if (completed && reward == 0) status = ParticipationStatus.REJECTED;
        return ParticipationRecord({
            participationId: id,
            eventId: word.eventId(),
            consumer: word.consumer(),
            baselineUsageW: finding.baseline(),
            actualUsageW: finding.actual(),
            reductionW: finding.reduction(),
            minimumW: participation.minimum,
            rewardAmount: reward - _feeOf(participation, reward),
            meterReadingStart: finding.meterStart(),
            meterReadingEnd: finding.meterEnd(),
            verifiedAt: word.verifiedAt(),
            aggregator: participation.aggregator,
            status: status
        });
    }
}
