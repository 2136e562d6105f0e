// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IGridBands} from "../interfaces/IGridBands.sol";
import {IGridManagement} from "../interfaces/IGridManagement.sol";
import {IGridOracle} from "../interfaces/IGridOracle.sol";
import {IPriceOracle} from "../interfaces/IPriceOracle.sol";
import {ITariffs} from "../interfaces/ITariffs.sol";
import {IWeatherOracle} from "../interfaces/IWeatherOracle.sol";
import {MarketPricing} from "../libraries/MarketPricing.sol";
import {TariffWord} from "../types/TariffWord.sol";
import {BPS} from "../types/Units.sol";

/// @title PriceDiscovery
/// @notice The part of {IGridManagement} that reads the oracles, keeps emergencies and writes prices; comments here are
/// for maintainers.
/// @dev The factors of a region's following slots are a function of what is known now:
///
///     slots that begin                       in the emergency      after it
///     until the GridOracle is no longer fresh    3 * factor         factor
///     later, as far as Tariffs lets write        3 * 10,000         10,000
///
/// The oracles are contracts of this market, and their functions that are called here never revert; values that are not
/// fresh are left out.
abstract contract PriceDiscovery is IGridManagement, AccessManaged {
    using SafeCast for uint256;

    /// @dev Until when a region is in emergency, and why: Unix seconds. 5 + 5 + 5 + 1 = 16 bytes.
    struct Emergency {
        uint40 byHand;
        uint40 byStability;
        uint40 byProtocol;
        EmergencyProtocol protocol;
    }

    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant EMERGENCY_FACTOR = 3;

    /// @inheritdoc IGridManagement
    ITariffs public immutable TARIFFS;
    /// @inheritdoc IGridManagement
    address public immutable STABILITY;
    /// @inheritdoc IGridManagement
    IPriceOracle public immutable PRICE_ORACLE;
    /// @inheritdoc IGridManagement
    IWeatherOracle public immutable WEATHER_ORACLE;
    /// @inheritdoc IGridManagement
    IGridOracle public immutable GRID_ORACLE;
    /// @inheritdoc IGridManagement
    IGridBands public immutable BANDS;
    /// @inheritdoc IGridManagement
    uint256 public immutable SLOT_LENGTH;

    /// @dev The home region's name.
    bytes32 internal immutable HOME;
    /// @dev One whole unit of the settlement token, in base units.
    uint256 internal immutable WHOLE_UNIT;
    /// @dev How far ahead prices are written, and how long an emergency lasts that nobody renews.
    uint256 private immutable _MAX_AGE;

    /* STORAGE */

    mapping(bytes32 region => Emergency emergency) private _emergencies;

    /* CONSTRUCTOR */

    constructor(address authority, Modules memory modules) AccessManaged(authority) {
        TARIFFS = modules.tariffs;
        STABILITY = modules.stability;
        PRICE_ORACLE = modules.priceOracle;
        WEATHER_ORACLE = modules.weatherOracle;
        GRID_ORACLE = modules.gridOracle;
        BANDS = modules.bands;
        SLOT_LENGTH = modules.tariffs.SLOT_LENGTH();
        HOME = modules.tariffs.regionAt(1);
        uint256 whole = 10 ** IERC20Metadata(address(modules.settlement.settlementToken())).decimals();
        WHOLE_UNIT = whole / modules.settlement.TOKEN_UNITS();
        _MAX_AGE = modules.tariffs.MAX_AGE();
    }

    /* GRID AUTHORITY */

    /// @inheritdoc IGridManagement
    function setBasePrice(uint256 newPrice) external restricted {
        _setBasePrice(HOME, newPrice);
    }

    /// @inheritdoc IGridManagement
    function setBasePrice(bytes32 region, uint256 newPrice) external restricted {
        _setBasePrice(region, newPrice);
    }

    /// @inheritdoc IGridManagement
    function toggleEmergencyMode() external restricted {
        Emergency storage emergency = _emergencies[HOME];
        uint256 until = emergency.byHand > block.timestamp ? 0 : _emergencyEnd();
        emergency.byHand = uint40(until);
        emit EmergencyModeSet(until);
        _writeFactors(HOME);
    }

    /// @inheritdoc IGridManagement
    function implementEmergencyProtocol(bytes32 region, EmergencyProtocol protocol) external restricted {
        Emergency storage emergency = _emergencies[region];
        uint256 until = protocol == EmergencyProtocol.NONE ? 0 : _emergencyEnd();
        emergency.byProtocol = uint40(until);
        emergency.protocol = protocol;
        emit EmergencyProtocolSet(region, protocol, until);
        uint256 id = TARIFFS.findRegion(region);
        if (id != 0) TARIFFS.setProtocol(id, uint256(protocol), until);
        _writeFactors(region);
    }

    /* MODULES */

    /// @inheritdoc IGridManagement
    function setRegionEmergency(bytes32 region, bool on) external {
        if (msg.sender != STABILITY) revert GridManagement_OnlyStability(msg.sender);
        uint256 until = on ? _emergencyEnd() : 0;
        _emergencies[region].byStability = uint40(until);
        emit RegionEmergencySet(region, until);
        _writeFactors(region);
    }

    /// @inheritdoc IGridManagement
    function onGridState(bytes32 region) external {
        if (msg.sender != address(GRID_ORACLE)) revert GridManagement_OnlyOracle(msg.sender);
        _writeFactors(region);
    }

    /* VIEWS */

    /// @inheritdoc IGridManagement
    function getMarketPrice(bytes32 region) external view returns (MarketPrice memory found) {
        uint256 id = TARIFFS.regionId(region);
        found = _market(id, region);
        found.price = TARIFFS.deficitPrice(id, _runningSlot());
        found.factor = TARIFFS.factorOf(id, _runningSlot());
    }

    /// @inheritdoc IGridManagement
    function getDynamicPrice() external view returns (uint256) {
        return priceOf(HOME, _runningSlot());
    }

    /// @inheritdoc IGridManagement
    function getDynamicPrice(bytes32 region) external view returns (uint256) {
        return priceOf(region, _runningSlot());
    }

    /// @inheritdoc IGridManagement
    function priceOf(uint256 slot) external view returns (uint256) {
        return priceOf(HOME, slot);
    }

    /// @inheritdoc IGridManagement
    function priceOf(bytes32 region, uint256 slot) public view returns (uint256) {
        return TARIFFS.priceOf(region, slot);
    }

    /// @inheritdoc IGridManagement
    function emergencyUntil(bytes32 region) public view returns (uint256) {
        Emergency memory emergency = _emergencies[region];
        return Math.max(emergency.byProtocol, Math.max(emergency.byHand, emergency.byStability));
    }

    /// @inheritdoc IGridManagement
    function isRegionInEmergency(bytes32 region) public view returns (bool) {
        return emergencyUntil(region) > block.timestamp;
    }

    /// @inheritdoc IGridManagement
    function emergencyProtocolOf(bytes32 region) external view returns (EmergencyProtocol) {
        Emergency memory emergency = _emergencies[region];
        return emergency.byProtocol > block.timestamp ? emergency.protocol : EmergencyProtocol.NONE;
    }

    /// @inheritdoc IGridManagement
    function capacityOf(EnergyType energyType) public view virtual returns (uint256);

    /* INTERNAL */

    function _runningSlot() internal view returns (uint256) {
        return block.timestamp / SLOT_LENGTH;
    }

    function _setBasePrice(bytes32 region, uint256 newPrice) private {
        uint256 day = TARIFFS.setBuyPrice(region, newPrice);
        emit BasePriceSet(region, newPrice, day);
    }

    function _emergencyEnd() private view returns (uint256) {
        return uint256((block.timestamp + _MAX_AGE).toUint40());
    }

    /* INTERNAL: FACTORS */

    /// @dev Bounded work: at most three ranges, of the slots of _MAX_AGE together.
    function _writeFactors(bytes32 region) private {
        uint256 id = TARIFFS.findRegion(region);
        if (id == 0) return;
        uint256 first = _runningSlot() + 1;
        uint256 end = Math.max(first, Math.ceilDiv(block.timestamp + _MAX_AGE, SLOT_LENGTH));
        uint256 known = _bounded(GRID_ORACLE.freshUntil(region), first, end);
        uint256 tripled = _bounded(emergencyUntil(region), first, end);
        uint256 factor = _market(id, region).nextFactor;
        _write(id, first, Math.min(known, tripled), EMERGENCY_FACTOR * factor);
        _write(id, tripled, known, factor);
        _write(id, known, tripled, EMERGENCY_FACTOR * BPS);
        _write(id, Math.max(known, tripled), end, BPS);
    }

    function _write(uint256 id, uint256 fromSlot, uint256 toSlot, uint256 factor) private {
        if (fromSlot < toSlot) TARIFFS.writeFactors(id, fromSlot, toSlot, factor);
    }

    /// @dev The first slot that does not begin before `time`, from `first` to `end`.
    function _bounded(uint256 time, uint256 first, uint256 end) private view returns (uint256) {
        return Math.max(first, Math.min(end, Math.ceilDiv(time, SLOT_LENGTH)));
    }

    /// @dev All but what is in force in the running slot.
    function _market(uint256 id, bytes32 region) private view returns (MarketPrice memory found) {
        // slither-disable-next-line unused-return: only the base price is needed
        (TariffWord terms,) = TARIFFS.termsOf(id, block.timestamp / 1 days, block.timestamp / 1 days);
        found.basePrice = terms.buy();
        (found.isPriceFresh, found.historyFactor) = _historyFactor(found.basePrice);
        (found.isGridFresh, found.loadFactor, found.demandFactor, found.stabilityFactor) = _gridFactors(region);
        (found.isWeatherFresh, found.supplyFactor) = _supplyFactor(region);
        found.timeFactor = MarketPricing.timeFactor((_runningSlot() + 1) * SLOT_LENGTH);
        found.nextFactor = MarketPricing.factor(
            found.loadFactor,
            found.historyFactor,
            found.demandFactor,
            found.supplyFactor,
            found.timeFactor,
            found.stabilityFactor
        );
    }

    function _historyFactor(uint256 buy) private view returns (bool fresh, uint256 factor) {
        uint256 smoothed;
        (fresh, smoothed) = PRICE_ORACLE.smoothedPrice();
        // The decimals are read here because the oracle may be deployed after this contract.
        factor = fresh ? MarketPricing.historyFactor(buy, smoothed, WHOLE_UNIT, 10 ** PRICE_ORACLE.decimals()) : BPS;
    }

    function _gridFactors(bytes32 region)
        private
        view
        returns (bool fresh, uint256 load, uint256 demand, uint256 stability)
    {
        IGridOracle.GridState memory state;
        (fresh, state) = GRID_ORACLE.tryGridState(region);
        if (!fresh) return (false, BPS, BPS, BPS);
        load = MarketPricing.loadFactor(state.demand, state.supply);
        demand = MarketPricing.demandFactor(state.demand, state.supply);
        stability =
            MarketPricing.stabilityFactor(state.frequency, BANDS.bandsOf(region).nominalFrequency, state.voltage);
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
