// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {ERC1155} from "@openzeppelin/contracts/token/ERC1155/ERC1155.sol";
import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {Relayed} from "../access/Relayed.sol";
import {IEnergyAccounts} from "../interfaces/IEnergyAccounts.sol";
import {IEnergyCertificates} from "../interfaces/IEnergyCertificates.sol";
import {IGridManagement} from "../interfaces/IGridManagement.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {ISmartMeter} from "../interfaces/ISmartMeter.sol";
import {ITariffs} from "../interfaces/ITariffs.sol";
import {Lanes} from "../libraries/Lanes.sol";
import {Texts} from "../libraries/Texts.sol";

/// @title EnergyCertificates
/// @notice See {IEnergyCertificates}; comments here are for maintainers.
/// @dev Wh of a slot are below 2^31, as rated power is below 2^31 W. Balances, and what was issued and matched, stand
/// in pages of eight lanes (see {Lanes}): a certificate's page is its id without the lowest three bits.
contract EnergyCertificates is IEnergyCertificates, ERC1155, AccessManaged, Relayed {
    using Lanes for uint256;
    using SafeCast for uint256;

    struct Stored {
        // slot n: 20 + 1 + 1 + 4 + 4 = 30 bytes
        address account;
        IGridManagement.EnergyType technology;
        bool isSettlement;
        uint32 region;
        uint32 fromSlot;
        // slot n + 1: 4 + 4 + 6 + 6 + 8 = 28 bytes
        uint32 untilSlot;
        uint32 readTo;
        uint48 imported;
        uint48 exported;
        uint64 owed;
    }

    struct Record {
        // slot n: 20 + 4 + 4 = 28 bytes
        address account;
        uint32 device;
        uint32 day;
        // slot n + 1: 8 + 6 = 14 bytes
        uint64 wh;
        uint48 time;
    }

    /// @dev What a device's readings come to, in memory.
    /// @param activeSince Unix seconds, see {IGridManagement-activeSince}.
    /// @param untilSlot the first slot that does not earn any more.
    /// @param key the page of what was issued last; 0: none.
    /// @param page its lanes.
    struct Reading {
        uint256 device;
        address meter;
        uint256 ratedPower;
        uint256 activeSince;
        uint256 untilSlot;
        bytes32 domain;
        uint256 account;
        uint256 count;
        uint256 wh;
        uint256 key;
        uint256 page;
        uint256[] ids;
        uint256[] values;
    }

    /* CONSTANTS AND IMMUTABLES */

    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant READING_TYPEHASH = keccak256(
        "MeterReading(address meter,uint256 timestamp,uint256 consumption,uint256 production,"
        "uint256 gridFrequency,uint256 voltage)"
    );
    // As SmartMeter has it for readings that skip others.
    uint256 private constant CONSENT_PERIOD = 30 days;
    uint256 private constant MAX_DEVICES = 16;
    uint256 private constant MAX_REASON = 256;
    uint256 private constant DEVICE_AT = 32;
    uint256 private constant REGION_AT = 64;
    uint256 private constant TECHNOLOGY_AT = 96;

    /// @inheritdoc IEnergyCertificates
    ISettlement public immutable SETTLEMENT;
    /// @inheritdoc IEnergyCertificates
    IEnergyAccounts public immutable ENERGY;
    /// @inheritdoc IEnergyCertificates
    ISmartMeter public immutable METER;
    /// @inheritdoc IEnergyCertificates
    IGridManagement public immutable GRID;
    ITariffs private immutable _TARIFFS;
    uint256 private immutable _SLOT_LENGTH;
    uint256 private immutable _DAY_SLOTS;
    bytes32 private immutable _METER_NAME;
    bytes32 private immutable _METER_VERSION;

    /* STORAGE */

    mapping(uint256 number => Stored device) private _devices;
    mapping(address account => uint256[] devices) private _devicesOf;
    // slither-disable-next-line uninitialized-state: written through a pointer
    mapping(uint256 page => mapping(address account => uint256 lanes)) private _held;
    mapping(uint256 page => uint256 lanes) private _issued;
    mapping(uint256 accountNumber => mapping(uint256 page => uint256 lanes)) private _matched;
    Record[] private _retirements;

    /// @inheritdoc IEnergyCertificates
    uint256 public correctionCount;
    /// @inheritdoc IEnergyCertificates
    uint256 public totalIssued;
    /// @inheritdoc IEnergyCertificates
    uint256 public totalRetired;
    /// @inheritdoc IEnergyCertificates
    uint256 public totalWithdrawn;

    /* CONSTRUCTOR */

    constructor(address authority, ISettlement settlement, address forwarder)
        ERC1155("")
        AccessManaged(authority)
        Relayed(forwarder)
    {
        SETTLEMENT = settlement;
        ENERGY = settlement.ENERGY();
        GRID = settlement.gridModule();
        METER = GRID.METER();
        _TARIFFS = settlement.TARIFFS();
        _SLOT_LENGTH = settlement.SLOT_LENGTH();
        _DAY_SLOTS = 1 days / _SLOT_LENGTH;
        // slither-disable-next-line unused-return: chain and contract are known
        (, string memory name, string memory version,,,,) = IERC5267(address(METER)).eip712Domain();
        (_METER_NAME, _METER_VERSION) = (keccak256(bytes(name)), keccak256(bytes(version)));
    }

    /* REGISTRAR */

    /// @inheritdoc IEnergyCertificates
    function registerDevice(uint256 device, IGridManagement.EnergyType technology) external restricted {
        address meter = METER.meterAt(device);
        ISmartMeter.MeterInfo memory info = METER.getMeter(meter);
        if (!info.active) revert EnergyCertificates_NoMeter(device);
        address account = info.account;
        _requireProducer(account, info.settlement);
        uint256 fromSlot = block.timestamp / _SLOT_LENGTH + 1;
        // Before its first day the market is not settled with a settlement meter.
        if (info.settlement) fromSlot = Math.max(fromSlot, info.firstDay * _DAY_SLOTS);
        _requireCountedOnce(device, account, info.settlement, fromSlot);

        Stored storage stored = _devices[device];
        if (stored.account == address(0)) {
            if (_devicesOf[account].length == MAX_DEVICES) {
                revert EnergyCertificates_TooManyDevices(account, MAX_DEVICES);
            }
            _devicesOf[account].push(device);
            stored.account = account;
            stored.technology = technology;
            stored.isSettlement = info.settlement;
            stored.region = _TARIFFS.regionId(info.region).toUint32();
            ISmartMeter.MeterReading memory latest = METER.getLatestReading(meter);
            stored.readTo = (latest.timestamp / _SLOT_LENGTH).toUint32();
            stored.imported = uint48(latest.consumption);
            stored.exported = uint48(latest.production);
        } else {
            uint256 untilSlot = stored.untilSlot;
            // slither-disable-next-line incorrect-equality: 0 while it is registered
            if (untilSlot == 0) revert EnergyCertificates_AlreadyRegistered(device);
            if (stored.readTo < untilSlot) {
                revert EnergyCertificates_ReadingsMissing(device, stored.readTo, untilSlot);
            }
            stored.untilSlot = 0;
        }
        stored.fromSlot = fromSlot.toUint32();
        emit DeviceRegistered(device, account, stored.technology, stored.region, fromSlot);
    }

    /// @inheritdoc IEnergyCertificates
    function deregisterDevice(uint256 device) external restricted {
        Stored storage stored = _devices[device];
        if (stored.account == address(0) || stored.untilSlot != 0) revert EnergyCertificates_NotRegistered(device);

        uint256 untilSlot = block.timestamp / _SLOT_LENGTH + 1;
        stored.untilSlot = untilSlot.toUint32();
        emit DeviceDeregistered(device, stored.account, untilSlot);
    }

    /// @inheritdoc IEnergyCertificates
    function correct(uint256 id, uint256 wh, string calldata reason) external restricted returns (uint256 correction) {
        if (wh == 0) revert EnergyCertificates_ZeroAmount(id);
        if (!Texts.isPlain(reason, MAX_REASON)) {
            revert EnergyCertificates_BadReason(bytes(reason).length, MAX_REASON);
        }
        uint256 issued = issuedOf(id);
        // slither-disable-next-line incorrect-equality: nothing was issued
        if (issued == 0) revert EnergyCertificates_NoSuchCertificate(id);
        if (wh > issued) revert EnergyCertificates_CorrectedTooMuch(id, wh, issued);

        Stored storage stored = _devices[_deviceIn(id)];
        address account = stored.account;
        uint256 withdrawn = Math.min(wh, balanceOf(account, id));
        _issued[id >> 3] = _issued[id >> 3].with(id, issued - wh);
        stored.owed = (stored.owed + wh - withdrawn).toUint64();
        totalWithdrawn += withdrawn;
        correction = ++correctionCount;
        emit CertificateCorrected(correction, id, wh, withdrawn, reason);
        if (withdrawn != 0) _burn(account, id, withdrawn);
    }

    /* ANYONE */

    /// @inheritdoc IEnergyCertificates
    function issue(ISmartMeter.SignedReading[] calldata readings) external returns (uint256) {
        uint256 length = readings.length;
        if (length == 0) revert EnergyCertificates_NoReadings();
        Reading memory known = _known(readings[0].meter, length);
        Stored memory device = _devices[known.device];
        if (device.account == address(0)) revert EnergyCertificates_NotRegistered(known.device);
        _requireProducer(device.account, device.isSettlement);
        known.account = SETTLEMENT.numberOf(device.account);
        known.activeSince = GRID.activeSince(device.account, block.timestamp);
        if (device.untilSlot != 0) known.untilSlot = Math.min(known.untilSlot, device.untilSlot);

        uint256 before = device.readTo;
        for (uint256 i = 0; i < length; ++i) {
            _read(known, device, readings[i]);
        }
        if (device.readTo == before) revert EnergyCertificates_NothingNew(known.device, before);
        _storePage(known);
        _devices[known.device] = device;
        totalIssued += known.wh;
        emit CertificatesIssued(known.device, device.account, device.readTo, known.wh, device.owed);
        (uint256 count, uint256[] memory ids, uint256[] memory values) = (known.count, known.ids, known.values);
        // Both lists have room for more.
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(ids, count)
            mstore(values, count)
        }
        if (count != 0) _mintBatch(device.account, ids, values, "");
        return known.wh;
    }

    /* CONSUMERS */

    /// @inheritdoc IEnergyCertificates
    function retire(address account, uint256[] calldata ids, uint256[] calldata values) external returns (uint256 id) {
        if (_msgSender() != account && !isApprovedForAll(account, _msgSender())) {
            revert ERC1155MissingApprovalForAll(_msgSender(), account);
        }
        if (ids.length == 0) revert EnergyCertificates_NoCertificates();
        if (ids.length != values.length) revert EnergyCertificates_LengthsDiffer(ids.length, values.length);

        (uint256 device, uint256 day) = (_deviceIn(ids[0]), uint32(ids[0]) / _DAY_SLOTS);
        uint256 wh = _match(account, ids, values);
        totalRetired += wh;
        _retirements.push(
            Record({
                account: account,
                device: uint32(device),
                day: uint32(day),
                wh: wh.toUint64(),
                time: uint48(block.timestamp)
            })
        );
        id = _retirements.length;
        emit CertificatesRetired(id, account, device, day, wh);
        _burnBatch(account, ids, values);
    }

    /* VIEWS */

    /// @inheritdoc IERC1155
    function balanceOf(address account, uint256 id) public view override(ERC1155, IERC1155) returns (uint256) {
        return _held[id >> 3][account].at(id);
    }

    /// @inheritdoc IEnergyCertificates
    function deviceOf(uint256 device) external view returns (Device memory) {
        Stored storage stored = _devices[device];
        return Device({
            account: stored.account,
            technology: stored.technology,
            isSettlement: stored.isSettlement,
            region: stored.region,
            fromSlot: stored.fromSlot,
            untilSlot: stored.untilSlot,
            readTo: stored.readTo,
            imported: stored.imported,
            exported: stored.exported,
            owed: stored.owed
        });
    }

    /// @inheritdoc IEnergyCertificates
    function devicesOf(address account) external view returns (uint256[] memory) {
        return _devicesOf[account];
    }

    /// @inheritdoc IEnergyCertificates
    function idOf(uint256 device, uint256 slot) external view returns (uint256) {
        Stored storage stored = _devices[device];
        return _idOf(device, stored.region, stored.technology, slot);
    }

    /// @inheritdoc IEnergyCertificates
    function issuedOf(uint256 id) public view returns (uint256) {
        return _issued[id >> 3].at(id);
    }

    /// @inheritdoc IEnergyCertificates
    function consumptionOf(address account, uint256 slot) external view returns (uint256) {
        return _consumption(account, SETTLEMENT.numberOf(account), slot);
    }

    /// @inheritdoc IEnergyCertificates
    function matchedOf(address account, uint256 slot) external view returns (uint256) {
        return _matched[SETTLEMENT.numberOf(account)][slot >> 3].at(slot);
    }

    /// @inheritdoc IEnergyCertificates
    function retirement(uint256 id) external view returns (Retirement memory) {
        if (id == 0 || id > _retirements.length) revert EnergyCertificates_NoSuchRetirement(id);
        Record storage record = _retirements[id - 1];
        Stored storage device = _devices[record.device];
        return Retirement({
            account: record.account,
            producer: device.account,
            technology: device.technology,
            device: record.device,
            day: record.day,
            wh: record.wh,
            time: record.time
        });
    }

    /// @inheritdoc IEnergyCertificates
    function retirementCount() external view returns (uint256) {
        return _retirements.length;
    }

    /* INTERNAL: ISSUING */

    function _known(address meter, uint256 length) private view returns (Reading memory known) {
        ISmartMeter.MeterInfo memory info = METER.getMeter(meter);
        (known.device, known.meter, known.ratedPower) = (info.number, meter, info.ratedPower);
        known.untilSlot = info.endDay * _DAY_SLOTS;
        if (!info.active) known.untilSlot = Math.min(known.untilSlot, info.readTo);
        known.domain =
            keccak256(abi.encode(DOMAIN_TYPEHASH, _METER_NAME, _METER_VERSION, block.chainid, address(METER)));
        (known.ids, known.values) = (new uint256[](length), new uint256[](length));
    }

    function _read(Reading memory known, Stored memory device, ISmartMeter.SignedReading calldata signed) private {
        uint256 timestamp = signed.reading.timestamp;
        // slither-disable-next-line divide-before-multiply: whether it is a slot's end
        uint256 end = timestamp / _SLOT_LENGTH;
        if (end * _SLOT_LENGTH != timestamp) revert EnergyCertificates_NotBoundary(known.device, timestamp);
        if (timestamp > block.timestamp) {
            revert EnergyCertificates_FromFuture(known.device, timestamp, block.timestamp);
        }
        uint256 readTo = device.readTo;
        if (end <= readTo) return;
        _requireSigned(known, signed);
        if (end != readTo + 1) _requireSkippable(known.device, device, end);
        int256 net = _riseOf(known, device, signed.reading, end - readTo);
        device.readTo = uint32(end);
        bool earns = end == readTo + 1 && _earns(known, device, readTo);
        if (earns && device.isSettlement) earns = _isSettled(known, readTo, net);
        if (net < 0) {
            device.owed = (device.owed + uint256(-net)).toUint64();
            return;
        }
        // What the market was not settled with gives nothing back.
        if (device.isSettlement && !earns) return;
        uint256 returned = Math.min(device.owed, uint256(net));
        device.owed -= uint64(returned);
        if (earns && uint256(net) != returned) _certify(known, device, readTo, uint256(net) - returned);
    }

    /// @dev A slot of the registration, in all of which the account was an active producer.
    function _earns(Reading memory known, Stored memory device, uint256 slot) private view returns (bool) {
        if (slot < device.fromSlot || slot >= known.untilSlot) return false;
        uint256 begin = slot * _SLOT_LENGTH;
        return known.activeSince <= begin || GRID.activeSince(device.account, begin + _SLOT_LENGTH - 1) <= begin;
    }

    /// @dev The net of both registers, which move on.
    function _riseOf(
        Reading memory known,
        Stored memory device,
        ISmartMeter.MeterReading calldata reading,
        uint256 slots
    ) private view returns (int256) {
        (uint256 imported, uint256 exported) = (reading.consumption, reading.production);
        if (imported < device.imported || exported < device.exported) {
            revert EnergyCertificates_RegisterDecreased(known.device, imported, exported);
        }
        uint256 taken = imported - device.imported;
        uint256 given = exported - device.exported;
        uint256 maximum = known.ratedPower * slots * _SLOT_LENGTH / 1 hours;
        uint256 energy = Math.saturatingAdd(taken, given);
        if (energy > maximum) revert EnergyCertificates_ImplausibleEnergy(known.device, energy, maximum);
        (device.imported, device.exported) = (imported.toUint48(), exported.toUint48());
        return int256(given) - int256(taken);
    }

    /// @dev A slot's Wh are new to its account and to its page.
    function _certify(Reading memory known, Stored memory device, uint256 slot, uint256 wh) private {
        uint256 id = _idOf(known.device, device.region, device.technology, slot);
        if (id >> 3 != known.key) {
            _storePage(known);
            (known.key, known.page) = (id >> 3, _issued[id >> 3]);
        }
        known.page = known.page.with(id, wh);
        (known.ids[known.count], known.values[known.count]) = (id, wh);
        known.wh += wh;
        ++known.count;
    }

    function _storePage(Reading memory known) private {
        if (known.key != 0) _issued[known.key] = known.page;
    }

    /// @dev What rose over a gap earns nothing: outside the registration nothing is lost. Others than the holder skip
    /// what has been over for so long that all of it could have been issued.
    function _requireSkippable(uint256 number, Stored memory device, uint256 end) private view {
        uint256 due = device.readTo;
        if (end <= device.fromSlot || (device.untilSlot != 0 && due >= device.untilSlot)) return;
        uint256 openFrom = end * _SLOT_LENGTH + CONSENT_PERIOD;
        if (_msgSender() != device.account && block.timestamp < openFrom) {
            revert EnergyCertificates_Skipped(number, due, openFrom);
        }
    }

    /// @dev A settlement meter must first settle the market, and must not show another net here. What was read late
    /// stands there as 0: such a slot earns nothing.
    function _isSettled(Reading memory known, uint256 slot, int256 net) private view returns (bool) {
        (bool isRead, int256 settled) = ENERGY.netOf(known.account, slot);
        if (!isRead) revert EnergyCertificates_NotSettled(known.device, slot);
        if (settled == net) return true;
        // slither-disable-next-line incorrect-equality: late, or in balance
        if (settled == 0) return false;
        revert EnergyCertificates_Contradicted(known.device, slot, net, settled);
    }

    function _requireSigned(Reading memory known, ISmartMeter.SignedReading calldata signed) private pure {
        ISmartMeter.MeterReading calldata reading = signed.reading;
        bytes32 structHash = keccak256(
            abi.encode(
                READING_TYPEHASH,
                known.meter,
                reading.timestamp,
                reading.consumption,
                reading.production,
                reading.gridFrequency,
                reading.voltage
            )
        );
        bytes32 digest = MessageHashUtils.toTypedDataHash(known.domain, structHash);
        // slither-disable-next-line unused-return: an invalid signature is nobody's
        (address signer,,) = ECDSA.tryRecover(digest, signed.r, signed.vs);
        if (signer != known.meter) revert EnergyCertificates_WrongSignature(known.meter, signer);
    }

    /* INTERNAL: DEVICES */

    /// @dev Checked at every issue: a producer may own a storage by now, or the grid authority may have deactivated it
    /// because of false readings. Its certificates wait until it is active again.
    function _requireProducer(address account, bool isSettlement) private view {
        // It reverts only for an account that is no producer.
        try GRID.getProducerInfo(account) returns (IGridManagement.ProducerInfo memory info) {
            if (!info.active || info.confirmation == IGridManagement.Confirmation.NONE) {
                revert EnergyCertificates_InactiveProducer(account);
            }
        } catch {
            revert EnergyCertificates_InactiveProducer(account);
        }
        if (isSettlement && GRID.isStorage(account)) revert EnergyCertificates_IsStorage(account);
    }

    /// @dev A settlement meter counts what sub-meters have counted: both earn in no slot together.
    function _requireCountedOnce(uint256 device, address account, bool isSettlement, uint256 fromSlot) private view {
        uint256[] storage devices = _devicesOf[account];
        for (uint256 i = 0; i < devices.length; ++i) {
            uint256 number = devices[i];
            Stored storage other = _devices[number];
            if (number == device || (other.untilSlot != 0 && other.untilSlot <= fromSlot)) continue;
            if (isSettlement || other.isSettlement) revert EnergyCertificates_CountedTwice(device, number);
        }
    }

    function _idOf(uint256 device, uint256 region, IGridManagement.EnergyType technology, uint256 slot)
        private
        pure
        returns (uint256)
    {
        return (uint256(technology) << TECHNOLOGY_AT) | (region << REGION_AT) | (device << DEVICE_AT) | slot;
    }

    function _deviceIn(uint256 id) private pure returns (uint256) {
        return uint32(id >> DEVICE_AT);
    }

    /* INTERNAL: RETIRING */

    /// @dev Certificates of one device and day find as much consumption that nothing else is matched with.
    function _match(address account, uint256[] calldata ids, uint256[] calldata values) private returns (uint256 wh) {
        (uint256 number, uint256 first) = (SETTLEMENT.numberOf(account), ids[0]);
        // slither-disable-next-line unused-return: its power does not matter
        (uint256 consumed,) = ENERGY.regionOf(number);
        uint256 region = uint32(first >> REGION_AT);
        if (region != consumed) revert EnergyCertificates_OtherRegion(first, region, consumed);
        for (uint256 i = 0; i < ids.length; ++i) {
            (uint256 id, uint256 value) = (ids[i], values[i]);
            if (value == 0) revert EnergyCertificates_ZeroAmount(id);
            if (id >> DEVICE_AT != first >> DEVICE_AT || uint32(id) / _DAY_SLOTS != uint32(first) / _DAY_SLOTS) {
                revert EnergyCertificates_OtherDay(id, first);
            }
            _matchSlot(account, number, uint32(id), value);
            wh += value;
        }
    }

    function _matchSlot(address account, uint256 number, uint256 slot, uint256 wh) private {
        uint256 page = _matched[number][slot >> 3];
        uint256 done = page.at(slot);
        uint256 free = Math.saturatingSub(_consumption(account, number, slot), done);
        if (wh > free) revert EnergyCertificates_NotConsumed(account, slot, wh, free);
        _matched[number][slot >> 3] = page.with(slot, done + wh);
    }

    /// @dev The import that the market was settled with, and own production that was not exported.
    function _consumption(address account, uint256 number, uint256 slot) private view returns (uint256) {
        (bool isRead, int256 net) = ENERGY.netOf(number, slot);
        // What was read late stands there as 0, too.
        // slither-disable-next-line incorrect-equality: no net, or none in time
        if (!isRead || net == 0) return 0;
        int256 consumed = -net;
        uint256[] storage devices = _devicesOf[account];
        for (uint256 i = 0; i < devices.length; ++i) {
            Stored storage device = _devices[devices[i]];
            if (device.isSettlement) continue;
            consumed += int256(issuedOf(_idOf(devices[i], device.region, device.technology, slot)));
        }
        return consumed > 0 ? Math.min(uint256(consumed), type(uint32).max) : 0;
    }

    /* INTERNAL: TOKEN */

    /// @dev As OpenZeppelin's, with the balances of eight slots in a word.
    function _update(address from, address to, uint256[] memory ids, uint256[] memory values) internal override {
        if (ids.length != values.length) revert ERC1155InvalidArrayLength(ids.length, values.length);
        for (uint256 i = 0; i < ids.length; ++i) {
            (uint256 id, uint256 value) = (ids[i], values[i]);
            mapping(address account => uint256 lanes) storage page = _held[id >> 3];
            if (from != address(0)) {
                uint256 balance = page[from].at(id);
                if (balance < value) revert ERC1155InsufficientBalance(from, balance, value, id);
                page[from] = page[from].with(id, balance - value);
            }
            // All that was issued of a certificate fits a lane.
            if (to != address(0)) page[to] = page[to].with(id, page[to].at(id) + value);
        }
        if (ids.length == 1) emit TransferSingle(_msgSender(), from, to, ids[0], values[0]);
        else emit TransferBatch(_msgSender(), from, to, ids, values);
    }

    /* INTERNAL: CALLERS */

    /// @dev What OpenZeppelin's functions ask, too: the account that the forwarder calls for.
    function _msgSender() internal view override returns (address) {
        return _holder();
    }

    /// @dev Roles are the caller's own: the forwarder has none.
    function _checkCanCall(address, bytes calldata data) internal override {
        super._checkCanCall(msg.sender, data);
    }
}
