// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title IGridOperatorVerification
/// @notice The register of grid operators. An operator registers itself for one region; the grid authority verifies it,
/// and may suspend or revoke it. Its permission level depends on its performance score. Capacity is in kW; a region is
/// left-aligned ASCII.
///
///     none --registerOperator--> REGISTERED --verifyOperator--> VERIFIED --revokeOperator--> REVOKED
///                                                                  ^                            |
///                                                                  +-------verifyOperator-------+
///
/// A verified operator is authorized; {setOperatorAuthorization} suspends it or authorizes it again. Verifying a
/// revoked operator authorizes it and keeps its score.
interface IGridOperatorVerification {
    enum OperatorStatus {
        NONE,
        REGISTERED,
        VERIFIED,
        REVOKED
    }

    /// @notice An operator's permissions; each level includes the ones before. NONE: nothing. REPORT (score 0-49): load
    /// and stability reports. OPERATE (50-79): balancing actions, region capacities, demand response. COMMAND (80-100):
    /// automated responses, critical events.
    enum PermissionLevel {
        NONE,
        REPORT,
        OPERATE,
        COMMAND
    }

    /// @param capacity kW.
    /// @param score performance, 0-100; 40 at first, which the grid authority raises.
    /// @param authorized verified and not suspended.
    struct Operator {
        string name;
        bytes32 region;
        uint256 capacity;
        uint256 score;
        uint256 registeredAt;
        OperatorStatus status;
        bool authorized;
    }

    /* EVENTS */

    /// @notice An account registered itself as operator of a region with `capacity` kW; it is not verified yet.
    event OperatorRegistered(address indexed operator, bytes32 indexed region, string name, uint256 capacity);
    /// @notice The grid authority verified an operator, which also authorizes it.
    event OperatorVerified(address indexed operator, bytes32 indexed region);
    /// @notice The grid authority revoked an operator, which also ends its authorization.
    event OperatorRevoked(address indexed operator, bytes32 indexed region);
    /// @notice The grid authority suspended an operator (`allowed` is false) or lets it act again.
    event OperatorAuthorizationSet(address indexed operator, bool allowed);
    /// @notice An operator's performance score (0 to 100) changed.
    event OperatorScoreSet(address indexed operator, uint256 score);

    /* ERRORS */

    /// @notice The name has `length` bytes; it must have 1 to 64.
    error GridOperatorVerification_BadName(uint256 length);
    /// @notice The region is empty, the capacity is 0 or above 2^64 - 1, or the score is above 100.
    error GridOperatorVerification_BadParameter(bytes32 name, uint256 value);
    /// @notice The account has registered as an operator already, which is possible once.
    error GridOperatorVerification_AlreadyRegistered(address operator);
    /// @notice The operator has `status`, and this step needs another one.
    error GridOperatorVerification_WrongStatus(address operator, OperatorStatus status);
    /// @notice The operator is not verified, suspended, or of another region.
    error GridOperatorVerification_NotAuthorized(address operator, bytes32 region);
    /// @notice The operator has `level` by its score, and this needs `needed` or higher.
    error GridOperatorVerification_LevelTooLow(address operator, PermissionLevel level, PermissionLevel needed);
    /// @notice Only BalancingCoordination may call this.
    error GridOperatorVerification_OnlyBalancing(address caller);

    /* ANYONE */

    /// @notice Registers the caller as operator of a region, unverified.
    /// @param name 1-64 bytes.
    /// @param region ASCII text, left-aligned.
    /// @param capacity kW.
    function registerOperator(string calldata name, bytes32 region, uint256 capacity) external;

    /* GRID AUTHORITY */

    /// @notice Verifies a registered operator, or a revoked one again.
    /// @param operator account of the operator.
    function verifyOperator(address operator) external;

    /// @notice Revokes a verification; the operator has no permissions until it is verified again.
    /// @param operator account of the operator.
    function revokeOperator(address operator) external;

    /// @notice Suspends a verified operator, or lets it act again.
    /// @param operator account of the operator.
    /// @param allowed whether it may act.
    function setOperatorAuthorization(address operator, bool allowed) external;

    /// @notice Sets a registered operator's performance score.
    /// @param operator account of the operator.
    /// @param score 0 to 100.
    function setOperatorScore(address operator, uint256 score) external;

    /* BALANCING */

    /// @notice Lowers an operator's score by 5, never below 0, for a balancing action that it let expire, or that it
    /// cancelled. It never reverts for an operator. Only BalancingCoordination may call this.
    /// @param operator account of the operator.
    function noteMissedAction(address operator) external;

    /* VIEWS */

    /// @notice An operator's data; status NONE for an account that never registered.
    /// @param operator account of the operator.
    /// @return the operator.
    function getOperator(address operator) external view returns (Operator memory);
    /// @notice Whether an operator is verified; also true for a suspended one.
    /// @param operator account of the operator.
    /// @return whether it is.
    function isVerifiedOperator(address operator) external view returns (bool);
    /// @notice Whether an operator is verified, not suspended, and of this region.
    /// @param operator account of the operator.
    /// @param region ASCII text, left-aligned.
    /// @return whether it is.
    function isAuthorizedOperator(address operator, bytes32 region) external view returns (bool);
    /// @notice An operator's permission level; NONE unless it is authorized in its own region.
    /// @param operator account of the operator.
    /// @return the level.
    function permissionLevelOf(address operator) external view returns (PermissionLevel);
    /// @notice Reverts with NotAuthorized or LevelTooLow unless the operator is authorized in the region and has at
    /// least this level. The grid's other contracts call this first.
    /// @param operator account of the operator.
    /// @param region ASCII text, left-aligned.
    /// @param needed the lowest level that passes.
    function requireOperator(address operator, bytes32 region, PermissionLevel needed) external view;
    /// @notice Reverts with NotAuthorized or LevelTooLow unless the operator is authorized and has at least this level.
    /// @param operator account of the operator.
    /// @param needed the lowest level that passes.
    /// @return region its region.
    function regionOfOperator(address operator, PermissionLevel needed) external view returns (bytes32 region);
    /// @notice The contract that lowers the score for missed actions.
    /// @return BalancingCoordination.
    function BALANCING() external view returns (address);
}
