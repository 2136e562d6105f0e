// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import {ICarbonCredits} from "../interfaces/ICarbonCredits.sol";
import {IEnergyAccounts} from "../interfaces/IEnergyAccounts.sol";
import {IGridManagement} from "../interfaces/IGridManagement.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {ISmartMeter} from "../interfaces/ISmartMeter.sol";
import {Texts} from "../libraries/Texts.sol";

/// @title CarbonCredits
/// @notice See {ICarbonCredits}; comments here are for maintainers.
/// @dev Energy is read from the meters' days and not stored here. A day that is read to its end never changes, so its
/// credits do not depend on when, by whom and with which other days they are issued. No call from here runs code of an
/// account.
contract CarbonCredits is ICarbonCredits, ERC20Permit, AccessManaged {
    using BitMaps for BitMaps.BitMap;
    using Checkpoints for Checkpoints.Trace208;
    using SafeCast for uint256;

    /// @dev A producer is registered from `fromDay` on, which is above 0, until `untilDay`, unless that is 0.
    struct Producer {
        // 4 + 4 + 2 = 10 bytes
        uint32 fromDay;
        uint32 untilDay;
        uint16 milligrams;
    }

    struct Record {
        // slot n: 20 + 6 = 26 bytes
        address account;
        uint48 time;
        // slot n + 1: 20 + 12 = 32 bytes
        address beneficiary;
        uint96 amount;
        // slot n + 2, and up to 8 more for a reason above 31 bytes
        string reason;
    }

    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant MILLIGRAMS_PER_GRAM = 1000;
    /// @dev Twice what a kWh of lignite emits.
    uint256 private constant MAX_FACTOR = 2000;
    uint256 private constant MAX_REASON = 256;
    uint256 private constant MAX_METERS = 8;

    /// @inheritdoc ICarbonCredits
    ISettlement public immutable SETTLEMENT;
    /// @inheritdoc ICarbonCredits
    IGridManagement public immutable GRID;
    /// @inheritdoc ICarbonCredits
    ISmartMeter public immutable METER;
    IEnergyAccounts private immutable _ENERGY;
    uint256 private immutable _DAY_SLOTS;

    /* STORAGE */

    /// @dev Emission factors by the day from which they are in force.
    Checkpoints.Trace208 private _factors;
    mapping(address producer => Producer record) private _producers;
    mapping(address producer => BitMaps.BitMap daysOf) private _credited;
    /// @dev Numbers of production sub-meters, ascending.
    mapping(address producer => uint256[] numbers) private _meters;
    Record[] private _retirements;
    mapping(address beneficiary => uint256 grams) private _retiredFor;

    /// @inheritdoc ICarbonCredits
    uint256 public totalRetired;

    /* CONSTRUCTOR */

    /// @param gramsPerKwh the emission factor from today on.
    constructor(address authority, ISettlement settlement, uint256 gramsPerKwh)
        ERC20("Carbon Credit", "TCO2E")
        ERC20Permit("Carbon Credit")
        AccessManaged(authority)
    {
        SETTLEMENT = settlement;
        GRID = settlement.gridModule();
        METER = GRID.METER();
        _ENERGY = settlement.ENERGY();
        _DAY_SLOTS = 1 days / settlement.SLOT_LENGTH();
        _pushFactor(_today(), gramsPerKwh);
    }

    /* REGISTRAR */

    /// @inheritdoc ICarbonCredits
    function registerCleanEnergyProducer(address producer) external restricted {
        _requireClean(producer);
        Producer storage record = _producers[producer];
        if (record.fromDay != 0 && record.untilDay == 0) revert CarbonCredits_AlreadyRegistered(producer);

        // The remainder below a gram stays with the producer.
        uint256 fromDay = _today() + 1;
        (record.fromDay, record.untilDay) = (fromDay.toUint32(), 0);
        emit CleanProducerRegistered(producer, fromDay);
    }

    /// @inheritdoc ICarbonCredits
    function deregisterCleanEnergyProducer(address producer) external restricted {
        Producer storage record = _producers[producer];
        if (record.fromDay == 0 || record.untilDay != 0) revert CarbonCredits_NotRegistered(producer);

        uint256 untilDay = _today();
        record.untilDay = untilDay.toUint32();
        emit CleanProducerDeregistered(producer, untilDay);
    }

    /// @inheritdoc ICarbonCredits
    function setProductionMeters(address producer, uint256[] calldata numbers) external restricted {
        if (numbers.length > MAX_METERS) revert CarbonCredits_TooManyMeters(numbers.length, MAX_METERS);
        // slither-disable-next-line uninitialized-local: 0 is below every number
        uint256 last;
        for (uint256 i; i < numbers.length; ++i) {
            // A meter that is named twice would count twice.
            if (numbers[i] <= last) revert CarbonCredits_MetersUnordered(last, numbers[i]);
            last = numbers[i];
            ISmartMeter.MeterInfo memory info = METER.getMeter(METER.meterAt(last));
            if (info.account != producer || info.settlement) revert CarbonCredits_NoSubMeter(producer, last);
        }
        _meters[producer] = numbers;
        emit ProductionMetersSet(producer, numbers);
    }

    /* GOVERNANCE */

    /// @inheritdoc ICarbonCredits
    function setEmissionFactor(uint256 gramsPerKwh) external restricted {
        _pushFactor(_today() + 1, gramsPerKwh);
    }

    /* ANYONE */

    /// @inheritdoc ICarbonCredits
    function issueCarbonCredits(address producer, uint256[] calldata days_) external returns (uint256 grams) {
        Producer memory record = _producers[producer];
        // slither-disable-next-line incorrect-equality: 0 means never registered
        if (record.fromDay == 0) revert CarbonCredits_NotRegistered(producer);
        _requireClean(producer);

        (uint256 credited, uint256 energy, uint256 milligrams) = _credit(producer, record, days_);
        if (credited == 0) revert CarbonCredits_NothingToIssue(producer);
        milligrams += record.milligrams;
        grams = milligrams / MILLIGRAMS_PER_GRAM;
        // slither-disable-next-line weak-prng: a stored remainder, no randomness
        _producers[producer].milligrams = uint16(milligrams % MILLIGRAMS_PER_GRAM);
        emit CarbonCreditsIssued(producer, credited, energy, grams);
        if (grams > 0) _mint(producer, grams);
    }

    /* HOLDERS */

    /// @inheritdoc ICarbonCredits
    function transferCarbonCredits(address to, uint256 amount) external returns (bool) {
        return transfer(to, amount);
    }

    /// @inheritdoc ICarbonCredits
    function retire(uint256 amount, address beneficiary, string calldata reason) external returns (uint256 id) {
        if (amount == 0) revert CarbonCredits_ZeroAmount();
        if (beneficiary == address(0)) revert CarbonCredits_ZeroBeneficiary();
        if (!Texts.isPlain(reason, MAX_REASON)) revert CarbonCredits_BadReason(bytes(reason).length, MAX_REASON);

        _burn(msg.sender, amount);
        totalRetired += amount;
        _retiredFor[beneficiary] += amount;
        _retirements.push(
            Record({
                account: msg.sender,
                time: block.timestamp.toUint48(),
                beneficiary: beneficiary,
                amount: amount.toUint96(),
                reason: reason
            })
        );
        id = _retirements.length;
        emit CarbonCreditsRetired(id, msg.sender, beneficiary, amount, reason);
    }

    /* VIEWS */

    /// @notice 6: one base unit is 1 g.
    function decimals() public pure override(ERC20) returns (uint8) {
        return 6;
    }

    /// @inheritdoc ICarbonCredits
    function getCarbonCreditsBalance(address account) external view returns (uint256) {
        return balanceOf(account);
    }

    /// @inheritdoc ICarbonCredits
    function isCleanEnergyProducer(address account) external view returns (bool) {
        Producer storage record = _producers[account];
        if (record.fromDay == 0 || record.untilDay != 0) return false;
        // An account that was ever registered here stays a producer there, with the same energy type.
        return _isActive(GRID.getProducerInfo(account)) && !_isMixed(account);
    }

    /// @inheritdoc ICarbonCredits
    function cleanProducer(address account) external view returns (CleanProducer memory) {
        Producer storage record = _producers[account];
        return CleanProducer({fromDay: record.fromDay, untilDay: record.untilDay, milligrams: record.milligrams});
    }

    /// @inheritdoc ICarbonCredits
    function productionMeters(address producer) external view returns (uint256[] memory) {
        return _meters[producer];
    }

    /// @inheritdoc ICarbonCredits
    function isCredited(address producer, uint256 day) external view returns (bool) {
        return _credited[producer].get(day);
    }

    /// @inheritdoc ICarbonCredits
    function energyOf(address producer, uint256 day) public view returns (uint256 wh) {
        uint256 end = (day + 1) * _DAY_SLOTS;
        uint256[] memory numbers = _meters[producer];
        if (numbers.length == 0) return _netExport(producer, day, end);
        for (uint256 i; i < numbers.length; ++i) {
            address meter = METER.meterAt(numbers[i]);
            if (METER.getMeter(meter).readTo < end) revert CarbonCredits_DayNotRead(producer, day);
            wh += METER.getDailyProduction(meter, day);
        }
    }

    /// @inheritdoc ICarbonCredits
    function emissionFactorOf(uint256 day) public view returns (uint256) {
        return _factors.upperLookupRecent(uint48(Math.min(day, type(uint48).max)));
    }

    /// @inheritdoc ICarbonCredits
    function emissionFactorCount() external view returns (uint256) {
        return _factors.length();
    }

    /// @inheritdoc ICarbonCredits
    function emissionFactorAt(uint256 index) external view returns (uint256 fromDay, uint256 gramsPerKwh) {
        if (index >= _factors.length()) revert CarbonCredits_NoSuchFactor(index);
        Checkpoints.Checkpoint208 memory factor = _factors.at(uint32(index));
        return (factor._key, factor._value);
    }

    /// @inheritdoc ICarbonCredits
    function totalIssued() external view returns (uint256) {
        return totalSupply() + totalRetired;
    }

    /// @inheritdoc ICarbonCredits
    function retiredFor(address beneficiary) external view returns (uint256) {
        return _retiredFor[beneficiary];
    }

    /// @inheritdoc ICarbonCredits
    function retirement(uint256 id) external view returns (Retirement memory) {
        if (id == 0 || id > _retirements.length) revert CarbonCredits_NoSuchRetirement(id);
        Record storage record = _retirements[id - 1];
        return Retirement({
            account: record.account,
            beneficiary: record.beneficiary,
            amount: record.amount,
            time: record.time,
            reason: record.reason
        });
    }

    /// @inheritdoc ICarbonCredits
    function retirementCount() external view returns (uint256) {
        return _retirements.length;
    }

    /* INTERNAL */

    /// @dev Marks the days that have something to credit. `milligrams` are the exact Wh times g/kWh of each day, so the
    /// grouping of days makes no difference.
    function _credit(address producer, Producer memory record, uint256[] calldata days_)
        private
        returns (uint256 credited, uint256 energy, uint256 milligrams)
    {
        BitMaps.BitMap storage done = _credited[producer];
        for (uint256 i; i < days_.length; ++i) {
            uint256 day = days_[i];
            // slither-disable-next-line incorrect-equality: 0 is no last day
            if (day < record.fromDay || day >= (record.untilDay == 0 ? _today() : record.untilDay)) {
                revert CarbonCredits_DayNotClean(producer, day);
            }
            if (done.get(day)) continue;
            uint256 wh = energyOf(producer, day);
            // slither-disable-next-line incorrect-equality: nothing to credit
            if (wh == 0) continue;

            done.set(day);
            ++credited;
            energy += wh;
            milligrams += wh * emissionFactorOf(day);
        }
    }

    /// @dev Both midnights must have been read: otherwise import could be moved into another day, and only the export
    /// would count. So the first day of a meter does not count.
    function _netExport(address producer, uint256 day, uint256 end) private view returns (uint256) {
        uint256 number = SETTLEMENT.numberOf(producer);
        // slither-disable-next-line unused-return: late energy is in the registers alone
        (bool begins,) = _ENERGY.netOf(number, day * _DAY_SLOTS - 1);
        // slither-disable-next-line unused-return: as above
        (bool ends,) = _ENERGY.netOf(number, end - 1);
        address[] memory meters = METER.getMeters(producer);
        for (uint256 i; begins && ends && i < meters.length; ++i) {
            ISmartMeter.MeterInfo memory info = METER.getMeter(meters[i]);
            if (!info.settlement || day <= info.firstDay || day >= info.endDay) continue;
            uint256 produced = METER.getDailyProduction(meters[i], day);
            return Math.saturatingSub(produced, METER.getDailyConsumption(meters[i], day));
        }
        revert CarbonCredits_DayNotRead(producer, day);
    }

    function _pushFactor(uint256 fromDay, uint256 gramsPerKwh) private {
        if (gramsPerKwh > MAX_FACTOR) revert CarbonCredits_FactorTooHigh(gramsPerKwh, MAX_FACTOR);
        // slither-disable-next-line unused-return: the former value does not matter
        _factors.push(fromDay.toUint48(), uint208(gramsPerKwh));
        emit EmissionFactorSet(fromDay, gramsPerKwh);
    }

    /// @dev Checked at every issue, because credits cannot be taken back: the producer may own a storage by now, or the
    /// grid authority may have deactivated it because of false readings. The days of a deactivated producer can be
    /// credited once it is active again.
    function _requireClean(address account) private view {
        IGridManagement.ProducerInfo memory info = _producerInfo(account);
        if (!_isActive(info)) revert CarbonCredits_InactiveProducer(account);
        if (info.energyType == IGridManagement.EnergyType.NATURAL_GAS) {
            revert CarbonCredits_UncleanProducer(account, info.energyType);
        }
        if (_isMixed(account)) revert CarbonCredits_IsStorage(account);
    }

    function _isActive(IGridManagement.ProducerInfo memory info) private pure returns (bool) {
        return info.active && info.confirmation != IGridManagement.Confirmation.NONE;
    }

    /// @dev Whether a storage's energy would be counted with the production.
    function _isMixed(address account) private view returns (bool) {
        return _meters[account].length == 0 && GRID.isStorage(account);
    }

    function _producerInfo(address account) private view returns (IGridManagement.ProducerInfo memory) {
        // It reverts only for an account that is no producer.
        try GRID.getProducerInfo(account) returns (IGridManagement.ProducerInfo memory info) {
            return info;
        } catch {
            revert CarbonCredits_NotProducer(account);
        }
    }

    function _today() private view returns (uint256) {
        return block.timestamp / 1 days;
    }
}
