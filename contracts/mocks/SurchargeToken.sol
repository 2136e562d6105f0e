// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {TestDollar} from "./TestDollar.sol";

/// @title SurchargeToken
/// @notice Test double: a token that takes a fee from the sender on top of every transfer, so that more leaves than
/// arrives.
contract SurchargeToken is TestDollar(address(0)) {
    uint256 private constant BPS = 10_000;

    /// @notice Fee on top of a transfer, in basis points.
    uint256 public immutable FEE_BPS;

    constructor(uint256 feeBps) {
        FEE_BPS = feeBps;
    }

    function _update(address from, address to, uint256 value) internal override {
        bool isTransfer = from != address(0) && to != address(0);
        if (isTransfer) super._update(from, address(0), (value * FEE_BPS) / BPS);
        super._update(from, to, value);
    }
}
