// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccountDays} from "../interfaces/IAccountDays.sol";

/// @title AccountDaysDouble
/// @notice Settlement for tests of the energy accounts: it answers what it was told, and hands on all other calls.
contract AccountDaysDouble is IAccountDays {
    address public target;
    mapping(address account => uint256 number) public numberOf;
    mapping(address account => uint256 debt) public debtOf;
    mapping(uint256 number => uint256 day) public cursorAt;
    mapping(uint256 number => mapping(uint256 day => bool keeps)) public keepsAt;

    // solhint-disable-next-line no-complex-fallback
    fallback(bytes calldata data) external returns (bytes memory answer) {
        bool done;
        // solhint-disable-next-line avoid-low-level-calls
        (done, answer) = target.call(data);
        if (done) return answer;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            revert(add(answer, 0x20), mload(answer))
        }
    }

    function setTarget(address target_) external {
        target = target_;
    }

    function setNumber(address account, uint256 number) external {
        numberOf[account] = number;
    }

    function setDebt(address account, uint256 debt) external {
        debtOf[account] = debt;
    }

    function setCursor(uint256 number, uint256 day) external {
        cursorAt[number] = day;
    }

    function setKeeps(uint256 number, uint256 day, bool keeps) external {
        keepsAt[number][day] = keeps;
    }
}
