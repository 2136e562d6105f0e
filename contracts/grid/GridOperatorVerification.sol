// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IGridOperatorVerification} from "../interfaces/IGridOperatorVerification.sol";

/// @title GridOperatorVerification
/// @notice See {IGridOperatorVerification}; comments here are for maintainers.
contract GridOperatorVerification is IGridOperatorVerification, AccessManaged {
    using SafeCast for uint256;

    /// @dev Only a verified operator can be `authorized`, so this flag alone decides who may act. It shares a storage
    /// word with the score, so the check that all grid contracts make first reads this word and the region's.
    struct Record {
        // slot n: 32 bytes
        bytes32 region;
        // slot n + 1: 8 + 4 + 1 + 1 + 1 = 15 bytes
        uint64 capacity;
        uint32 registeredAt;
        uint8 score;
        OperatorStatus status;
        bool authorized;
        // slot n + 2, and up to 2 more for a name above 31 bytes
        string name;
    }

    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant MAX_NAME = 64;
    uint256 private constant MAX_SCORE = 100;
    /// @dev Of level REPORT: only the grid authority raises it.
    uint256 private constant FIRST_SCORE = 40;
    uint256 private constant MISSED_ACTION = 5;
    /// @dev The lowest scores of the levels.
    uint256 private constant OPERATE_FROM = 50;
    uint256 private constant COMMAND_FROM = 80;

    /// @inheritdoc IGridOperatorVerification
    address public immutable BALANCING;

    /* STORAGE */

    mapping(address operator => Record record) private _operators;

    /* CONSTRUCTOR */

    constructor(address authority, address balancing) AccessManaged(authority) {
        BALANCING = balancing;
    }

    /* ANYONE */

    /// @inheritdoc IGridOperatorVerification
    function registerOperator(string calldata name, bytes32 region, uint256 capacity) external {
        uint256 length = bytes(name).length;
        if (length == 0 || length > MAX_NAME) revert GridOperatorVerification_BadName(length);
        if (region == 0) revert GridOperatorVerification_BadParameter("region", 0);
        if (capacity == 0 || capacity > type(uint64).max) {
            revert GridOperatorVerification_BadParameter("capacity", capacity);
        }
        Record storage record = _operators[msg.sender];
        if (record.status != OperatorStatus.NONE) revert GridOperatorVerification_AlreadyRegistered(msg.sender);

        record.region = region;
        record.capacity = uint64(capacity);
        record.registeredAt = block.timestamp.toUint32();
        record.score = uint8(FIRST_SCORE);
        record.status = OperatorStatus.REGISTERED;
        record.name = name;
        emit OperatorRegistered(msg.sender, region, name, capacity);
    }

    /* GRID AUTHORITY */

    /// @inheritdoc IGridOperatorVerification
    function verifyOperator(address operator) external restricted {
        Record storage record = _operators[operator];
        OperatorStatus status = record.status;
        if (status != OperatorStatus.REGISTERED && status != OperatorStatus.REVOKED) {
            revert GridOperatorVerification_WrongStatus(operator, status);
        }

        record.status = OperatorStatus.VERIFIED;
        record.authorized = true;
        emit OperatorVerified(operator, record.region);
    }

    /// @inheritdoc IGridOperatorVerification
    function revokeOperator(address operator) external restricted {
        Record storage record = _verifiedOperator(operator);

        record.status = OperatorStatus.REVOKED;
        record.authorized = false;
        emit OperatorRevoked(operator, record.region);
    }

    /// @inheritdoc IGridOperatorVerification
    function setOperatorAuthorization(address operator, bool allowed) external restricted {
        _verifiedOperator(operator).authorized = allowed;
        emit OperatorAuthorizationSet(operator, allowed);
    }

    /// @inheritdoc IGridOperatorVerification
    function setOperatorScore(address operator, uint256 score) external restricted {
        if (score > MAX_SCORE) revert GridOperatorVerification_BadParameter("score", score);
        Record storage record = _operators[operator];
        if (record.status == OperatorStatus.NONE) {
            revert GridOperatorVerification_WrongStatus(operator, OperatorStatus.NONE);
        }
        _setScore(operator, record, score);
    }

    /* BALANCING */

    /// @inheritdoc IGridOperatorVerification
    function noteMissedAction(address operator) external {
        if (msg.sender != BALANCING) revert GridOperatorVerification_OnlyBalancing(msg.sender);
        Record storage record = _operators[operator];
        // An account that never registered has score 0, too.
        if (record.score == 0) return;
        _setScore(operator, record, Math.saturatingSub(record.score, MISSED_ACTION));
    }

    /* VIEWS */

    /// @inheritdoc IGridOperatorVerification
    function getOperator(address operator) external view returns (Operator memory) {
        Record storage record = _operators[operator];
        return Operator({
            name: record.name,
            region: record.region,
            capacity: record.capacity,
            score: record.score,
            registeredAt: record.registeredAt,
            status: record.status,
            authorized: record.authorized
        });
    }

    /// @inheritdoc IGridOperatorVerification
    function isVerifiedOperator(address operator) external view returns (bool) {
        // slither-disable-next-line incorrect-equality: an enum
        return _operators[operator].status == OperatorStatus.VERIFIED;
    }

    /// @inheritdoc IGridOperatorVerification
    function isAuthorizedOperator(address operator, bytes32 region) external view returns (bool) {
        Record storage record = _operators[operator];
        return record.authorized && record.region == region;
    }

    /// @inheritdoc IGridOperatorVerification
    function permissionLevelOf(address operator) external view returns (PermissionLevel) {
        return _levelOf(_operators[operator]);
    }

    /// @inheritdoc IGridOperatorVerification
    function requireOperator(address operator, bytes32 region, PermissionLevel needed) external view {
        Record storage record = _operators[operator];
        if (!record.authorized || record.region != region) {
            revert GridOperatorVerification_NotAuthorized(operator, region);
        }
        _requireLevel(operator, record, needed);
    }

    /// @inheritdoc IGridOperatorVerification
    function regionOfOperator(address operator, PermissionLevel needed) external view returns (bytes32 region) {
        Record storage record = _operators[operator];
        region = record.region;
        if (!record.authorized) revert GridOperatorVerification_NotAuthorized(operator, region);
        _requireLevel(operator, record, needed);
    }

    /* INTERNAL */

    function _verifiedOperator(address operator) private view returns (Record storage record) {
        record = _operators[operator];
        if (record.status != OperatorStatus.VERIFIED) {
            revert GridOperatorVerification_WrongStatus(operator, record.status);
        }
    }

    function _setScore(address operator, Record storage record, uint256 score) private {
        record.score = uint8(score);
        emit OperatorScoreSet(operator, score);
    }

    function _requireLevel(address operator, Record storage record, PermissionLevel needed) private view {
        PermissionLevel level = _levelOf(record);
        if (level < needed) revert GridOperatorVerification_LevelTooLow(operator, level, needed);
    }

    function _levelOf(Record storage record) private view returns (PermissionLevel) {
        if (!record.authorized) return PermissionLevel.NONE;
        uint256 score = record.score;
        if (score < OPERATE_FROM) return PermissionLevel.REPORT;
        return score < COMMAND_FROM ? PermissionLevel.OPERATE : PermissionLevel.COMMAND;
    }
}
