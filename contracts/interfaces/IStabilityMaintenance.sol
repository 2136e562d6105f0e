// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IBalancingCoordination} from "./IBalancingCoordination.sol";
import {IGridManagement} from "./IGridManagement.sol";
import {IGridOperatorVerification} from "./IGridOperatorVerification.sol";

/// @title IStabilityMaintenance
/// @notice Frequency, voltage and phase angle of each region as reported by its operators, automated responses, and
/// critical events. Frequency in centihertz (5000 is 50.00 Hz), voltage in percent of nominal, phase angle in degrees
/// (recorded, without influence on the level).
///
/// The levels NORMAL, ALERT, EMERGENCY and CRITICAL are those of the region's {IGridBands}; the worse of frequency and
/// voltage counts.
///
/// A report outside NORMAL executes the responses configured for its values. Each response opens a balancing action,
/// unless the last action that it opened is still open and can be completed. A response that fails emits
/// {AutomatedActionFailed}, and the report stays.
///
/// A CRITICAL response, and a CRITICAL report by an operator of at least level OPERATE, is a voice for 15 minutes, or
/// until its operator reports something better. A second voice, of another operator of the region, opens a critical
/// event, unless one is open, and puts the region into emergency mode, or renews it. So does a single voice while the
/// fresh answer of the GridOracle, which a quorum of reporters gives, is EMERGENCY or CRITICAL on the same side: of
/// the frequency or the voltage that the operator gave outside NORMAL, both too low or both too high. So no single key
/// opens or renews an emergency, which raises the price of the whole region. Without a further pair the mode ends by
/// itself ({IGridManagement}). A CRITICAL report by an operator of level REPORT is stored and its responses are
/// executed, but it is no voice.
///
/// A CRITICAL load of the GridOracle does as much in a region that has configured responses to it: {respondToLoad}.
///
/// Only {resolveCriticalEvent} ends an event, and only once the newest report of an operator of at least level OPERATE
/// is no longer CRITICAL. Whoever has raised its voice in an event that somebody else resolved has none for as long as
/// an emergency lasts, from that resolution on: so nobody undoes a resolution by repeating what was resolved.
interface IStabilityMaintenance {
    enum StabilityLevel {
        NORMAL,
        ALERT,
        EMERGENCY,
        CRITICAL
    }

    enum Trigger {
        LOW_FREQUENCY,
        HIGH_FREQUENCY,
        LOW_VOLTAGE,
        HIGH_VOLTAGE,
        CRITICAL_LOAD
    }

    /// @param timestamp Unix seconds at which it was reported.
    struct StabilityReport {
        uint256 frequency;
        uint256 voltage;
        int256 phaseAngle;
        uint256 timestamp;
        StabilityLevel level;
    }

    /// @param adjustment kW; 0 if not configured.
    /// @param actionId the balancing action that it opened last, 0 if none.
    struct AutomatedResponse {
        Trigger trigger;
        IBalancingCoordination.ActionType actionType;
        uint256 adjustment;
        uint8 priority;
        uint256 actionId;
    }

    /// @param operator whose report or response opened it; the GridOracle where its load did.
    /// @param confirmedBy the other operator whose voice it followed, or the GridOracle.
    /// @param resolvedBy the zero address while it is open.
    struct CriticalEvent {
        uint256 id;
        bytes32 region;
        address operator;
        address confirmedBy;
        uint256 frequency;
        uint256 voltage;
        uint256 openedAt;
        address resolvedBy;
        uint256 resolvedAt;
    }

    /* EVENTS */

