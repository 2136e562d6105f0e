// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title IAccountDays
/// @notice What the energy accounts and communities ask Settlement about an account.
interface IAccountDays {
    /// @notice The account's number; 0 if there is none.
    function numberOf(address account) external view returns (uint256);

    /// @notice The first day that is not closed.
    function cursorOf(uint256 number) external view returns (uint256);

    /// @notice Whether the account keeps surplus as credits on any day from `firstDay` to `lastDay`, both included.
    /// Days whose choice is forgotten count as such.
    function keepsBetween(uint256 number, uint256 firstDay, uint256 lastDay) external view returns (bool);

    /// @notice What the account owes, in money units rounded up.
    function debtOf(address account) external view returns (uint256);
}
