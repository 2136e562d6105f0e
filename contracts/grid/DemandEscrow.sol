// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {EmergencyStop} from "../access/EmergencyStop.sol";
import {Relayed} from "../access/Relayed.sol";
import {IDemandBaselines} from "../interfaces/IDemandBaselines.sol";
import {IDemandEnrolments} from "../interfaces/IDemandEnrolments.sol";
import {IDemandResponse} from "../interfaces/IDemandResponse.sol";
import {IGridOperatorVerification} from "../interfaces/IGridOperatorVerification.sol";

/// @title DemandEscrow
/// @notice The part of {IDemandResponse} about operators and the money in escrow; comments here are for maintainers.
/// @dev `_escrowed` is the money owed. A budget is added after it is received, and a payment subtracted before it is
/// sent. So the contract's token balance is at least `_escrowed` at any time, also during a transfer.
abstract contract DemandEscrow is IDemandResponse, EmergencyStop, Relayed, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant MAX_VERIFICATION_TIME = 30 days;
    /// @dev Of the time of verification, what {UNREAD_TIME} is.
    uint256 private constant LAST_PART = 24;

    IERC20 public immutable REWARD_TOKEN;
    IGridOperatorVerification public immutable OPERATORS;
    IDemandBaselines public immutable BASELINES;
    IDemandEnrolments public immutable ENROLMENTS;
    uint256 public immutable VERIFICATION_TIME;
    uint256 public immutable UNREAD_TIME;
    uint256 public immutable MIN_REDUCTION;
    uint256 internal immutable _grace;
    uint256 internal immutable _slotLength;

    /* STORAGE */

    uint256 private _escrowed;
    mapping(address account => bool registered) private _gridOperators;

    /* CONSTRUCTOR */

    constructor(address authority_, IERC20 rewardToken, Modules memory modules, uint256 verificationTime)
        EmergencyStop(authority_)
        Relayed(modules.forwarder)
    {
        if (authority_ == address(0) || address(rewardToken) == address(0)) revert NotInitialized();
        _requireWithin("verificationTime", verificationTime, MAX_VERIFICATION_TIME);
        REWARD_TOKEN = rewardToken;
        OPERATORS = modules.operators;
        BASELINES = modules.baselines;
        ENROLMENTS = modules.enrolments;
        VERIFICATION_TIME = verificationTime;
        UNREAD_TIME = verificationTime / LAST_PART;
        MIN_REDUCTION = modules.baselines.MIN_REDUCTION();
        _grace = modules.baselines.ENERGY().GRACE();
        _slotLength = modules.baselines.ENERGY().SLOT_LENGTH();
    }

    /* GRID AUTHORITY */

    /// @inheritdoc IDemandResponse
    function registerGridOperator(address gridOperator) external restricted {
        if (!OPERATORS.isVerifiedOperator(gridOperator)) revert GridOperatorNotRegistered(gridOperator);
        if (_gridOperators[gridOperator]) revert DemandResponse_AlreadyRegistered(gridOperator);
        _gridOperators[gridOperator] = true;
        emit GridOperatorRegistered(gridOperator);
    }

    /* VIEWS */

    /// @inheritdoc IDemandResponse
    function isGridOperator(address account) external view returns (bool) {
        return _gridOperators[account];
    }

    /// @inheritdoc IDemandResponse
    function escrowed() external view returns (uint256) {
        return _escrowed;
    }

    /* INTERNAL: ACCESS */

    /// @return region the caller's region.
    function _requireOwnRegion() internal view returns (bytes32 region) {
        _requireGridOperator();
        return OPERATORS.regionOfOperator(msg.sender, IGridOperatorVerification.PermissionLevel.OPERATE);
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

    function _requireReduction(uint256 reduction) internal view {
        if (reduction < MIN_REDUCTION) revert InsufficientReduction(reduction, MIN_REDUCTION);
    }

    /// @dev Where a settlement meter speaks, the word of an operator does not count.
    function _requireUnmetered(address consumer, uint256 from, uint256 to) internal view {
        if (BASELINES.isMetered(consumer, from / _slotLength, to / _slotLength)) {
            revert DemandResponse_Metered(consumer);
        }
    }

    function _requireWithin(bytes32 name, uint256 value, uint256 maximum) internal pure {
        // slither-disable-next-line incorrect-equality: 0 is not set
        if (value == 0 || value > maximum) revert DemandResponse_BadParameter(name, value);
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

    /// @param payee whose money it is.
    function _pay(address payee, address to, uint256 amount) internal {
        // slither-disable-next-line incorrect-equality: 0 means nothing to pay
        if (amount == 0) revert DemandResponse_NothingToClaim(payee);
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
