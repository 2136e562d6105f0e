// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {TestDollar} from "./TestDollar.sol";

/// @title BlacklistToken
/// @notice Test double: a token whose transfers from or to listed addresses revert, as USDC's do.
contract BlacklistToken is TestDollar(address(0)) {
    error BlacklistToken_Listed(address account);

    /// @notice Whether an account is listed.
    mapping(address account => bool listed) public isListed;

    function setListed(address account, bool listed) external {
        isListed[account] = listed;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (isListed[from]) revert BlacklistToken_Listed(from);
        if (isListed[to]) revert BlacklistToken_Listed(to);
        super._update(from, to, value);
    }
}
