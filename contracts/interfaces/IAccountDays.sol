// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccountWord} from "../types/AccountWord.sol";

/// @title IAccountDays
/// @notice What the energy accounts and communities ask Settlement about an account.
interface IAccountDays {
    /// @notice The account's number; 0 if there is none.
    /// @param account the account's address.
    /// @return the number, from 1 on; 0 if there is none.
    function numberOf(address account) external view returns (uint256);

    /// @notice The first day that is not closed.
    /// @param number number of the account.
    /// @return number of the day.
    function cursorAt(uint256 number) external view returns (uint256);

    /// @notice The words of accounts.
    /// @param numbers of the accounts.
    /// @return one word for each.
    function wordsAt(uint256[] calldata numbers) external view returns (AccountWord[] memory);

    /// @notice Closes a day of accounts, see {ISettlement-closeDay}.
    /// @param day number of the day.
    /// @param words two for each account.
    /// @param holders addresses of the accounts.
    function closeDay(uint256 day, uint256[] calldata words, address[] calldata holders) external;

    /// @notice Whether the account keeps a day's surplus as credits; of closed days, too.
    /// @param number number of the account.
    /// @param day number of the day.
    /// @return whether it does.
    function keepsAt(uint256 number, uint256 day) external view returns (bool);

    /// @notice What the account owes; 0 if nothing.
    /// @param account the account's address.
    /// @return money, rounded up.
    function debtOf(address account) external view returns (uint256);
}
