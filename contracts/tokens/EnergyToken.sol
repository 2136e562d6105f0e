// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

import {IEnergyToken} from "../interfaces/IEnergyToken.sol";

/// @title EnergyToken
/// @notice See {IEnergyToken}; comments here are for maintainers.
contract EnergyToken is IEnergyToken, ERC20Permit {
    /* CONSTANTS AND IMMUTABLES */

    /// @inheritdoc IEnergyToken
    address public immutable SETTLEMENT;

    /* CONSTRUCTOR */

    constructor(address settlement) ERC20("Energy Credit", "KWH") ERC20Permit("Energy Credit") {
        SETTLEMENT = settlement;
    }

    /* SETTLEMENT */

    modifier onlySettlement() {
        if (msg.sender != SETTLEMENT) revert EnergyToken_OnlySettlement(msg.sender);
        _;
    }

    /// @inheritdoc IEnergyToken
    function mint(address account, uint256 amount) external onlySettlement {
        _mint(account, amount);
    }

    /// @inheritdoc IEnergyToken
    function burn(address account, uint256 amount) external onlySettlement {
        _burn(account, amount);
    }

    /* VIEWS */

    /// @notice 3: one base unit is 1 Wh.
    function decimals() public pure override(ERC20) returns (uint8) {
        return 3;
    }
}
