// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title IGovernanceToken
/// @notice Votes on how the market is run: an ERC-20 with 18 decimals (EIP-2612, ERC-5805), never more than {cap}. A
/// token votes once its holder has delegated it, to itself or to somebody else. Votes are counted as they stood when
/// the vote began, so borrowing or moving tokens afterwards changes nothing. Time is in Unix seconds (ERC-6372).
interface IGovernanceToken is IERC20 {
    /// @notice Holders and amounts must be as many.
    error GovernanceToken_LengthMismatch(uint256 holders, uint256 amounts);

    /// @notice Makes new tokens, within the cap. Role: governance.
    /// @param to who gets the tokens.
    /// @param amount base units: 10^18 are one token.
    function mint(address to, uint256 amount) external;
}
