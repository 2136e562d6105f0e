// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IGridBands} from "./IGridBands.sol";
import {IGridOracle} from "./IGridOracle.sol";
import {IPriceOracle} from "./IPriceOracle.sol";
import {ISettlement} from "./ISettlement.sol";
import {ISmartMeter} from "./ISmartMeter.sol";
import {ITariffs} from "./ITariffs.sol";
import {IWeatherOracle} from "./IWeatherOracle.sol";

/// @title IGridManagement
/// @notice The grid's side of the market: its participants and what they declare, dynamic prices, emergencies, metrics
/// and reputations.
///
/// **Prices.** A kWh of deficit costs `buy * factor`, as {ITariffs} says and Settlement charges. When a round of the
/// GridOracle is answered or confirmed for a region, the factor is written for the region's following slots, until the
/// round is no longer fresh; when a round is held, it goes back to 10,000. A region's emergency triples it, up to the
/// tariff's maxFactor. It ends by itself after {ITariffs-MAX_AGE}, unless it is renewed. When it begins, is renewed or
/// ends, the following slots are written anew. A slot that has begun keeps its price. Functions without a region mean
/// the home region.
///
/// **Participants.** Capacities, limits and rates are Wh per slot. Production, charging and discharging are shown as
/// declared, and move no price. A registration counts after the grid authority, or a matching meter, has confirmed it.
/// Capacities count in the expected supply only after the grid authority has. Amounts in Wh are below 2^64.
///
/// **Emergency protocols.** While one is in force, it limits the participants of its region, beside the price:
///
///     protocol                BUY      SELL     consumeEnergy       reportProduction      across the border
///     LOAD_SHEDDING           closed   open     half of the limit   the capacity          open
///     ISLANDING               open     open     the limit           the capacity          closed
///     GENERATION_CURTAILMENT  open     closed   the limit           half of the capacity  open
///     BLACK_START, 1st stage  closed   closed   nothing             nothing               closed
///                  2nd stage  closed   open     nothing             the capacity          closed
///                  3rd stage  open     open     half of the limit   the capacity          closed
///
/// "Closed" means that no order is matched for a period that begins before the protocol's end, and that nobody of the
/// region buys or sells on the spot. An on-chain order can be placed, and waits. Orders never cross a border; on the
/// spot, nobody of an islanded region trades with another one. A stage takes a third of {ITariffs-MAX_AGE}: storages
/// come first, which are never limited, then who produces, then who consumes. Cancelling, closing, settling and
/// withdrawing stay open, and no trade that was made before is touched. An account without a meter is in the home
/// region.
///
/// Participants may call by a relayed transaction (ERC-2771).
interface IGridManagement {
    /// @notice The connected contracts, fixed at deployment.
    /// @param forwarder relays the calls of participants; the zero address: none.
    /// @param stability puts regions into emergency mode (StabilityMaintenance).
    struct Modules {
        address forwarder;
        ISettlement settlement;
        ITariffs tariffs;
        ISmartMeter meter;
        address stability;
        IPriceOracle priceOracle;
        IWeatherOracle weatherOracle;
        IGridOracle gridOracle;
        IGridBands bands;
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

    /// @notice Who has confirmed a registration.
    enum Confirmation {
        NONE,
        METER,
        AUTHORITY
    }

    /// @param capacity Wh per slot.
    /// @param currentProduction declared production of the running slot, in Wh.
    /// @param totalProduced all declared production, in Wh.
    /// @param active not deactivated by the grid authority.
    /// @param reputation 0-100.
    struct ProducerInfo {
        uint256 capacity;
        uint256 currentProduction;
        uint256 totalProduced;
        EnergyType energyType;
        bool active;
        uint256 reputation;
        Confirmation confirmation;
    }

