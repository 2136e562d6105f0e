// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";

import {IEnergyAccounts} from "../interfaces/IEnergyAccounts.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {ISmartMeter} from "../interfaces/ISmartMeter.sol";
import {ITariffs} from "../interfaces/ITariffs.sol";
import {Slots} from "../libraries/Slots.sol";
import {DayWord, DayWordLibrary} from "../types/DayWord.sol";
import {LatestWord} from "../types/LatestWord.sol";
import {MAX_RATED_POWER, MeterWord} from "../types/MeterWord.sol";
import {PointWord} from "../types/PointWord.sol";
import {MAX_REGISTER, ReadingWord, riseOf} from "../types/ReadingWord.sol";

/// @title MeterRecords
/// @notice What {ISmartMeter} remembers of devices and their readings, and what can be read of it; comments here are
/// for maintainers.
/// @dev What readings need is stored by the meter's key, so that they reach it at once. The rest is stored by the
/// meter's number, which stays when the key changes:
///
///     MeterWord   the meter and its newest boundary reading
///     LatestWord  the latest reading that is none, and the registers at the registration
///     DayWord     the registers when a day began
///     PointWord   by account number: the settlement meter, and the registers in the account's terms
abstract contract MeterRecords is ISmartMeter, AccessManaged {
    using EnumerableSet for EnumerableSet.AddressSet;
    using SafeCast for uint256;

    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant KW = 1000;

    /// @inheritdoc ISmartMeter
    ITariffs public immutable TARIFFS;
    /// @inheritdoc ISmartMeter
    ISettlement public immutable SETTLEMENT;
    /// @inheritdoc ISmartMeter
    IEnergyAccounts public immutable ENERGY;
    /// @inheritdoc ISmartMeter
    address public immutable COMMUNITIES;
    /// @inheritdoc ISmartMeter
    address public immutable COMMUNITY_DAYS;
    /// @inheritdoc ISmartMeter
    uint256 public immutable SLOT_LENGTH;
    /// @inheritdoc ISmartMeter
    uint256 public immutable SECURITY_PER_KW;
    /// @inheritdoc ISmartMeter
    uint256 public immutable MAX_POWER;

    uint256 internal immutable _DAY_SLOTS;

    /* STORAGE */

    /// @inheritdoc ISmartMeter
    uint256 public meterCount;
    mapping(address key => MeterWord word) internal _meters;
    mapping(address key => LatestWord word) internal _latest;
    /// @dev Stays when the key is replaced, so that it cannot be registered again.
    mapping(address key => uint256 meterNumber) internal _numbers;
    /// @inheritdoc ISmartMeter
    mapping(uint256 meterNumber => address key) public meterAt;
    mapping(uint256 meterNumber => mapping(uint256 day => DayWord word)) internal _days;
    mapping(uint256 meterNumber => bytes32 region) internal _regions;
    mapping(uint256 accountNumber => EnumerableSet.AddressSet keys) internal _keys;
    mapping(uint256 accountNumber => PointWord word) internal _points;
    /// @dev Of former meters.
    mapping(uint256 accountNumber => Lifetime lifetime) internal _carried;
    mapping(uint256 accountNumber => uint256 time) internal _changedAt;
    /// @inheritdoc ISmartMeter
    mapping(address account => mapping(bytes32 structHash => bool consented)) public hasConsented;

    /* CONSTRUCTOR */

    constructor(address authority, Modules memory modules, Parameters memory parameters) AccessManaged(authority) {
        // A security is never 0: Settlement knows by it whether the account has a meter.
        if (parameters.securityPerKw == 0) revert SmartMeter_BadParameter("securityPerKw", 0);
        uint256 maxPower = parameters.maxRatedPower;
        if (maxPower == 0 || maxPower > MAX_RATED_POWER) revert SmartMeter_BadParameter("maxRatedPower", maxPower);
        TARIFFS = modules.tariffs;
        SETTLEMENT = modules.settlement;
        ENERGY = modules.energy;
        COMMUNITIES = modules.communities;
        COMMUNITY_DAYS = modules.communityDays;
        SLOT_LENGTH = modules.tariffs.SLOT_LENGTH();
        SECURITY_PER_KW = parameters.securityPerKw;
        MAX_POWER = maxPower;
        _DAY_SLOTS = Slots.DAY / SLOT_LENGTH;
    }

    /* VIEWS */

    /// @inheritdoc ISmartMeter
    function getLatestReading() external view returns (MeterReading memory) {
        return _latestReading(msg.sender);
    }

    /// @inheritdoc ISmartMeter
    function getLatestReading(address meter) external view returns (MeterReading memory) {
        return _latestReading(meter);
    }

    /// @inheritdoc ISmartMeter
    function getDailyProduction() external view returns (uint256 produced) {
        (, produced) = _dayEnergy(msg.sender, block.timestamp / Slots.DAY);
    }

    /// @inheritdoc ISmartMeter
    function getDailyProduction(address meter, uint256 day) external view returns (uint256 produced) {
        (, produced) = _dayEnergy(meter, day);
    }

    /// @inheritdoc ISmartMeter
    function getDailyConsumption() external view returns (uint256 consumed) {
        (consumed,) = _dayEnergy(msg.sender, block.timestamp / Slots.DAY);
    }

    /// @inheritdoc ISmartMeter
    function getDailyConsumption(address meter, uint256 day) external view returns (uint256 consumed) {
        (consumed,) = _dayEnergy(meter, day);
    }

    /// @inheritdoc ISmartMeter
    function getMeter(address meter) external view returns (MeterInfo memory info) {
        MeterWord word = _meters[meter];
        if (!word.exists()) return info;
        uint256 number = _numbers[meter];
        return MeterInfo({
            number: number,
            account: _accountOf(word),
            region: _regions[number],
            ratedPower: word.ratedPower(),
            settlement: word.isSettlement(),
            firstDay: word.firstDay(),
            endDay: word.endDay(),
            readTo: word.readTo(),
            active: word.isActive()
        });
    }

    /// @inheritdoc ISmartMeter
    function getMeters(address account) external view returns (address[] memory) {
        return _keys[SETTLEMENT.numberOf(account)].values();
    }

    /// @inheritdoc ISmartMeter
    function metersIn(address account, bytes32 region) external view returns (uint256 count) {
        address[] memory keys = _keys[SETTLEMENT.numberOf(account)].values();
        for (uint256 i = 0; i < keys.length; ++i) {
            if (_regions[_numbers[keys[i]]] == region) ++count;
        }
    }

    /// @inheritdoc ISmartMeter
    function meterSetOf(address account) external view returns (uint256 count, uint256 changedAt) {
        uint256 accountNumber = SETTLEMENT.numberOf(account);
        return (_keys[accountNumber].length(), _changedAt[accountNumber]);
    }

    /// @inheritdoc ISmartMeter
    function getLifetime(address account) external view returns (Lifetime memory lifetime) {
        uint256 accountNumber = SETTLEMENT.numberOf(account);
        lifetime = _carried[accountNumber];
        address[] memory keys = _keys[accountNumber].values();
        for (uint256 i = 0; i < keys.length; ++i) {
            _add(lifetime, keys[i], _meters[keys[i]]);
        }
    }

    /// @inheritdoc ISmartMeter
    function securityFor(uint256 ratedPower) public view returns (uint256) {
        return Math.ceilDiv(SECURITY_PER_KW * ratedPower, KW);
    }

    /* INTERNAL: HISTORY */

    /// @dev Before a boundary reading at the end of the slot before `end`. The first one of a day keeps the registers
    /// with which the day begins: those before it, or those that a gateway read.
    function _keepDay(address meter, MeterWord word, uint256 end, ReadingWord begin) internal {
        unchecked {
            uint256 day = (end - 1) / _DAY_SLOTS; // slot 0 was in 1970
            uint256 last = _lastDay(word);
            // slither-disable-next-line incorrect-equality: numbers of days
            if (day == last) return;
            mapping(uint256 day => DayWord word) storage ofMeter = _days[_numbers[meter]];
            ReadingWord newest = word.reading();
            if (day != last + 1) ofMeter[last] = ofMeter[last].endingAt(newest.imported(), newest.exported());
            ofMeter[day] = DayWordLibrary.pack(begin.imported(), begin.exported());
        }
    }

    /// @dev A meter that is read no more: its energy so far stays with the account.
    function _finish(address meter, MeterWord word) internal {
        uint256 accountNumber = word.account();
        Lifetime memory lifetime = _carried[accountNumber];
        _add(lifetime, meter, word);
        _carried[accountNumber] = lifetime;
        _meters[meter] = word.deactivated();
        // slither-disable-next-line unused-return: always true, the meter was linked
        _keys[accountNumber].remove(meter);
        _changedAt[accountNumber] = block.timestamp;
        emit MeterDeactivated(meter);
    }

    function _add(Lifetime memory lifetime, address meter, MeterWord word) internal view {
        LatestWord latest = _latest[meter];
        uint64 imported = riseOf(word.reading().imported(), latest.importedAtStart()).toUint64();
        uint64 exported = riseOf(word.reading().exported(), latest.exportedAtStart()).toUint64();
        if (word.isSettlement()) {
            lifetime.imported += imported;
            lifetime.exported += exported;
        } else {
            lifetime.consumed += imported;
            lifetime.produced += exported;
        }
    }

    function _dayEnergy(address meter, uint256 day) internal view returns (uint256 consumed, uint256 produced) {
        MeterWord word = _requireKnown(meter);
        mapping(uint256 day => DayWord word) storage ofMeter = _days[_numbers[meter]];
        DayWord begin = ofMeter[day];
        if (!begin.exists()) return (0, 0);
        DayWord end = begin.end();
        if (!begin.hasEnd()) {
            // slither-disable-next-line incorrect-equality: numbers of days
            end = day == _lastDay(word)
                ? DayWordLibrary.pack(word.reading().imported(), word.reading().exported())
                : ofMeter[day + 1];
        }
        return (riseOf(end.imported(), begin.imported()), riseOf(end.exported(), begin.exported()));
    }

    /// @dev The newest reading: a boundary that is later, or shows more, counts more.
    function _latestReading(address meter) internal view returns (MeterReading memory) {
        ReadingWord boundary = _requireKnown(meter).reading();
        ReadingWord reading = _latest[meter].reading();
        uint256 time = reading.time();
        if (boundary.time() * SLOT_LENGTH > time || _isBelow(reading, boundary)) {
            (reading, time) = (boundary, boundary.time() * SLOT_LENGTH);
        }
        return MeterReading({
            timestamp: time,
            consumption: reading.imported(),
            production: reading.exported(),
            gridFrequency: reading.frequency(),
            voltage: reading.voltage()
        });
    }

    function _isBelow(ReadingWord reading, ReadingWord boundary) internal pure returns (bool) {
        return riseOf(reading.imported(), boundary.imported()) > MAX_REGISTER / 2
            || riseOf(reading.exported(), boundary.exported()) > MAX_REGISTER / 2;
    }

    /// @dev The day of the newest boundary: one at midnight completes the day before.
    function _lastDay(MeterWord word) internal view returns (uint256) {
        unchecked {
            return (word.readTo() - 1) / _DAY_SLOTS;
        }
    }

    function _tomorrow() internal view returns (uint256) {
        return block.timestamp / Slots.DAY + 1;
    }

    function _accountOf(MeterWord word) internal view returns (address) {
        return SETTLEMENT.accountAt(word.account());
    }

    /// @dev Of a detached meter: whether it is a settlement meter whose days are all closed, and whose security is
    /// free: nothing can be charged for it.
    function _isReleased(MeterWord word) internal view returns (bool) {
        if (!word.isSettlement()) return false;
        // slither-disable-next-line unused-return: where it began does not matter
        (, uint256 toSlot) = ENERGY.meteredOf(word.account());
        return toSlot != word.endDay() * _DAY_SLOTS;
    }

    function _requireActive(address meter) internal view returns (MeterWord word) {
        word = _requireKnown(meter);
        if (!word.isActive()) revert SmartMeter_InactiveMeter(meter);
    }

    function _requireKnown(address meter) internal view returns (MeterWord word) {
        word = _meters[meter];
        if (!word.exists()) revert SmartMeter_UnknownMeter(meter);
    }
}
