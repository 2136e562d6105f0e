// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IGridOracle} from "./IGridOracle.sol";
import {IPriceOracle} from "./IPriceOracle.sol";
import {ISettlement} from "./ISettlement.sol";
import {ISmartMeter} from "./ISmartMeter.sol";
import {IWeatherOracle} from "./IWeatherOracle.sol";

/// @title IGridManagement
/// @notice The grid's side of the market: its participants, the declared production and consumption of the running
/// slot, the price of grid energy, emergencies, metrics and reputations.
///
/// Capacities, limits and rates are Wh per slot. `load` is consumption plus charging; `available` is `production +
/// discharged - load`. Charging raises `load` and lowers `available`, so energy does not get cheaper as demand rises.
///
/// Production, load, charging and discharging are totals of the running slot: they start at 0 with each slot. The first
/// operation of a slot (reportProduction, consumeEnergy, chargeStorage, dischargeStorage, recordSlotPrice) records its
/// price. A change of the capacity (registering, deactivating, reactivating a producer) and the start or end of an
/// emergency also record it, before they take effect. Amounts in Wh are at most 2^64 - 1.
///
/// Declared amounts set prices and limits here. Trades, bills and credits depend on metered energy alone (SmartMeter).
interface IGridManagement {
    /// @notice The connected contracts besides Settlement and SmartMeter, fixed at deployment.
    /// @param stability puts regions into emergency mode (StabilityMaintenance).
    /// @param priceOracle,weatherOracle,gridOracle what {getMarketPrice} reads.
    struct Modules {
        address stability;
        IPriceOracle priceOracle;
        IWeatherOracle weatherOracle;
        IGridOracle gridOracle;
    }

    enum EnergyType {
        SOLAR,
        WIND,
        HYDRO,
        NUCLEAR,
        GEOTHERMAL,
        BIOMASS,
        NATURAL_GAS
    }

    enum GridCondition {
        NORMAL,
        STRESSED,
        CRITICAL,
        RESTORING
    }

    enum EmergencyProtocol {
        NONE,
        LOAD_SHEDDING,
        ISLANDING,
        GENERATION_CURTAILMENT,
        BLACK_START
    }

    /// @param capacity Wh per slot.
    /// @param currentProduction declared production of the running slot, in Wh.
    /// @param totalProduced all declared production, in Wh.
    /// @param reputation 0-100.
    struct ProducerInfo {
        uint256 capacity;
        uint256 currentProduction;
        uint256 totalProduced;
        EnergyType energyType;
        bool active;
        uint256 reputation;
    }

    /// @param consumptionLimit Wh per slot.
    /// @param currentUsage energy bought from the grid in the running slot, in Wh.
    /// @param balance available money in Settlement.
    struct ConsumerInfo {
        uint256 consumptionLimit;
        uint256 totalConsumed;
        uint256 currentUsage;
        uint256 balance;
        bool active;
    }

    /// @param capacity,storedAmount Wh.
    /// @param chargeRate,dischargeRate Wh per slot.
    struct StorageInfo {
        uint256 capacity;
        uint256 storedAmount;
        uint256 chargeRate;
        uint256 dischargeRate;
    }

    /// @param utilization load over capacity in basis points; 0 without capacity.
    /// @param price the dynamic price now, money per kWh.
    struct GridStatus {
        uint256 capacity;
        uint256 production;
        uint256 load;
        uint256 available;
        uint256 utilization;
        uint256 price;
        GridCondition condition;
        bool emergency;
    }

    /// @param production,consumption,peakLoad Wh.
    /// @param efficiency basis points.
    /// @param recordedAt Unix seconds.
    struct Metrics {
        uint256 production;
        uint256 consumption;
        uint256 peakLoad;
        uint256 efficiency;
        uint256 recordedAt;
    }

    /// @notice The indicative price of a kWh in a region now, and its factors in basis points: 10000 leaves the price
    /// as it is.
    /// @param price,smoothedBase money per kWh.
    /// @param isPriceFresh whether the PriceOracle was fresh; if not, `smoothedBase` is the base price.
    /// @param isWeatherFresh whether the WeatherOracle was fresh; if not, `supplyFactor` is 10000.
    /// @param isGridFresh whether the GridOracle was fresh; if not, `demandFactor` and `stabilityFactor` are 10000.
    struct MarketPrice {
        uint256 price;
        uint256 smoothedBase;
        uint256 demandFactor;
        uint256 supplyFactor;
        uint256 timeFactor;
        uint256 stabilityFactor;
        bool isPriceFresh;
        bool isWeatherFresh;
        bool isGridFresh;
    }

    /* EVENTS */

