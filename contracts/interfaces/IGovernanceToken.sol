// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title IGovernanceToken
/// @notice The market's governance token: an ERC-20 with 18 decimals (EIP-2612, ERC-5805) and a supply of at most
/// {cap}. A token has a vote once its holder has delegated it, to itself or to another account; the first holders have,
/// to themselves, from the beginning. Votes count as of the start of the vote, so later transfers change nothing. Time
/// is in Unix seconds (ERC-6372).
interface IGovernanceToken is IERC20 {
    /// @notice There must be as many holders as amounts.
    error GovernanceToken_LengthMismatch(uint256 holders, uint256 amounts);

    /// @notice Mints tokens, within the cap. Role: governance.
    /// @param to account that gets the tokens.
    /// @param amount base units: 10^18 are one token.
    function mint(address to, uint256 amount) external;
}
