// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {TestDollar} from "./TestDollar.sol";

/// @title HookToken
/// @notice Test double: a token that calls back in the middle of a transfer, as ERC-777 does: once before the money
/// has moved and once after. The caller is the token itself, so whatever it shall try to steal must be in its own
/// account.
contract HookToken is TestDollar {
    /// @notice Whom the token calls; nobody while zero.
    address public target;
    /// @notice What it calls there.
    bytes public data;
    /// @notice How often it has called.
    uint256 public calls;
    /// @notice How many of these calls succeeded.
    uint256 public successes;
    /// @notice What the last call returned, or the error it raised.
    bytes public lastResult;

    bool private _calling;

    /// @notice Sets the call back. The target may take the token's own holdings, so that it can deposit them, too.
    function setHook(address target_, bytes calldata data_) external {
        target = target_;
        data = data_;
        if (target_ != address(0)) _approve(address(this), target_, type(uint256).max);
    }

    function _update(address from, address to, uint256 value) internal override {
        bool isTransfer = from != address(0) && to != address(0);
        if (isTransfer) _callBack();
        super._update(from, to, value);
        if (isTransfer) _callBack();
    }

    /// @dev Transfers inside the call are ordinary ones: otherwise it would call itself without end.
    function _callBack() private {
        if (_calling || target == address(0)) return;
        _calling = true;
        // solhint-disable-next-line avoid-low-level-calls
        (bool success, bytes memory result) = target.call(data);
        _calling = false;
        ++calls;
        if (success) ++successes;
        lastResult = result;
    }
}
