// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {TestDollar} from "./TestDollar.sol";

/// @title HookToken
/// @notice Test double: a token that calls back during a transfer, as ERC-777 does: once before the money has moved and
/// once after. The caller is the token itself, so an attack can only concern its own account.
contract HookToken is TestDollar(address(0)) {
    /// @notice The contract that the token calls; none if zero.
    address public target;
    /// @notice The calldata of the call.
    bytes public data;
    /// @notice The number of calls.
    uint256 public calls;
    /// @notice The number of successful calls.
    uint256 public successes;
    /// @notice The return data or error of the last call.
    bytes public lastResult;

    bool private _calling;

    /// @notice Sets the callback. The target gets an allowance for the token's own balance, so it can deposit it, too.
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

    /// @dev Transfers inside the call have no callback, which would recurse without end.
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