    /// @notice An account was registered as a producer of `capacity` Wh per slot.
    event ProducerRegistered(address indexed producer, uint256 capacity, EnergyType energyType);
    /// @notice An account was registered as a consumer of at most `consumptionLimit` Wh per slot.
    event ConsumerRegistered(address indexed consumer, uint256 consumptionLimit);
    /// @notice A storage of `capacity` Wh was registered, with rates in Wh per slot.
    event StorageRegistered(address indexed owner, uint256 capacity, uint256 chargeRate, uint256 dischargeRate);
    /// @notice The grid authority deactivated or reactivated a participant, as a producer or as a consumer.
    event ParticipantActiveSet(address indexed participant, bool isProducer, bool active);
    /// @notice A producer declared `amount` Wh of production for a slot.
    event ProductionReported(address indexed producer, uint256 indexed slot, uint256 amount);
    /// @notice A consumer bought `amount` Wh from the grid for `cost` (money).
    event EnergyConsumed(address indexed consumer, uint256 indexed slot, uint256 amount, uint256 cost);
    /// @notice A storage took `amount` Wh from the grid; it now holds `stored` Wh.
    event StorageCharged(address indexed owner, uint256 indexed slot, uint256 amount, uint256 stored);
    /// @notice A storage gave `amount` Wh to the grid; it now holds `stored` Wh.
    event StorageDischarged(address indexed owner, uint256 indexed slot, uint256 amount, uint256 stored);
    /// @notice The base price is `price` (money per kWh) from now on.
    event BasePriceSet(uint256 price);
    /// @notice The grid authority turned emergency mode on or off by hand; protocols in force keep emergency pricing
    /// on.
    event EmergencyModeSet(bool on);
    /// @notice A protocol came into force in a region, or ended it with NONE.
    event EmergencyProtocolSet(bytes32 indexed region, EmergencyProtocol protocol);
    /// @notice StabilityMaintenance put a region into emergency mode or ended it, independent of any protocol.
    event RegionEmergencySet(bytes32 indexed region, bool on);
    /// @notice The grid authority has set the condition of the grid.
    event GridConditionSet(GridCondition condition);
    /// @notice Metrics were recorded: energy in Wh, efficiency in basis points.
    event MetricsRecorded(
        uint256 indexed id, uint256 production, uint256 consumption, uint256 peakLoad, uint256 efficiency
    );
    /// @notice A producer's reputation (0 to 100) changed.
    event ReputationSet(address indexed producer, uint256 reputation);
    /// @notice The grid price of a slot is fixed: `price` in money per kWh.
    event SlotPriceRecorded(uint256 indexed slot, uint256 price);

    /* ERRORS */

    /// @notice The amount must be above 0 Wh.
    error GridManagement_ZeroAmount();
    /// @notice The base price is 0, or its emergency price does not fit 64 bits.
    error GridManagement_BadParameter(bytes32 name, uint256 value);
    /// @notice The account is registered in this role already.
    error GridManagement_AlreadyRegistered(address participant);
    /// @notice The account is not registered in this role: it must register itself first.
    error GridManagement_NotRegistered(address participant);
    /// @notice The grid authority has deactivated the participant; only it can reactivate it.
    error GridManagement_Inactive(address participant);
    /// @notice The participant is active already.
    error GridManagement_AlreadyActive(address participant);
    /// @notice The amount exceeds `left`, the rest of the capacity, limit or rate in the running slot; in Wh.
    error GridManagement_AboveLimit(uint256 amount, uint256 left);
    /// @notice The amount exceeds the energy available in the running slot, or a lower production report would; in Wh.
    error GridManagement_InsufficientEnergy(uint256 amount, uint256 available);
    /// @notice The amount exceeds the storage's content or its free capacity, `possible`; in Wh.
    error GridManagement_StorageBounds(uint256 amount, uint256 possible);
    /// @notice The payment must be between `minimum` and `maximum`, in base units of the settlement token.
    error GridManagement_BadTopUp(uint256 amount, uint256 minimum, uint256 maximum);
    /// @notice A reputation must be 0 to 100.
    error GridManagement_BadScore(uint256 score);
    /// @notice An efficiency must be 0 to 10000 basis points.
    error GridManagement_BadEfficiency(uint256 efficiency);
    /// @notice There are no metrics of this number.
    error GridManagement_NoSuchMetrics(uint256 id);
    /// @notice Only Settlement may call this.
    error GridManagement_OnlySettlement(address caller);
    /// @notice Only StabilityMaintenance may call this.
    error GridManagement_OnlyStability(address caller);

    /* PARTICIPANTS */

    /// @notice Registers the caller as a producer with reputation 100.
    /// @param capacity Wh per slot.
    /// @param energyType its energy source.
    function registerProducer(uint256 capacity, EnergyType energyType) external;

