// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Relayed
/// @notice Calls that somebody else sends, and pays the gas for, in the name of an account that has signed them
/// (ERC-2771). Comments here are for maintainers.
/// @dev Only functions for account holders ask {_holder}. `msg.sender` stays what it is: AccessManager's `restricted`
/// must see the forwarder itself, which has no role.
abstract contract Relayed {
    /* CONSTANTS AND IMMUTABLES */

    uint256 internal constant ADDRESS_LENGTH = 20;

    /// @dev The contract that checks the signatures: OpenZeppelin's ERC2771Forwarder. The zero address: none.
    address internal immutable FORWARDER;

    /* CONSTRUCTOR */

    constructor(address forwarder) {
        FORWARDER = forwarder;
    }

    /* VIEWS */

    /// @notice Whether calls of this contract are believed to come from the account that they name. ERC2771Forwarder
    /// asks before each call, and calls nobody who does not say yes.
    function isTrustedForwarder(address forwarder) external view returns (bool) {
        return forwarder == FORWARDER;
    }

    /* INTERNAL */

    /// @dev The caller, or the account that the forwarder appends to its call.
    function _holder() internal view returns (address) {
        if (msg.sender != FORWARDER || msg.data.length < ADDRESS_LENGTH) return msg.sender;
        return address(bytes20(msg.data[msg.data.length - ADDRESS_LENGTH:]));
    }
}
