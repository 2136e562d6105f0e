// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title SlotLeaves
/// @notice The leaf of an anchored reading, in the form of OpenZeppelin's standard Merkle tree: hashed twice, so that
/// an inner node cannot be used as a leaf.
library SlotLeaves {
    function leafOf(address account, uint256 slot, uint256 produced, uint256 consumed, bytes32 salt)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(bytes.concat(keccak256(abi.encode(account, slot, produced, consumed, salt))));
    }
}
