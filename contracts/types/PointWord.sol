// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ReadingWord, ReadingWordLibrary, movedTo} from "./ReadingWord.sol";

/// @notice An account's metering point: its newest settlement meter, and how far the account's registers are ahead of
/// the present device's. Registers in the account's terms go on where a device is exchanged.
///
///     bit 255                                           0
///     | exported shift 48 | imported shift 48 | key 160 |
///
/// Shifts in Wh, modulo 2^48. A word of zero is an account that never had a settlement meter.
type PointWord is uint256;

using PointWordLibrary for PointWord global;

/// @title PointWordLibrary
/// @notice Named accessors of {PointWord}. Registers given to them are modulo 2^48.
library PointWordLibrary {
    uint256 private constant IMPORTED_AT = 160;
    uint256 private constant EXPORTED_AT = 208;

    /// @notice A new meter: its registers are the account's.
    function pack(address key_) internal pure returns (PointWord) {
        return PointWord.wrap(uint160(key_));
    }

    /// @notice The meter's current key, or its last one.
    function key(PointWord self) internal pure returns (address) {
        return address(uint160(PointWord.unwrap(self)));
    }

    /// @notice The device's registers in the account's terms.
    function ofAccount(PointWord self, uint256 imported, uint256 exported) internal pure returns (uint256, uint256) {
        return (movedTo(imported, 0, _imported(self)), movedTo(exported, 0, _exported(self)));
    }

    /// @notice The account's registers in the device's terms, at a time.
    function ofDevice(PointWord self, uint256 time, uint256 imported, uint256 exported)
        internal
        pure
        returns (ReadingWord)
    {
        return
            ReadingWordLibrary.pack(time, movedTo(imported, _imported(self), 0), movedTo(exported, _exported(self), 0));
    }

    function withKey(PointWord self, address key_) internal pure returns (PointWord) {
        return PointWord.wrap((PointWord.unwrap(self) >> IMPORTED_AT << IMPORTED_AT) | uint160(key_));
    }

    /// @notice The next device starts at the `initial` registers where the present one ends at the `final` ones.
    function exchanged(
        PointWord self,
        uint256 finalImported,
        uint256 finalExported,
        uint256 initialImported,
        uint256 initialExported
    ) internal pure returns (PointWord) {
        return PointWord.wrap(
            (movedTo(_exported(self), initialExported, finalExported) << EXPORTED_AT)
                | (movedTo(_imported(self), initialImported, finalImported) << IMPORTED_AT) | uint160(self.key())
        );
    }

    function _imported(PointWord self) private pure returns (uint256) {
        return uint48(PointWord.unwrap(self) >> IMPORTED_AT);
    }

    function _exported(PointWord self) private pure returns (uint256) {
        return PointWord.unwrap(self) >> EXPORTED_AT;
    }
}
