// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {MAY_NOT_BUY, MAY_NOT_SELL} from "./AccountWord.sol";
import {BPS} from "./Units.sol";

/// @notice The emergency protocol of a region, in one storage word.
///
///     bit 127                                           0
///     | stage seconds 40 | since 40 | until 40 | protocol 8 |
///
/// `protocol` is an {IGridManagement-EmergencyProtocol}, in force until `until`, which is not included. A black start
/// is in its first stage for `stage seconds` from `since` on, then as long in its second one, and then in its third.
type ProtocolWord is uint256;

using ProtocolWordLibrary for ProtocolWord global;

/// @title ProtocolWordLibrary
/// @notice What a protocol closes and limits.
library ProtocolWordLibrary {
    uint256 private constant LOAD_SHEDDING = 1;
    uint256 private constant ISLANDING = 2;
    uint256 private constant CURTAILMENT = 3;
    uint256 private constant BLACK_START = 4;
    uint256 private constant UNTIL_AT = 8;
    uint256 private constant SINCE_AT = 48;
    uint256 private constant STAGE_AT = 88;
    uint256 private constant HALF = BPS / 2;

    /// @dev The values must fit their fields.
    function pack(uint256 protocol, uint256 until_, uint256 since_, uint256 stageSeconds)
        internal
        pure
        returns (ProtocolWord)
    {
        return ProtocolWord.wrap(protocol | (until_ << UNTIL_AT) | (since_ << SINCE_AT) | (stageSeconds << STAGE_AT));
    }

    function until(ProtocolWord self) internal pure returns (uint256) {
        return uint40(ProtocolWord.unwrap(self) >> UNTIL_AT);
    }

    function since(ProtocolWord self) internal pure returns (uint256) {
        return uint40(ProtocolWord.unwrap(self) >> SINCE_AT);
    }

    /// @notice The protocol in force; 0 if there is none.
    function at(ProtocolWord self, uint256 time) internal pure returns (uint256) {
        return time < self.until() ? uint8(ProtocolWord.unwrap(self)) : 0;
    }

    /// @notice The stage of a black start, 1 to 3; 0 if there is none.
    function stage(ProtocolWord self, uint256 time) internal pure returns (uint256) {
        if (self.at(time) != BLACK_START) return 0;
        uint256 ended = (time - self.since()) / (ProtocolWord.unwrap(self) >> STAGE_AT);
        return ended < 2 ? ended + 1 : 3;
    }

    /// @notice The sides, as flags of an account, on which a region does not trade for now.
    function closedSides(ProtocolWord self, uint256 time) internal pure returns (uint256) {
        uint256 protocol = self.at(time);
        if (protocol == LOAD_SHEDDING) return MAY_NOT_BUY;
        if (protocol == CURTAILMENT) return MAY_NOT_SELL;
        uint256 stage_ = self.stage(time);
        if (stage_ == 1) return MAY_NOT_BUY | MAY_NOT_SELL;
        return stage_ == 2 ? MAY_NOT_BUY : 0;
    }

    /// @notice Whether nothing is traded across the region's border.
    function isIslanded(ProtocolWord self, uint256 time) internal pure returns (bool) {
        uint256 protocol = self.at(time);
        return protocol == ISLANDING || protocol == BLACK_START;
    }

    /// @notice Basis points of a consumer's limit that it may consume.
    function drawShare(ProtocolWord self, uint256 time) internal pure returns (uint256) {
        uint256 stage_ = self.stage(time);
        if (stage_ == 1 || stage_ == 2) return 0;
        return stage_ == 3 || self.at(time) == LOAD_SHEDDING ? HALF : BPS;
    }

    /// @notice Basis points of a producer's capacity that it may declare.
    function productionShare(ProtocolWord self, uint256 time) internal pure returns (uint256) {
        if (self.stage(time) == 1) return 0;
        return self.at(time) == CURTAILMENT ? HALF : BPS;
    }
}
