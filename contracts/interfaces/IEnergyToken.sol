// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @title IEnergyToken
/// @notice Energy credits as an ERC-20 with 3 decimals: surplus energy that covers a later deficit. One token is 1 kWh,
/// one base unit 1 Wh.
interface IEnergyToken is IERC20 {
    /// @notice Only Settlement mints and burns.
    error EnergyToken_OnlySettlement(address caller);

    /// @notice Mints energy credits for the surplus of a closed slot. Only Settlement may call this.
    /// @param account account that gets the credits.
    /// @param amount Wh.
    function mint(address account, uint256 amount) external;

    /// @notice Burns energy credits for the deficit of a closed slot. Only Settlement may call this.
    /// @param account account whose credits are burned.
    /// @param amount Wh.
    function burn(address account, uint256 amount) external;

    /// @notice The only account that mints and burns.
    /// @return Settlement.
    function SETTLEMENT() external view returns (address);
}