    /// @param consumptionLimit Wh per slot.
    /// @param currentUsage energy consumed by {consumeEnergy} in the running slot, in Wh.
    /// @param balance money in Settlement.
    /// @param active not deactivated by the grid authority.
    struct ConsumerInfo {
        uint256 consumptionLimit;
        uint256 totalConsumed;
        uint256 currentUsage;
        uint256 balance;
        bool active;
        Confirmation confirmation;
    }

    /// @param capacity,storedAmount Wh, as declared.
    /// @param chargeRate,dischargeRate Wh per slot.
    struct StorageInfo {
        uint256 capacity;
        uint256 storedAmount;
        uint256 chargeRate;
        uint256 dischargeRate;
    }

    /// @notice A region's grid, in Wh per slot; load and capacity are the GridOracle's demand and supply.
    /// @param production declared production of the running slot, of all regions.
    /// @param available capacity that the load leaves.
    /// @param utilization load over capacity in basis points; 0 without capacity.
    /// @param price of a deficit in the running slot, money per kWh.
    /// @param isFresh whether the GridOracle is; if not, capacity, load, available and utilization are 0.
    struct GridStatus {
        uint256 capacity;
        uint256 production;
        uint256 load;
        uint256 available;
        uint256 utilization;
        uint256 price;
        GridCondition condition;
        bool emergency;
        bool isFresh;
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

    /// @notice What a kWh costs now in a region, and what makes it cost so from the next slot on. Factors are basis
    /// points: 10,000 leaves the price as it is; MarketPricing has the formulas.
    /// @param price charged for a deficit in the running slot, money per kWh.
    /// @param basePrice the buy price of today's tariff, money per kWh.
    /// @param factor what is in force in the running slot: `price = ceil(basePrice * factor / 10,000)`.
    /// @param nextFactor what an answer of the GridOracle would write now, before an emergency and before the tariff's
    /// maxFactor: the product of load and history factor and the weighted average of the other four, at least 10,000.
    /// @param loadFactor,demandFactor,stabilityFactor of the GridOracle; 10,000 if it is not fresh.
    /// @param historyFactor of the PriceOracle; 10,000 if it is not fresh.
    /// @param supplyFactor of the WeatherOracle; 10,000 if it is not fresh.
    /// @param timeFactor of the hour in which the next slot begins.
    struct MarketPrice {
        uint256 price;
        uint256 basePrice;
        uint256 factor;
        uint256 nextFactor;
        uint256 loadFactor;
        uint256 historyFactor;
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
    /// @notice The grid authority, or a matching meter, has confirmed a registration.
    event ParticipantConfirmed(address indexed participant, bool isProducer, Confirmation confirmation);
    /// @notice The grid authority deactivated or reactivated an account, as a producer or as a consumer.
    event ParticipantActiveSet(address indexed participant, bool isProducer, bool active);
    /// @notice A producer declared `amount` Wh of production for a slot.
    event ProductionReported(address indexed producer, uint256 indexed slot, uint256 amount);
    /// @notice A consumer locked `cost` (money) for `amount` Wh of the running slot.
    event EnergyConsumed(address indexed consumer, uint256 indexed slot, uint256 amount, uint256 cost);
    /// @notice A storage declared that it was charged by `amount` Wh; it now holds `stored` Wh.
    event StorageCharged(address indexed owner, uint256 indexed slot, uint256 amount, uint256 stored);
    /// @notice A storage declared that it was discharged by `amount` Wh; it now holds `stored` Wh.
    event StorageDischarged(address indexed owner, uint256 indexed slot, uint256 amount, uint256 stored);
    /// @notice The buy price of a region is `price` (money per kWh) from `day` on. Region 0 is the home region.
    event BasePriceSet(bytes32 indexed region, uint256 price, uint256 day);
    /// @notice The grid authority turned the home region's emergency mode on, until `until` (Unix seconds), or off (0).
    event EmergencyModeSet(uint256 until);
    /// @notice A protocol is in force in a region until `until` (Unix seconds), or ended (NONE).
    event EmergencyProtocolSet(bytes32 indexed region, EmergencyProtocol protocol, uint256 until);
    /// @notice StabilityMaintenance put a region into emergency mode until `until` (Unix seconds), or ended it (0).
    event RegionEmergencySet(bytes32 indexed region, uint256 until);
    /// @notice The grid authority has set the condition of the grid.
    event GridConditionSet(GridCondition condition);
    /// @notice Metrics were recorded: energy in Wh, efficiency in basis points.
    event MetricsRecorded(
        uint256 indexed id, uint256 production, uint256 consumption, uint256 peakLoad, uint256 efficiency
    );
    /// @notice A producer's reputation (0 to 100) changed.
    event ReputationSet(address indexed producer, uint256 reputation);

