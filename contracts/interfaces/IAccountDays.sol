// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title IAccountDays
/// @notice What the energy accounts and communities ask Settlement about an account.
interface IAccountDays {
    /// @notice The account's number; 0 if there is none.
    function numberOf(address account) external view returns (uint256);

    /// @notice The first day that is not closed.
    function cursorAt(uint256 number) external view returns (uint256);

    /// @notice Whether the account keeps a day's surplus as credits; of closed days, too.
    function keepsAt(uint256 number, uint256 day) external view returns (bool);

    /// @notice What the account owes; 0 if nothing.
    function debtOf(address account) external view returns (uint256);
}
