// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Votes} from "@openzeppelin/contracts/governance/utils/Votes.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Capped} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Capped.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";

import {IGovernanceToken} from "../interfaces/IGovernanceToken.sol";

/// @title GovernanceToken
/// @notice See {IGovernanceToken}; comments here are for maintainers.
contract GovernanceToken is IGovernanceToken, ERC20Capped, ERC20Permit, ERC20Votes, AccessManaged {
    /* CONSTRUCTOR */

    constructor(address authority, uint256 cap, address[] memory holders, uint256[] memory amounts)
        ERC20("Grid Governance", "GGT")
        ERC20Capped(cap)
        ERC20Permit("Grid Governance")
        AccessManaged(authority)
    {
        if (holders.length != amounts.length) {
            revert GovernanceToken_LengthMismatch(holders.length, amounts.length);
        }
        for (uint256 i = 0; i < holders.length; ++i) {
            _mint(holders[i], amounts[i]);
            _delegate(holders[i], holders[i]);
        }
    }

    /* GOVERNANCE */

    /// @inheritdoc IGovernanceToken
    function mint(address to, uint256 amount) external restricted {
        _mint(to, amount);
    }

    /* VIEWS */

    /// @notice Number of the next signature of an owner, shared by permits and delegations.
    function nonces(address owner) public view override(ERC20Permit, Nonces) returns (uint256) {
        return super.nonces(owner);
    }

    /// @notice The clock of votes, in Unix seconds (ERC-6372).
    function clock() public view override(Votes) returns (uint48) {
        return Time.timestamp();
    }

    /// @notice `mode=timestamp` (ERC-6372).
    // solhint-disable-next-line func-name-mixedcase
    function CLOCK_MODE() public pure override(Votes) returns (string memory) {
        return "mode=timestamp";
    }

    /* INTERNAL */

    function _update(address from, address to, uint256 value) internal override(ERC20, ERC20Capped, ERC20Votes) {
        super._update(from, to, value);
    }
}
