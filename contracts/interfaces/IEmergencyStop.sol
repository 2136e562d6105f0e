// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title IEmergencyStop
/// @notice Two levels of emergency stop. While stopped, functions that take on something new (orders, matches,
/// deposits) revert. Exits stay open: cancelling, settling, closing slots, repaying debts, withdrawing.
///
///     RUNNING <--unpause / pause--> PAUSED --shutdown--> SHUTDOWN (for good)
///        \-----------------shutdown------------------------/
interface IEmergencyStop {
    enum StopLevel {
        RUNNING,
        PAUSED,
        SHUTDOWN
    }

    /// @notice The stop level changed.
    event StopLevelChanged(StopLevel level, address indexed by);

    /// @notice The contract is stopped at this level: it takes on nothing new, and exits stay open.
    error EmergencyStop_Stopped(StopLevel level);
    /// @notice The change is not possible from this level.
    error EmergencyStop_WrongLevel(StopLevel level);

    /// @notice Stops everything new until {unpause}. Role: GUARDIAN.
    function pause() external;

    /// @notice Ends a pause. Role: GUARDIAN.
    function unpause() external;

    /// @notice Stops everything new for good; exits stay open. Role: governance.
    function shutdown() external;

    /// @notice The level in force.
    /// @return the level.
    function stopLevel() external view returns (StopLevel);
}
