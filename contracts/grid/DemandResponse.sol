// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {EmergencyStop} from "../access/EmergencyStop.sol";
import {IDemandResponse} from "../interfaces/IDemandResponse.sol";
import {IGridOperatorVerification} from "../interfaces/IGridOperatorVerification.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {ISmartMeter} from "../interfaces/ISmartMeter.sol";

/// @title DemandResponse
/// @notice See {IDemandResponse}; comments here are for maintainers.
contract DemandResponse is IDemandResponse, EmergencyStop {
    IERC20 public immutable REWARD_TOKEN;
    IGridOperatorVerification public immutable OPERATORS;
    ISmartMeter public immutable METER;
    ISettlement public immutable SETTLEMENT;
    uint256 public immutable VERIFICATION_TIME;
    uint256 public immutable MIN_REDUCTION;
    uint256 public immutable BASELINE_DAYS;
    uint256 public immutable BASELINE_HIGHEST;

    constructor(address authority_, IERC20 rewardToken, Modules memory modules, Parameters memory parameters)
        EmergencyStop(authority_)
    {
        REWARD_TOKEN = rewardToken;
        OPERATORS = modules.operators;
        METER = modules.meter;
        SETTLEMENT = modules.settlement;
        VERIFICATION_TIME = parameters.verificationTime;
        MIN_REDUCTION = parameters.minReduction;
        BASELINE_DAYS = parameters.baselineDays;
        BASELINE_HIGHEST = parameters.baselineHighest;
    }

    function registerGridOperator(address gridOperator) external {
        revert();
    }

    function registerConsumer(address consumer) external {
        revert();
    }

    function joinProgram(uint256 programId, uint256 committed) external {
        revert();
    }

    function leaveProgram(uint256 programId) external {
        revert();
    }

    function claimReward(uint256 eventId, address to) external returns (uint256 amount) {
        revert();
    }

    function claimProgramReward(uint256 programId, address to) external returns (uint256 amount) {
        revert();
    }

    function createDemandProgram(
        string calldata name,
        ProgramType programType,
        bytes32 region,
        uint256 targetReductionKw,
        uint256 incentiveRate,
        uint256 duration
    ) external returns (uint256 programId) {
        revert();
    }

    function reportReduction(uint256 programId, address participant, uint256 actual) external {
        revert();
    }

    function closeProgram(uint256 programId) external {
        revert();
    }

    function startEvent(uint256 targetReduction, uint256 rewardPerKw, uint256 duration)
        external
        returns (uint256 eventId)
    {
        revert();
    }

    function startProgramEvent(uint256 programId, uint256 targetReduction, uint256 duration)
        external
        returns (uint256 eventId)
    {
        revert();
    }

    function verifyReduction(
        uint256 eventId,
        address consumer,
        uint256 baseline,
        uint256 actual,
        uint256 meterStart,
        uint256 meterEnd
    ) external returns (uint256 participationId) {
        revert();
    }

    function cancelEvent(uint256 eventId) external {
        revert();
    }

    function reclaimBudget(uint256 eventId, address to) external returns (uint256 amount) {
        revert();
    }

    function verifyFromMeter(uint256 eventId, address consumer, uint256 baseline)
        external
        returns (uint256 participationId)
    {
        revert();
    }

    function completeEvent(uint256 eventId) external {
        revert();
    }

    function distributeRewards(uint256 eventId, uint256 max) external returns (bool done) {
        revert();
    }

    function isGridOperator(address account) external view returns (bool) {
        revert();
    }

    function isConsumer(address account) external view returns (bool) {
        revert();
    }

    function getProgram(uint256 programId) external view returns (Program memory) {
        revert();
    }

    function getProgramParticipant(uint256 programId, address participant)
        external
        view
        returns (ProgramParticipant memory)
    {
        revert();
    }

    function programCount() external view returns (uint256) {
        revert();
    }

    function getEvent(uint256 eventId) external view returns (DemandResponseEvent memory) {
        revert();
    }

    function eventCount() external view returns (uint256) {
        revert();
    }

    function getParticipation(uint256 eventId, address consumer) external view returns (ParticipationRecord memory) {
        revert();
    }

    function getConsumerParticipations(address consumer, uint256 offset, uint256 limit)
        external
        view
        returns (ParticipationRecord[] memory)
    {
        revert();
    }

    function getEventParticipations(uint256 eventId, uint256 offset, uint256 limit)
        external
        view
        returns (ParticipationRecord[] memory)
    {
        revert();
    }

    function baselineFromMeter(address consumer, uint256 fromSlot, uint256 toSlot) external view returns (uint256) {
        revert();
    }

    function escrowed() external view returns (uint256) {
        revert();
    }
}
