// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import {PriceDiscovery} from "./PriceDiscovery.sol";
import {IGridManagement} from "../interfaces/IGridManagement.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {ISmartMeter} from "../interfaces/ISmartMeter.sol";
import {Costs} from "../libraries/Costs.sol";
import {BPS, Energy, Price} from "../types/Units.sol";

/// @title GridManagement
/// @notice See {IGridManagement}; comments here are for maintainers.
/// @dev Values per slot are stored with their slot number and count as zero in any other slot, so nothing has to be
/// reset when a slot begins. The first operation of a slot ({_openSlot}) records its price and restarts the grid's
/// totals; until then, views show the new slot as empty.
contract GridManagement is PriceDiscovery, AccessManaged {
    using Checkpoints for Checkpoints.Trace208;
    using SafeCast for uint256;

    /// @dev The whole grid: the totals of `slot`, the last one with an operation, and its lasting state. Totals have
    /// more bits than the amounts in them, so one participant cannot make a sum overflow.
    struct Grid {
        // slot n: 4 + 12 + 12 = 28 bytes
        uint32 slot;
        uint96 production;
        uint96 load;
        // slot n + 1: 12 + 12 + 4 + 1 + 1 = 30 bytes
        uint96 discharged;
        uint96 capacity;
        uint32 regionsInEmergency;
        bool emergencyMode;
        GridCondition condition;
    }

    /// @dev `production` is that of `slot`. A producer has a capacity above 0.
    struct Producer {
        // 8 + 8 + 8 + 4 + 1 + 1 + 1 = 31 bytes
        uint64 capacity;
        uint64 totalProduced;
        uint64 production;
        uint32 slot;
        EnergyType energyType;
        bool active;
        uint8 reputation;
    }

    /// @dev `usage` is that of `slot`. A consumer has a limit above 0.
    struct Consumer {
        // 8 + 8 + 8 + 4 + 1 = 29 bytes
        uint64 limit;
        uint64 totalConsumed;
        uint64 usage;
        uint32 slot;
        bool active;
    }

    /// @dev `charged` and `discharged` are those of `slot`. A storage has a capacity above 0.
    struct StorageUnit {
        // slot n: 8 + 8 + 8 + 8 = 32 bytes
        uint64 capacity;
        uint64 stored;
        uint64 chargeRate;
        uint64 dischargeRate;
        // slot n + 1: 8 + 8 + 4 = 20 bytes
        uint64 charged;
        uint64 discharged;
        uint32 slot;
    }

    /// @dev 8 + 8 + 8 + 2 + 4 = 30 bytes
    struct MetricsRecord {
        uint64 production;
        uint64 consumption;
        uint64 peakLoad;
        uint16 efficiency;
        uint32 recordedAt;
    }

    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant MAX_REPUTATION = 100;
    uint256 private constant EMERGENCY_FACTOR = 3;
    /// @dev Every price, the emergency price included, fits 64 bits.
    uint256 private constant MAX_BASE_PRICE = type(uint64).max / EMERGENCY_FACTOR;
    /// @dev Whole units of the settlement token.
    uint256 private constant MAX_TOP_UP_UNITS = 1_000_000;

    /// @inheritdoc IGridManagement
    ISettlement public immutable SETTLEMENT;
    /// @inheritdoc IGridManagement
    ISmartMeter public immutable METER;
    /// @inheritdoc IGridManagement
    address public immutable STABILITY;
    /// @inheritdoc IGridManagement
    uint256 public immutable SLOT_LENGTH;

    /* STORAGE */

    Grid private _grid;
    /// @dev Base prices by the slot from which they are in force.
    Checkpoints.Trace208 private _basePrices;
    MetricsRecord[] private _metrics;
    mapping(uint256 slot => uint256 price) private _slotPrices;
    mapping(bytes32 region => EmergencyProtocol protocol) private _protocols;
    mapping(bytes32 region => bool on) private _regionEmergencies;
    mapping(EnergyType energyType => uint256 capacity) private _capacities;
    // slither-disable-next-line uninitialized-state: written by registerProducer, through a storage pointer
    mapping(address account => Producer record) private _producers;
    mapping(address account => Consumer record) private _consumers;
    // slither-disable-next-line uninitialized-state: written by registerStorage, through a storage pointer
    mapping(address account => StorageUnit record) private _storages;

    /* CONSTRUCTOR */

    constructor(address authority, ISettlement settlement, ISmartMeter meter, Modules memory modules, uint256 basePrice)
        AccessManaged(authority)
        PriceDiscovery(settlement, modules)
    {
        SETTLEMENT = settlement;
        METER = meter;
        STABILITY = modules.stability;
        SLOT_LENGTH = settlement.SLOT_LENGTH();
        // From slot 0 on, so that every slot has a price.
        _pushBasePrice(0, basePrice);
    }

    /* PARTICIPANTS */

    /// @inheritdoc IGridManagement
    function registerProducer(uint256 capacity, EnergyType energyType) external {
        _requireAmount(capacity);
        Producer storage producer = _producers[msg.sender];
        if (producer.capacity != 0) revert GridManagement_AlreadyRegistered(msg.sender);

        _openSlot();
        producer.capacity = capacity.toUint64();
        producer.energyType = energyType;
        producer.active = true;
        producer.reputation = uint8(MAX_REPUTATION);
        _grid.capacity = (_grid.capacity + capacity).toUint96();
        _capacities[energyType] += capacity;
        emit ProducerRegistered(msg.sender, capacity, energyType);
    }

    /// @inheritdoc IGridManagement
    function registerConsumer(uint256 limit) external {
        _requireAmount(limit);
        Consumer storage consumer = _consumers[msg.sender];
        if (consumer.limit != 0) revert GridManagement_AlreadyRegistered(msg.sender);

        consumer.limit = limit.toUint64();
        consumer.active = true;
        emit ConsumerRegistered(msg.sender, limit);
    }

    /// @inheritdoc IGridManagement
    function registerStorage(uint256 capacity, uint256 chargeRate, uint256 dischargeRate) external {
        _requireAmount(capacity);
        _requireAmount(chargeRate);
        _requireAmount(dischargeRate);
        StorageUnit storage unit = _storages[msg.sender];
        if (unit.capacity != 0) revert GridManagement_AlreadyRegistered(msg.sender);

        unit.capacity = capacity.toUint64();
        unit.chargeRate = chargeRate.toUint64();
        unit.dischargeRate = dischargeRate.toUint64();
        emit StorageRegistered(msg.sender, capacity, chargeRate, dischargeRate);
    }

    /// @inheritdoc IGridManagement
    function reportProduction(uint256 amount) external {
        Producer storage producer = _registeredProducer(msg.sender);
        if (!producer.active) revert GridManagement_Inactive(msg.sender);
        if (amount > producer.capacity) revert GridManagement_AboveLimit(amount, producer.capacity);
        uint256 slot = _openSlot();
        uint256 before = producer.slot == slot ? producer.production : 0;
        // Energy that was used already cannot become unavailable by a lower report.
        if (amount < before) _requireAvailable(before - amount);

        producer.totalProduced = (producer.totalProduced - before + amount).toUint64();
        producer.production = uint64(amount);
        producer.slot = uint32(slot);
        _grid.production = (_grid.production - before + amount).toUint96();
        emit ProductionReported(msg.sender, slot, amount);
    }

    /// @inheritdoc IGridManagement
    function consumeEnergy(uint256 amount) external {
        Consumer storage consumer = _registeredConsumer(msg.sender);
        if (!consumer.active) revert GridManagement_Inactive(msg.sender);
        _requireAmount(amount);
        uint256 slot = _openSlot();
        uint256 used = consumer.slot == slot ? consumer.usage : 0;
        _requireWithin(amount, consumer.limit - used);
        _requireAvailable(amount);
        uint256 cost = Costs.costUp(Energy.wrap(amount), Price.wrap(_dynamicPrice(_grid.load)));

        consumer.totalConsumed = (consumer.totalConsumed + amount).toUint64();
        consumer.usage = uint64(used + amount);
        consumer.slot = uint32(slot);
        _grid.load = (_grid.load + amount).toUint96();
        emit EnergyConsumed(msg.sender, slot, amount, cost);
        SETTLEMENT.buyFromGrid(msg.sender, slot, amount, cost);
    }

    /// @inheritdoc IGridManagement
    function chargeStorage(uint256 amount) external {
        (StorageUnit storage unit, uint256 slot) = _openStorage(amount);
        _requireWithin(amount, unit.chargeRate - unit.charged);
        uint256 room = unit.capacity - unit.stored;
        if (amount > room) revert GridManagement_StorageBounds(amount, room);
        _requireAvailable(amount);

        unit.charged += uint64(amount);
        unit.stored += uint64(amount);
        _grid.load = (_grid.load + amount).toUint96();
        emit StorageCharged(msg.sender, slot, amount, unit.stored);
    }

    /// @inheritdoc IGridManagement
    function dischargeStorage(uint256 amount) external {
        (StorageUnit storage unit, uint256 slot) = _openStorage(amount);
        _requireWithin(amount, unit.dischargeRate - unit.discharged);
        if (amount > unit.stored) revert GridManagement_StorageBounds(amount, unit.stored);

        unit.discharged += uint64(amount);
        unit.stored -= uint64(amount);
        _grid.discharged = (_grid.discharged + amount).toUint96();
        emit StorageDischarged(msg.sender, slot, amount, unit.stored);
    }

    /* ANYONE */

    /// @inheritdoc IGridManagement
    function addConsumerBalance(address consumer, uint256 amount) external {
        _registeredConsumer(consumer);
        uint256 maximum = MAX_TOP_UP_UNITS * WHOLE_UNIT;
        if (amount < WHOLE_UNIT || amount > maximum) revert GridManagement_BadTopUp(amount, WHOLE_UNIT, maximum);
        // slither-disable-next-line unused-return: Settlement's event shows the received amount
        SETTLEMENT.depositFrom(msg.sender, consumer, amount);
    }

    /// @inheritdoc IGridManagement
    function recordSlotPrice() external returns (uint256 price) {
        return _slotPrices[_openSlot()];
    }

    /* GRID AUTHORITY */

    /// @inheritdoc IGridManagement
    function setBasePrice(uint256 newPrice) external restricted {
        // Slots that have begun keep their price: current consumption must not be billed at a later price.
        _pushBasePrice(_runningSlot() + 1, newPrice);
    }

    /// @inheritdoc IGridManagement
    function toggleEmergencyMode() external restricted {
        _openSlot();
        bool on = !_grid.emergencyMode;
        _grid.emergencyMode = on;
        emit EmergencyModeSet(on);
    }

    /// @inheritdoc IGridManagement
    function implementEmergencyProtocol(bytes32 region, EmergencyProtocol protocol) external restricted {
        bool wasOn = isRegionInEmergency(region);
        _protocols[region] = protocol;
        _countRegion(region, wasOn);
        emit EmergencyProtocolSet(region, protocol);
    }

    /// @inheritdoc IGridManagement
    function updateGridStatus(GridCondition condition) external restricted {
        _grid.condition = condition;
        emit GridConditionSet(condition);
    }

    /// @inheritdoc IGridManagement
    function recordMetrics(uint256 production, uint256 consumption, uint256 peakLoad, uint256 efficiency)
        external
        restricted
        returns (uint256 id)
    {
        if (efficiency > BPS) revert GridManagement_BadEfficiency(efficiency);
        _metrics.push(
            MetricsRecord({
                production: production.toUint64(),
                consumption: consumption.toUint64(),
                peakLoad: peakLoad.toUint64(),
                efficiency: uint16(efficiency),
                recordedAt: block.timestamp.toUint32()
            })
        );
        id = _metrics.length;
        emit MetricsRecorded(id, production, consumption, peakLoad, efficiency);
    }

    /// @inheritdoc IGridManagement
    function updateProducerReputation(address producer, uint256 newScore) external restricted {
        if (newScore > MAX_REPUTATION) revert GridManagement_BadScore(newScore);
        _setReputation(producer, _registeredProducer(producer), newScore);
    }

    /// @inheritdoc IGridManagement
    function deactivateParticipant(address target, bool isProducer) external restricted {
        if (!_isActive(target, isProducer)) revert GridManagement_Inactive(target);
        _setActive(target, isProducer, false);
    }

    /// @inheritdoc IGridManagement
    function reactivateParticipant(address target, bool isProducer) external restricted {
        if (_isActive(target, isProducer)) revert GridManagement_AlreadyActive(target);
        _setActive(target, isProducer, true);
    }

    /* SETTLEMENT */

    /// @inheritdoc IGridManagement
    function noteFailedDelivery(address seller) external {
        if (msg.sender != address(SETTLEMENT)) revert GridManagement_OnlySettlement(msg.sender);
        Producer storage producer = _producers[seller];
        if (producer.reputation == 0) return;
        _setReputation(seller, producer, producer.reputation - 1);
    }

    /* STABILITY */

    /// @inheritdoc IGridManagement
    function setRegionEmergency(bytes32 region, bool on) external {
        if (msg.sender != STABILITY) revert GridManagement_OnlyStability(msg.sender);
        bool wasOn = isRegionInEmergency(region);
        _regionEmergencies[region] = on;
        _countRegion(region, wasOn);
        emit RegionEmergencySet(region, on);
    }

    /* VIEWS */

    /// @inheritdoc IGridManagement
    function getProducerInfo(address producer) external view returns (ProducerInfo memory) {
        Producer storage record = _registeredProducer(producer);
        return ProducerInfo({
            capacity: record.capacity,
            currentProduction: record.slot == _runningSlot() ? record.production : 0,
            totalProduced: record.totalProduced,
            energyType: record.energyType,
            active: record.active,
            reputation: record.reputation
        });
    }

    /// @inheritdoc IGridManagement
    function getConsumerInfo(address consumer) external view returns (ConsumerInfo memory) {
        Consumer storage record = _registeredConsumer(consumer);
        return ConsumerInfo({
            consumptionLimit: record.limit,
            totalConsumed: record.totalConsumed,
            currentUsage: record.slot == _runningSlot() ? record.usage : 0,
            balance: SETTLEMENT.balanceOf(consumer),
            active: record.active
        });
    }

    /// @inheritdoc IGridManagement
    function getStorageInfo(address owner) external view returns (StorageInfo memory) {
        StorageUnit storage unit = _registeredStorage(owner);
        return StorageInfo({
            capacity: unit.capacity,
            storedAmount: unit.stored,
            chargeRate: unit.chargeRate,
            dischargeRate: unit.dischargeRate
        });
    }

    /// @inheritdoc IGridManagement
    function getGridStatus() external view returns (GridStatus memory) {
        Grid memory grid = _gridNow();
        return GridStatus({
            capacity: grid.capacity,
            production: grid.production,
            load: grid.load,
            available: uint256(grid.production) + grid.discharged - grid.load,
            utilization: grid.capacity == 0 ? 0 : (grid.load * BPS) / grid.capacity,
            price: _dynamicPrice(grid.load),
            condition: grid.condition,
            emergency: _isEmergency()
        });
    }

    /// @inheritdoc IGridManagement
    function getDynamicPrice() external view returns (uint256) {
        return _dynamicPrice(_gridNow().load);
    }

    /// @inheritdoc IGridManagement
    function getMetrics(uint256 metricsId) external view returns (Metrics memory) {
        if (metricsId == 0 || metricsId > _metrics.length) revert GridManagement_NoSuchMetrics(metricsId);
        MetricsRecord storage record = _metrics[metricsId - 1];
        return Metrics({
            production: record.production,
            consumption: record.consumption,
            peakLoad: record.peakLoad,
            efficiency: record.efficiency,
            recordedAt: record.recordedAt
        });
    }

    /// @inheritdoc IGridManagement
    function getEnergyProduction(address producer) external view returns (uint256 produced) {
        // slither-disable-next-line unused-return: only the production is needed
        (produced,) = METER.getLifetime(producer);
    }

    /// @inheritdoc IGridManagement
    function isStorage(address account) external view returns (bool) {
        return _storages[account].capacity != 0;
    }

    /// @inheritdoc IGridManagement
    function isActiveParticipant(address account) external view returns (bool) {
        return _producers[account].active || _consumers[account].active;
    }

    /// @inheritdoc IGridManagement
    function priceOf(uint256 slot) external view returns (uint256) {
        uint256 recorded = _slotPrices[slot];
        return recorded != 0 ? recorded : basePriceOf(slot);
    }

    /// @inheritdoc IGridManagement
    function basePriceOf(uint256 slot) public view override returns (uint256) {
        return _basePrices.upperLookup(uint48(Math.min(slot, type(uint48).max)));
    }

    /// @inheritdoc IGridManagement
    function capacityOf(EnergyType energyType) public view override returns (uint256) {
        return _capacities[energyType];
    }

    /// @inheritdoc IGridManagement
    function isRegionInEmergency(bytes32 region) public view returns (bool) {
        return _regionEmergencies[region] || _protocols[region] != EmergencyProtocol.NONE;
    }

    /// @inheritdoc IGridManagement
    function emergencyProtocolOf(bytes32 region) external view returns (EmergencyProtocol) {
        return _protocols[region];
    }

    /* INTERNAL: THE RUNNING SLOT */

    /// @dev Called first by every operation and by every change of the capacity or of an emergency: a slot keeps its
    /// first price, which follows from the final load of the slot before.
    function _openSlot() private returns (uint256 slot) {
        slot = _runningSlot();
        Grid storage grid = _grid;
        if (grid.slot == slot) return slot;

        uint256 price = _price(basePriceOf(slot), grid.slot + 1 == slot ? grid.load : 0);
        grid.slot = slot.toUint32();
        (grid.production, grid.load, grid.discharged) = (0, 0, 0);
        _slotPrices[slot] = price;
        emit SlotPriceRecorded(slot, price);
    }

    /// @dev As {_openSlot}, and also restarts the totals of the caller's storage.
    function _openStorage(uint256 amount) private returns (StorageUnit storage unit, uint256 slot) {
        unit = _registeredStorage(msg.sender);
        _requireAmount(amount);
        slot = _openSlot();
        if (unit.slot != slot) {
            (unit.charged, unit.discharged, unit.slot) = (0, 0, uint32(slot));
        }
    }

    function _runningSlot() private view returns (uint256) {
        return block.timestamp / SLOT_LENGTH;
    }

    /// @dev The grid as {_openSlot} would leave it.
    function _gridNow() private view returns (Grid memory grid) {
        grid = _grid;
        if (grid.slot != _runningSlot()) (grid.production, grid.load, grid.discharged) = (0, 0, 0);
    }

    /// @dev The slot must be open.
    function _requireAvailable(uint256 amount) private view {
        uint256 available = uint256(_grid.production) + _grid.discharged - _grid.load;
        if (amount > available) revert GridManagement_InsufficientEnergy(amount, available);
    }

    /* INTERNAL: PRICES */

    /// @dev The price of a purchase now, at the newest base price.
    function _dynamicPrice(uint256 load) private view returns (uint256) {
        return _price(_basePrices.latest(), load);
    }

    /// @dev Storages can charge each other in a circle and raise the load without bound. A load above the capacity
    /// counts as the capacity, which bounds the price.
    function _price(uint256 base, uint256 load) private view returns (uint256) {
        if (_isEmergency()) return base * EMERGENCY_FACTOR;
        uint256 capacity = _grid.capacity;
        if (capacity == 0) return base;
        return base + (base * Math.min(load, capacity)) / (2 * capacity);
    }

    function _isEmergency() private view returns (bool) {
        return _grid.emergencyMode || _grid.regionsInEmergency != 0;
    }

    /// @dev Called after a change of a region's emergency. The slot must be opened before, at the former price.
    function _countRegion(bytes32 region, bool wasOn) private {
        bool isOn = isRegionInEmergency(region);
        if (isOn == wasOn) return;
        _openSlot();
        if (isOn) ++_grid.regionsInEmergency;
        else --_grid.regionsInEmergency;
    }

    function _pushBasePrice(uint256 slot, uint256 price) private {
        if (price == 0 || price > MAX_BASE_PRICE) revert GridManagement_BadParameter("basePrice", price);
        // slither-disable-next-line unused-return: the former value does not matter
        _basePrices.push(slot.toUint48(), uint208(price));
        emit BasePriceSet(price);
    }

    /* INTERNAL: PARTICIPANTS */

    function _registeredProducer(address account) private view returns (Producer storage producer) {
        producer = _producers[account];
        if (producer.capacity == 0) revert GridManagement_NotRegistered(account);
    }

    function _registeredConsumer(address account) private view returns (Consumer storage consumer) {
        consumer = _consumers[account];
        if (consumer.limit == 0) revert GridManagement_NotRegistered(account);
    }

    function _registeredStorage(address account) private view returns (StorageUnit storage unit) {
        unit = _storages[account];
        if (unit.capacity == 0) revert GridManagement_NotRegistered(account);
    }

    function _isActive(address target, bool isProducer) private view returns (bool) {
        return isProducer ? _registeredProducer(target).active : _registeredConsumer(target).active;
    }

    function _setActive(address target, bool isProducer, bool active) private {
        if (isProducer) {
            _openSlot();
            Producer storage producer = _producers[target];
            producer.active = active;
            if (active) {
                _grid.capacity += producer.capacity;
                _capacities[producer.energyType] += producer.capacity;
            } else {
                _grid.capacity -= producer.capacity;
                _capacities[producer.energyType] -= producer.capacity;
            }
        } else {
            _consumers[target].active = active;
        }
        emit ParticipantActiveSet(target, isProducer, active);
        SETTLEMENT.setSideBlocked(target, !isProducer, !active);
    }

    function _setReputation(address account, Producer storage producer, uint256 score) private {
        producer.reputation = uint8(score);
        emit ReputationSet(account, score);
    }

    function _requireAmount(uint256 amount) private pure {
        if (amount == 0) revert GridManagement_ZeroAmount();
    }

    function _requireWithin(uint256 amount, uint256 left) private pure {
        if (amount > left) revert GridManagement_AboveLimit(amount, left);
    }
}
