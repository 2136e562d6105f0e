// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title MeterDouble
/// @notice Test double of SmartMeter, as Communities sees it: it remembers by an event what it was told.
contract MeterDouble {
    event ReadByGatewaySet(uint256 number);

    function setReadByGateway(uint256 number) external {
        emit ReadByGatewaySet(number);
    }
}
