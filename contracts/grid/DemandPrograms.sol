// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {DemandEscrow} from "./DemandEscrow.sol";
import {IDemandResponse} from "../interfaces/IDemandResponse.sol";

/// @title DemandPrograms
/// @notice The part of {IDemandResponse} about programs; comments here are for maintainers.
/// @dev While anybody is enrolled, a program's budget leaves it in three ways only: earned by a participant's
/// reduction, by an operator's report, and to the operator after the program's end. What an event did not need comes
/// back to it.
abstract contract DemandPrograms is DemandEscrow {
    struct ProgramRecord {
        // slot n: 20 + 5 + 5 + 1 + 1 = 32 bytes
        address operator;
        uint40 startTime;
        uint40 endTime;
        ProgramType programType;
        ProgramStatus status;
        // slot n + 1: 32 bytes
        bytes32 region;
        // slot n + 2: 5 + 11 = 16 bytes; the budget, target * rate, fits 128 bits
        uint40 targetReductionKw;
        uint88 incentiveRate;
        // slot n + 3
        uint256 spent;
        // slot n + 4
        string name;
    }

    /// @dev What an operator reported of a consumer in a program.
    struct Reported {
        // slot n: 16 + 16 = 32 bytes
        uint128 earned;
        uint128 claimed;
        // slot n + 1
        uint256 reduction;
    }

    /* CONSTANTS AND IMMUTABLES */

    uint256 internal constant WATTS_PER_KW = 1000;
    uint256 private constant MAX_NAME_LENGTH = 64;
    uint256 private constant MAX_PROGRAM_TIME = 366 days;
    uint256 internal constant BPS = 10_000;

    /* STORAGE */

    uint256 private _programCount;
    mapping(uint256 programId => ProgramRecord program) private _programs;
    mapping(uint256 programId => mapping(address consumer => Reported reported)) private _reported;

    /* REGISTRATION */

    /// @inheritdoc IDemandResponse
    function registerConsumer(address consumer) external {
        _requireRunning();
        address caller = _holder();
        if (caller != consumer) _requireOwnRegion();
        // A reward of the zero address could never be paid.
        _requireWithin("consumer", uint160(consumer), type(uint160).max);
        ENROLMENTS.register(consumer, caller, MIN_REDUCTION);
    }

    /* CONSUMERS */

    /// @inheritdoc IDemandResponse
    function joinProgram(uint256 programId, uint256 committed) external {
        _join(programId, committed, address(0), 0);
    }

    /// @inheritdoc IDemandResponse
    function joinThrough(uint256 programId, uint256 committed, address aggregator, uint256 feeBps) external {
        _requireWithin("programId", programId, type(uint256).max);
        _requireWithin("aggregator", uint160(aggregator), type(uint160).max);
        if (feeBps > BPS) revert DemandResponse_BadParameter("feeBps", feeBps);
        _join(programId, committed, aggregator, feeBps);
    }

    /// @inheritdoc IDemandResponse
    function leaveProgram(uint256 programId) external {
        ENROLMENTS.leave(programId, _holder());
    }

    /// @inheritdoc IDemandResponse
    function claimProgramReward(uint256 programId, address to) external nonReentrant returns (uint256 amount) {
        _program(programId);
        address consumer = _holder();
        Reported storage reported = _reported[programId][consumer];
        amount = reported.earned - reported.claimed;

        reported.claimed = reported.earned;
        emit ProgramRewardPaid(programId, consumer, to, amount);
        _pay(consumer, to, amount);
    }

    /* GRID OPERATORS */

    /// @inheritdoc IDemandResponse
    function createDemandProgram(
        string calldata name,
        ProgramType programType,
        bytes32 region,
        uint256 targetReductionKw,
        uint256 incentiveRate,
        uint256 duration
    ) external nonReentrant returns (uint256 programId) {
        _requireRunning();
        _requireGridOperator();
        _requireOperates(region);
        uint256 length = bytes(name).length;
        _requireWithin("name", length, MAX_NAME_LENGTH);
        _requireWithin("targetReductionKw", targetReductionKw, type(uint40).max);
        _requireWithin("incentiveRate", incentiveRate, type(uint88).max);
        _requireWithin("duration", duration, MAX_PROGRAM_TIME);

        programId = ++_programCount;
        ProgramRecord storage program = _programs[programId];
        program.operator = msg.sender;
        program.startTime = uint40(block.timestamp);
        program.endTime = uint40(block.timestamp + duration);
        program.programType = programType;
        program.region = region;
        program.targetReductionKw = uint40(targetReductionKw);
        program.incentiveRate = uint88(incentiveRate);
        program.name = name;
        _emitProgramCreated(programId, name, program);
        _takeBudget(targetReductionKw * incentiveRate);
    }

    /// @inheritdoc IDemandResponse
    function reportReduction(uint256 programId, address participant, uint256 actual) external {
        ProgramRecord storage program = _ownProgram(programId);
        uint256 committed = ENROLMENTS.commitmentOf(programId, participant);
        if (committed == 0) revert DemandResponse_NotParticipating(programId, participant);
        _requireReduction(actual);
        if (actual > committed) revert DemandResponse_AboveCommitment(actual, committed);
        _requireUnmetered(participant, block.timestamp, block.timestamp + _slotLength);

        uint256 reward = (actual * program.incentiveRate) / WATTS_PER_KW;
        _spend(programId, program, reward);
        Reported storage reported = _reported[programId][participant];
        reported.reduction += actual;
        reported.earned += uint128(reward);
        emit ReductionReported(programId, participant, actual, reward);
    }

    /* THE OPERATOR OF A PROGRAM */

    /// @inheritdoc IDemandResponse
    function closeProgram(uint256 programId, address to) external nonReentrant {
        ProgramRecord storage program = _activeProgram(programId);
        address operator = program.operator;
        bool ended = block.timestamp >= program.endTime;
        if (!ended || to != operator) _requireOwner(operator);
        // slither-disable-next-line unused-return: how many they are is enough
        (uint256 participants,) = ENROLMENTS.membersOf(programId);
        if (!ended && participants != 0) {
            revert DemandResponse_Committed(programId, participants, program.endTime);
        }

        uint256 left = _leftOf(program);
        program.status = ProgramStatus.CLOSED;
        emit ProgramClosed(programId, left);
        if (left != 0) _pay(operator, to, left);
    }

    /* VIEWS */

    /// @inheritdoc IDemandResponse
    function getProgram(uint256 programId) external view returns (Program memory) {
        ProgramRecord storage program = _program(programId);
        (uint256 participants, uint256 committed) = ENROLMENTS.membersOf(programId);
        return Program({
            name: program.name,
            programType: program.programType,
            region: program.region,
            operator: program.operator,
            targetReductionKw: program.targetReductionKw,
            incentiveRate: program.incentiveRate,
            startTime: program.startTime,
            endTime: program.endTime,
            committed: committed,
            participants: participants,
            budget: _budgetOf(program),
            spent: program.spent,
            status: program.status
        });
    }

    /// @inheritdoc IDemandResponse
    function getProgramParticipant(uint256 programId, address participant)
        external
        view
        returns (ProgramParticipant memory)
    {
        _program(programId);
        Reported storage reported = _reported[programId][participant];
        return ProgramParticipant({
            committed: ENROLMENTS.commitmentOf(programId, participant),
            reduction: reported.reduction,
            earned: reported.earned,
            claimed: reported.claimed
        });
    }

    /// @inheritdoc IDemandResponse
    function programCount() external view returns (uint256) {
        return _programCount;
    }

    /* INTERNAL */

    function _join(uint256 programId, uint256 committed, address aggregator, uint256 feeBps) private {
        _requireRunning();
        uint256 maximum = type(uint48).max;
        if (programId != 0) maximum = _openProgram(programId).targetReductionKw * WATTS_PER_KW;
        _requireReduction(committed);
        _requireWithin("committed", committed, maximum);
        ENROLMENTS.join(programId, _holder(), committed, aggregator, feeBps);
    }

    function _program(uint256 programId) internal view returns (ProgramRecord storage program) {
        program = _programs[programId];
        if (program.operator == address(0)) revert DemandResponse_NoSuchProgram(programId);
    }

    function _activeProgram(uint256 programId) private view returns (ProgramRecord storage program) {
        program = _program(programId);
        if (program.status != ProgramStatus.ACTIVE) {
            revert DemandResponse_ProgramNotActive(programId, program.status);
        }
    }

    /// @dev Requires an active program that has not ended.
    function _openProgram(uint256 programId) internal view returns (ProgramRecord storage program) {
        program = _activeProgram(programId);
        if (block.timestamp >= program.endTime) revert DemandResponse_ProgramEnded(programId, program.endTime);
    }

    /// @dev Requires an active program of the caller that has not ended.
    function _ownProgram(uint256 programId) internal view returns (ProgramRecord storage program) {
        _requireGridOperator();
        program = _program(programId);
        _requireOwner(program.operator);
        _requireOperates(program.region);
        return _openProgram(programId);
    }

    function _spend(uint256 programId, ProgramRecord storage program, uint256 amount) internal {
        uint256 left = _leftOf(program);
        if (amount > left) revert DemandResponse_BudgetExceeded(programId, amount, left);
        program.spent += amount;
    }

    function _budgetOf(ProgramRecord storage program) private view returns (uint256) {
        return uint256(program.targetReductionKw) * program.incentiveRate;
    }

    function _leftOf(ProgramRecord storage program) private view returns (uint256) {
        return _budgetOf(program) - program.spent;
    }

    function _emitProgramCreated(uint256 programId, string calldata name, ProgramRecord storage program) private {
        emit ProgramCreated(
            programId,
            program.region,
            program.operator,
            name,
            program.programType,
            program.targetReductionKw,
            program.incentiveRate,
            program.endTime,
            _budgetOf(program)
        );
    }
}