    /* ERRORS */

    /// @notice The amount must be above 0 Wh.
    error GridManagement_ZeroAmount();
    /// @notice The account is registered in this role already.
    error GridManagement_AlreadyRegistered(address participant);
    /// @notice The account is not registered in this role: it must register itself first.
    error GridManagement_NotRegistered(address participant);
    /// @notice The registration is confirmed already, by the authority or by a meter.
    error GridManagement_AlreadyConfirmed(address participant, Confirmation confirmation);
    /// @notice This is not an active settlement meter of the account.
    error GridManagement_NoMeter(address participant, address meter);
    /// @notice The capacity or limit, `registered` Wh per slot, is above what the meter can count, `metered`.
    error GridManagement_AboveMeter(uint256 registered, uint256 metered);
    /// @notice The grid authority has deactivated the account; only it can reactivate it.
    error GridManagement_Inactive(address participant);
    /// @notice The account is active already.
    error GridManagement_AlreadyActive(address participant);
    /// @notice The amount exceeds `left`, the rest of the capacity, limit or rate in the running slot; in Wh.
    error GridManagement_AboveLimit(uint256 amount, uint256 left);
    /// @notice The amount exceeds the storage's content or its free capacity, `possible`; in Wh.
    error GridManagement_StorageBounds(uint256 amount, uint256 possible);
    /// @notice The payment must be between `minimum` and `maximum`, in base units of the settlement token.
    error GridManagement_BadTopUp(uint256 amount, uint256 minimum, uint256 maximum);
    /// @notice A reputation must be 0 to 100.
    error GridManagement_BadScore(uint256 score);
    /// @notice The producer owes nothing and has no unread days: its reputation stays.
    error GridManagement_NoFault(address producer);
    /// @notice The producer's reputation has fallen on this day (since 1970, UTC) already.
    error GridManagement_ReviewedToday(address producer, uint256 day);
    /// @notice An efficiency must be 0 to 10000 basis points.
    error GridManagement_BadEfficiency(uint256 efficiency);
    /// @notice There are no metrics of this number.
    error GridManagement_NoSuchMetrics(uint256 id);
    /// @notice Only StabilityMaintenance may call this.
    error GridManagement_OnlyStability(address caller);
    /// @notice Only the GridOracle may call this.
    error GridManagement_OnlyOracle(address caller);

    /* PARTICIPANTS (also relayed) */

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
    /// of the slot replaces it.
    /// @param amount Wh of the slot so far, in total.
    function reportProduction(uint256 amount) external;

    /// @notice Locks what `amount` Wh of the running slot cost, out of the caller's Settlement balance, at the price of
    /// the slot: {ISettlement-consume}. Checked in this order: registered, active, amount, the limit of the slot, then
    /// by Settlement. The lock pays the slot's deficit first; the rest is released at closing.
    /// @param amount Wh, above 0.
    function consumeEnergy(uint256 amount) external;

    /// @notice As {consumeEnergy}, unless the price is above a limit.
    /// @param amount Wh, above 0.
    /// @param maxPrice money per kWh.
    function consumeEnergy(uint256 amount, uint256 maxPrice) external;