    /// @notice Registers the caller as a consumer.
    /// @param limit Wh per slot.
    function registerConsumer(uint256 limit) external;

    /// @notice Registers the caller's storage, empty.
    /// @param capacity Wh.
    /// @param chargeRate Wh per slot.
    /// @param dischargeRate Wh per slot.
    function registerStorage(uint256 capacity, uint256 chargeRate, uint256 dischargeRate) external;

    /// @notice Declares the caller's production of the running slot, at most its capacity; 0 is allowed. A later report
    /// of the slot replaces it. Reverts with InsufficientEnergy if less than the energy used already would be left.
    /// @param amount Wh of the slot so far, in total.
    function reportProduction(uint256 amount) external;

    /// @notice Buys `amount` Wh from the grid at the dynamic price, out of the caller's Settlement balance. The price
    /// is the one before the purchase, the cost is rounded up. Checked in this order: registered, active, amount, the
    /// limit of the slot, the available energy, the balance.
    /// @param amount Wh, above 0.
    function consumeEnergy(uint256 amount) external;

    /// @notice Moves `amount` Wh from the grid into the caller's storage. Checked in this order: registered, amount,
    /// the charge rate (AboveLimit), the free capacity (StorageBounds), the available energy.
    /// @param amount Wh, above 0.
    function chargeStorage(uint256 amount) external;

    /// @notice Moves `amount` Wh from the caller's storage into the grid. Checked in this order: registered, amount,
    /// the discharge rate (AboveLimit), the stored energy (StorageBounds).
    /// @param amount Wh, above 0.
    function dischargeStorage(uint256 amount) external;

    /* ANYONE */

    /// @notice Pays `amount` of the settlement token (allowance to Settlement) into a consumer's balance: between 1 and
    /// 1,000,000 whole units of it. The consumer must be registered, active or not.
    /// @param consumer account of the consumer.
    /// @param amount money, in base units of the settlement token.
    function addConsumerBalance(address consumer, uint256 amount) external;

    /// @notice Records the grid price of the running slot, unless it is recorded already.
    /// @return price money per kWh.
    function recordSlotPrice() external returns (uint256 price);

    /* GRID AUTHORITY */

    /// @notice Sets the base price: above 0, and at most a third of 2^64 - 1. The dynamic price changes at once.
    /// Metered deficits are charged by it from the next slot on, so a price never applies to a slot that has begun.
    /// @param newPrice money per kWh.
    function setBasePrice(uint256 newPrice) external;

    /// @notice Turns emergency pricing (three times the base price) on or off by hand; protocols in force keep it on.
    function toggleEmergencyMode() external;

    /// @notice Puts a protocol into force in a region; NONE ends it. While any is in force, emergency pricing is on.
    /// @param region ASCII text, left-aligned.
    /// @param protocol the protocol, or NONE.
    function implementEmergencyProtocol(bytes32 region, EmergencyProtocol protocol) external;

    /// @notice Sets the condition of the grid, for information.
    /// @param condition the condition.
    function updateGridStatus(GridCondition condition) external;

    /// @notice Records metrics of the grid, for information.
    /// @param production Wh.
    /// @param consumption Wh.
    /// @param peakLoad Wh.
    /// @param efficiency basis points, at most 10000.
    /// @return id numbered from 1.
    function recordMetrics(uint256 production, uint256 consumption, uint256 peakLoad, uint256 efficiency)
        external
        returns (uint256 id);

    /// @notice Sets a producer's reputation.
    /// @param producer account of the producer.
    /// @param newScore 0-100.
    function updateProducerReputation(address producer, uint256 newScore) external;

    /// @notice Deactivates a participant as a producer (no reports, no new SELL orders; its capacity no longer counts)
    /// or as a consumer (no grid energy, no new BUY orders). Its declarations of the running slot stay.
    /// @param target account of the participant.
    /// @param isProducer true for its role as a producer, false for its role as a consumer.
    function deactivateParticipant(address target, bool isProducer) external;

    /// @notice Undoes {deactivateParticipant}.
    /// @param target account of the participant.
    /// @param isProducer true for its role as a producer, false for its role as a consumer.
    function reactivateParticipant(address target, bool isProducer) external;

    /* SETTLEMENT */

    /// @notice Lowers a producer's reputation for a failed delivery, by one point and never below 0. It does nothing
    /// for an account that is no producer. Only Settlement may call this.
    /// @param seller account of the seller.
    function noteFailedDelivery(address seller) external;

    /* STABILITY */

    /// @notice Puts a region into emergency mode, or ends it; a repeated call changes nothing. While any region is in
    /// emergency mode or has a protocol in force, emergency pricing is on. Only StabilityMaintenance may call this.
    /// @param region ASCII text, left-aligned.
    /// @param on whether the mode is on.
    function setRegionEmergency(bytes32 region, bool on) external;

