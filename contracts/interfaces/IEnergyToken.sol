// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title IEnergyToken
/// @notice Banked energy as an ERC-20 with 3 decimals: one token is 1 kWh, one base unit 1 Wh.
interface IEnergyToken is IERC20 {
    /// @notice Only Settlement mints and burns.
    error EnergyToken_OnlySettlement(address caller);

    /// @notice Banks a closed slot's surplus. Settlement only.
    function mint(address account, uint256 amount) external;

    /// @notice Uses banked energy for a closed slot's deficit. Settlement only.
    function burn(address account, uint256 amount) external;

    function SETTLEMENT() external view returns (address);
}
