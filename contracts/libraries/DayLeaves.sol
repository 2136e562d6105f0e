// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ICommunityDays} from "../interfaces/ICommunityDays.sol";
import {DayLanes} from "./DayLanes.sol";

/// @title DayLeaves
/// @notice The bytes of a day's leaves, see {ICommunityDays}, where they stand in calldata.
library DayLeaves {
    /// @dev Leaves of a day. {_note} knows where the lists stand.
    /// @param count of them.
    /// @param numbers of their accounts.
    /// @param places in calldata; the list has no length.
    /// @param nodes of the tree, in which the root is the first one left; the list has no length.
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
        _makeRoom(leaves, day);
        unchecked {
            (uint256 at, uint256 limit, uint256 last, uint256 count) = (0, 0, 0, 0);
            // solhint-disable-next-line no-inline-assembly
            assembly ("memory-safe") {
                at := data.offset
                limit := add(at, data.length)
            }
            for (; at < limit; ++count) {
                uint256 head = DayLanes.wordAt(at);
                (uint256 length, uint256 number) = (lengthOf(head >> 248, netBytes), uint32(head >> 208));
                if (length == 0 || at + length > limit || uint8(head >> 240) != count || number <= last) {
                    revert ICommunityDays.CommunityDays_BadLeaf(count);
                }
                _note(leaves, at, length, head);
                last = number;
                at += length;
            }
            if (count == 0) revert ICommunityDays.CommunityDays_NoLeaves();
            leaves.count = count;
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
        unchecked {
            uint256 word = DayLanes.wordAt(at + HEAD);
            return (word >> 208, uint48(word >> 160));
        }
    }

    /// @notice Registers at a measured leaf's end.
    function lastAt(uint256 at) internal pure returns (uint256 imported, uint256 exported) {
        unchecked {
            return firstAt(at + REGISTERS);
        }
    }

    /// @notice What a measured leaf's registers rise by.
    function risesAt(uint256 at) internal pure returns (uint256 imported, uint256 exported) {
        unchecked {
            // First and last registers stand in 24 bytes.
            uint256 word = DayLanes.wordAt(at + HEAD);
            return (uint48((word >> 112) - (word >> 208)), uint48((word >> 64) - (word >> 160)));
        }
    }

    /// @notice Where a measured leaf's nets stand.
    function netsAt(uint256 at) internal pure returns (uint256) {
        unchecked {
            return at + HEAD + 2 * REGISTERS;
        }
    }

    /// @dev Empty lists for as many as can come; the compiler's own would be filled with zeros first.
    function _makeRoom(Leaves memory leaves, uint256 day) private pure {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let free := mload(0x40)
            let end := add(leaves, 0xc0)
            for { let list := add(leaves, 0x20) } lt(list, end) { list := add(list, 0x20) } {
                mstore(list, free)
                mstore(free, 0)
                free := add(free, shl(5, add(MOST, 1)))
            }
            let list := mload(add(leaves, 0x80))
            mstore(list, DAY)
            mstore(add(list, 0x20), shl(240, sub(day, 1)))
            list := mload(add(leaves, 0xa0))
            mstore(list, DAY)
            mstore(add(list, 0x20), shl(240, day))
            mstore(0x40, free)
        }
    }

    /// @dev Appends a leaf to the lists, which have room.
    /// @param head its first 32 bytes.
    function _note(Leaves memory leaves, uint256 at, uint256 length, uint256 head) private pure {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let list := mload(add(leaves, 0x20))
            let size := add(mload(list), 1)
            mstore(list, size)
            let offset := shl(5, size)
            mstore(add(list, offset), and(shr(208, head), 0xffffffff))
            mstore(add(mload(add(leaves, 0x40)), offset), at)
            list := mload(0x40)
            calldatacopy(list, at, length)
            mstore(add(mload(add(leaves, 0x60)), offset), keccak256(list, length))
            // The number and the first registers follow each other, if there are such; what comes behind them is
            // overwritten by the next entry, or not in the list.
            if shr(255, head) {
                list := mload(add(leaves, 0x80))
                size := mload(list)
                mstore(add(add(list, 0x20), size), shl(16, head))
                mstore(list, add(size, ENTRY))
            }
            if and(shr(248, head), MEASURED) {
                list := mload(add(leaves, 0xa0))
                size := mload(list)
                let to := add(add(list, 0x20), size)
                mstore(to, shl(16, head))
                mstore(add(to, 4), calldataload(add(at, 18)))
                mstore(list, add(size, ENTRY))
            }
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
