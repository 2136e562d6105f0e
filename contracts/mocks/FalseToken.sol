// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

import {TestDollar} from "./TestDollar.sol";

/// @title FalseToken
/// @notice Test double: a token older than the final ERC-20. Its transfers return nothing (as USDT's do) or, while
/// `failing`, transfer nothing and return false instead of reverting.
contract FalseToken is TestDollar(address(0)) {
    /// @notice Whether transfers fail.
    bool public failing;

    function setFailing(bool failing_) external {
        failing = failing_;
    }

    function transfer(address to, uint256 value) public override(ERC20) returns (bool) {
        if (failing) return false;
        super.transfer(to, value);
        _returnNothing();
    }

    function transferFrom(address from, address to, uint256 value) public override(ERC20) returns (bool) {
        if (failing) return false;
        super.transferFrom(from, to, value);
        _returnNothing();
    }

    /// @dev Ends the whole call with empty return data.
    function _returnNothing() private pure {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            return(0, 0)
        }
    }
}
