// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IGridBands} from "../interfaces/IGridBands.sol";
import {ISmartMeter} from "../interfaces/ISmartMeter.sol";
import {Slots} from "../libraries/Slots.sol";
import {BoundaryWord, BoundaryWordLibrary} from "../types/BoundaryWord.sol";
import {LatestWord} from "../types/LatestWord.sol";
import {MeterWord, OPEN_END} from "../types/MeterWord.sol";
import {MAX_REGISTER, ReadingWord, ReadingWordLibrary} from "../types/ReadingWord.sol";
import {GatewayMeters} from "./GatewayMeters.sol";

/// @title SmartMeter
/// @notice See {ISmartMeter}; comments here are for maintainers.
/// @dev A boundary reading reads and writes one word of its meter, {MeterWord}; the first one of a day writes the day's
/// {DayWord}, too. The nets of a whole call go to EnergyAccounts at once. A reading that cannot be recorded gives an
/// encoded error: a single one reverts with it, one of a batch is skipped with it in an event.
///
/// A reading between boundaries changes nothing that a boundary reading looks at. A device that shows too much once, or
/// a wrong time, is believed again at the next boundary.
contract SmartMeter is GatewayMeters {
    /// @dev Slots that wait for EnergyAccounts.
    struct Batch {
        BoundaryWord[] words;
        uint256 count;
    }

    /* CONSTANTS AND IMMUTABLES */

    bytes32 private constant READING_TYPEHASH = keccak256(
        "MeterReading(address meter,uint256 timestamp,uint256 consumption,uint256 production,"
        "uint256 gridFrequency,uint256 voltage)"
    );
    bytes32 private constant CONSENT_TYPEHASH =
        keccak256("SkippedReadings(address meter,uint256 timestamp,uint256 deadline)");

    /// @dev From then on anybody may skip a boundary that is missing.
    uint256 private constant CONSENT_PERIOD = 30 days;

    /// @inheritdoc ISmartMeter
    uint256 public immutable MIN_INTERVAL;
    /// @inheritdoc ISmartMeter
    IGridBands public immutable BANDS;

    /// @dev What is NORMAL by any bands near the default's nominal values, from the highest bits: lowest frequency in
    /// centihertz and how far it reaches, the same of the voltage in decivolts (16 each). {GridBands} is asked about
    /// the rest.
    uint256 private immutable NORMAL;

    /* CONSTRUCTOR */

    constructor(address authority, Modules memory modules, Parameters memory parameters)
        GatewayMeters(authority, modules, parameters)
    {
        uint256 interval = parameters.minInterval;
        if (interval == 0 || interval > SLOT_LENGTH) revert SmartMeter_BadParameter("minInterval", interval);
        MIN_INTERVAL = interval;

        BANDS = modules.bands;
        IGridBands.Bands memory bands = modules.bands.defaultBands();
        (uint256 frequency, uint256 voltage) = (bands.nominalFrequency, bands.nominalVoltage);
        (uint256 lowest, uint256 least) = (Math.ceilDiv(frequency * 999, 1000), Math.ceilDiv(voltage * 95, 100));
        NORMAL = (lowest << 48) | (((frequency * 1001) / 1000 - lowest) << 32) | (least << 16)
            | ((voltage * 105) / 100 - least);
    }

    /* METERS */

    /// @inheritdoc ISmartMeter
    function submitReading(MeterReading calldata reading) external {
        _recordOne(msg.sender, reading, false);
    }

    /* ANYONE */

    /// @inheritdoc ISmartMeter
    function submitSignedReadings(SignedReading[] calldata readings) external {
        uint256 count = readings.length;
        if (count == 0) revert SmartMeter_NoReadings();
        bytes32 domain = _domainSeparatorV4();
        Batch memory batch = Batch(new BoundaryWord[](count), 0);
        for (uint256 i = 0; i < count; ++i) {
            SignedReading calldata signed = readings[i];
            address meter = _meterOf(domain, signed);
            bytes memory refusal = _record(batch, meter, signed.reading, false);
            if (refusal.length != 0) emit ReadingSkipped(meter, signed.reading.timestamp, refusal);
        }
        _flush(batch);
    }

    /// @inheritdoc ISmartMeter
    function submitWithConsent(SignedReading calldata signed, uint256 deadline, bytes calldata consent) external {
        address meter = _meterOf(_domainSeparatorV4(), signed);
        address account = _accountOf(_requireActive(meter));
        if (_holder() != account) {
            _requireInTime(deadline);
            bytes32 structHash = keccak256(abi.encode(CONSENT_TYPEHASH, meter, signed.reading.timestamp, deadline));
            _requireConsent(account, structHash, consent);
        }
        _recordOne(meter, signed.reading, true);
    }

    /* VIEWS */

    /// @inheritdoc ISmartMeter
    function readingOf(SignedReading calldata signed)
        external
        view
        returns (uint256 number, uint256 slot, uint256 imported, uint256 exported)
    {
        address meter = _meterOf(_domainSeparatorV4(), signed);
        MeterWord word = _meters[meter];
        MeterReading calldata reading = signed.reading;
        _revertWith(_refusalOf(meter, word, reading));
        if (!word.isSettlement()) revert SmartMeter_NotSettlement(meter);
        // slither-disable-next-line divide-before-multiply: whether it is a slot's end
        slot = reading.timestamp / SLOT_LENGTH;
        if (slot * SLOT_LENGTH != reading.timestamp) revert SmartMeter_NotBoundary(meter, reading.timestamp);
        number = word.account();
        (imported, exported) = _points[number].ofAccount(reading.consumption, reading.production);
    }

    /* INTERNAL */

    function _recordOne(address meter, MeterReading calldata reading, bool consented) private {
        Batch memory batch = Batch(new BoundaryWord[](1), 0);
        _revertWith(_record(batch, meter, reading, consented));
        _flush(batch);
    }

    /// @return refusal why the reading is not recorded; empty if it is.
    function _record(Batch memory batch, address meter, MeterReading calldata reading, bool consented)
        private
        returns (bytes memory refusal)
    {
        MeterWord word = _meters[meter];
        refusal = _refusalOf(meter, word, reading);
        if (refusal.length != 0) return refusal;
        uint256 timestamp = reading.timestamp;
        // slither-disable-next-line divide-before-multiply: whether it is a slot's end
        uint256 end = timestamp / SLOT_LENGTH;
        unchecked {
            if (end * SLOT_LENGTH != timestamp) return _recordBetween(meter, word, reading);
        }
        return _recordBoundary(batch, meter, word, reading, end, consented);
    }

    /// @dev Of what a boundary reading changes, nothing is changed here, and it looks at nothing of what is.
    function _recordBetween(address meter, MeterWord word, MeterReading calldata reading)
        private
        returns (bytes memory refusal)
    {
        LatestWord latest = _latest[meter];
        uint256 boundary = word.readTo() * SLOT_LENGTH;
        uint256 last = Math.max(latest.reading().time(), boundary);
        uint256 timestamp = reading.timestamp;
        if (timestamp <= last) {
            return abi.encodeWithSelector(SmartMeter_NotNewer.selector, meter, timestamp, last);
        }
        if (timestamp - last < MIN_INTERVAL) {
            return abi.encodeWithSelector(SmartMeter_TooSoon.selector, meter, timestamp, last + MIN_INTERVAL);
        }
        (refusal,,) = _riseOf(meter, word, reading.consumption, reading.production, timestamp - boundary);
        if (refusal.length != 0) return refusal;
        refusal = _judgeQuality(meter, reading);
        if (refusal.length != 0) return refusal;

        ReadingWord recorded = ReadingWordLibrary.pack(timestamp, reading);
        _latest[meter] = latest.withReading(recorded);
        emit ReadingRecorded(meter, recorded);
    }

    function _recordBoundary(
        Batch memory batch,
        address meter,
        MeterWord word,
        MeterReading calldata reading,
        uint256 end,
        bool consented
    ) private returns (bytes memory refusal) {
        uint256 readTo = word.readTo();
        if (end <= readTo) return _oldRefusal(meter, word, reading);
        if (word.isByGateway() && !_isReadable(word, end)) {
            return abi.encodeWithSelector(SmartMeter_ReadByGateway.selector, meter, reading.timestamp);
        }
        unchecked {
            uint256 slots = end - readTo; // it is later, and both fit 32 bits
            if (slots != 1 && !consented) {
                refusal = _skipRefusal(meter, word, end);
                if (refusal.length != 0) return refusal;
            }
            uint256 imported;
            uint256 exported;
            (refusal, imported, exported) =
                _riseOf(meter, word, reading.consumption, reading.production, slots * SLOT_LENGTH);
            if (refusal.length != 0) return refusal;
            refusal = _judgeQuality(meter, reading);
            if (refusal.length != 0) return refusal;

            // slither-disable-next-line weak-prng,incorrect-equality: a day's end, no randomness
            if (slots != 1 || readTo % _DAY_SLOTS == 0) _keepDay(meter, word, end, word.reading());
            ReadingWord recorded = ReadingWordLibrary.pack(reading.timestamp, reading);
            emit ReadingRecorded(meter, recorded);
            MeterWord read = word.withReading(recorded.at(end));
            _meters[meter] = read;
            if (word.isSettlement()) _count(batch, word, end, imported, exported);
            // slither-disable-next-line incorrect-equality: slots
            if (end == word.endDay() * _DAY_SLOTS) _finish(meter, read);
        }
    }

    /// @dev Gives EnergyAccounts what was measured, in the order in which it was. Slots before the first day belong to
    /// nobody.
    function _count(Batch memory batch, MeterWord word, uint256 end, uint256 imported, uint256 exported) private {
        unchecked {
            uint256 first = word.firstDay() * _DAY_SLOTS;
            if (end <= first) return;
            (uint256 readTo, uint256 number) = (word.readTo(), word.account());
            // slither-disable-next-line incorrect-equality: slots
            if (end == readTo + 1) {
                // A slot at the highest rated power fits 31 bits.
                int256 net = int256(exported) - int256(imported);
                uint256 count = batch.count;
                batch.words[count] = BoundaryWordLibrary.pack(readTo, number, net);
                batch.count = count + 1;
            } else {
                _flush(batch);
                ENERGY.recordSpan(number, Math.max(readTo, first), end, imported, exported);
            }
        }
    }

    /// @dev Hands over what waits, and empties the batch.
    function _flush(Batch memory batch) private {
        uint256 count = batch.count;
        // slither-disable-next-line incorrect-equality: a number of words
        if (count == 0) return;
        BoundaryWord[] memory words = batch.words;
        uint256 room = words.length;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(words, count)
        }
        ENERGY.record(words);
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(words, room)
        }
        batch.count = 0;
    }

    /* INTERNAL: CHECKS */

    /// @dev The meter of a reading, which must have signed it; an invalid signature is that of the zero address, which
    /// is no meter. A second signature of the same reading, with another `s`, does no harm: it is recorded once.
    function _meterOf(bytes32 domain, SignedReading calldata signed) private view returns (address meter) {
        meter = signed.meter;
        bytes32 typehash = READING_TYPEHASH;
        bytes32 structHash;
        // The meter and its reading stand in calldata as the type says.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, typehash)
            calldatacopy(add(data, 0x20), signed, 0xc0)
            structHash := keccak256(data, 0xe0)
        }
        bytes32 digest = MessageHashUtils.toTypedDataHash(domain, structHash);
        (bytes32 r, bytes32 vs, address signer) = (signed.r, signed.vs, address(0));
        // ecrecover, which answers nothing of an invalid signature.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let data := mload(0x40)
            mstore(data, digest)
            mstore(add(data, 0x20), add(27, shr(255, vs)))
            mstore(add(data, 0x40), r)
            mstore(add(data, 0x60), shr(1, shl(1, vs)))
            mstore(0x00, 0)
            if iszero(staticcall(gas(), 0x01, data, 0x80, 0x00, 0x20)) { revert(0x00, 0x00) }
            signer := mload(0x00)
        }
        if (signer != meter) revert SmartMeter_WrongSignature(meter, signer);
    }

    /// @dev What holds of all readings.
    function _refusalOf(address meter, MeterWord word, MeterReading calldata reading)
        private
        view
        returns (bytes memory refusal)
    {
        uint256 timestamp = reading.timestamp;
        if (!word.isActive()) {
            bytes4 error_ = word.exists() ? SmartMeter_InactiveMeter.selector : SmartMeter_UnknownMeter.selector;
            return abi.encodeWithSelector(error_, meter);
        }
        if ((reading.consumption | reading.production) > MAX_REGISTER) {
            return abi.encodeWithSelector(
                SmartMeter_RegisterTooLarge.selector, meter, reading.consumption, reading.production
            );
        }
        uint256 endDay = word.endDay();
        if (endDay != OPEN_END && (timestamp > endDay * Slots.DAY || _isReleased(word))) {
            return abi.encodeWithSelector(SmartMeter_Detached.selector, meter, timestamp, endDay * Slots.DAY);
        }
        if (timestamp > block.timestamp) {
            return abi.encodeWithSelector(SmartMeter_FromFuture.selector, meter, timestamp, block.timestamp);
        }
    }

    /// @dev Of a boundary reading that is not newer than the newest one.
    function _oldRefusal(address meter, MeterWord word, MeterReading calldata reading)
        private
        view
        returns (bytes memory)
    {
        ReadingWord last = word.reading();
        uint256 timestamp = reading.timestamp;
        uint256 readTo = word.readTo();
        uint256 lastTime = readTo * SLOT_LENGTH;
        // slither-disable-next-line incorrect-equality: 0 is a meter that was not read
        if (timestamp < lastTime || last.voltage() == 0) {
            return abi.encodeWithSelector(SmartMeter_NotNewer.selector, meter, timestamp, lastTime);
        }
        // slither-disable-next-line incorrect-equality: the same reading again
        bool isSame = ReadingWordLibrary.pack(readTo, reading).isSame(last);
        bytes4 error_ = isSame ? SmartMeter_Replayed.selector : SmartMeter_Conflicting.selector;
        return abi.encodeWithSelector(error_, meter, timestamp);
    }

    /// @dev Of an account whose days a gateway may read; slots before the first day belong to nobody.
    function _isReadable(MeterWord word, uint256 end) private view returns (bool) {
        uint256 from = Math.max(word.readTo(), word.firstDay() * _DAY_SLOTS);
        return end <= from || ENERGY.isReadable(word.account(), from, end);
    }

    /// @dev A settlement meter's next boundary is due at each slot's end from its first day on, a sub-meter's at
    /// midnight.
    function _skipRefusal(address meter, MeterWord word, uint256 end) private view returns (bytes memory refusal) {
        uint256 due = word.isSettlement()
            ? Math.max(word.readTo() + 1, word.firstDay() * _DAY_SLOTS)
            : (word.readTo() / _DAY_SLOTS + 1) * _DAY_SLOTS;
        uint256 openFrom = due * SLOT_LENGTH + CONSENT_PERIOD;
        if (end > due && block.timestamp < openFrom) {
            return
                abi.encodeWithSelector(
                    SmartMeter_Skipped.selector, meter, end * SLOT_LENGTH, due * SLOT_LENGTH, openFrom
                );
        }
    }

    /// @dev The region's bands are asked for only far from nominal values. The alert stands, since nothing else refuses
    /// the reading afterwards.
    function _judgeQuality(address meter, MeterReading calldata reading) private returns (bytes memory refusal) {
        (uint256 frequency, uint256 voltage) = (reading.gridFrequency, reading.voltage);
        uint256 normal = NORMAL;
        unchecked {
            bool isNear =
                frequency - (normal >> 48) <= uint16(normal >> 32) && voltage - uint16(normal >> 16) <= uint16(normal);
            if (isNear) return refusal;
        }
        IGridBands.Quality quality = BANDS.qualityOf(_regions[_numbers[meter]], frequency, voltage);
        if (quality == IGridBands.Quality.IMPLAUSIBLE) {
            return abi.encodeWithSelector(SmartMeter_ImplausibleQuality.selector, meter, frequency, voltage);
        }
        if (quality == IGridBands.Quality.UNUSUAL) {
            emit PowerQualityAlert(meter, reading.timestamp, frequency, voltage);
        }
    }
}
