// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {EmergencyStop} from "../access/EmergencyStop.sol";
import {IEnergyToken} from "../interfaces/IEnergyToken.sol";
import {IGridManagement} from "../interfaces/IGridManagement.sol";
import {IPeerToPeerTrading} from "../interfaces/IPeerToPeerTrading.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";

/// @title PeerToPeerTrading
/// @notice See {IPeerToPeerTrading}; comments here are for maintainers.
contract PeerToPeerTrading is IPeerToPeerTrading, EmergencyStop {
    ISettlement public immutable SETTLEMENT;
    IGridManagement public immutable GRID;
    IEnergyToken public immutable ENERGY_TOKEN;

    constructor(address authority_, ISettlement settlement) EmergencyStop(authority_) {
        SETTLEMENT = settlement;
        GRID = settlement.gridModule();
        ENERGY_TOKEN = settlement.energyToken();
    }

    function createEnergyOffer(uint256, uint256) external returns (uint256) {
        revert();
    }

    function cancelEnergyOffer(uint256) external {
        revert();
    }

    function createTrade(address, uint256, uint256) external returns (uint256) {
        revert();
    }

    function acceptEnergyOffer(uint256, uint256) external returns (uint256) {
        revert();
    }

    function completeTrade(uint256) external returns (uint256) {
        revert();
    }

    function cancelTrade(uint256) external {
        revert();
    }

    function getEnergyOffer(uint256) external view returns (EnergyOffer memory) {
        revert();
    }

    function getTradeInfo(uint256) external view returns (Trade memory) {
        revert();
    }

    function getEnergyBalance(address) external view returns (uint256) {
        revert();
    }

    function offerCount() external view returns (uint256) {
        revert();
    }

    function tradeCount() external view returns (uint256) {
        revert();
    }
}
