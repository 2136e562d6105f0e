// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title BulkWords
/// @notice Words of many accounts, asked of another contract and answered by it.
/// @dev The compiler encodes, decodes and checks every word of an array on its own, for ten times the gas of a copy.
library BulkWords {
    /// @notice No day is asked for.
    uint256 internal constant ALWAYS = type(uint256).max;

    /// @notice What a view answers of accounts: `selector(uint256 day, uint256[] numbers)`, without the day if it is
    /// ALWAYS, which returns `(uint256[] words)`.
    /// @param each words of each account.
    function ask(address module, bytes4 selector, uint256 day, uint256[] memory numbers, uint256 each)
        internal
        view
        returns (uint256[] memory words)
    {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            // An array's length comes first, in what is asked and in the answer, behind the place where it begins.
            words := mload(0x40)
            mstore(words, selector)
            let to := add(words, 0x04)
            if not(day) {
                mstore(to, day)
                to := add(to, 0x20)
            }
            mstore(to, sub(add(to, 0x1c), words))
            let size := shl(5, add(mload(numbers), 1))
            mcopy(add(to, 0x20), numbers, size)
            if iszero(staticcall(gas(), module, words, sub(add(add(to, 0x20), size), words), 0, 0)) {
                returndatacopy(words, 0, returndatasize())
                revert(words, returndatasize())
            }
            // An answer that is too short reverts.
            size := shl(5, add(mul(mload(numbers), each), 1))
            returndatacopy(words, 0x20, size)
            mstore(0x40, add(words, size))
        }
    }

    /// @notice Ends the call with an array as its answer.
    function give(uint256[] memory words) internal pure {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let size := shl(5, add(mload(words), 1))
            let answer_ := mload(0x40)
            mstore(answer_, 0x20)
            mcopy(add(answer_, 0x20), words, size)
            return(answer_, add(size, 0x20))
        }
    }

    /// @notice Ends the call with the words that a mapping from numbers has.
    /// @param slot of the mapping.
    function answer(uint256 slot, uint256[] calldata numbers) internal view {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, 0x20)
            mstore(add(words, 0x20), numbers.length)
            mstore(0x20, slot)
            let to := add(words, 0x40)
            let at := numbers.offset
            for { let end := add(at, shl(5, numbers.length)) } lt(at, end) { at := add(at, 0x20) } {
                mstore(0x00, calldataload(at))
                mstore(to, sload(keccak256(0x00, 0x40)))
                to := add(to, 0x20)
            }
            return(words, sub(to, words))
        }
    }
}
