// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title IGridOperatorVerification
/// @notice Who operates the grid where. An operator registers itself for one region, the grid authority verifies it,
/// and may suspend or revoke it. What an operator may do follows its performance score. Capacity is in kW; a region is
/// left-aligned ASCII.
///
///     none --registerOperator--> REGISTERED --verifyOperator--> VERIFIED --revokeOperator--> REVOKED
///                                                                  ^                            |
///                                                                  +-------verifyOperator-------+
///
/// A verified operator is authorized until {setOperatorAuthorization} says otherwise, and again afterwards; verifying
/// a revoked operator authorizes it anew and leaves its score as it was.
interface IGridOperatorVerification {
    enum OperatorStatus {
        NONE,
        REGISTERED,
        VERIFIED,
        REVOKED
    }

    /// @notice What an operator may do; each level includes the ones before.
    /// NONE: nothing. REPORT (score 0-49): load and stability reports. OPERATE (50-79): balancing actions, region
    /// capacities, demand response. COMMAND (80-100): automated responses, critical events.
    enum PermissionLevel {
        NONE,
        REPORT,
        OPERATE,
        COMMAND
    }

    /// @param capacity kW.
    /// @param score performance, 0-100; 100 at first.
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
    /// @notice Verified, and with that authorized.
    event OperatorVerified(address indexed operator, bytes32 indexed region);
    /// @notice Neither verified nor authorized any more.
    event OperatorRevoked(address indexed operator, bytes32 indexed region);
    /// @notice The grid authority suspended an operator (`allowed` is false) or lets it act again.
    event OperatorAuthorizationSet(address indexed operator, bool allowed);
    /// @notice An operator's performance score (0 to 100) changed.
    event OperatorScoreSet(address indexed operator, uint256 score);

    /* ERRORS */

    /// @notice `length` bytes; a name has 1 to 64.
    error GridOperatorVerification_BadName(uint256 length);
    /// @notice An empty region, a capacity of 0 or above 2^64 - 1, or a score above 100.
    error GridOperatorVerification_BadParameter(bytes32 name, uint256 value);
    /// @notice The account has registered as an operator already; it can do so once.
    error GridOperatorVerification_AlreadyRegistered(address operator);
    /// @notice The step is not one of the state table's.
    error GridOperatorVerification_WrongStatus(address operator, OperatorStatus status);
    /// @notice Not verified, suspended, or of another region.
    error GridOperatorVerification_NotAuthorized(address operator, bytes32 region);
    /// @notice The operator's score gives it `level`, and this needs at least `needed`.
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

    /// @notice Takes the verification away; until it is verified again, the operator may do nothing.
    /// @param operator account of the operator.
    function revokeOperator(address operator) external;

    /// @notice Suspends a verified operator, or lets it act again.
    /// @param operator account of the operator.
    /// @param allowed whether it may act.
    function setOperatorAuthorization(address operator, bool allowed) external;

    /// @notice Judges a registered operator's performance: 0-100.
    /// @param operator account of the operator.
    /// @param score 0 to 100.
    function setOperatorScore(address operator, uint256 score) external;

    /* BALANCING */

    /// @notice Lowers an operator's score by 5, never below 0, for a balancing action that it let expire. Never fails.
    /// Only BalancingCoordination may call this.
    /// @param operator account of the operator.
    function noteMissedAction(address operator) external;

    /* VIEWS */

    /// @notice An operator; one that never registered has status NONE.
    /// @param operator account of the operator.
    /// @return the operator.
    function getOperator(address operator) external view returns (Operator memory);
    /// @notice Whether an operator is verified; a suspended one still is.
    /// @param operator account of the operator.
    /// @return whether it is.
    function isVerifiedOperator(address operator) external view returns (bool);
    /// @notice Verified, not suspended, and of this region.
    /// @param operator account of the operator.
    /// @param region ASCII text, left-aligned.
    /// @return whether it is.
    function isAuthorizedOperator(address operator, bytes32 region) external view returns (bool);
    /// @notice NONE unless the operator is authorized in its own region.
    /// @param operator account of the operator.
    /// @return the level.
    function permissionLevelOf(address operator) external view returns (PermissionLevel);
    /// @notice Passes if the operator is authorized in the region and has at least this level: what the grid's modules
    /// ask before anything is done (NotAuthorized, LevelTooLow).
    /// @param operator account of the operator.
    /// @param region ASCII text, left-aligned.
    /// @param needed the lowest level that passes.
    function requireOperator(address operator, bytes32 region, PermissionLevel needed) external view;
    /// @notice Passes if the operator is authorized and has at least this level.
    /// @param operator account of the operator.
    /// @param needed the lowest level that passes.
    /// @return region its region.
    function regionOfOperator(address operator, PermissionLevel needed) external view returns (bytes32 region);
    /// @notice The contract that lowers the score for missed actions.
    /// @return BalancingCoordination.
    function BALANCING() external view returns (address);
}