    /// @notice Declares that the caller's storage was charged. Checked in this order: registered, amount, the charge
    /// rate (AboveLimit), the free capacity (StorageBounds).
    /// @param amount Wh, above 0.
    function chargeStorage(uint256 amount) external;

    /// @notice Declares that the caller's storage was discharged. Checked in this order: registered, amount, the
    /// discharge rate (AboveLimit), the stored energy (StorageBounds).
    /// @param amount Wh, above 0.
    function dischargeStorage(uint256 amount) external;

    /// @notice Pays `amount` of the settlement token (allowance to Settlement) into a consumer's balance: between 1 and
    /// 1,000,000 whole units of it. The consumer must be registered, active or not.
    /// @param consumer account of the consumer.
    /// @param amount money, in base units of the settlement token.
    function addConsumerBalance(address consumer, uint256 amount) external;

    /* ANYONE */

    /// @notice Confirms a registration by the active settlement meter of its account: its rated power covers the
    /// capacity or limit. Errors: NoMeter, NotRegistered, AlreadyConfirmed, AboveMeter.
    /// @param meter address of the meter's key.
    /// @param isProducer true for its account's role as a producer, false for its role as a consumer.
    function confirmByMeter(address meter, bool isProducer) external;

    /// @notice Lowers the reputation of a producer that owes money, or has closed days on which its meter was not read
    /// at all, until registers catch up: by one point for either, once a day, never below 0. Only the grid authority
    /// raises it.
    /// @param producer account of the producer.
    function reviewReputation(address producer) external;

    /* GRID AUTHORITY (restricted) */

    /// @notice Schedules the buy price of the home region, for the first day that nothing tradable now belongs to. The
    /// rest of that day's tariff stays: {ITariffs-setBuyPrice}.
    /// @param newPrice money per kWh.
    function setBasePrice(uint256 newPrice) external;

    /// @notice As {setBasePrice}, for any region.
    /// @param region ASCII text, left-aligned.
    /// @param newPrice money per kWh.
    function setBasePrice(bytes32 region, uint256 newPrice) external;

    /// @notice Turns emergency mode in the home region on or off by hand.
    function toggleEmergencyMode() external;

    /// @notice Puts a protocol into force in a region, or renews it; NONE ends it.
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

    /// @notice Confirms a registration. A producer's capacity counts in {capacityOf} from now on.
    /// @param target account of the participant.
    /// @param isProducer true for its role as a producer, false for its role as a consumer.
    function confirmParticipant(address target, bool isProducer) external;

    /// @notice Deactivates an account, registered or not, as a producer (no reports, no new SELL orders or matches; its
    /// capacity no longer counts) or as a consumer (no {consumeEnergy}, no new BUY orders or matches).
    /// @param target the account.
    /// @param isProducer true for its role as a producer, false for its role as a consumer.
    function deactivateParticipant(address target, bool isProducer) external;

    /// @notice Undoes {deactivateParticipant}.
    /// @param target the account.
    /// @param isProducer true for its role as a producer, false for its role as a consumer.
    function reactivateParticipant(address target, bool isProducer) external;

    /* MODULES */

    /// @notice Puts a region into emergency mode, renews it, or ends it. Only StabilityMaintenance may call this.
    /// @param region ASCII text, left-aligned.
    /// @param on whether the mode is on.
    function setRegionEmergency(bytes32 region, bool on) external;

    /// @notice Writes the factors of a region's following slots, after a round has closed. Nothing happens for a region
    /// without a tariff. Only the GridOracle may call this.
    /// @param region ASCII text, left-aligned.
    function onGridState(bytes32 region) external;

