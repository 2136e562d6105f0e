// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title IEnergyToken
/// @notice Energy credits, which are surplus kept for later, as an ERC-20 with 3 decimals: one token is 1 kWh, one base
/// unit 1 Wh.
interface IEnergyToken is IERC20 {
    /// @notice Only Settlement mints and burns.
    error EnergyToken_OnlySettlement(address caller);

    /// @notice Credits a closed slot's surplus. Settlement only.
    /// @param account who gets, or gives, the credits.
    /// @param amount Wh.
    function mint(address account, uint256 amount) external;

    /// @notice Uses energy credits for a closed slot's deficit. Settlement only.
    /// @param account who gets, or gives, the credits.
    /// @param amount Wh.
    function burn(address account, uint256 amount) external;

    /// @notice The only account that mints and burns.
    /// @return Settlement.
    function SETTLEMENT() external view returns (address);
}
