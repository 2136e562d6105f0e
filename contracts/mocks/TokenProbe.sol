// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title TokenProbe
/// @notice What a settlement token takes and gives for a transfer. Never deployed: a deployment lends this code to a
/// holder of the token, within a call that changes nothing.
contract TokenProbe {
    using SafeERC20 for IERC20;

    /// @notice Transfers `amount` of the token's units from here to `to`.
    /// @return taken what left this account.
    /// @return received what arrived.
    function transferOf(IERC20 token, address to, uint256 amount) external returns (uint256 taken, uint256 received) {
        uint256 here = token.balanceOf(address(this));
        uint256 there = token.balanceOf(to);
        token.safeTransfer(to, amount);
        taken = here - token.balanceOf(address(this));
        received = token.balanceOf(to) - there;
    }
}