    /// @notice An operator reported a measurement: centihertz, percent of nominal, degrees.
    event StabilityReported(
        bytes32 indexed region,
        address indexed operator,
        uint256 frequency,
        uint256 voltage,
        int256 phaseAngle,
        StabilityLevel level
    );
    /// @notice A region's level changed by a report.
    event StabilityLevelChanged(bytes32 indexed region, StabilityLevel from, StabilityLevel to);
    /// @notice An operator responded by hand to these values (centihertz, percent of nominal).
    event StabilityResponseTriggered(
        bytes32 indexed region, address indexed operator, uint256 frequency, uint256 voltage, StabilityLevel severity
    );
    /// @notice An operator configured an automated response: an action of `adjustment` kW, or none if it is 0.
    event AutomatedResponseConfigured(
        bytes32 indexed region,
        Trigger trigger,
        IBalancingCoordination.ActionType actionType,
        uint256 adjustment,
        uint8 priority
    );
    /// @notice A report or response opened a balancing action.
    event AutomatedActionOpened(bytes32 indexed region, Trigger trigger, uint256 indexed actionId);
    /// @notice A report could not open its balancing action; the report stays.
    /// @param reason the error with which BalancingCoordination reverted.
    event AutomatedActionFailed(
        bytes32 indexed region, Trigger trigger, IBalancingCoordination.ActionType actionType, bytes reason
    );
    /// @notice A critical event began, and with it the region's emergency mode.
    event CriticalEventOpened(uint256 indexed id, bytes32 indexed region, uint256 frequency, uint256 voltage);
    /// @notice An operator ended a critical event, and with it the region's emergency mode.
    event CriticalEventResolved(uint256 indexed id, bytes32 indexed region, address indexed operator);

    /* ERRORS */

    /// @notice The value is outside the plausible range: frequency 90-110 % of nominal, voltage 50-150, phase angle
    /// -180 to 180.
    error StabilityMaintenance_Implausible(bytes32 quantity, int256 value);
    /// @notice No measurement of this region has been reported yet.
    error StabilityMaintenance_NoReport(bytes32 region);
    /// @notice The priority must be 1 (most urgent) to 5.
    error StabilityMaintenance_BadPriority(uint8 priority);
    /// @notice The adjustment is above 2^64 - 1 kW.
    error StabilityMaintenance_BadAdjustment(uint256 adjustment);
    /// @notice The severity is NORMAL or below `shown`, the level of the values.
    error StabilityMaintenance_SeverityTooLow(StabilityLevel severity, StabilityLevel shown);
    /// @notice Frequency and voltage are both nominal, so no response applies.
    error StabilityMaintenance_NothingToRespondTo(uint256 frequency, uint256 voltage);
    /// @notice The GridOracle has no fresh answer for the region.
    error StabilityMaintenance_NoFreshState(bytes32 region);
    /// @notice The demand (kW) is below 95 % of the supply, or the supply is not known (0).
    error StabilityMaintenance_LoadNotCritical(bytes32 region, uint256 demand, uint256 supply);
    /// @notice The region has no response to CRITICAL_LOAD: configure one with {configureAutomatedResponse}.
    error StabilityMaintenance_NothingConfigured(bytes32 region);
    /// @notice There is no critical event of this number, see {criticalEventCount}.
    error StabilityMaintenance_NoSuchEvent(uint256 id);
    /// @notice The critical event has ended already.
    error StabilityMaintenance_AlreadyResolved(uint256 id);
    /// @notice The newest report of an operator of at least level OPERATE is still CRITICAL.
    error StabilityMaintenance_StillCritical(bytes32 region);
    /// @notice The transaction has too little gas left for its automated actions.
    error StabilityMaintenance_TooLittleGas();
    /// @notice The page size is 0 or above 100.
    error StabilityMaintenance_BadPage(uint256 limit, uint256 maximum);

    /* OPERATORS (of the region) */

    /// @notice Reports a measurement (level REPORT) and executes the configured responses. A voice for a critical event
    /// needs level OPERATE.
    /// @param region ASCII text, left-aligned.
    /// @param frequency centihertz (5000 is 50.00 Hz), 90 to 110 % of nominal.
    /// @param voltage percent of nominal, 50 to 150.
    /// @param phaseAngle degrees, -180 to 180.
    function reportStabilityMetrics(bytes32 region, uint256 frequency, uint256 voltage, int256 phaseAngle) external;

    /// @notice Responds by hand (level OPERATE; CRITICAL needs COMMAND): executes the responses configured for values
    /// below or above nominal, also within the NORMAL band. The values are no measurement and are not stored in the
    /// history.
    /// @param region ASCII text, left-aligned.
    /// @param frequency centihertz (5000 is 50.00 Hz).
    /// @param voltage percent of nominal.
    /// @param severity the operator's assessment; at least ALERT, and at least the level of the values.
    function triggerStabilityResponse(bytes32 region, uint256 frequency, uint256 voltage, StabilityLevel severity)
        external;

