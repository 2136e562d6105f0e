// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import {PriceDiscovery} from "./PriceDiscovery.sol";
import {Relayed} from "../access/Relayed.sol";
import {IEnergyAccounts} from "../interfaces/IEnergyAccounts.sol";
import {IGridManagement} from "../interfaces/IGridManagement.sol";
import {IGridOracle} from "../interfaces/IGridOracle.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {ISmartMeter} from "../interfaces/ISmartMeter.sol";
import {ITariffs} from "../interfaces/ITariffs.sol";
import {BPS, WH_PER_KWH} from "../types/Units.sol";

/// @title GridManagement
/// @notice See {IGridManagement}; comments here are for maintainers.
/// @dev Values per slot are stored with their slot number and count as zero in any other slot, so nothing has to be
/// reset when a slot begins.
contract GridManagement is PriceDiscovery, Relayed {
    using Checkpoints for Checkpoints.Trace208;
    using SafeCast for uint256;

    /// @dev `production` is what was declared for `slot`. It has more bits than the amounts in it, so one participant
    /// cannot make it overflow.
    struct Grid {
        // 4 + 16 + 1 = 21 bytes
        uint32 slot;
        uint128 production;
        GridCondition condition;
    }

    /// @dev `production` is that of `slot`. A registered producer has a capacity above 0; only `blocked` can be set
    /// before.
    struct Producer {
        // 8 + 8 + 8 + 4 + 1 + 1 + 1 + 1 = 32 bytes
        uint64 capacity;
        uint64 totalProduced;
        uint64 production;
        uint32 slot;
        EnergyType energyType;
        Confirmation confirmation;
        bool blocked;
        uint8 reputation;
    }

    /// @dev `usage` is that of `slot`. A registered consumer has a limit above 0; only `blocked` can be set before.
    struct Consumer {
        // 8 + 8 + 8 + 4 + 1 + 1 = 30 bytes
        uint64 limit;
        uint64 totalConsumed;
        uint64 usage;
        uint32 slot;
        Confirmation confirmation;
        bool blocked;
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
    uint256 private constant HOME_ID = 1;
    /// @dev Whole units of the settlement token.
    uint256 private constant MAX_TOP_UP_UNITS = 1_000_000;

    /// @inheritdoc IGridManagement
    ISettlement public immutable SETTLEMENT;
    /// @inheritdoc IGridManagement
    ISmartMeter public immutable METER;

    IEnergyAccounts private immutable _ENERGY;

    /* STORAGE */

    Grid private _grid;
    MetricsRecord[] private _metrics;
    /// @dev Of the producers that the grid authority has confirmed and not deactivated, by the seven energy types.
    uint128[7] private _capacities;
    // slither-disable-next-line uninitialized-state: written by registerProducer, through a storage pointer
    mapping(address account => Producer record) private _producers;
    mapping(address account => Consumer record) private _consumers;
    // slither-disable-next-line uninitialized-state: written by registerStorage, through a storage pointer
    mapping(address account => StorageUnit record) private _storages;
    /// @dev By the time from which it counts: since when a producer is active again; the highest value: it is not.
    mapping(address producer => Checkpoints.Trace208 times) private _activeSince;
    /// @dev The day of the last {reviewReputation} that lowered it.
    mapping(address producer => uint256 day) private _reviewDays;

    /* CONSTRUCTOR */

    constructor(address authority, Modules memory modules)
        PriceDiscovery(authority, modules)
        Relayed(modules.forwarder)
    {
        SETTLEMENT = modules.settlement;
        METER = modules.meter;
        _ENERGY = modules.settlement.ENERGY();
    }

    /* PARTICIPANTS */

    /// @inheritdoc IGridManagement
    function registerProducer(uint256 capacity, EnergyType energyType) external {
        address holder = _holder();
        _requireAmount(capacity);
        Producer storage producer = _producers[holder];
        if (producer.capacity != 0) revert GridManagement_AlreadyRegistered(holder);

        producer.capacity = capacity.toUint64();
        producer.energyType = energyType;
        producer.reputation = uint8(MAX_REPUTATION);
        emit ProducerRegistered(holder, capacity, energyType);
    }

    /// @inheritdoc IGridManagement
    function registerConsumer(uint256 limit) external {
        address holder = _holder();
        _requireAmount(limit);
        Consumer storage consumer = _consumers[holder];
        if (consumer.limit != 0) revert GridManagement_AlreadyRegistered(holder);

        consumer.limit = limit.toUint64();
        emit ConsumerRegistered(holder, limit);
    }

    /// @inheritdoc IGridManagement
    function registerStorage(uint256 capacity, uint256 chargeRate, uint256 dischargeRate) external {
        address holder = _holder();
        _requireAmount(capacity);
        _requireAmount(chargeRate);
        _requireAmount(dischargeRate);
        StorageUnit storage unit = _storages[holder];
        if (unit.capacity != 0) revert GridManagement_AlreadyRegistered(holder);

        unit.capacity = capacity.toUint64();
        unit.chargeRate = chargeRate.toUint64();
        unit.dischargeRate = dischargeRate.toUint64();
        emit StorageRegistered(holder, capacity, chargeRate, dischargeRate);
    }

    /// @inheritdoc IGridManagement
    function reportProduction(uint256 amount) external {
        address holder = _holder();
        Producer storage producer = _registeredProducer(holder);
        if (producer.blocked) revert GridManagement_Inactive(holder);
        _requireWithin(amount, producer.capacity * _limitsOf(holder).productionShare / BPS);
        uint256 slot = _runningSlot();
        uint256 before = producer.slot == slot ? producer.production : 0;

        producer.totalProduced = (producer.totalProduced - before + amount).toUint64();
        producer.production = uint64(amount);
        producer.slot = slot.toUint32();
        _grid.production = (_declaredProduction() - before + amount).toUint128();
        _grid.slot = uint32(slot);
        emit ProductionReported(holder, slot, amount);
    }

    /// @inheritdoc IGridManagement
    function consumeEnergy(uint256 amount) external {
        _consume(amount, type(uint256).max);
    }

    /// @inheritdoc IGridManagement
    function consumeEnergy(uint256 amount, uint256 maxPrice) external {
        _consume(amount, maxPrice);
    }

    /// @inheritdoc IGridManagement
    function chargeStorage(uint256 amount) external {
        address holder = _holder();
        StorageUnit storage unit = _openStorage(holder, amount);
        _requireWithin(amount, unit.chargeRate - unit.charged);
        uint256 room = unit.capacity - unit.stored;
        if (amount > room) revert GridManagement_StorageBounds(amount, room);

        unit.charged += uint64(amount);
        unit.stored += uint64(amount);
        emit StorageCharged(holder, unit.slot, amount, unit.stored);
    }

    /// @inheritdoc IGridManagement
    function dischargeStorage(uint256 amount) external {
        address holder = _holder();
        StorageUnit storage unit = _openStorage(holder, amount);
        _requireWithin(amount, unit.dischargeRate - unit.discharged);
        if (amount > unit.stored) revert GridManagement_StorageBounds(amount, unit.stored);

        unit.discharged += uint64(amount);
        unit.stored -= uint64(amount);
        emit StorageDischarged(holder, unit.slot, amount, unit.stored);
    }

    /// @inheritdoc IGridManagement
    function addConsumerBalance(address consumer, uint256 amount) external {
        _registeredConsumer(consumer);
        uint256 maximum = MAX_TOP_UP_UNITS * WHOLE_UNIT;
        if (amount < WHOLE_UNIT || amount > maximum) revert GridManagement_BadTopUp(amount, WHOLE_UNIT, maximum);
        // slither-disable-next-line unused-return: Settlement's event shows the received amount
        SETTLEMENT.depositFrom(_holder(), consumer, amount);
    }

    /* ANYONE */

    /// @inheritdoc IGridManagement
    function confirmByMeter(address meter, bool isProducer) external {
        ISmartMeter.MeterInfo memory info = METER.getMeter(meter);
        address account = info.account;
        if (!info.active || !info.settlement) revert GridManagement_NoMeter(account, meter);
        (uint256 registered, Confirmation before) = _registration(account, isProducer);
        if (before != Confirmation.NONE) revert GridManagement_AlreadyConfirmed(account, before);
        uint256 metered = (info.ratedPower * SLOT_LENGTH) / 1 hours;
        if (registered > metered) revert GridManagement_AboveMeter(registered, metered);
        _confirm(account, isProducer, Confirmation.METER);
    }

    /// @inheritdoc IGridManagement
    function reviewReputation(address producer) external {
        Producer storage record = _registeredProducer(producer);
        uint256 today = block.timestamp / 1 days;
        if (_reviewDays[producer] == today) revert GridManagement_ReviewedToday(producer, today);
        uint256 faults = SETTLEMENT.debtOf(producer) > 0 ? 1 : 0;
        uint256 number = SETTLEMENT.numberOf(producer);
        if (number != 0) {
            // slither-disable-next-line unused-return: what they cost does not matter
            (uint256 unreadDays,, uint256 deemedMoney) = _ENERGY.unreadOf(number);
            if (unreadDays != 0 || deemedMoney != 0) ++faults;
        }
        if (faults == 0) revert GridManagement_NoFault(producer);

        _reviewDays[producer] = today;
        _setReputation(producer, record, Math.saturatingSub(record.reputation, faults));
    }

    /* GRID AUTHORITY */

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
    function confirmParticipant(address target, bool isProducer) external restricted {
        (, Confirmation before) = _registration(target, isProducer);
        if (before == Confirmation.AUTHORITY) revert GridManagement_AlreadyConfirmed(target, before);
        _confirm(target, isProducer, Confirmation.AUTHORITY);
    }

    /// @inheritdoc IGridManagement
    function deactivateParticipant(address target, bool isProducer) external restricted {
        if (_isBlocked(target, isProducer)) revert GridManagement_Inactive(target);
        _setBlocked(target, isProducer, true);
    }

    /// @inheritdoc IGridManagement
    function reactivateParticipant(address target, bool isProducer) external restricted {
        if (!_isBlocked(target, isProducer)) revert GridManagement_AlreadyActive(target);
        _setBlocked(target, isProducer, false);
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
            active: !record.blocked,
            reputation: record.reputation,
            confirmation: record.confirmation
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
            active: !record.blocked,
            confirmation: record.confirmation
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
    function getEnergyProduction(address producer) external view returns (uint256) {
        ISmartMeter.Lifetime memory lifetime = METER.getLifetime(producer);
        return lifetime.produced != 0 ? lifetime.produced : lifetime.exported;
    }

    /// @inheritdoc IGridManagement
    function isStorage(address account) external view returns (bool) {
        return _storages[account].capacity != 0;
    }

    /// @inheritdoc IGridManagement
    function activeSince(address producer, uint256 time) external view returns (uint256) {
        return _activeSince[producer].upperLookupRecent(time.toUint48());
    }

    /// @inheritdoc IGridManagement
    function isActiveParticipant(address account) external view returns (bool) {
        Producer storage producer = _producers[account];
        if (producer.confirmation != Confirmation.NONE && !producer.blocked) return true;
        Consumer storage consumer = _consumers[account];
        return consumer.confirmation != Confirmation.NONE && !consumer.blocked;
    }

    /// @inheritdoc IGridManagement
    function capacityOf(EnergyType energyType) public view override returns (uint256) {
        return _capacities[uint256(energyType)];
    }

    /// @inheritdoc IGridManagement
    function getGridStatus() external view returns (GridStatus memory) {
        return getGridStatus(HOME);
    }

    /// @inheritdoc IGridManagement
    function getGridStatus(bytes32 region) public view returns (GridStatus memory status) {
        IGridOracle.GridState memory state;
        (status.isFresh, state) = GRID_ORACLE.tryGridState(region);
        status.capacity = _perSlot(state.supply);
        status.load = _perSlot(state.demand);
        status.available = Math.saturatingSub(status.capacity, status.load);
        status.utilization = state.supply == 0 ? 0 : (state.demand * BPS) / state.supply;
        status.production = _declaredProduction();
        status.price = priceOf(region, _runningSlot());
        status.condition = _grid.condition;
        status.emergency = isRegionInEmergency(region);
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

    /* INTERNAL: DECLARATIONS */

    function _consume(uint256 amount, uint256 maxPrice) private {
        address holder = _holder();
        Consumer storage consumer = _registeredConsumer(holder);
        if (consumer.blocked) revert GridManagement_Inactive(holder);
        _requireAmount(amount);
        uint256 slot = _runningSlot();
        uint256 used = consumer.slot == slot ? consumer.usage : 0;
        _requireWithin(amount, Math.saturatingSub(consumer.limit * _limitsOf(holder).drawShare / BPS, used));

        consumer.totalConsumed = (consumer.totalConsumed + amount).toUint64();
        consumer.usage = uint64(used + amount);
        consumer.slot = slot.toUint32();
        uint256 cost = SETTLEMENT.consume(holder, amount, maxPrice);
        // slither-disable-next-line reentrancy-events: Settlement is a contract of this market
        emit EnergyConsumed(holder, slot, amount, cost);
    }

    /// @dev Restarts the totals of a storage, if they are of another slot.
    function _openStorage(address owner, uint256 amount) private returns (StorageUnit storage unit) {
        unit = _registeredStorage(owner);
        _requireAmount(amount);
        uint256 slot = _runningSlot();
        if (unit.slot != slot) (unit.charged, unit.discharged, unit.slot) = (0, 0, slot.toUint32());
    }

    /// @dev Of the account's region, which is the home region before its first meter.
    function _limitsOf(address account) private view returns (ITariffs.Limits memory) {
        uint256 region = _ENERGY.stateOf(SETTLEMENT.numberOf(account)).region();
        return TARIFFS.limitsOf(Math.max(region, HOME_ID));
    }

    function _declaredProduction() private view returns (uint256) {
        return _grid.slot == _runningSlot() ? _grid.production : 0;
    }

    /// @dev Wh of a slot from kW, rounded down.
    function _perSlot(uint256 power) private view returns (uint256) {
        return (power * WH_PER_KWH * SLOT_LENGTH) / 1 hours;
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

    /// @dev The capacity or limit, and who has confirmed it.
    function _registration(address account, bool isProducer) private view returns (uint256, Confirmation) {
        if (isProducer) {
            Producer storage producer = _registeredProducer(account);
            return (producer.capacity, producer.confirmation);
        }
        Consumer storage consumer = _registeredConsumer(account);
        return (consumer.limit, consumer.confirmation);
    }

    function _confirm(address account, bool isProducer, Confirmation confirmation) private {
        if (isProducer) {
            Producer storage producer = _producers[account];
            producer.confirmation = confirmation;
            if (_counts(producer)) _capacities[uint256(producer.energyType)] += producer.capacity;
        } else {
            _consumers[account].confirmation = confirmation;
        }
        emit ParticipantConfirmed(account, isProducer, confirmation);
    }

    function _isBlocked(address account, bool isProducer) private view returns (bool) {
        return isProducer ? _producers[account].blocked : _consumers[account].blocked;
    }

    /// @dev Of an account that is not in this state.
    function _setBlocked(address account, bool isProducer, bool blocked) private {
        if (isProducer) {
            Producer storage producer = _producers[account];
            if (_counts(producer)) _capacities[uint256(producer.energyType)] -= producer.capacity;
            producer.blocked = blocked;
            if (_counts(producer)) _capacities[uint256(producer.energyType)] += producer.capacity;
            uint208 since = blocked ? type(uint208).max : uint208(block.timestamp);
            // slither-disable-next-line unused-return: the former value does not matter
            _activeSince[account].push(uint48(block.timestamp), since);
        } else {
            _consumers[account].blocked = blocked;
        }
        emit ParticipantActiveSet(account, isProducer, !blocked);
        SETTLEMENT.setSideBlocked(account, !isProducer, blocked);
    }

    /// @dev Whether a producer's capacity is among {_capacities}.
    function _counts(Producer storage producer) private view returns (bool) {
        return producer.confirmation == Confirmation.AUTHORITY && !producer.blocked;
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
