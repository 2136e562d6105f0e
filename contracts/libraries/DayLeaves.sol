// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ICommunityDays} from "../interfaces/ICommunityDays.sol";
import {DayLanes} from "./DayLanes.sol";

/// @title DayLeaves
/// @notice The bytes of a day's leaves, see {ICommunityDays}, where they stand in calldata.
library DayLeaves {
    /// @dev Leaves of a day. {_add} knows where the lists stand.
    /// @param count of them.
    /// @param numbers of their accounts.
    /// @param places in calldata.
    /// @param nodes of the tree, in which the root is the first one left.
    /// @param begin,end registers of those that continue, and of those that are measured: the day before, or the day,
    /// and the account's number and registers of each.
    struct Leaves {
        uint256 count;
        uint256[] numbers;
        uint256[] places;
        uint256[] nodes;
        bytes begin;
        bytes end;
    }

    uint256 internal constant ABSENT = 0;
    uint256 internal constant MEASURED = 1;
    uint256 internal constant SEALED = 2;
    uint256 internal constant CONTINUES = 0x80;
    /// @dev More than the 160 members of a day: those who left the day before have a leaf, too.
    uint256 internal constant MOST = 256;

    uint256 private constant HEAD = 6;
    uint256 private constant REGISTERS = 12;
    uint256 private constant HASH = 32;
    /// @dev Of an account's number and registers, and of the day before all of them.
    uint256 private constant ENTRY = 16;
    uint256 private constant DAY = 2;

    /// @notice All leaves of a day.
    /// @param day number of the day.
    /// @param netBytes of the nets of a leaf.
    /// @return leaves their numbers and places.
    /// @return root of their tree.
    function read(bytes calldata data, uint256 day, uint256 netBytes)
        internal
        pure
        returns (Leaves memory leaves, bytes32 root)
    {
        unchecked {
            (leaves.numbers, leaves.places) = (new uint256[](MOST), new uint256[](MOST));
            (leaves.nodes, leaves.begin, leaves.end) = (new uint256[](MOST), _listOf(day - 1), _listOf(day));
            (uint256 at, uint256 limit, uint256 last) = (0, 0, 0);
            // solhint-disable-next-line no-inline-assembly
            assembly ("memory-safe") {
                at := data.offset
                limit := add(at, data.length)
            }
            for (; at < limit; ++leaves.count) {
                uint256 length = lengthOf(statusAt(at), netBytes);
                uint256 number = numberAt(at);
                if (
                    leaves.count == MOST || length == 0 || length > limit - at || placeAt(at) != leaves.count
                        || number <= last
                ) revert ICommunityDays.CommunityDays_BadLeaf(leaves.count);
                last = number;
                _add(leaves, at, length);
                at += length;
            }
            uint256 count = leaves.count;
            if (count == 0) revert ICommunityDays.CommunityDays_NoLeaves();
            (uint256[] memory numbers, uint256[] memory places) = (leaves.numbers, leaves.places);
            // solhint-disable-next-line no-inline-assembly
            assembly ("memory-safe") {
                mstore(numbers, count)
                mstore(places, count)
            }
            root = _rootOf(leaves.nodes, count);
        }
    }

    /// @notice Whether any leaf's registers continue those of the day before.
    function continues(Leaves memory leaves) internal pure returns (bool) {
        return leaves.begin.length > DAY;
    }

    /// @notice Bytes of a leaf; 0: the status is none.
    function lengthOf(uint256 status, uint256 netBytes) internal pure returns (uint256 length) {
        unchecked {
            uint256 kind = status & ~CONTINUES;
            // What most leaves are.
            if (kind == MEASURED) return HEAD + 2 * REGISTERS + netBytes;
            if (kind > SEALED) return 0;
            length = HEAD;
            if (status & CONTINUES != 0) length += REGISTERS;
            if (kind == SEALED) length += HASH;
        }
    }

    function statusAt(uint256 at) internal pure returns (uint256) {
        return DayLanes.wordAt(at) >> 248;
    }

    function placeAt(uint256 at) internal pure returns (uint256) {
        return uint8(DayLanes.wordAt(at) >> 240);
    }

    function numberAt(uint256 at) internal pure returns (uint256) {
        return uint32(DayLanes.wordAt(at) >> 208);
    }

    /// @notice Registers at a measured leaf's begin.
    function firstAt(uint256 at) internal pure returns (uint256 imported, uint256 exported) {
        uint256 word = DayLanes.wordAt(at + HEAD);
        return (word >> 208, uint48(word >> 160));
    }

    /// @notice Registers at a measured leaf's end.
    function lastAt(uint256 at) internal pure returns (uint256 imported, uint256 exported) {
        return firstAt(at + REGISTERS);
    }

    /// @notice Where a measured leaf's nets stand.
    function netsAt(uint256 at) internal pure returns (uint256) {
        return at + HEAD + 2 * REGISTERS;
    }

    /// @dev The lists have room.
    function _add(Leaves memory leaves, uint256 at, uint256 length) private pure {
        unchecked {
            (uint256 place, uint256 account, uint256 node) = (leaves.count, numberAt(at), _hash(at, length));
            // solhint-disable-next-line no-inline-assembly
            assembly ("memory-safe") {
                let to := shl(5, add(place, 1))
                mstore(add(mload(add(leaves, 0x20)), to), account)
                mstore(add(mload(add(leaves, 0x40)), to), at)
                mstore(add(mload(add(leaves, 0x60)), to), node)
            }
            uint256 status = statusAt(at);
            if (status & CONTINUES != 0) _note(leaves.begin, at, at + HEAD);
            if (status & MEASURED != 0) _note(leaves.end, at, at + HEAD + REGISTERS);
        }
    }

    /// @dev A day, and room for the registers of all accounts.
    function _listOf(uint256 day) private pure returns (bytes memory list) {
        list = new bytes(DAY + ENTRY * MOST);
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(list, DAY)
            mstore(add(list, 0x20), shl(240, day))
        }
    }

    /// @dev Appends an account's number and registers. The list has room.
    function _note(bytes memory list, uint256 at, uint256 registers) private pure {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let length := mload(list)
            let to := add(add(list, 0x20), length)
            calldatacopy(to, add(at, 2), 4)
            calldatacopy(add(to, 4), registers, REGISTERS)
            mstore(list, add(length, ENTRY))
        }
    }

    function _hash(uint256 at, uint256 length) private pure returns (uint256 hash) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, at, length)
            hash := keccak256(free, length)
        }
    }

    /// @dev Level by level, in place.
    function _rootOf(uint256[] memory nodes, uint256 count) private pure returns (bytes32 root) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            nodes := add(nodes, 0x20)
            for {} gt(count, 1) { count := shr(1, add(count, 1)) } {
                let to := nodes
                let end := add(nodes, shl(6, shr(1, count)))
                let from := nodes
                for {} lt(from, end) { from := add(from, 0x40) } {
                    let left := mload(from)
                    let right := mload(add(from, 0x20))
                    switch lt(left, right)
                    case 0 {
                        mstore(0, right)
                        mstore(0x20, left)
                    }
                    default {
                        mstore(0, left)
                        mstore(0x20, right)
                    }
                    mstore(to, keccak256(0, 0x40))
                    to := add(to, 0x20)
                }
                if and(count, 1) { mstore(to, mload(from)) }
            }
            root := mload(nodes)
        }
    }
}
