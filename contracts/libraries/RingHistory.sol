// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title RingHistory
/// @notice A ring buffer of the last `length` words: each new word replaces the oldest. The length is a constant of the
/// contract that stores the history, the same at every call.
/// @dev No word is ever erased, so once the ring is full, a push writes two storage words that exist already.
library RingHistory {
    /// @param count number of all words pushed.
    /// @param words the stored words; word n (from 0) is at index n % length.
    struct History {
        uint256 count;
        mapping(uint256 index => uint256 word) words;
    }

    function push(History storage self, uint256 word, uint256 length) internal {
        uint256 count = self.count;
        self.words[count % length] = word;
        self.count = count + 1;
    }

    /// @notice The number of stored words.
    function kept(History storage self, uint256 length) internal view returns (uint256) {
        return Math.min(self.count, length);
    }

    /// @notice The newest word, 0 if there is none.
    function latest(History storage self, uint256 length) internal view returns (uint256) {
        uint256 count = self.count;
        return count == 0 ? 0 : self.words[(count - 1) % length];
    }

    /// @notice At most `limit` of the stored words, newest first, without the `offset` newest ones.
    function page(History storage self, uint256 offset, uint256 limit, uint256 length)
        internal
        view
        returns (uint256[] memory found)
    {
        found = new uint256[](Math.min(limit, Math.saturatingSub(kept(self, length), offset)));
        uint256 end = self.count - Math.min(self.count, offset);
        for (uint256 i; i < found.length; ++i) {
            found[i] = self.words[(end - 1 - i) % length];
        }
    }
}
