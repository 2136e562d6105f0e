// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Checkpoints} from "@openzeppelin/contracts/utils/structs/Checkpoints.sol";

import {ISettlement} from "../interfaces/ISettlement.sol";
import {ISmartMeter} from "../interfaces/ISmartMeter.sol";
import {SlotLeaves} from "../libraries/SlotLeaves.sol";
import {Slots} from "../libraries/Slots.sol";
import {MAX_RATED_POWER} from "../types/MeterWord.sol";

/// @title GatewayReadings
/// @notice The part of {ISmartMeter} about gateways and anchored readings; comments here are for maintainers.
/// @dev A gateway is identified by its number, so a new key changes nothing for its accounts, and roots are stored by
/// number. The caller's address gives the gateway's number; the key of a suspended gateway has none.
abstract contract GatewayReadings is ISmartMeter, AccessManaged {
    using Checkpoints for Checkpoints.Trace224;
    using SafeCast for uint256;

    /// @dev A key's gateway, and the slot in which the gateway got the key (0 for its first key). The key has anchored
    /// all anchored slots from there on, and of earlier slots only those in `_takenOver`.
    struct Seat {
        // 4 + 6 = 10 bytes
        uint32 gateway;
        uint48 sinceSlot;
    }

    /* CONSTANTS AND IMMUTABLES */

    /// @dev A checkpoint's value: | unused 161 | rated power 31 | gateway 32 |, of 224 bits.
    uint256 private constant RATED_POWER_AT = 32;

    /// @inheritdoc ISmartMeter
    ISettlement public immutable SETTLEMENT;
    /// @inheritdoc ISmartMeter
    uint256 public immutable SLOT_LENGTH;
    /// @inheritdoc ISmartMeter
    uint256 public immutable GRACE;

    /* STORAGE */

    /// @inheritdoc ISmartMeter
    uint256 public gatewayCount;
    /// @inheritdoc ISmartMeter
    mapping(uint256 gateway => address key) public gatewayAt;
    /// @inheritdoc ISmartMeter
    mapping(uint256 gateway => mapping(uint256 slot => bytes32 root)) public anchorOf;
    mapping(address key => Seat seat) private _seats;
    /// @dev The key that anchored a slot that had ended before the gateway got this key; the slot alone does not
    /// determine it.
    mapping(uint256 gateway => mapping(uint256 slot => address key)) private _takenOver;
    /// @dev The gateway and rated power of an account, by the slot from which on they apply.
    mapping(uint256 accountNumber => Checkpoints.Trace224 readers) private _readers;

    /* CONSTRUCTOR */

    constructor(address authority, ISettlement settlement) AccessManaged(authority) {
        SETTLEMENT = settlement;
        SLOT_LENGTH = settlement.SLOT_LENGTH();
        GRACE = settlement.GRACE();
    }

    /* ANYONE */

    /// @inheritdoc ISmartMeter
    function proveSlot(
        address account,
        uint256 slot,
        uint256 produced,
        uint256 consumed,
        bytes32 salt,
        bytes32[] calldata proof
    ) external {
        uint256 accountNumber = SETTLEMENT.numberOf(account);
        (uint256 gateway, uint256 ratedPower) = _readerOf(accountNumber, slot);
        bytes32 root = _requireAnchor(account, slot, gateway);
        bytes32 leaf = SlotLeaves.leafOf(account, slot, produced, consumed, salt);
        if (!MerkleProof.verifyCalldata(proof, root, leaf)) revert SmartMeter_WrongProof(account, slot, root);
        uint256 energy = Math.max(produced, consumed);
        uint256 maximum = Math.ceilDiv(ratedPower * SLOT_LENGTH, Slots.HOUR);
        if (energy > maximum) revert SmartMeter_ImplausibleEnergy(account, energy, maximum);

        _addToLifetime(accountNumber, produced, consumed);
        SETTLEMENT.recordProven(accountNumber, slot, produced, consumed);
        emit SlotProven(account, slot, produced, consumed);
    }

    /// @inheritdoc ISmartMeter
    function disputeDoubleCount(
        address account,
        uint256 slot,
        AnchoredReading calldata first,
        AnchoredReading calldata second
    ) external {
        uint256 accountNumber = SETTLEMENT.numberOf(account);
        (uint256 gateway,) = _readerOf(accountNumber, slot);
        bytes32 root = _requireAnchor(account, slot, gateway);
        if (_requireLeaf(account, slot, root, first) == _requireLeaf(account, slot, root, second)) {
            revert SmartMeter_NoContradiction(account, slot);
        }

        address key = gatewayAt[gateway];
        bool isItsOwn = _hasAnchored(key, gateway, slot);
        bool isCounted = SETTLEMENT.isCounted(account, slot);
        if (!isItsOwn && isCounted) revert SmartMeter_NothingToDispute(account, slot);
        if (isItsOwn) {
            (_seats[key], gatewayAt[gateway]) = (Seat(0, 0), address(0));
            emit GatewaySuspended(gateway, key, account, slot);
        }
        // Counted as 0 Wh, so that neither of the two readings can be counted any more.
        if (!isCounted) {
            SETTLEMENT.recordProven(accountNumber, slot, 0, 0);
            emit SlotProven(account, slot, 0, 0);
        }
    }

    /* GATEWAYS */

    /// @inheritdoc ISmartMeter
    function anchorReadings(bytes32 root, uint256 slot, uint256 count) external {
        Seat memory seat = _seats[msg.sender];
        uint256 gateway = seat.gateway;
        // slither-disable-next-line incorrect-equality: 0 is no number
        if (gateway == 0) revert SmartMeter_NotAGateway(msg.sender);
        if (root == 0 || count == 0) revert SmartMeter_EmptyAnchor(root, count);
        uint256 over = _endOf(slot);
        if (block.timestamp < over) revert SmartMeter_SlotNotOver(slot, over);
        if (block.timestamp > anchorDeadline(slot)) revert SmartMeter_AnchorTooLate(slot, anchorDeadline(slot));
        if (anchorOf[gateway][slot] != 0) revert SmartMeter_AlreadyAnchored(gateway, slot);

        anchorOf[gateway][slot] = root;
        if (slot < seat.sinceSlot) _takenOver[gateway][slot] = msg.sender;
        emit ReadingsAnchored(gateway, slot, root, count);
    }

    /* METER REGISTRAR */

    /// @inheritdoc ISmartMeter
    function registerGateway(address key) external restricted returns (uint256 gateway) {
        gateway = ++gatewayCount;
        _giveKey(gateway, key, 0);
        emit GatewayRegistered(gateway, key);
    }

    /// @inheritdoc ISmartMeter
    function replaceGateway(uint256 gateway, address key) external restricted {
        _requireGateway(gateway);
        address from = gatewayAt[gateway];
        if (from != address(0)) _seats[from] = Seat(0, 0);
        _giveKey(gateway, key, block.timestamp / SLOT_LENGTH);
        emit GatewayReplaced(gateway, from, key);
    }

    /// @inheritdoc ISmartMeter
    function assignGateway(address account, uint256 gateway, uint256 ratedPower) external restricted {
        if (account == address(0)) revert SmartMeter_ZeroAccount();
        if (gateway != 0) {
            _requireGateway(gateway);
            if (ratedPower == 0 || ratedPower > MAX_RATED_POWER) {
                revert SmartMeter_BadParameter("ratedPower", ratedPower);
            }
        } else if (ratedPower != 0) {
            revert SmartMeter_BadParameter("ratedPower", ratedPower);
        }
        uint256 accountNumber = SETTLEMENT.openAccount(account);
        uint256 meters = _metersOf(accountNumber);
        if (meters != 0) revert SmartMeter_HasMeters(account, meters);

        uint256 slot = block.timestamp / SLOT_LENGTH;
        // slither-disable-next-line unused-return: the former value does not matter
        _readers[accountNumber].push(slot.toUint32(), uint224((ratedPower << RATED_POWER_AT) | gateway));
        emit GatewayAssigned(account, gateway, slot, ratedPower);
    }

    /* VIEWS */

    /// @inheritdoc ISmartMeter
    function gatewayNumberOf(address key) external view returns (uint256 gateway) {
        return _seats[key].gateway;
    }

    /// @inheritdoc ISmartMeter
    function gatewayOf(address account, uint256 slot) external view returns (uint256 gateway, uint256 ratedPower) {
        return _readerOf(SETTLEMENT.numberOf(account), slot);
    }

    /// @inheritdoc ISmartMeter
    function anchorDeadline(uint256 slot) public view returns (uint256) {
        return Math.saturatingAdd(_endOf(slot), GRACE / 2);
    }

    /* INTERNAL */

    /// @dev Adds proven energy to an account's metered total.
    function _addToLifetime(uint256 accountNumber, uint256 produced, uint256 consumed) internal virtual;

    /// @dev The number of an account's active meters.
    function _metersOf(uint256 accountNumber) internal view virtual returns (uint256);

    /// @dev Reverts with ReadByGateway for an account that is assigned to a gateway.
    function _requireNoGateway(uint256 accountNumber, address account) internal view {
        uint256 gateway = uint32(_readers[accountNumber].latest());
        if (gateway != 0) revert SmartMeter_ReadByGateway(account, gateway);
    }

    function _giveKey(uint256 gateway, address key, uint256 sinceSlot) private {
        if (key == address(0)) revert SmartMeter_ZeroGateway();
        if (_seats[key].gateway != 0) revert SmartMeter_GatewayTaken(key);
        _seats[key] = Seat({gateway: gateway.toUint32(), sinceSlot: sinceSlot.toUint48()});
        gatewayAt[gateway] = key;
    }

    /// @dev Whether the gateway's current key anchored a slot. Without this check a new key could be suspended because
    /// of the old key's contradictions, again and again.
    function _hasAnchored(address key, uint256 gateway, uint256 slot) private view returns (bool) {
        if (key == address(0)) return false;
        return slot >= _seats[key].sinceSlot || _takenOver[gateway][slot] == key;
    }

    /// @dev Slots beyond 64-bit times are never over.
    function _endOf(uint256 slot) private view returns (uint256) {
        return Math.saturatingMul(Math.saturatingAdd(slot, 1), SLOT_LENGTH);
    }

    function _requireGateway(uint256 gateway) private view {
        if (gateway == 0 || gateway > gatewayCount) revert SmartMeter_NoSuchGateway(gateway);
    }

    function _readerOf(uint256 accountNumber, uint256 slot) private view returns (uint256 gateway, uint256 ratedPower) {
        uint256 reader = _readers[accountNumber].upperLookupRecent(uint32(Math.min(slot, type(uint32).max)));
        return (uint32(reader), reader >> RATED_POWER_AT);
    }

    function _requireAnchor(address account, uint256 slot, uint256 gateway) private view returns (bytes32 root) {
        root = anchorOf[gateway][slot];
        if (root == 0) revert SmartMeter_NotAnchored(account, slot, gateway);
    }

    function _requireLeaf(address account, uint256 slot, bytes32 root, AnchoredReading calldata reading)
        private
        pure
        returns (bytes32 leaf)
    {
        leaf = SlotLeaves.leafOf(account, slot, reading.produced, reading.consumed, reading.salt);
        if (!MerkleProof.verifyCalldata(reading.proof, root, leaf)) revert SmartMeter_WrongProof(account, slot, root);
    }
}
