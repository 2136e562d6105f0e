// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IGridOperatorVerification} from "../interfaces/IGridOperatorVerification.sol";

/// @title GridOperatorVerification
/// @notice See {IGridOperatorVerification}; comments here are for maintainers.
contract GridOperatorVerification is IGridOperatorVerification, AccessManaged {
    address public immutable BALANCING;

    constructor(address authority, address balancing) AccessManaged(authority) {
        BALANCING = balancing;
    }

    function registerOperator(string calldata name, bytes32 region, uint256 capacity) external {
        revert();
    }

    function verifyOperator(address operator) external {
        revert();
    }

    function revokeOperator(address operator) external {
        revert();
    }

    function setOperatorAuthorization(address operator, bool allowed) external {
        revert();
    }

    function setOperatorScore(address operator, uint256 score) external {
        revert();
    }

    function noteMissedAction(address operator) external {
        revert();
    }

    function getOperator(address operator) external view returns (Operator memory) {
        revert();
    }

    function isVerifiedOperator(address operator) external view returns (bool) {
        revert();
    }

    function isAuthorizedOperator(address operator, bytes32 region) external view returns (bool) {
        revert();
    }

    function permissionLevelOf(address operator) external view returns (PermissionLevel) {
        revert();
    }

    function requireOperator(address operator, bytes32 region, PermissionLevel needed) external view {
        revert();
    }

    function regionOfOperator(address operator, PermissionLevel needed) external view returns (bytes32 region) {
        revert();
    }
}
