// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {Energy} from "./Units.sol";

/// @notice One account's energy in one slot, in one storage word.
///
///     bit 255                                                                                   0
///     | closed 1 | unused 25 | read at end 6 | bought 56 | sold 56 | consumed 56 | produced 56 |
///
/// Energy is in Wh: 56 bits are 72,057 TWh, three years of the world's electricity. "Read at end" counts the readings
/// taken exactly at the slot's end, of which each meter gives one at most. It stops at 63, so that it never makes a
/// reading revert: an account has at most 32 meters at a time, but meters moved to it later can add more.
type SlotWord is uint256;

using SlotWordLibrary for SlotWord global;

/// @title SlotWordLibrary
/// @notice Named accessors of {SlotWord}. Amounts never decrease.
library SlotWordLibrary {
    using SafeCast for uint256;

    uint256 private constant CONSUMED_AT = 56;
    uint256 private constant SOLD_AT = 112;
    uint256 private constant BOUGHT_AT = 168;
    uint256 private constant READ_AT_END_AT = 224;
    uint256 private constant MAX_READ_AT_END = (1 << 6) - 1;
    uint256 private constant CLOSED = 1 << 255;

    function produced(SlotWord self) internal pure returns (Energy) {
        return Energy.wrap(uint56(SlotWord.unwrap(self)));
    }

    function consumed(SlotWord self) internal pure returns (Energy) {
        return Energy.wrap(uint56(SlotWord.unwrap(self) >> CONSUMED_AT));
    }

    function sold(SlotWord self) internal pure returns (Energy) {
        return Energy.wrap(uint56(SlotWord.unwrap(self) >> SOLD_AT));
    }

    function bought(SlotWord self) internal pure returns (Energy) {
        return Energy.wrap(uint56(SlotWord.unwrap(self) >> BOUGHT_AT));
    }

    function readAtEnd(SlotWord self) internal pure returns (uint256) {
        return (SlotWord.unwrap(self) >> READ_AT_END_AT) & MAX_READ_AT_END;
    }

    function isClosed(SlotWord self) internal pure returns (bool) {
        return SlotWord.unwrap(self) & CLOSED != 0;
    }

    /// @notice Production that is not sold yet: the energy that a seller can still deliver in this slot.
    function unsold(SlotWord self) internal pure returns (Energy) {
        return self.produced() - self.sold();
    }

    function addMetered(SlotWord self, Energy produced_, Energy consumed_) internal pure returns (SlotWord) {
        return _add(_add(self, self.produced(), produced_, 0), self.consumed(), consumed_, CONSUMED_AT);
    }

    /// @notice One more reading at the slot's end.
    function countAtEnd(SlotWord self) internal pure returns (SlotWord) {
        if (self.readAtEnd() == MAX_READ_AT_END) return self;
        return SlotWord.wrap(SlotWord.unwrap(self) + (1 << READ_AT_END_AT));
    }

    function addSold(SlotWord self, Energy amount) internal pure returns (SlotWord) {
        return _add(self, self.sold(), amount, SOLD_AT);
    }

    function addBought(SlotWord self, Energy amount) internal pure returns (SlotWord) {
        return _add(self, self.bought(), amount, BOUGHT_AT);
    }

    function close(SlotWord self) internal pure returns (SlotWord) {
        return SlotWord.wrap(SlotWord.unwrap(self) | CLOSED);
    }

    /// @dev The sum is checked to fit its field, so adding it in place cannot carry into the next one.
    function _add(SlotWord self, Energy current, Energy amount, uint256 at) private pure returns (SlotWord) {
        // slither-disable-next-line unused-return: called for its check alone
        Energy.unwrap(current + amount).toUint56();
        return SlotWord.wrap(SlotWord.unwrap(self) + (Energy.unwrap(amount) << at));
    }
}
