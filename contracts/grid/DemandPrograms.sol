// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {EmergencyStop} from "../access/EmergencyStop.sol";
import {IDemandResponse} from "../interfaces/IDemandResponse.sol";
import {IGridOperatorVerification} from "../interfaces/IGridOperatorVerification.sol";

/// @title DemandPrograms
/// @notice The part of {IDemandResponse} about registration, programs, and the money in escrow; comments here are for
/// maintainers.
/// @dev `_escrowed` is the money owed. A budget is added after it is received, and a payment subtracted before it is
/// sent. So the contract's token balance is at least `_escrowed` at any time, also during a transfer.
abstract contract DemandPrograms is IDemandResponse, EmergencyStop, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    struct ProgramRecord {
        // slot n: 20 + 5 + 5 + 1 + 1 = 32 bytes
        address operator;
        uint40 startTime;
        uint40 endTime;
        ProgramType programType;
        ProgramStatus status;
        // slot n + 1: 32 bytes
        bytes32 region;
        // slot n + 2: 5 + 11 + 11 + 5 = 32 bytes; the budget, target * rate, fits 128 bits. A commitment is below 2^50
        // and the sum has 88 bits, room for 2^38 of the largest, so it cannot overflow.
        uint40 targetReductionKw;
        uint88 incentiveRate;
        uint88 committed;
        uint40 participants;
        // slot n + 3
        uint256 spent;
        // slot n + 4
        string name;
    }

    struct Participant {
        // slot n: 7 + 12 + 5 = 24 bytes
        uint56 committed;
        uint96 reduction;
        uint40 joinedAt;
        // slot n + 1: 16 + 16 = 32 bytes
        uint128 earned;
        uint128 claimed;
    }

    /* CONSTANTS AND IMMUTABLES */

    uint256 internal constant WATTS_PER_KW = 1000;
    uint256 private constant MAX_NAME_LENGTH = 64;
    uint256 private constant MAX_PROGRAM_TIME = 366 days;

    IERC20 public immutable REWARD_TOKEN;
    IGridOperatorVerification public immutable OPERATORS;
    uint256 public immutable MIN_REDUCTION;

    /* STORAGE */

    // slot 0, after EmergencyStop's 22 bytes: 5 bytes
    uint40 private _programCount;

    uint256 private _escrowed;
    mapping(address account => bool registered) private _gridOperators;
    mapping(address account => bool registered) private _consumers;
    mapping(uint256 programId => ProgramRecord program) private _programs;
    mapping(uint256 programId => mapping(address consumer => Participant participant)) private _participants;

    /* CONSTRUCTOR */

    constructor(address authority_, IERC20 rewardToken, IGridOperatorVerification operators, uint256 minReduction)
        EmergencyStop(authority_)
    {
        if (authority_ == address(0) || address(rewardToken) == address(0)) revert NotInitialized();
        _requireWithin("minReduction", minReduction, type(uint32).max);
        REWARD_TOKEN = rewardToken;
        OPERATORS = operators;
        MIN_REDUCTION = minReduction;
    }

    /* GRID AUTHORITY */

    /// @inheritdoc IDemandResponse
    function registerGridOperator(address gridOperator) external restricted {
        if (!OPERATORS.isVerifiedOperator(gridOperator)) revert GridOperatorNotRegistered(gridOperator);
        _register(_gridOperators, gridOperator);
        emit GridOperatorRegistered(gridOperator);
    }

    /* REGISTRATION */

    /// @inheritdoc IDemandResponse
    function registerConsumer(address consumer) external {
        _requireRunning();
        if (msg.sender != consumer) _requireOwnRegion();
        // A reward of the zero address could never be paid.
        _requireWithin("consumer", uint160(consumer), type(uint160).max);
        _register(_consumers, consumer);
        emit ConsumerRegistered(consumer, msg.sender);
    }

    /* CONSUMERS */

    /// @inheritdoc IDemandResponse
    function joinProgram(uint256 programId, uint256 committed) external {
        _requireRunning();
        _requireConsumer(msg.sender);
        ProgramRecord storage program = _openProgram(programId);
        Participant storage participant = _participants[programId][msg.sender];
        _requireNew(participant.committed == 0, programId, msg.sender);
        _requireReduction(committed);
        _requireWithin("committed", committed, program.targetReductionKw * WATTS_PER_KW);

        participant.committed = uint56(committed);
        participant.joinedAt = uint40(block.timestamp);
        program.committed += uint88(committed);
        ++program.participants;
        emit ProgramJoined(programId, msg.sender, committed);
    }

    /// @inheritdoc IDemandResponse
    function leaveProgram(uint256 programId) external {
        ProgramRecord storage program = _program(programId);
        Participant storage participant = _participant(programId, msg.sender);
        program.committed -= participant.committed;
        --program.participants;
        participant.committed = 0;
        emit ProgramLeft(programId, msg.sender);
    }

    /// @inheritdoc IDemandResponse
    function claimProgramReward(uint256 programId, address to) external nonReentrant returns (uint256 amount) {
        _program(programId);
        Participant storage participant = _participants[programId][msg.sender];
        amount = participant.earned - participant.claimed;

        participant.claimed = participant.earned;
        emit ProgramRewardPaid(programId, msg.sender, to, amount);
        _pay(to, amount);
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
        Participant storage record = _participant(programId, participant);
        _requireReduction(actual);
        if (actual > record.committed) revert DemandResponse_AboveCommitment(actual, record.committed);

        uint256 reward = (actual * program.incentiveRate) / WATTS_PER_KW;
        _spend(programId, program, reward);
        record.reduction += uint96(actual);
        record.earned += uint128(reward);
        emit ReductionReported(programId, participant, actual, reward);
    }

    /* THE OPERATOR OF A PROGRAM */

    /// @inheritdoc IDemandResponse
    function closeProgram(uint256 programId, address to) external nonReentrant {
        ProgramRecord storage program = _activeProgram(programId);
        address operator = program.operator;
        if (block.timestamp < program.endTime || to != operator) _requireOwner(operator);

        uint256 left = _leftOf(program);
        program.status = ProgramStatus.CLOSED;
        emit ProgramClosed(programId, left);
        if (left != 0) _pay(to, left);
    }

    /* VIEWS */

    /// @inheritdoc IDemandResponse
    function isGridOperator(address account) external view returns (bool) {
        return _gridOperators[account];
    }

    /// @inheritdoc IDemandResponse
    function isConsumer(address account) external view returns (bool) {
        return _consumers[account];
    }

    /// @inheritdoc IDemandResponse
    function getProgram(uint256 programId) external view returns (Program memory) {
        ProgramRecord storage program = _program(programId);
        return Program({
            name: program.name,
            programType: program.programType,
            region: program.region,
            operator: program.operator,
            targetReductionKw: program.targetReductionKw,
            incentiveRate: program.incentiveRate,
            startTime: program.startTime,
            endTime: program.endTime,
            committed: program.committed,
            participants: program.participants,
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
        Participant storage record = _participants[programId][participant];
        return ProgramParticipant({
            committed: record.committed, reduction: record.reduction, earned: record.earned, claimed: record.claimed
        });
    }

    /// @inheritdoc IDemandResponse
    function programCount() external view returns (uint256) {
        return _programCount;
    }

    /// @inheritdoc IDemandResponse
    function escrowed() external view returns (uint256) {
        return _escrowed;
    }

    /* INTERNAL: ACCESS */

    function _register(mapping(address account => bool registered) storage accounts, address account) private {
        if (accounts[account]) revert DemandResponse_AlreadyRegistered(account);
        accounts[account] = true;
    }

    /// @return region the caller's region.
    function _requireOwnRegion() internal view returns (bytes32 region) {
        _requireGridOperator();
        return OPERATORS.regionOfOperator(msg.sender, IGridOperatorVerification.PermissionLevel.OPERATE);
    }

    function _requireNew(bool isNew, uint256 id, address consumer) internal pure {
        if (!isNew) revert AlreadyParticipating(id, consumer);
    }

    function _requireGridOperator() internal view {
        if (!_gridOperators[msg.sender]) revert GridOperatorNotRegistered(msg.sender);
    }

    function _requireOperates(bytes32 region) internal view {
        OPERATORS.requireOperator(msg.sender, region, IGridOperatorVerification.PermissionLevel.OPERATE);
    }

    function _requireOwner(address owner) internal view {
        if (msg.sender != owner) revert DemandResponse_NotOperator(msg.sender, owner);
    }

    function _requireConsumer(address account) internal view {
        if (!_consumers[account]) revert ConsumerNotRegistered(account);
    }

    function _requireReduction(uint256 reduction) internal view {
        if (reduction < MIN_REDUCTION) revert InsufficientReduction(reduction, MIN_REDUCTION);
    }

    function _requireWithin(bytes32 name, uint256 value, uint256 maximum) internal pure {
        if (value == 0 || value > maximum) revert DemandResponse_BadParameter(name, value);
    }

    /* INTERNAL: PROGRAMS */

    function _program(uint256 programId) private view returns (ProgramRecord storage program) {
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
    function _openProgram(uint256 programId) private view returns (ProgramRecord storage program) {
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

    function _participant(uint256 programId, address account) internal view returns (Participant storage participant) {
        participant = _participants[programId][account];
        if (participant.committed == 0) revert DemandResponse_NotParticipating(programId, account);
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

    /* INTERNAL: MONEY */

    /// @dev If a token transfers more than the budget, the excess is not credited.
    function _takeBudget(uint256 budget) internal {
        uint256 before = _holdings();
        REWARD_TOKEN.safeTransferFrom(msg.sender, address(this), budget);
        uint256 received = _holdings() - before;
        if (received < budget) revert DemandResponse_EscrowShort(received, budget);
        _retain(budget);
    }

    function _pay(address to, uint256 amount) internal {
        // slither-disable-next-line incorrect-equality: 0 means nothing to pay
        if (amount == 0) revert DemandResponse_NothingToClaim(msg.sender);
        if (to == address(0) || to == address(this)) revert DemandResponse_BadRecipient(to);
        _release(amount);
        if (!REWARD_TOKEN.trySafeTransfer(to, amount)) revert RewardDistributionFailed(to, amount);
    }

    function _holdings() private view returns (uint256) {
        return REWARD_TOKEN.balanceOf(address(this));
    }

    function _retain(uint256 amount) internal {
        _escrowed += amount;
    }

    function _release(uint256 amount) internal {
        _escrowed -= amount;
    }
}
