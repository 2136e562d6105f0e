// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {TestDollar} from "./TestDollar.sol";

/// @title FeeToken
/// @notice Test double: a token that burns a share of every transfer, so that less arrives than was sent.
contract FeeToken is TestDollar(address(0)) {
    uint256 private constant BPS = 10_000;

    /// @notice Share of a transfer that is burned, in basis points.
    uint256 public immutable FEE_BPS;

    constructor(uint256 feeBps) {
        FEE_BPS = feeBps;
    }

    function _update(address from, address to, uint256 value) internal override {
        bool isTransfer = from != address(0) && to != address(0);
        uint256 fee = isTransfer ? (value * FEE_BPS) / BPS : 0;
        if (fee != 0) super._update(from, address(0), fee);
        super._update(from, to, value - fee);
    }
}