    /* VIEWS */

    /// @notice A producer's data. Reverts with NotRegistered, like the next two functions, if the account is not
    /// registered.
    /// @param producer account of the producer.
    /// @return the producer.
    function getProducerInfo(address producer) external view returns (ProducerInfo memory);
    /// @notice A consumer's data.
    /// @param consumer account of the consumer.
    /// @return the consumer.
    function getConsumerInfo(address consumer) external view returns (ConsumerInfo memory);
    /// @notice A storage's data.
    /// @param owner account that registered the storage.
    /// @return the storage.
    function getStorageInfo(address owner) external view returns (StorageInfo memory);
    /// @notice The state of the whole grid in the running slot.
    /// @return the state, energy in Wh.
    function getGridStatus() external view returns (GridStatus memory);
    /// @notice The dynamic price: normally `base + base * load / (2 * capacity)` (the base price without capacity),
    /// where a load above the capacity counts as the capacity; in an emergency `base * 3`. Rounded down.
    /// @return money per kWh.
    function getDynamicPrice() external view returns (uint256);
    /// @notice Metrics that were recorded.
    /// @param metricsId their number, from 1 on.
    /// @return the metrics. Reverts with NoSuchMetrics if there are none.
    function getMetrics(uint256 metricsId) external view returns (Metrics memory);
    /// @notice The whole metered production of an account's meters.
    /// @param producer account of the producer.
    /// @return Wh.
    function getEnergyProduction(address producer) external view returns (uint256);
    /// @notice Whether the account has registered a storage.
    /// @param account the account.
    /// @return whether it has.
    function isStorage(address account) external view returns (bool);
    /// @notice Whether the account is registered and active, as producer or consumer.
    /// @param account the account.
    /// @return whether it is.
    function isActiveParticipant(address account) external view returns (bool);
    /// @notice The grid price of a slot, as recorded by the first operation of that slot or by {recordSlotPrice};
    /// otherwise the base price in force when the slot began. The recorded price is the dynamic price at the load of
    /// the slot before, so the first caller cannot influence it.
    /// @param slot number of the slot.
    /// @return money per kWh.
    function priceOf(uint256 slot) external view returns (uint256);
    /// @notice The base price in force when a slot began; for future slots, the newest one.
    /// @param slot number of the slot.
    /// @return money per kWh.
    function basePriceOf(uint256 slot) external view returns (uint256);
    /// @notice The indicative price of a kWh in a region now, by demand, supply, time of day and stability; formulas,
    /// bounds and units are in MarketPricing. Weather and grid state are the region's; base price, price history and
    /// capacities are the whole grid's. It never reverts: factors without a fresh oracle are neutral, and flags in the
    /// result show it. For information only: {priceOf} and {getDynamicPrice} are charged, so emergencies do not enter
    /// here.
    /// @param region ASCII text, left-aligned.
    /// @return the price, its factors, and which oracles were fresh.
    function getMarketPrice(bytes32 region) external view returns (MarketPrice memory);
    /// @notice The capacity of the active producers of this type.
    /// @param energyType the type.
    /// @return Wh per slot.
    function capacityOf(EnergyType energyType) external view returns (uint256);
    /// @notice Whether StabilityMaintenance has put the region into emergency mode, or a protocol is in force there.
    /// @param region ASCII text, left-aligned.
    /// @return whether it is.
    function isRegionInEmergency(bytes32 region) external view returns (bool);
    /// @notice The emergency protocol in force in a region.
    /// @param region ASCII text, left-aligned.
    /// @return the protocol; NONE if there is none.
    function emergencyProtocolOf(bytes32 region) external view returns (EmergencyProtocol);
    /// @notice The contract that holds the money and the metered energy.
    /// @return the contract.
    function SETTLEMENT() external view returns (ISettlement);
    /// @notice The contract of the meters.
    /// @return the contract.
    function METER() external view returns (ISmartMeter);
    /// @notice The contract that puts regions into emergency mode.
    /// @return StabilityMaintenance.
    function STABILITY() external view returns (address);
    /// @notice The oracle of the wholesale price.
    /// @return the contract.
    function PRICE_ORACLE() external view returns (IPriceOracle);
    /// @notice The oracle of the weather.
    /// @return the contract.
    function WEATHER_ORACLE() external view returns (IWeatherOracle);
    /// @notice The oracle of the grids' states.
    /// @return the contract.
    function GRID_ORACLE() external view returns (IGridOracle);
    /// @notice The length of a slot, Settlement's.
    /// @return seconds.
    function SLOT_LENGTH() external view returns (uint256);
}
