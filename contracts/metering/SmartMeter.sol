// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";

import {ISettlement} from "../interfaces/ISettlement.sol";
import {ISmartMeter} from "../interfaces/ISmartMeter.sol";
import {Slots} from "../libraries/Slots.sol";
import {
    LOWEST_FREQUENCY,
    MAX_RATED_POWER,
    MAX_READING,
    MAX_VOLTAGE,
    MeterWord,
    MeterWordLibrary
} from "../types/MeterWord.sol";
import {RegisterWord} from "../types/RegisterWord.sol";
import {TotalsWord, TotalsWordLibrary} from "../types/TotalsWord.sol";

/// @title SmartMeter
/// @notice See {ISmartMeter}; comments here are for maintainers.
/// @dev A reading reads and writes one word of its meter, {MeterWord}, stored by the meter's key. Other data is stored
/// by the meter's number, which stays when the key changes; only the first reading of a day writes there, to add the
/// day before:
///
///     MeterWord    the latest reading and the totals of its day
///     TotalsWord   the totals of each finished day
///     RegisterWord the sum of the finished days, and its value when the account got the meter
///
/// A meter's registers are the sum of its finished days plus the current one. An account's lifetime energy is the
/// increase of its meters' registers since they were linked to it, plus a carried sum: energy of its former meters.
///
/// Life of a meter, by its key:
///
///     unknown --register--> active --deactivate--> inactive (for good)
///     active --rotate--> unknown, and the new key: unknown --> active
contract SmartMeter is ISmartMeter, AccessManaged, EIP712 {
    using EnumerableSet for EnumerableSet.AddressSet;

    /* CONSTANTS AND IMMUTABLES */

    bytes32 private constant READING_TYPEHASH = keccak256(
        "MeterReading(address meter,uint256 timestamp,uint256 consumption,uint256 production,"
        "uint256 gridFrequency,uint256 voltage)"
    );
    bytes32 private constant REGISTRATION_TYPEHASH =
        keccak256("MeterRegistration(address meter,address account,bytes32 region,uint256 ratedPower)");
    bytes32 private constant ROTATION_TYPEHASH = keccak256("MeterKeyRotation(address meter,address newKey)");

    /// @dev Bounds the loop of {getLifetime}.
    uint256 private constant MAX_METERS = 32;
    /// @dev 150 % of it, the highest plausible voltage, is MAX_VOLTAGE.
    uint256 private constant MAX_NOMINAL_VOLTAGE = (MAX_VOLTAGE * 2) / 3;

    // Centihertz; LOWEST_FREQUENCY is MeterWord's.
    uint256 private constant LOW_FREQUENCY = 4950;
    uint256 private constant HIGH_FREQUENCY = 5050;
    uint256 private constant HIGHEST_FREQUENCY = 5500;

    /// @inheritdoc ISmartMeter
    ISettlement public immutable SETTLEMENT;
    /// @inheritdoc ISmartMeter
    uint256 public immutable SLOT_LENGTH;
    /// @inheritdoc ISmartMeter
    uint256 public immutable GRACE;
    /// @inheritdoc ISmartMeter
    uint256 public immutable MIN_INTERVAL;
    /// @inheritdoc ISmartMeter
    uint256 public immutable NOMINAL_VOLTAGE;

    // Decivolts: 50, 95, 105 and 150 % of nominal, rounded into the range.
    uint256 private immutable LOWEST_VOLTAGE;
    uint256 private immutable LOW_VOLTAGE;
    uint256 private immutable HIGH_VOLTAGE;
    uint256 private immutable HIGHEST_VOLTAGE;

    /* STORAGE */

    /// @inheritdoc ISmartMeter
    uint256 public meterCount;
    mapping(address key => MeterWord word) private _meters;
    mapping(address key => uint256 meterNumber) private _numbers;
    /// @inheritdoc ISmartMeter
    mapping(uint256 meterNumber => address key) public meterAt;
    mapping(uint256 meterNumber => RegisterWord word) private _registers;
    mapping(uint256 meterNumber => mapping(uint256 day => TotalsWord word)) private _days;
    mapping(uint256 meterNumber => bytes32 region) private _regions;
    mapping(uint256 accountNumber => EnumerableSet.AddressSet keys) private _keys;
    mapping(uint256 accountNumber => TotalsWord word) private _carried;
    mapping(uint256 accountNumber => uint256 time) private _changedAt;

    /* CONSTRUCTOR */

    constructor(address authority, ISettlement settlement, Parameters memory parameters)
        AccessManaged(authority)
        EIP712("EnergyGrid SmartMeter", "1")
    {
        SETTLEMENT = settlement;
        SLOT_LENGTH = settlement.SLOT_LENGTH();
        GRACE = settlement.GRACE();

        // With a longer interval a meter could not read every slot.
        uint256 interval = parameters.minInterval;
        if (interval == 0 || interval > SLOT_LENGTH) revert SmartMeter_BadParameter("minInterval", interval);
        MIN_INTERVAL = interval;

        uint256 nominal = parameters.nominalVoltage;
        if (nominal == 0 || nominal > MAX_NOMINAL_VOLTAGE) revert SmartMeter_BadParameter("nominalVoltage", nominal);
        NOMINAL_VOLTAGE = nominal;
        LOWEST_VOLTAGE = Math.ceilDiv(nominal * 50, 100);
        LOW_VOLTAGE = Math.ceilDiv(nominal * 95, 100);
        HIGH_VOLTAGE = (nominal * 105) / 100;
        HIGHEST_VOLTAGE = (nominal * 150) / 100;
    }

    /* METERS */

    /// @inheritdoc ISmartMeter
    function submitReading(MeterReading calldata reading) external {
        _record(msg.sender, _requireActive(msg.sender), reading);
    }

    /* ANYONE */

    /// @inheritdoc ISmartMeter
    function submitSignedReadings(SignedReading[] calldata readings) external {
        uint256 count = readings.length;
        if (count == 0) revert SmartMeter_NoReadings();
        bytes32 domain = _domainSeparatorV4();
        for (uint256 i = 0; i < count; ++i) {
            SignedReading calldata signed = readings[i];
            address meter = signed.meter;
            bytes32 structHash = keccak256(abi.encode(READING_TYPEHASH, meter, signed.reading));
            bytes32 digest = MessageHashUtils.toTypedDataHash(domain, structHash);
            // slither-disable-next-line unused-return: an invalid signature has the zero signer
            (address signer,,) = ECDSA.tryRecover(digest, signed.r, signed.vs);
            if (signer != meter) revert SmartMeter_WrongSignature(meter, signer);
            MeterWord word = _requireActive(meter);
            if (signed.reading.timestamp < word.timestamp() + MIN_INTERVAL) {
                emit ReadingSkipped(meter, signed.reading.timestamp, _isConflict(signed.reading, word));
            } else {
                _record(meter, word, signed.reading);
            }
        }
    }

    /* METER REGISTRAR */

    /// @inheritdoc ISmartMeter
    function registerMeter(address meter, address account, bytes32 region, uint256 ratedPower, bytes calldata signature)
        external
        restricted
        returns (uint256 number)
    {
        if (account == address(0)) revert SmartMeter_ZeroAccount();
        if (ratedPower == 0 || ratedPower > MAX_RATED_POWER) revert SmartMeter_BadParameter("ratedPower", ratedPower);
        _requireFree(meter);
        _requireSignature(
            meter, keccak256(abi.encode(REGISTRATION_TYPEHASH, meter, account, region, ratedPower)), signature
        );

        number = ++meterCount;
        uint256 accountNumber = SETTLEMENT.openAccount(account);
        _meters[meter] = MeterWordLibrary.pack(accountNumber, ratedPower, block.timestamp);
        (_numbers[meter], meterAt[number]) = (number, meter);
        _regions[number] = region;
        _link(meter, accountNumber, account);
        emit MeterRegistered(meter, account, region, number, ratedPower);
    }

    /// @inheritdoc ISmartMeter
    function setMeterAccount(address meter, address account) external restricted {
        if (account == address(0)) revert SmartMeter_ZeroAccount();
        MeterWord word = _requireActive(meter);

        uint256 accountNumber = SETTLEMENT.openAccount(account);
        _unlink(meter, word);
        _meters[meter] = word.withAccount(accountNumber);
        _link(meter, accountNumber, account);
        emit MeterAccountSet(meter, SETTLEMENT.accountAt(word.account()), account);
    }

    /// @inheritdoc ISmartMeter
    function rotateMeterKey(address meter, address newKey, bytes calldata signature) external restricted {
        MeterWord word = _requireActive(meter);
        _requireFree(newKey);
        _requireSignature(newKey, keccak256(abi.encode(ROTATION_TYPEHASH, meter, newKey)), signature);

        uint256 number = _numbers[meter];
        (_meters[newKey], _numbers[newKey], meterAt[number]) = (word, number, newKey);
        (_meters[meter], _numbers[meter]) = (MeterWord.wrap(0), 0);
        EnumerableSet.AddressSet storage keys = _keys[word.account()];
        // slither-disable-next-line unused-return: always true, the meter is active
        keys.remove(meter);
        // slither-disable-next-line unused-return: always true, the key was free
        keys.add(newKey);
        emit MeterKeyRotated(meter, newKey, number);
    }

    /// @inheritdoc ISmartMeter
    function deactivateMeter(address meter) external restricted {
        MeterWord word = _requireActive(meter);
        _unlink(meter, word);
        _meters[meter] = word.deactivated();
        emit MeterDeactivated(meter);
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
    function getDailyProduction() external view returns (uint256) {
        return _dayTotals(msg.sender, block.timestamp / Slots.DAY).produced();
    }

    /// @inheritdoc ISmartMeter
    function getDailyProduction(address meter, uint256 day) external view returns (uint256) {
        return _dayTotals(meter, day).produced();
    }

    /// @inheritdoc ISmartMeter
    function getDailyConsumption() external view returns (uint256) {
        return _dayTotals(msg.sender, block.timestamp / Slots.DAY).consumed();
    }

    /// @inheritdoc ISmartMeter
    function getDailyConsumption(address meter, uint256 day) external view returns (uint256) {
        return _dayTotals(meter, day).consumed();
    }

    /// @inheritdoc ISmartMeter
    function getMeter(address meter) external view returns (MeterInfo memory) {
        MeterWord word = _meters[meter];
        uint256 number = _numbers[meter];
        return MeterInfo({
            number: number,
            account: SETTLEMENT.accountAt(word.account()),
            region: _regions[number],
            ratedPower: word.ratedPower(),
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
    function getLifetime(address account) external view returns (uint256 produced, uint256 consumed) {
        uint256 accountNumber = SETTLEMENT.numberOf(account);
        TotalsWord carried = _carried[accountNumber];
        (produced, consumed) = (carried.produced(), carried.consumed());

        address[] memory keys = _keys[accountNumber].values();
        for (uint256 i = 0; i < keys.length; ++i) {
            RegisterWord register = _registers[_numbers[keys[i]]];
            (uint256 producedNow, uint256 consumedNow) = _standOf(register, _meters[keys[i]]);
            produced += producedNow - register.producedAtLink();
            consumed += consumedNow - register.consumedAtLink();
        }
    }

    /* INTERNAL: READINGS */

    function _record(address meter, MeterWord word, MeterReading calldata reading) private {
        uint256 elapsed = _requireNext(meter, reading, word);
        uint256 slot = _requireOpenSlot(meter, reading.timestamp);
        _requirePlausibleEnergy(meter, reading, word.ratedPower(), elapsed);
        bool isGood = _requirePlausibleQuality(meter, reading.gridFrequency, reading.voltage);

        _meters[meter] = _advance(meter, word, reading);
        emit ReadingRecorded(
            meter,
            slot,
            reading.timestamp,
            reading.consumption,
            reading.production,
            reading.gridFrequency,
            reading.voltage
        );
        if (!isGood) emit PowerQualityAlert(meter, reading.timestamp, reading.gridFrequency, reading.voltage);
        // A reading without energy changes nothing in Settlement, except at the slot's end: there it shows that no
        // energy is outstanding.
        bool atSlotEnd = reading.timestamp % SLOT_LENGTH == 0;
        if (atSlotEnd || reading.production != 0 || reading.consumption != 0) {
            SETTLEMENT.recordMetered(word.account(), slot, reading.production, reading.consumption, atSlotEnd);
        }
    }

    /// @return elapsed seconds since the latest reading.
    function _requireNext(address meter, MeterReading calldata reading, MeterWord word)
        private
        view
        returns (uint256 elapsed)
    {
        uint256 timestamp = reading.timestamp;
        uint256 latestAt = word.timestamp();
        if (timestamp > block.timestamp) revert SmartMeter_FromFuture(meter, timestamp, block.timestamp);
        if (timestamp <= latestAt) _refuseNotNewer(meter, reading, word);
        unchecked {
            elapsed = timestamp - latestAt; // it is later, as just checked
        }
        if (elapsed < MIN_INTERVAL) revert SmartMeter_TooSoon(meter, timestamp, latestAt + MIN_INTERVAL);
    }

    function _refuseNotNewer(address meter, MeterReading calldata reading, MeterWord word) private pure {
        uint256 timestamp = reading.timestamp;
        if (timestamp < word.timestamp() || !word.hasReading()) {
            revert SmartMeter_NotNewer(meter, timestamp, word.timestamp());
        }
        if (_isConflict(reading, word)) revert SmartMeter_Conflicting(meter, timestamp);
        revert SmartMeter_Replayed(meter, timestamp);
    }

    /// @dev Whether a reading has the same time as the latest one and other values.
    function _isConflict(MeterReading calldata reading, MeterWord word) private pure returns (bool) {
        if (reading.timestamp != word.timestamp() || !word.hasReading()) return false;
        return reading.consumption != word.consumption() || reading.production != word.production()
            || reading.gridFrequency != word.frequency() || reading.voltage != word.voltage();
    }

    function _requireOpenSlot(address meter, uint256 timestamp) private view returns (uint256 slot) {
        unchecked {
            slot = (timestamp - 1) / SLOT_LENGTH; // above 0: later than the meter's latest
        }
        if (Slots.isFinal(slot, SLOT_LENGTH, GRACE, block.timestamp)) {
            revert SmartMeter_TooOld(meter, timestamp, (slot + 1) * SLOT_LENGTH + GRACE);
        }
    }

    function _requirePlausibleEnergy(address meter, MeterReading calldata reading, uint256 ratedPower, uint256 elapsed)
        private
        pure
    {
        uint256 consumption = reading.consumption;
        uint256 production = reading.production;
        uint256 energy = consumption > production ? consumption : production;
        uint256 maximum;
        unchecked {
            maximum = (ratedPower * elapsed + (Slots.HOUR - 1)) / Slots.HOUR; // 31 bits of W, 32 bits of s
        }
        if (maximum > MAX_READING) maximum = MAX_READING;
        if (energy > maximum) revert SmartMeter_ImplausibleEnergy(meter, energy, maximum);
    }

    /// @dev The plausible range is checked only outside the normal one, which saves a comparison for nearly all
    /// readings.
    /// @return isGood whether both values are in the normal range.
    function _requirePlausibleQuality(address meter, uint256 frequency, uint256 voltage)
        private
        view
        returns (bool isGood)
    {
        if (
            LOW_FREQUENCY <= frequency && frequency <= HIGH_FREQUENCY && LOW_VOLTAGE <= voltage
                && voltage <= HIGH_VOLTAGE
        ) return true;
        if (frequency < LOWEST_FREQUENCY || frequency > HIGHEST_FREQUENCY) {
            revert SmartMeter_ImplausibleFrequency(meter, frequency);
        }
        if (voltage < LOWEST_VOLTAGE || voltage > HIGHEST_VOLTAGE) {
            revert SmartMeter_ImplausibleVoltage(meter, voltage);
        }
    }

    /// @dev The word after a reading. The first reading of a day adds the day before to the registers.
    function _advance(address meter, MeterWord word, MeterReading calldata reading) private returns (MeterWord) {
        // slither-disable-next-line incorrect-equality: numbers of days
        bool isSameDay = _dayOf(reading.timestamp) == _dayOf(word.timestamp());
        if (!isSameDay) _finishDay(_numbers[meter], word);
        return word.afterReading(
            isSameDay,
            reading.timestamp,
            reading.consumption,
            reading.production,
            reading.gridFrequency,
            reading.voltage
        );
    }

    function _finishDay(uint256 number, MeterWord word) private {
        uint256 produced = word.producedToday();
        uint256 consumed = word.consumedToday();
        // slither-disable-next-line incorrect-equality: 0 means nothing to add
        if (produced == 0 && consumed == 0) return;
        _days[number][_dayOf(word.timestamp())] = TotalsWordLibrary.pack(produced, consumed);
        _registers[number] = _registers[number].plus(produced, consumed);
    }

    /* INTERNAL: METERS AND ACCOUNTS */

    function _link(address meter, uint256 accountNumber, address account) private {
        EnumerableSet.AddressSet storage keys = _keys[accountNumber];
        if (keys.length() == MAX_METERS) revert SmartMeter_TooManyMeters(account, MAX_METERS);
        // slither-disable-next-line unused-return: always true, its key was free
        keys.add(meter);
        _changedAt[accountNumber] = block.timestamp;
    }

    /// @dev Unlinks a meter from its account: its energy so far stays with the account, and the next link starts here.
    function _unlink(address meter, MeterWord word) private {
        uint256 accountNumber = word.account();
        uint256 number = _numbers[meter];
        RegisterWord register = _registers[number];
        (uint256 produced, uint256 consumed) = _standOf(register, word);
        _carried[accountNumber] =
            _carried[accountNumber].plus(produced - register.producedAtLink(), consumed - register.consumedAtLink());
        _registers[number] = register.linkedAt(produced, consumed);
        // slither-disable-next-line unused-return: always true, the meter was linked
        _keys[accountNumber].remove(meter);
        _changedAt[accountNumber] = block.timestamp;
    }

    function _requireActive(address meter) private view returns (MeterWord word) {
        word = _requireKnown(meter);
        if (!word.isActive()) revert SmartMeter_InactiveMeter(meter);
    }

    function _requireKnown(address meter) private view returns (MeterWord word) {
        word = _meters[meter];
        if (!word.exists()) revert SmartMeter_UnknownMeter(meter);
    }

    function _requireFree(address key) private view {
        if (_meters[key].exists()) revert SmartMeter_AlreadyRegistered(key);
    }

    /// @dev An invalid signature recovers to the zero address, which is no meter's key.
    function _requireSignature(address key, bytes32 structHash, bytes calldata signature) private view {
        // slither-disable-next-line unused-return: an invalid signature has the zero signer
        (address signer,,) = ECDSA.tryRecoverCalldata(_hashTypedDataV4(structHash), signature);
        if (signer != key || signer == address(0)) revert SmartMeter_WrongSignature(key, signer);
    }

    /* INTERNAL: VIEWS AND MATHS */

    function _latestReading(address meter) private view returns (MeterReading memory) {
        MeterWord word = _requireKnown(meter);
        return MeterReading({
            timestamp: word.timestamp(),
            consumption: word.consumption(),
            production: word.production(),
            gridFrequency: word.hasReading() ? word.frequency() : 0,
            voltage: word.voltage()
        });
    }

    function _dayTotals(address meter, uint256 day) private view returns (TotalsWord) {
        MeterWord word = _requireKnown(meter);
        if (day != _dayOf(word.timestamp())) return _days[_numbers[meter]][day];
        return TotalsWordLibrary.pack(word.producedToday(), word.consumedToday());
    }

    /// @dev The values of a meter's registers, including the current day.
    function _standOf(RegisterWord register, MeterWord word) private pure returns (uint256 produced, uint256 consumed) {
        produced = register.produced() + word.producedToday();
        consumed = register.consumed() + word.consumedToday();
    }

    /// @dev The UTC day that a reading taken at `timestamp` completes or lies in.
    function _dayOf(uint256 timestamp) private pure returns (uint256) {
        unchecked {
            return (timestamp - 1) / Slots.DAY; // no meter has been read at 0
        }
    }
}
