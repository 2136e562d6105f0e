// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";

import {Relayed} from "../access/Relayed.sol";
import {ISmartMeter} from "../interfaces/ISmartMeter.sol";
import {Slots} from "../libraries/Slots.sol";
import {DayWord, DayWordLibrary} from "../types/DayWord.sol";
import {LatestWord, LatestWordLibrary} from "../types/LatestWord.sol";
import {MeterWord, MeterWordLibrary, OPEN_END} from "../types/MeterWord.sol";
import {PointWord, PointWordLibrary} from "../types/PointWord.sol";
import {MAX_REGISTER, ReadingWord, ReadingWordLibrary, movedTo, riseOf} from "../types/ReadingWord.sol";
import {MeterRecords} from "./MeterRecords.sol";

/// @title MeterRegistry
/// @notice The part of {ISmartMeter} about devices and whose they are; comments here are for
/// maintainers.
abstract contract MeterRegistry is MeterRecords, EIP712, Relayed {
    using EnumerableSet for EnumerableSet.AddressSet;
    using SafeCast for uint256;

    /* CONSTANTS AND IMMUTABLES */

    bytes32 private constant REGISTRATION_TYPEHASH = keccak256(
        "MeterRegistration(address meter,address account,bytes32 region,uint256 ratedPower,bool settlement,"
        "uint256 consumption,uint256 production,uint256 deadline)"
    );
    bytes32 private constant EXCHANGE_TYPEHASH = keccak256(
        "MeterExchange(address meter,address newKey,uint256 ratedPower,uint256 finalConsumption,"
        "uint256 finalProduction,uint256 consumption,uint256 production,uint256 deadline)"
    );
    bytes32 private constant ROTATION_TYPEHASH = keccak256("MeterKeyRotation(address meter,address newKey)");

    /// @dev Bounds the loop of {getLifetime}.
    uint256 private constant MAX_METERS = 32;

    /* CONSTRUCTOR */

    constructor(address authority, Modules memory modules, Parameters memory parameters)
        MeterRecords(authority, modules, parameters)
        EIP712("EnergyGrid SmartMeter", "1")
        Relayed(modules.forwarder)
    {}

    /* HOLDERS */

    /// @inheritdoc ISmartMeter
    function consentToMeter(Registration calldata registration) external {
        _consent(registration.meter, registration.account, _hashOf(registration));
    }

    /// @inheritdoc ISmartMeter
    function consentToExchange(Exchange calldata exchange) external {
        _consent(exchange.meter, _accountOf(_requireActive(exchange.meter)), _hashOf(exchange));
    }

    /// @inheritdoc ISmartMeter
    function consentToRotation(address meter, address newKey) external {
        _consent(meter, _accountOf(_requireActive(meter)), _hashOf(meter, newKey));
    }

    /// @inheritdoc ISmartMeter
    function detachMeter(address meter) external {
        MeterWord word = _requireActive(meter);
        _requireHolder(meter, _accountOf(word));
        _detach(meter, word);
    }

    /* METER REGISTRAR */

    /// @inheritdoc ISmartMeter
    function registerMeter(Registration calldata registration, bytes calldata proof, bytes calldata consent)
        external
        restricted
        returns (uint256 number)
    {
        address meter = registration.meter;
        address account = registration.account;
        if (account == address(0)) revert SmartMeter_ZeroAccount();
        _requireInTime(registration.deadline);
        _requireRatedPower(registration.ratedPower, MAX_POWER);
        _requireRegisters(meter, registration.consumption, registration.production);
        _requireFree(meter);
        bytes32 structHash = _hashOf(registration);
        _requireSignature(meter, structHash, proof);
        _requireConsent(account, structHash, consent);

        number = ++meterCount;
        (_numbers[meter], meterAt[number]) = (number, meter);
        _regions[number] = registration.region;
        uint256 accountNumber = SETTLEMENT.openAccount(account);
        _begin(number, accountNumber, registration);
        _link(meter, accountNumber, account);
        if (registration.settlement) _attach(accountNumber, registration);
        emit MeterRegistered(
            meter, account, registration.region, number, registration.ratedPower, registration.settlement
        );
    }

    /// @inheritdoc ISmartMeter
    function exchangeMeter(Exchange calldata exchange, bytes calldata proof, bytes calldata consent)
        external
        restricted
    {
        address meter = exchange.meter;
        MeterWord word = _requireActive(meter);
        _requireAttached(meter, word);
        _requireInTime(exchange.deadline);
        // The security was taken for what the meter was registered with.
        _requireRatedPower(exchange.ratedPower, word.ratedPower());
        _requireRegisters(meter, exchange.finalConsumption, exchange.finalProduction);
        _requireRegisters(exchange.newKey, exchange.consumption, exchange.production);
        _requireFree(exchange.newKey);
        bytes32 structHash = _hashOf(exchange);
        _requireSignature(exchange.newKey, structHash, proof);
        _requireOneConsent(meter, word, structHash, consent);

        _requireFinal(exchange, word);
        LatestWord latest = _latest[meter];
        uint256 number = _move(meter, exchange.newKey, word.account());
        _goOn(number, exchange, word, latest);
        if (word.isSettlement()) _exchangePoint(exchange, word);
        emit MeterExchanged(meter, exchange.newKey, number, exchange);
    }

    /// @inheritdoc ISmartMeter
    function rotateMeterKey(address meter, address newKey, bytes calldata proof, bytes calldata consent)
        external
        restricted
    {
        MeterWord word = _requireActive(meter);
        _requireFree(newKey);
        bytes32 structHash = _hashOf(meter, newKey);
        _requireSignature(newKey, structHash, proof);
        _requireOneConsent(meter, word, structHash, consent);

        (_meters[newKey], _latest[newKey]) = (word, _latest[meter]);
        emit MeterKeyRotated(meter, newKey, _move(meter, newKey, word.account()));
    }

    /// @inheritdoc ISmartMeter
    function deactivateMeter(address meter) external restricted {
        MeterWord word = _requireActive(meter);
        // What a settlement meter still counts is read: an account cannot be left with trades and no meter.
        // slither-disable-next-line incorrect-equality: the highest day is no end
        if (word.isSettlement() && (word.endDay() == OPEN_END || !_isReleased(word))) {
            _detach(meter, word);
        } else {
            _finish(meter, word);
        }
    }

    /* INTERNAL: REGISTRATION */

    function _begin(uint256 number, uint256 accountNumber, Registration calldata registration) private {
        (uint256 imported, uint256 exported) = (registration.consumption, registration.production);
        // A boundary reading of the running slot's end is the first one that counts.
        uint256 readTo = block.timestamp / SLOT_LENGTH;
        MeterWord word = MeterWordLibrary.pack(
            registration.settlement,
            _tomorrow(),
            registration.ratedPower,
            accountNumber,
            ReadingWordLibrary.pack(readTo, imported, exported)
        );
        if (registration.settlement) word = word.withByGateway(ENERGY.isByGateway(accountNumber));
        _meters[registration.meter] = word;
        _latest[registration.meter] =
            LatestWordLibrary.pack(imported, exported, ReadingWordLibrary.pack(block.timestamp, imported, exported));
        _days[number][_lastDay(word)] = DayWordLibrary.pack(imported, exported);
    }

    function _attach(uint256 accountNumber, Registration calldata registration) private {
        uint256 region = TARIFFS.regionId(registration.region);
        uint256 ratedPower = registration.ratedPower;
        _points[accountNumber] = PointWordLibrary.pack(registration.meter);
        ENERGY.attach(accountNumber, region, _tomorrow() * _DAY_SLOTS, ratedPower);
        SETTLEMENT.takeSecurity(accountNumber, securityFor(ratedPower), ratedPower);
    }

    function _detach(address meter, MeterWord word) private {
        _requireAttached(meter, word);
        uint256 endDay = _tomorrow();
        _meters[meter] = word.endingAt(endDay);
        if (word.isSettlement()) ENERGY.detach(word.account(), endDay * _DAY_SLOTS);
        emit MeterDetached(meter, _accountOf(word), endDay);
    }

    function _link(address meter, uint256 accountNumber, address account) private {
        EnumerableSet.AddressSet storage keys = _keys[accountNumber];
        if (keys.length() == MAX_METERS) revert SmartMeter_TooManyMeters(account, MAX_METERS);
        // slither-disable-next-line unused-return: always true, its key was free
        keys.add(meter);
        _changedAt[accountNumber] = block.timestamp;
    }

    /// @dev Gives a meter another key; the caller stores the words of the new one.
    function _move(address meter, address newKey, uint256 accountNumber) private returns (uint256 number) {
        number = _numbers[meter];
        (_numbers[newKey], meterAt[number]) = (number, newKey);
        (_meters[meter], _latest[meter]) = (MeterWord.wrap(0), LatestWord.wrap(0));
        EnumerableSet.AddressSet storage keys = _keys[accountNumber];
        // slither-disable-next-line unused-return: always true, the meter is active
        keys.remove(meter);
        // slither-disable-next-line unused-return: always true, the key was free
        keys.add(newKey);
        PointWord point = _points[accountNumber];
        if (point.key() == meter) _points[accountNumber] = point.withKey(newKey);
    }

    /// @dev The final registers must follow the newest boundary, like a reading at the end of the running slot: what
    /// they add is in the next boundary, and too much would make every one of them implausible.
    function _requireFinal(Exchange calldata exchange, MeterWord word) private view {
        uint256 elapsed = (block.timestamp / SLOT_LENGTH + 1 - word.readTo()) * SLOT_LENGTH;
        (bytes memory refusal,,) =
            _riseOf(exchange.meter, word, exchange.finalConsumption, exchange.finalProduction, elapsed);
        _revertWith(refusal);
    }

    /// @dev Another device: all registers are expressed in its terms. The day before the newest boundary's gets its own
    /// end, since the running day's begin moves away from it.
    function _goOn(uint256 number, Exchange calldata exchange, MeterWord word, LatestWord latest) private {
        uint256 day = _lastDay(word);
        mapping(uint256 day => DayWord word) storage ofMeter = _days[number];
        (DayWord before, DayWord running) = (ofMeter[day - 1], ofMeter[day]);
        if (before.exists() && !before.hasEnd()) {
            ofMeter[day - 1] = before.endingAt(running.imported(), running.exported());
        }
        (uint256 imported, uint256 exported) = _moved(exchange, running.imported(), running.exported());
        ofMeter[day] = DayWordLibrary.pack(imported, exported);

        (imported, exported) = _moved(exchange, latest.importedAtStart(), latest.exportedAtStart());
        _latest[exchange.newKey] = LatestWordLibrary.pack(
            imported, exported, ReadingWordLibrary.pack(block.timestamp, exchange.consumption, exchange.production)
        );

        ReadingWord reading = word.reading();
        (imported, exported) = _moved(exchange, reading.imported(), reading.exported());
        _meters[exchange.newKey] = word.withRatedPower(exchange.ratedPower)
            .withReading(ReadingWordLibrary.pack(reading.time(), imported, exported));
    }

    /// @dev Of a settlement meter: the account's registers go on.
    function _exchangePoint(Exchange calldata exchange, MeterWord word) private {
        uint256 accountNumber = word.account();
        _points[accountNumber] = _points[accountNumber].exchanged(
            exchange.finalConsumption, exchange.finalProduction, exchange.consumption, exchange.production
        );
        if (exchange.ratedPower != word.ratedPower()) ENERGY.setRatedPower(accountNumber, exchange.ratedPower);
    }

    function _moved(Exchange calldata exchange, uint256 imported, uint256 exported)
        private
        pure
        returns (uint256, uint256)
    {
        return (
            movedTo(imported, exchange.finalConsumption, exchange.consumption),
            movedTo(exported, exchange.finalProduction, exchange.production)
        );
    }

    function _consent(address meter, address account, bytes32 structHash) private {
        _requireHolder(meter, account);
        hasConsented[account][structHash] = true;
        emit MeterConsented(account, structHash);
    }

    /* INTERNAL: CHECKS */

    /// @dev How far the registers have risen since the newest boundary, or why a reading cannot follow it.
    function _riseOf(address meter, MeterWord word, uint256 consumption, uint256 production, uint256 elapsed)
        internal
        pure
        returns (bytes memory refusal, uint256 imported, uint256 exported)
    {
        ReadingWord last = word.reading();
        (uint256 lastImported, uint256 lastExported) = (last.imported(), last.exported());
        (imported, exported) = (riseOf(consumption, lastImported), riseOf(production, lastExported));
        unchecked {
            uint256 maximum = (word.ratedPower() * elapsed) / Slots.HOUR; // 31 bits of W, 33 bits of s
            uint256 energy = imported + exported; // 48 bits each
            if ((imported | exported) > MAX_REGISTER / 2) {
                refusal = abi.encodeWithSelector(
                    SmartMeter_RegisterDecreased.selector, meter, consumption, production, lastImported, lastExported
                );
            } else if (energy > maximum) {
                refusal = abi.encodeWithSelector(SmartMeter_ImplausibleEnergy.selector, meter, energy, maximum);
            }
        }
    }

    /// @dev Reverts with an encoded error, if there is one.
    function _revertWith(bytes memory refusal) internal pure {
        // slither-disable-next-line incorrect-equality: the length of nothing
        if (refusal.length == 0) return;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            revert(add(refusal, 32), mload(refusal))
        }
    }

    function _requireInTime(uint256 deadline) internal view {
        if (block.timestamp > deadline) revert SmartMeter_Expired(deadline, block.timestamp);
    }

    /// @dev The holder's signature, or an earlier call of it.
    function _requireConsent(address account, bytes32 structHash, bytes calldata signature) internal view {
        if (hasConsented[account][structHash]) return;
        if (!SignatureChecker.isValidSignatureNowCalldata(account, _hashTypedDataV4(structHash), signature)) {
            revert SmartMeter_NoConsent(account, structHash);
        }
    }

    /// @dev The device's signature, or its holder's consent.
    function _requireOneConsent(address meter, MeterWord word, bytes32 structHash, bytes calldata signature)
        private
        view
    {
        if (_signerOf(structHash, signature) != meter) _requireConsent(_accountOf(word), structHash, signature);
    }

    function _requireFree(address key) private view {
        if (_numbers[key] != 0) revert SmartMeter_AlreadyRegistered(key);
    }

    function _requireAttached(address meter, MeterWord word) private view {
        uint256 endDay = word.endDay();
        if (endDay != OPEN_END) revert SmartMeter_Detached(meter, block.timestamp, endDay * Slots.DAY);
    }

    function _requireHolder(address meter, address account) private view {
        address caller = _holder();
        if (caller != account) revert SmartMeter_NotHolder(meter, account, caller);
    }

    function _requireRatedPower(uint256 ratedPower, uint256 highest) private pure {
        if (ratedPower == 0) revert SmartMeter_BadParameter("ratedPower", 0);
        if (ratedPower > highest) revert SmartMeter_PowerAbove(ratedPower, highest);
    }

    function _requireRegisters(address meter, uint256 consumption, uint256 production) private pure {
        if (consumption > MAX_REGISTER || production > MAX_REGISTER) {
            revert SmartMeter_RegisterTooLarge(meter, consumption, production);
        }
    }

    function _requireSignature(address key, bytes32 structHash, bytes calldata signature) private view {
        address signer = _signerOf(structHash, signature);
        if (signer != key || signer == address(0)) revert SmartMeter_WrongSignature(key, signer);
    }

    /// @dev Zero for an invalid signature.
    function _signerOf(bytes32 structHash, bytes calldata signature) private view returns (address signer) {
        // slither-disable-next-line unused-return: an invalid signature has the zero signer
        (signer,,) = ECDSA.tryRecoverCalldata(_hashTypedDataV4(structHash), signature);
    }

    function _hashOf(Registration calldata registration) private pure returns (bytes32) {
        return keccak256(abi.encode(REGISTRATION_TYPEHASH, registration));
    }

    function _hashOf(address meter, address newKey) private pure returns (bytes32) {
        return keccak256(abi.encode(ROTATION_TYPEHASH, meter, newKey));
    }

    function _hashOf(Exchange calldata exchange) private pure returns (bytes32) {
        return keccak256(abi.encode(EXCHANGE_TYPEHASH, exchange));
    }
}