    /// @notice Configures an automated response of the caller's region (level COMMAND): one per trigger and action
    /// type; an adjustment of 0 removes it.
    /// @param triggerCondition the deviation to which it responds.
    /// @param actionType the balancing action that it opens.
    /// @param adjustment kW.
    /// @param priority 1 (most urgent) to 5.
    function configureAutomatedResponse(
        Trigger triggerCondition,
        IBalancingCoordination.ActionType actionType,
        uint256 adjustment,
        uint8 priority
    ) external;

    /// @notice Ends a critical event (level COMMAND) and the region's emergency mode with it.
    /// @param id number of the event, from 1 on.
    function resolveCriticalEvent(uint256 id) external;

    /* ANYONE */

    /// @notice Answers a CRITICAL load: executes the responses that the region has configured for it, opens a critical
    /// event, unless one is open, and renews the emergency, once for each answer. The load is what the fresh answer of
    /// the GridOracle says, which no single key can move: a demand of at least 95 % of the supply, which is what the
    /// region can draw. Errors: NoFreshState, LoadNotCritical, NothingConfigured. After such an event was resolved,
    /// actions are opened, and no event for as long as an emergency lasts.
    /// @param region ASCII text, left-aligned.
    function respondToLoad(bytes32 region) external;

    /* VIEWS */

    /// @notice The newest report. Reverts with NoReport if there is none.
    /// @param region ASCII text, left-aligned.
    /// @return the report.
    function getCurrentStability(bytes32 region) external view returns (StabilityReport memory);
    /// @notice The level that a frequency and a voltage have together.
    /// @param region whose bands count.
    /// @param frequency centihertz (5000 is 50.00 Hz).
    /// @param voltage percent of nominal.
    /// @return the worse of the two.
    function getStabilityLevel(bytes32 region, uint256 frequency, uint256 voltage)
        external
        view
        returns (StabilityLevel);
    /// @notice The number of all reports of a region; the last {HISTORY_LENGTH} of them are stored.
    /// @param region ASCII text, left-aligned.
    /// @return the number.
    function reportCount(bytes32 region) external view returns (uint256);
    /// @notice A page of the stored reports, newest first.
    /// @param region ASCII text, left-aligned.
    /// @param offset number of the newest entries to skip.
    /// @param limit 1-100.
    /// @return the reports; fewer than `limit` at the end.
    function getStabilityHistory(bytes32 region, uint256 offset, uint256 limit)
        external
        view
        returns (StabilityReport[] memory);
    /// @notice The responses configured in a region.
    /// @param region ASCII text, left-aligned.
    /// @return the responses.
    function getAutomatedResponses(bytes32 region) external view returns (AutomatedResponse[] memory);
    /// @notice Whether a critical event of the region is open. An emergency protocol is no critical event.
    /// @param region ASCII text, left-aligned.
    /// @return whether one is.
    function isInEmergency(bytes32 region) external view returns (bool);
    /// @notice The operator whose CRITICAL report or response waits for another one.
    /// @param region ASCII text, left-aligned.
    /// @return operator the zero address if there is none.
    /// @return until the last second at which it counts, in Unix seconds; 0 if there is none.
    function voiceOf(bytes32 region) external view returns (address operator, uint256 until);
    /// @notice One critical event.
    /// @param id number of the event, from 1 on.
    /// @return the event. Reverts with NoSuchEvent if there is none.
    function getCriticalEvent(uint256 id) external view returns (CriticalEvent memory);
    /// @notice A page of a region's critical events, newest first.
    /// @param region ASCII text, left-aligned.
    /// @param offset number of the newest entries to skip.
    /// @param limit 1-100.
    /// @return the events; fewer than `limit` at the end.
    function getCriticalEvents(bytes32 region, uint256 offset, uint256 limit)
        external
        view
        returns (CriticalEvent[] memory);
    /// @notice Critical events are numbered from 1 to this.
    /// @return the number.
    function criticalEventCount() external view returns (uint256);
    /// @notice How long a CRITICAL report waits for another operator's.
    /// @return seconds.
    function VOICE_AGE() external view returns (uint256);
    /// @notice The number of stored reports of a region.
    /// @return the number.
    function HISTORY_LENGTH() external view returns (uint256);
    /// @notice The register of grid operators.
    /// @return the contract.
    function OPERATORS() external view returns (IGridOperatorVerification);
    /// @notice The contract that opens balancing actions.
    /// @return the contract.
    function BALANCING() external view returns (IBalancingCoordination);
    /// @notice The contract that is put into emergency mode.
    /// @return the contract.
    function GRID() external view returns (IGridManagement);
}
