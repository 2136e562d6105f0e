// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";

import {IGridManagement} from "../interfaces/IGridManagement.sol";
import {IGridOracle} from "../interfaces/IGridOracle.sol";
import {IPriceOracle} from "../interfaces/IPriceOracle.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {IWeatherOracle} from "../interfaces/IWeatherOracle.sol";
import {MarketPricing} from "../libraries/MarketPricing.sol";
import {BPS} from "../types/Units.sol";

/// @title PriceDiscovery
/// @notice The part of {IGridManagement} that reads the oracles; comments here are for maintainers.
/// @dev Collects the inputs of {MarketPricing}. The oracles are contracts of this market, and their functions that are
/// called here never revert; values that are not fresh are left out.
abstract contract PriceDiscovery is IGridManagement {
    /* CONSTANTS AND IMMUTABLES */

    /// @inheritdoc IGridManagement
    IPriceOracle public immutable PRICE_ORACLE;
    /// @inheritdoc IGridManagement
    IWeatherOracle public immutable WEATHER_ORACLE;
    /// @inheritdoc IGridManagement
    IGridOracle public immutable GRID_ORACLE;

    /// @dev One whole unit of the settlement token, in base units.
    uint256 internal immutable WHOLE_UNIT;

    /* CONSTRUCTOR */

    constructor(ISettlement settlement, Modules memory modules) {
        PRICE_ORACLE = modules.priceOracle;
        WEATHER_ORACLE = modules.weatherOracle;
        GRID_ORACLE = modules.gridOracle;
        WHOLE_UNIT = 10 ** IERC20Metadata(address(settlement.settlementToken())).decimals();
    }

    /* VIEWS */

    /// @inheritdoc IGridManagement
    function getMarketPrice(bytes32 region) external view returns (MarketPrice memory found) {
        (found.isPriceFresh, found.smoothedBase) = _smoothedBase();
        (found.isGridFresh, found.demandFactor, found.stabilityFactor) = _gridFactors(region);
        (found.isWeatherFresh, found.supplyFactor) = _supplyFactor(region);
        found.timeFactor = MarketPricing.timeFactor(block.timestamp);
        found.price = MarketPricing.price(
            found.smoothedBase, found.demandFactor, found.supplyFactor, found.timeFactor, found.stabilityFactor
        );
    }

    /// @inheritdoc IGridManagement
    function capacityOf(EnergyType energyType) public view virtual returns (uint256);
    /// @inheritdoc IGridManagement
    function basePriceOf(uint256 slot) public view virtual returns (uint256);

    /* INTERNAL */

    function _smoothedBase() private view returns (bool fresh, uint256 base) {
        // The base price of the last possible slot is the newest one.
        base = basePriceOf(type(uint256).max);
        uint256 smoothed;
        (fresh, smoothed) = PRICE_ORACLE.smoothedPrice();
        // The decimals are read here because the oracle is deployed after this contract.
        if (fresh) base = MarketPricing.smoothedBase(base, smoothed, WHOLE_UNIT, 10 ** PRICE_ORACLE.decimals());
    }

    function _gridFactors(bytes32 region) private view returns (bool fresh, uint256 demand, uint256 stability) {
        IGridOracle.GridState memory state;
        (fresh, state) = GRID_ORACLE.tryGridState(region);
        if (!fresh) return (false, BPS, BPS);
        demand = MarketPricing.demandFactor(state.demand, state.supply);
        stability = MarketPricing.stabilityFactor(state.frequency, state.voltage);
    }

    function _supplyFactor(bytes32 region) private view returns (bool fresh, uint256 factor) {
        IWeatherOracle.Weather memory weather;
        (fresh, weather) = WEATHER_ORACLE.tryWeather(region);
        if (!fresh) return (false, BPS);
        uint256 others = 0;
        for (uint256 i = 0; i <= uint256(type(EnergyType).max); ++i) {
            EnergyType energyType = EnergyType(i);
            if (energyType != EnergyType.SOLAR && energyType != EnergyType.WIND) others += capacityOf(energyType);
        }
        factor = MarketPricing.supplyFactor(capacityOf(EnergyType.SOLAR), capacityOf(EnergyType.WIND), others, weather);
    }
}
