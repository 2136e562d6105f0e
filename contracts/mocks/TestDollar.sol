// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

import {Relayed} from "../access/Relayed.sol";

/// @title TestDollar
/// @notice The settlement token of local and test networks. Any account may mint it; it has no value.
contract TestDollar is ERC20Permit, Relayed {
    /// @notice The amount exceeds the faucet's limit per call; both in base units.
    error TestDollar_AboveLimit(uint256 amount, uint256 maximum);

    /// @notice The faucet's limit per call: 10,000 whole units.
    uint256 public constant FAUCET_LIMIT = 10_000e6;

    constructor(address forwarder) ERC20("Test Dollar", "tUSD") ERC20Permit("Test Dollar") Relayed(forwarder) {}

    /// @notice Mints `amount` base units to the caller.
    function faucet(uint256 amount) external {
        if (amount > FAUCET_LIMIT) revert TestDollar_AboveLimit(amount, FAUCET_LIMIT);
        _mint(_msgSender(), amount);
    }

    /// @notice 6: one base unit is a millionth.
    function decimals() public pure override returns (uint8) {
        return 6;
    }

    /// @dev Who has no native coin can try the market, too: the forwarder calls for who has signed.
    function _msgSender() internal view override returns (address) {
        return _holder();
    }
}
