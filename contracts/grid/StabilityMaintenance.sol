// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IBalancingCoordination} from "../interfaces/IBalancingCoordination.sol";
import {IGridBands} from "../interfaces/IGridBands.sol";
import {IGridManagement} from "../interfaces/IGridManagement.sol";
import {IGridOperatorVerification} from "../interfaces/IGridOperatorVerification.sol";
import {IGridOracle} from "../interfaces/IGridOracle.sol";
import {IStabilityMaintenance} from "../interfaces/IStabilityMaintenance.sol";
import {GridLevels} from "../libraries/GridLevels.sol";
import {RingHistory} from "../libraries/RingHistory.sol";

/// @title StabilityMaintenance
/// @notice See {IStabilityMaintenance}; comments here are for maintainers.
/// @dev A report runs at most two triggers (frequency and voltage are each below or above nominal) of five action
/// types.
contract StabilityMaintenance is IStabilityMaintenance {
    using RingHistory for RingHistory.History;
    using SafeCast for uint256;

    /// @dev A response that is not configured has an adjustment of 0. A removed response keeps its `actionId`, so it
    /// does not repeat a still open action when it is configured again.
    struct Response {
        // 8 + 8 + 1 = 17 bytes
        uint64 adjustment;
        uint64 actionId;
        uint8 priority;
    }

    struct Event {
        // slot n: 32 bytes
        bytes32 region;
        // slot n + 1: 20 + 2 + 2 + 4 = 28 bytes
        address operator;
        uint16 frequency;
        uint16 voltage;
        uint32 openedAt;
        // slot n + 2: 20 + 4 = 24 bytes
        address resolvedBy;
        uint32 resolvedAt;
        // slot n + 3: 20 bytes
        address confirmedBy;
    }

    /// @dev The newest CRITICAL report or response of a region that counts. 20 + 5 = 25 bytes.
    struct Voice {
        address operator;
        uint40 at;
    }

    /* CONSTANTS AND IMMUTABLES */

    /// @inheritdoc IStabilityMaintenance
    uint256 public constant HISTORY_LENGTH = 168;
    /// @inheritdoc IStabilityMaintenance
    uint256 public constant VOICE_AGE = 15 minutes;
    uint256 private constant MAX_PAGE = 100;
    uint256 private constant LOWEST_PRIORITY = 5;
    /// @dev Percent, as in LoadMonitoring.
    uint256 private constant CRITICAL_LOAD_FROM = 95;
    uint256 private constant NOMINAL_VOLTAGE = 100;
    int256 private constant HALF_TURN = 180;
    uint256 private constant TRIGGERS = uint256(type(Trigger).max) + 1;
    uint256 private constant ACTION_TYPES = uint256(type(IBalancingCoordination.ActionType).max) + 1;

    /// @inheritdoc IStabilityMaintenance
    IGridOperatorVerification public immutable OPERATORS;
    /// @inheritdoc IStabilityMaintenance
    IBalancingCoordination public immutable BALANCING;
    /// @inheritdoc IStabilityMaintenance
    IGridManagement public immutable GRID;

    IGridOracle private immutable _ORACLE;
    IGridBands private immutable _BANDS;
    /// @dev How long the reporters of a resolved event have no voice: as long as an emergency lasts.
    uint256 private immutable _QUIET;

    /* STORAGE */

    /// @inheritdoc IStabilityMaintenance
    uint256 public criticalEventCount;
    mapping(uint256 id => Event critical) private _events;
    mapping(bytes32 region => uint256[] ids) private _eventsOf;
    /// @dev 0 where none is open.
    mapping(bytes32 region => uint256 id) private _openEvents;
    mapping(bytes32 region => Voice voice) private _voices;
    /// @dev The newest event in which a reporter has raised its voice.
    mapping(bytes32 region => mapping(address reporter => uint256 id)) private _lastEvents;
    /// @dev Whether the newest report of an operator that has a voice is CRITICAL.
    mapping(bytes32 region => bool critical) private _isCritical;
    /// @dev The newest round of the GridOracle whose load has renewed the emergency.
    mapping(bytes32 region => uint256 round) private _loadRounds;
    mapping(bytes32 region => RingHistory.History reports) private _reports;
    mapping(
        bytes32 region
            => mapping(Trigger trigger => mapping(IBalancingCoordination.ActionType actionType => Response response))
    ) private _responses;

    /* CONSTRUCTOR */

    constructor(IGridOperatorVerification operators, IBalancingCoordination balancing, IGridManagement grid) {
        OPERATORS = operators;
        BALANCING = balancing;
        GRID = grid;
        _ORACLE = grid.GRID_ORACLE();
        _BANDS = grid.BANDS();
        _QUIET = grid.TARIFFS().MAX_AGE();
    }

    /* OPERATORS */

    /// @inheritdoc IStabilityMaintenance
    function reportStabilityMetrics(bytes32 region, uint256 frequency, uint256 voltage, int256 phaseAngle) external {
        OPERATORS.requireOperator(msg.sender, region, IGridOperatorVerification.PermissionLevel.REPORT);
        IGridBands.Bands memory bands = _BANDS.bandsOf(region);
        _requirePlausible(bands, frequency, voltage);
        if (phaseAngle < -HALF_TURN || phaseAngle > HALF_TURN) {
            revert StabilityMaintenance_Implausible("phaseAngle", phaseAngle);
        }

        (StabilityLevel byFrequency, StabilityLevel byVoltage) = _levels(bands, frequency, voltage);
        StabilityLevel level = _worse(byFrequency, byVoltage);
        _record(region, frequency, voltage, phaseAngle, level);
        if (level == StabilityLevel.CRITICAL) {
            if (_raiseVoice(bands, region, frequency, voltage)) _isCritical[region] = true;
        } else {
            if (_voices[region].operator == msg.sender) delete _voices[region];
            if (_hasVoice(msg.sender)) _isCritical[region] = false;
        }
        if (level == StabilityLevel.NORMAL) return;
        // Only the value outside its band: the other one can deviate in the other direction and still be normal.
        if (byFrequency != StabilityLevel.NORMAL) _respondToFrequency(bands, region, frequency);
        if (byVoltage != StabilityLevel.NORMAL) _respondToVoltage(region, voltage);
    }

    /// @inheritdoc IStabilityMaintenance
    function triggerStabilityResponse(bytes32 region, uint256 frequency, uint256 voltage, StabilityLevel severity)
        external
    {
        OPERATORS.requireOperator(
            msg.sender,
            region,
            severity == StabilityLevel.CRITICAL
                ? IGridOperatorVerification.PermissionLevel.COMMAND
                : IGridOperatorVerification.PermissionLevel.OPERATE
        );
        IGridBands.Bands memory bands = _BANDS.bandsOf(region);
        _requirePlausible(bands, frequency, voltage);
        (StabilityLevel byFrequency, StabilityLevel byVoltage) = _levels(bands, frequency, voltage);
        StabilityLevel shown = _worse(byFrequency, byVoltage);
        if (severity == StabilityLevel.NORMAL || severity < shown) {
            revert StabilityMaintenance_SeverityTooLow(severity, shown);
        }
        if (frequency == bands.nominalFrequency && voltage == NOMINAL_VOLTAGE) {
            revert StabilityMaintenance_NothingToRespondTo(frequency, voltage);
        }

        emit StabilityResponseTriggered(region, msg.sender, frequency, voltage, severity);
        if (severity == StabilityLevel.CRITICAL) _raiseVoice(bands, region, frequency, voltage);
        if (frequency != bands.nominalFrequency) _respondToFrequency(bands, region, frequency);
        if (voltage != NOMINAL_VOLTAGE) _respondToVoltage(region, voltage);
    }

    /// @inheritdoc IStabilityMaintenance
    function configureAutomatedResponse(
        Trigger triggerCondition,
        IBalancingCoordination.ActionType actionType,
        uint256 adjustment,
        uint8 priority
    ) external {
        bytes32 region = OPERATORS.regionOfOperator(msg.sender, IGridOperatorVerification.PermissionLevel.COMMAND);
        if (priority == 0 || priority > LOWEST_PRIORITY) revert StabilityMaintenance_BadPriority(priority);
        if (adjustment > type(uint64).max) revert StabilityMaintenance_BadAdjustment(adjustment);

        Response storage response = _responses[region][triggerCondition][actionType];
        response.adjustment = adjustment.toUint64();
        response.priority = priority;
        emit AutomatedResponseConfigured(region, triggerCondition, actionType, adjustment, priority);
    }

    /// @inheritdoc IStabilityMaintenance
    function resolveCriticalEvent(uint256 id) external {
        Event storage critical = _existing(id);
        bytes32 region = critical.region;
        OPERATORS.requireOperator(msg.sender, region, IGridOperatorVerification.PermissionLevel.COMMAND);
        if (critical.resolvedBy != address(0)) revert StabilityMaintenance_AlreadyResolved(id);
        if (_isCritical[region]) revert StabilityMaintenance_StillCritical(region);

        critical.resolvedBy = msg.sender;
        critical.resolvedAt = block.timestamp.toUint32();
        delete _openEvents[region];
        delete _voices[region];
        emit CriticalEventResolved(id, region, msg.sender);
        GRID.setRegionEmergency(region, false);
    }

    /* ANYONE */

    /// @inheritdoc IStabilityMaintenance
    function respondToLoad(bytes32 region) external {
        (bool fresh, IGridOracle.GridState memory state) = _ORACLE.tryGridState(region);
        if (!fresh) revert StabilityMaintenance_NoFreshState(region);
        if (state.supply == 0 || state.demand * 100 < state.supply * CRITICAL_LOAD_FROM) {
            revert StabilityMaintenance_LoadNotCritical(region, state.demand, state.supply);
        }
        if (!_respond(region, Trigger.CRITICAL_LOAD, address(_ORACLE))) {
            revert StabilityMaintenance_NothingConfigured(region);
        }
        uint256 round = _ORACLE.openRoundOf(region) - 1;
        if (round == _loadRounds[region] || _isQuiet(region, address(_ORACLE))) return;
        _loadRounds[region] = round;
        _openEvent(region, state.frequency, state.voltage, address(_ORACLE), address(_ORACLE));
    }

    /* VIEWS */

    /// @inheritdoc IStabilityMaintenance
    function getCurrentStability(bytes32 region) external view returns (StabilityReport memory) {
        if (reportCount(region) == 0) revert StabilityMaintenance_NoReport(region);
        return _unpack(_reports[region].latest(HISTORY_LENGTH));
    }

    /// @inheritdoc IStabilityMaintenance
    function getStabilityLevel(bytes32 region, uint256 frequency, uint256 voltage)
        external
        view
        returns (StabilityLevel)
    {
        (StabilityLevel byFrequency, StabilityLevel byVoltage) = _levels(_BANDS.bandsOf(region), frequency, voltage);
        return _worse(byFrequency, byVoltage);
    }

    /// @inheritdoc IStabilityMaintenance
    function reportCount(bytes32 region) public view returns (uint256) {
        return _reports[region].count;
    }

    /// @inheritdoc IStabilityMaintenance
    function getStabilityHistory(bytes32 region, uint256 offset, uint256 limit)
        external
        view
        returns (StabilityReport[] memory page)
    {
        _requirePage(limit);
        uint256[] memory words = _reports[region].page(offset, limit, HISTORY_LENGTH);
        page = new StabilityReport[](words.length);
        for (uint256 i = 0; i < words.length; ++i) {
            page[i] = _unpack(words[i]);
        }
    }

    /// @inheritdoc IStabilityMaintenance
    function getAutomatedResponses(bytes32 region) external view returns (AutomatedResponse[] memory found) {
        AutomatedResponse[] memory all = new AutomatedResponse[](TRIGGERS * ACTION_TYPES);
        // slither-disable-next-line uninitialized-local: starts at 0
        uint256 count;
        for (uint256 i = 0; i < all.length; ++i) {
            Trigger trigger = Trigger(i / ACTION_TYPES);
            IBalancingCoordination.ActionType actionType = IBalancingCoordination.ActionType(i % ACTION_TYPES);
            Response storage response = _responses[region][trigger][actionType];
            if (response.adjustment == 0) continue;
            all[count] = AutomatedResponse({
                trigger: trigger,
                actionType: actionType,
                adjustment: response.adjustment,
                priority: response.priority,
                actionId: response.actionId
            });
            ++count;
        }
        found = new AutomatedResponse[](count);
        for (uint256 i = 0; i < count; ++i) {
            found[i] = all[i];
        }
    }

    /// @inheritdoc IStabilityMaintenance
    function isInEmergency(bytes32 region) external view returns (bool) {
        return _openEvents[region] != 0;
    }

    /// @inheritdoc IStabilityMaintenance
    function voiceOf(bytes32 region) external view returns (address operator, uint256 until) {
        Voice memory voice = _voices[region];
        if (_counts(region, voice)) (operator, until) = (voice.operator, voice.at + VOICE_AGE);
    }

    /// @inheritdoc IStabilityMaintenance
    function getCriticalEvent(uint256 id) external view returns (CriticalEvent memory) {
        _existing(id);
        return _describe(id);
    }

    /// @inheritdoc IStabilityMaintenance
    function getCriticalEvents(bytes32 region, uint256 offset, uint256 limit)
        external
        view
        returns (CriticalEvent[] memory page)
    {
        _requirePage(limit);
        uint256[] storage ids = _eventsOf[region];
        uint256 end = Math.saturatingSub(ids.length, offset);
        page = new CriticalEvent[](Math.min(limit, end));
        for (uint256 i = 0; i < page.length; ++i) {
            page[i] = _describe(ids[end - 1 - i]);
        }
    }

    /* INTERNAL: REPORTS */

    function _requirePlausible(IGridBands.Bands memory bands, uint256 frequency, uint256 voltage) private pure {
        if (!GridLevels.isFrequency(frequency, bands.nominalFrequency)) {
            revert StabilityMaintenance_Implausible("frequency", _signed(frequency));
        }
        if (!GridLevels.isVoltage(voltage, NOMINAL_VOLTAGE)) {
            revert StabilityMaintenance_Implausible("voltage", _signed(voltage));
        }
    }

    /// @dev For errors: a value that does not fit is shown as the largest one.
    function _signed(uint256 value) private pure returns (int256) {
        return int256(Math.min(value, uint256(type(int256).max)));
    }

    function _levels(IGridBands.Bands memory bands, uint256 frequency, uint256 voltage)
        private
        pure
        returns (StabilityLevel byFrequency, StabilityLevel byVoltage)
    {
        return (GridLevels.levelIn(bands.frequency, frequency), GridLevels.levelIn(bands.voltage, voltage));
    }

    function _worse(StabilityLevel one, StabilityLevel other) private pure returns (StabilityLevel) {
        return one > other ? one : other;
    }

    function _record(bytes32 region, uint256 frequency, uint256 voltage, int256 phaseAngle, StabilityLevel level)
        private
    {
        StabilityLevel before = _latestLevel(region);
        _reports[region].push(_pack(frequency, voltage, phaseAngle, level), HISTORY_LENGTH);
        emit StabilityReported(region, msg.sender, frequency, voltage, phaseAngle, level);
        if (level != before) emit StabilityLevelChanged(region, before, level);
    }

    /// @dev NORMAL if there is no report.
    function _latestLevel(bytes32 region) private view returns (StabilityLevel) {
        if (reportCount(region) == 0) return StabilityLevel.NORMAL;
        return _unpack(_reports[region].latest(HISTORY_LENGTH)).level;
    }

    /// @dev From the lowest bit: timestamp (32), phase angle + 180 (16), voltage (16), frequency (16), level. The
    /// values are plausible. The level is that of the time of the report.
    function _pack(uint256 frequency, uint256 voltage, int256 phaseAngle, StabilityLevel level)
        private
        view
        returns (uint256)
    {
        uint256 angle = uint256(phaseAngle + HALF_TURN);
        uint256 values = (uint256(level) << 48) | (frequency << 32) | (voltage << 16) | angle;
        return (values << 32) | block.timestamp.toUint32();
    }

    function _unpack(uint256 word) private pure returns (StabilityReport memory) {
        return StabilityReport({
            frequency: uint16(word >> 64),
            voltage: uint16(word >> 48),
            phaseAngle: int256(uint256(uint16(word >> 32))) - HALF_TURN,
            timestamp: uint32(word),
            level: StabilityLevel(word >> 80)
        });
    }

    /* INTERNAL: RESPONSES */

    function _respondToFrequency(IGridBands.Bands memory bands, bytes32 region, uint256 frequency) private {
        bool isLow = frequency < bands.nominalFrequency;
        _respond(region, isLow ? Trigger.LOW_FREQUENCY : Trigger.HIGH_FREQUENCY, msg.sender);
    }

    function _respondToVoltage(bytes32 region, uint256 voltage) private {
        _respond(region, voltage < NOMINAL_VOLTAGE ? Trigger.LOW_VOLTAGE : Trigger.HIGH_VOLTAGE, msg.sender);
    }

    /// @param operator in whose name the actions are opened.
    /// @return isConfigured whether the region has a response to the trigger.
    function _respond(bytes32 region, Trigger trigger, address operator) private returns (bool isConfigured) {
        for (uint256 i = 0; i < ACTION_TYPES; ++i) {
            IBalancingCoordination.ActionType actionType = IBalancingCoordination.ActionType(i);
            Response storage response = _responses[region][trigger][actionType];
            if (response.adjustment == 0) continue;
            isConfigured = true;
            if (!_isUnderWay(response.actionId)) _openAction(region, trigger, actionType, response, operator);
        }
    }

    /// @dev Whether the action can still be completed. An action past its deadline is expired first, which frees its
    /// commitment.
    function _isUnderWay(uint256 actionId) private returns (bool) {
        if (actionId == 0) return false;
        IBalancingCoordination.BalancingAction memory action = BALANCING.getBalancingAction(actionId);
        if (action.status != IBalancingCoordination.ActionStatus.OPEN) return false;
        if (block.timestamp <= action.deadline) return true;
        // The action is open and past its deadline, so this cannot revert.
        BALANCING.expireBalancingAction(actionId);
        return false;
    }

    function _openAction(
        bytes32 region,
        Trigger trigger,
        IBalancingCoordination.ActionType actionType,
        Response storage response,
        address operator
    ) private {
        // slither-disable-next-line reentrancy-no-eth: BalancingCoordination calls no caller of this
        try BALANCING.initiateAutomatedAction(
            region, actionType, response.adjustment, response.priority, operator
        ) returns (
            uint256 id
        ) {
            response.actionId = id.toUint64();
            emit AutomatedActionOpened(region, trigger, id);
        } catch (bytes memory reason) {
            // BalancingCoordination always reverts with a reason, so an empty one means out of gas; a little gas is
            // left here (EIP-150). So a reporter cannot choose the gas such that the report stays and its actions fail.
            if (reason.length == 0) revert StabilityMaintenance_TooLittleGas();
            emit AutomatedActionFailed(region, trigger, actionType, reason);
        }
    }

    /* INTERNAL: CRITICAL EVENTS */

    /// @dev An event raises the region's prices, so nobody opens one alone: the voice of another operator, or the
    /// quorum of the GridOracle's reporters, confirms it. One open event per region: while it is open, the emergency is
    /// renewed.
    /// @return counts whether the caller has a voice.
    function _raiseVoice(IGridBands.Bands memory bands, bytes32 region, uint256 frequency, uint256 voltage)
        private
        returns (bool counts)
    {
        Voice memory own = Voice(msg.sender, uint40(block.timestamp));
        if (!_counts(region, own)) return false;
        address confirmedBy = _confirmation(bands, region, frequency, voltage);
        _voices[region] = own;
        if (confirmedBy == address(0)) _lastEvents[region][msg.sender] = _openEvents[region];
        else _openEvent(region, frequency, voltage, msg.sender, confirmedBy);
        return true;
    }

    function _openEvent(bytes32 region, uint256 frequency, uint256 voltage, address operator, address confirmedBy)
        private
    {
        if (_openEvents[region] == 0) _recordEvent(region, frequency, voltage, operator, confirmedBy);
        uint256 id = _openEvents[region];
        _lastEvents[region][operator] = id;
        _lastEvents[region][confirmedBy] = id;
        GRID.setRegionEmergency(region, true);
    }

    /// @dev Who agrees with the caller; the zero address if nobody does.
    function _confirmation(IGridBands.Bands memory bands, bytes32 region, uint256 frequency, uint256 voltage)
        private
        view
        returns (address)
    {
        Voice memory voice = _voices[region];
        if (voice.operator != msg.sender && _counts(region, voice)) return voice.operator;
        (bool fresh, IGridOracle.GridState memory state) = _ORACLE.tryGridState(region);
        if (!fresh) return address(0);
        bool confirms = _confirms(bands.frequency, frequency, state.frequency, bands.nominalFrequency)
            || _confirms(bands.voltage, voltage, state.voltage, NOMINAL_VOLTAGE);
        return confirms ? address(_ORACLE) : address(0);
    }

    /// @dev Whether an answer is bad, on the side of nominal on which the operator's value is outside its NORMAL band.
    function _confirms(IGridBands.Band memory band, uint256 value, uint256 answered, uint256 nominal)
        private
        pure
        returns (bool)
    {
        return GridLevels.levelIn(band, value) != StabilityLevel.NORMAL
            && GridLevels.levelIn(band, answered) >= StabilityLevel.EMERGENCY
            && (value < nominal) == (answered < nominal);
    }

    /// @dev Not once it is old, not of a low level, and not of who took part in an event that somebody else has
    /// resolved since.
    function _counts(bytes32 region, Voice memory voice) private view returns (bool) {
        if (block.timestamp > voice.at + VOICE_AGE) return false;
        return _hasVoice(voice.operator) && !_isQuiet(region, voice.operator);
    }

    function _hasVoice(address operator) private view returns (bool) {
        return OPERATORS.permissionLevelOf(operator) >= IGridOperatorVerification.PermissionLevel.OPERATE;
    }

    /// @dev Whether somebody else has just resolved an event in which this reporter raised its voice. Who is quiet
    /// takes part in no other event, so the newest one is enough.
    function _isQuiet(bytes32 region, address reporter) private view returns (bool) {
        Event storage last = _events[_lastEvents[region][reporter]];
        return block.timestamp < last.resolvedAt + _QUIET && reporter != last.resolvedBy;
    }

    function _recordEvent(bytes32 region, uint256 frequency, uint256 voltage, address operator, address confirmedBy)
        private
    {
        uint256 id = ++criticalEventCount;
        _events[id] = Event({
            region: region,
            operator: operator,
            frequency: frequency.toUint16(),
            voltage: voltage.toUint16(),
            openedAt: block.timestamp.toUint32(),
            resolvedBy: address(0),
            resolvedAt: 0,
            confirmedBy: confirmedBy
        });
        _eventsOf[region].push(id);
        _openEvents[region] = id;
        emit CriticalEventOpened(id, region, frequency, voltage);
    }

    function _existing(uint256 id) private view returns (Event storage critical) {
        critical = _events[id];
        if (critical.openedAt == 0) revert StabilityMaintenance_NoSuchEvent(id);
    }

    function _describe(uint256 id) private view returns (CriticalEvent memory) {
        Event storage critical = _events[id];
        return CriticalEvent({
            id: id,
            region: critical.region,
            operator: critical.operator,
            confirmedBy: critical.confirmedBy,
            frequency: critical.frequency,
            voltage: critical.voltage,
            openedAt: critical.openedAt,
            resolvedBy: critical.resolvedBy,
            resolvedAt: critical.resolvedAt
        });
    }

    function _requirePage(uint256 limit) private pure {
        if (limit == 0 || limit > MAX_PAGE) revert StabilityMaintenance_BadPage(limit, MAX_PAGE);
    }
}
