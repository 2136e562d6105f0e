// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IGridManagement} from "../interfaces/IGridManagement.sol";
import {IGridOracle} from "../interfaces/IGridOracle.sol";
import {IPriceOracle} from "../interfaces/IPriceOracle.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {IWeatherOracle} from "../interfaces/IWeatherOracle.sol";

/// @title PriceDiscovery
/// @notice The part of {IGridManagement} that reads the oracles; comments here are for maintainers.
abstract contract PriceDiscovery is IGridManagement {
    /* CONSTANTS AND IMMUTABLES */

    /// @inheritdoc IGridManagement
    IPriceOracle public immutable PRICE_ORACLE;
    /// @inheritdoc IGridManagement
    IWeatherOracle public immutable WEATHER_ORACLE;
    /// @inheritdoc IGridManagement
    IGridOracle public immutable GRID_ORACLE;

    /* CONSTRUCTOR */

    constructor(ISettlement, Modules memory modules) {
        PRICE_ORACLE = modules.priceOracle;
        WEATHER_ORACLE = modules.weatherOracle;
        GRID_ORACLE = modules.gridOracle;
    }

    /* VIEWS */

    /// @inheritdoc IGridManagement
    function getMarketPrice(bytes32) external view returns (MarketPrice memory) {
        revert();
    }

    /// @inheritdoc IGridManagement
    function capacityOf(EnergyType energyType) public view virtual returns (uint256);
    /// @inheritdoc IGridManagement
    function basePriceOf(uint256 slot) public view virtual returns (uint256);
}
