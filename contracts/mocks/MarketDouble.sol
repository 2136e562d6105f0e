// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {BoundaryWord} from "../types/BoundaryWord.sol";

/// @title MarketDouble
/// @notice Test double of Tariffs, Settlement and EnergyAccounts, as SmartMeter sees them: it remembers by events what
/// it was told, and knows one region, "home".
contract MarketDouble {
    error MarketDouble_UnknownRegion(bytes32 region);

    event Attached(uint256 number, uint256 region, uint256 firstSlot, uint256 ratedPower);
    event Detached(uint256 number, uint256 endSlot);
    event RatedPowerSet(uint256 number, uint256 ratedPower);
    event Recorded(uint256 number, uint256 slot, int256 net);
    event SpanRecorded(uint256 number, uint256 fromSlot, uint256 toSlot, uint256 imported, uint256 exported);
    event SecurityTaken(uint256 number, uint256 amount, uint256 ratedPower);

    uint256 public immutable SLOT_LENGTH;

    uint256 public accountCount;
    mapping(address account => uint256 number) public numberOf;
    mapping(uint256 number => address account) public accountAt;
    mapping(uint256 number => uint256 slot) private _from;
    mapping(uint256 number => uint256 slot) private _to;
    mapping(uint256 number => bool byGateway) public isByGateway;
    /// @dev The slot up to which an account's own readings may be recorded.
    mapping(uint256 number => uint256 slot) private _readableTo;

    constructor(uint256 slotLength) {
        SLOT_LENGTH = slotLength;
    }

    function openAccount(address account) external returns (uint256 number) {
        number = numberOf[account];
        if (number == 0) {
            number = ++accountCount;
            (numberOf[account], accountAt[number]) = (number, account);
        }
    }

    function takeSecurity(uint256 number, uint256 amount, uint256 ratedPower) external {
        emit SecurityTaken(number, amount, ratedPower);
    }

    function attach(uint256 number, uint256 region, uint256 firstSlot, uint256 ratedPower) external {
        (_from[number], _to[number]) = (firstSlot, type(uint32).max);
        emit Attached(number, region, firstSlot, ratedPower);
    }

    function detach(uint256 number, uint256 endSlot) external {
        _to[number] = endSlot;
        emit Detached(number, endSlot);
    }

    function release(uint256 number) external {
        (_from[number], _to[number]) = (0, 0);
    }

    function setRatedPower(uint256 number, uint256 ratedPower) external {
        emit RatedPowerSet(number, ratedPower);
    }

    function setByGateway(uint256 number, bool byGateway, uint256 readableTo) external {
        (isByGateway[number], _readableTo[number]) = (byGateway, readableTo);
    }

    function record(BoundaryWord[] calldata boundaries) external {
        for (uint256 i = 0; i < boundaries.length; ++i) {
            BoundaryWord word = boundaries[i];
            emit Recorded(word.number(), word.slot(), int256(word.lane()) - (1 << 31));
        }
    }

    function recordSpan(uint256 number, uint256 fromSlot, uint256 toSlot, uint256 imported, uint256 exported) external {
        emit SpanRecorded(number, fromSlot, toSlot, imported, exported);
    }

    function isReadable(uint256 number, uint256 fromSlot, uint256 toSlot) external view returns (bool) {
        return fromSlot < toSlot && toSlot <= _readableTo[number];
    }

    function meteredOf(uint256 number) external view returns (uint256 fromSlot, uint256 toSlot) {
        return (_from[number], _to[number]);
    }

    function regionId(bytes32 region) external pure returns (uint256) {
        if (region != "home") revert MarketDouble_UnknownRegion(region);
        return 1;
    }
}
