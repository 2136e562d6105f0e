// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title IEmergencyStop
/// @notice Two levels of emergency stop. A stop ends what is new (orders, matches, deposits); every exit stays open:
/// cancelling, settling what is due, closing slots, repaying debts, withdrawing.
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

    /// @notice Nothing new is taken on at this level; exits stay open.
    error EmergencyStop_Stopped(StopLevel level);
    /// @notice The change is not possible from this level.
    error EmergencyStop_WrongLevel(StopLevel level);

    /// @notice Stops everything new until {unpause}. Role: GUARDIAN.
    function pause() external;

    /// @notice Ends a pause. Role: GUARDIAN.
    function unpause() external;

    /// @notice Leaves only the exits, for good. Role: governance.
    function shutdown() external;

    /// @notice The level in force.
    /// @return the level.
    function stopLevel() external view returns (StopLevel);
}