    /* VIEWS: PARTICIPANTS */

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
    /// @notice The whole metered production of an account: that of its production sub-meters, or its export where there
    /// is none.
    /// @param producer account of the producer.
    /// @return Wh.
    function getEnergyProduction(address producer) external view returns (uint256);
    /// @notice Whether the account has registered a storage.
    /// @param account the account.
    /// @return whether it has.
    function isStorage(address account) external view returns (bool);
    /// @notice Since when a producer that the grid authority had deactivated is active again, as known at a time.
    /// @param producer the account.
    /// @param time Unix seconds.
    /// @return Unix seconds; 0 if it had never been deactivated, `type(uint208).max` while it was.
    function activeSince(address producer, uint256 time) external view returns (uint256);
    /// @notice Whether the account is registered, confirmed and active, as producer or consumer.
    /// @param account the account.
    /// @return whether it is.
    function isActiveParticipant(address account) external view returns (bool);
    /// @notice The capacity of the active producers of this type that the grid authority has confirmed.
    /// @param energyType the type.
    /// @return Wh per slot.
    function capacityOf(EnergyType energyType) external view returns (uint256);

    /* VIEWS: PRICES. They revert with Tariffs_UnknownRegion if the region has no tariff. */

    /// @notice The home region's grid now.
    /// @return the state.
    function getGridStatus() external view returns (GridStatus memory);
    /// @notice A region's grid now.
    /// @param region ASCII text, left-aligned.
    /// @return the state.
    function getGridStatus(bytes32 region) external view returns (GridStatus memory);
    /// @notice What a kWh of deficit costs in the running slot in the home region.
    /// @return money per kWh.
    function getDynamicPrice() external view returns (uint256);
    /// @notice What a kWh of deficit costs in the running slot.
    /// @param region ASCII text, left-aligned.
    /// @return money per kWh.
    function getDynamicPrice(bytes32 region) external view returns (uint256);
    /// @notice What a kWh of deficit costs in a slot in the home region; it can change until the slot begins.
    /// @param slot number of the slot.
    /// @return money per kWh.
    function priceOf(uint256 slot) external view returns (uint256);
    /// @notice What a kWh of deficit costs in a slot; it can change until the slot begins.
    /// @param region ASCII text, left-aligned.
    /// @param slot number of the slot.
    /// @return money per kWh.
    function priceOf(bytes32 region, uint256 slot) external view returns (uint256);
    /// @notice What a kWh of deficit costs in the running slot, and what the oracles make of it next.
    /// @param region ASCII text, left-aligned.
    /// @return the price, its factors, and which oracles were fresh.
    function getMarketPrice(bytes32 region) external view returns (MarketPrice memory);

    /* VIEWS: EMERGENCIES AND METRICS */

    /// @notice Until when a region is in emergency: by hand, by a protocol or by StabilityMaintenance.
    /// @param region ASCII text, left-aligned.
    /// @return Unix seconds; in the past or 0 if it is not.
    function emergencyUntil(bytes32 region) external view returns (uint256);
    /// @notice Whether a region is in emergency now.
    /// @param region ASCII text, left-aligned.
    /// @return whether it is.
    function isRegionInEmergency(bytes32 region) external view returns (bool);
    /// @notice The emergency protocol in force in a region.
    /// @param region ASCII text, left-aligned.
    /// @return the protocol; NONE if there is none.
    function emergencyProtocolOf(bytes32 region) external view returns (EmergencyProtocol);
    /// @notice Metrics that were recorded.
    /// @param metricsId their number, from 1 on.
    /// @return the metrics. Reverts with NoSuchMetrics if there are none.
    function getMetrics(uint256 metricsId) external view returns (Metrics memory);

    /* VIEWS: CONTRACTS */

    /// @notice The contract that holds the money.
    /// @return the contract.
    function SETTLEMENT() external view returns (ISettlement);
    /// @notice The contract of regions and prices.
    /// @return the contract.
    function TARIFFS() external view returns (ITariffs);
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
    /// @notice What frequency is nominal in a region, from which the stability factor is counted.
    /// @return the contract.
    function BANDS() external view returns (IGridBands);
    /// @notice The length of a slot, that of Tariffs.
    /// @return seconds.
    function SLOT_LENGTH() external view returns (uint256);
}
