// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {EmergencyStop} from "../access/EmergencyStop.sol";
import {IAssetMetadata} from "../interfaces/IAssetMetadata.sol";
import {IAssetShares} from "../interfaces/IAssetShares.sol";
import {IEnergyAssetNFT} from "../interfaces/IEnergyAssetNFT.sol";
import {IGridManagement} from "../interfaces/IGridManagement.sol";
import {ISmartMeter} from "../interfaces/ISmartMeter.sol";
import {Slots} from "../libraries/Slots.sol";
import {Texts} from "../libraries/Texts.sol";
import {AssetMetadata} from "./AssetMetadata.sol";

/// @title EnergyAssetNFT
/// @notice See {IEnergyAssetNFT}; comments here are for maintainers.
/// @dev Each day of a meter is in one link only. A link begins on the meter's first free day. When it ends, the first
/// free day is the next day, or the first free day from before if that is later:
///
///     asset 1  |--- linked --- unlinked|
///     asset 2                   linked |--- (from the day after)
///
/// Each ownership of an asset is a numbered tenure; a permission is valid during the tenure in which it was given.
contract EnergyAssetNFT is EmergencyStop, ERC721, IEnergyAssetNFT {
    using SafeCast for uint256;

    /// @dev Functions work with the first slot; region, shares and name are for views.
    struct Record {
        // slot n: 12 + 6 + 4 + 4 + 4 + 1 + 1 = 32 bytes
        uint96 value;
        uint48 capacity;
        uint32 commissionedAt;
        uint32 lifetime;
        uint32 tenure;
        IGridManagement.EnergyType kind;
        bool inService;
        // slot n + 1: 32 bytes
        bytes32 region;
        // slot n + 2: 20 bytes
        address shares;
        // slot n + 3, and up to 2 more for a name above 31 bytes
        string name;
    }

    /// @dev 8 + 4 + 4 = 16 bytes: two of them in a slot. `lastDay` is OPEN until the link ends.
    struct Link {
        uint64 meterNumber;
        uint32 firstDay;
        uint32 lastDay;
    }

    /// @dev 8 + 4 = 12 bytes.
    struct MeterUse {
        uint64 asset;
        uint32 firstFreeDay;
    }

    /// @dev 8 + 4 + 1 = 13 bytes.
    struct Grant {
        uint64 until;
        uint32 tenure;
        Permission permission;
    }

    struct Maintenance {
        // slot n: 20 + 8 = 28 bytes
        address author;
        uint64 time;
        // slot n + 1: 32 bytes
        bytes32 documentHash;
        // slot n + 2, and up to 8 more for a note above 31 bytes
        string note;
    }

    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant MAX_NAME = 64;
    uint256 private constant MAX_SYMBOL = 16;
    uint256 private constant MAX_NOTE = 256;
    uint256 private constant MIN_LIFETIME = 1 days;
    uint256 private constant MAX_LIFETIME = 100 * 365 days;
    /// @dev The book value of an asset past its lifetime is a tenth of its value.
    uint256 private constant RESIDUAL_DIVISOR = 10;
    uint256 private constant MAX_METERS = 8;
    /// @dev Bounds the loops over an asset's current and past links.
    uint256 private constant MAX_LINKS = 32;
    uint256 private constant MAX_DAYS = 92;
    /// @dev Finished days that an asset's card shows.
    uint256 private constant DAYS_SHOWN = 7;
    /// @dev With two shares, one would be more than a third and could prevent a buyout.
    uint256 private constant MIN_SHARES = 3;
    uint256 private constant MAX_SHARES = 10 ** 12;
    uint32 private constant OPEN = type(uint32).max;
    bytes4 private constant ERC4906 = 0x49064906;

    /// @inheritdoc IEnergyAssetNFT
    ISmartMeter public immutable METER;
    /// @inheritdoc IEnergyAssetNFT
    address public immutable SHARES;
    /// @inheritdoc IEnergyAssetNFT
    IAssetMetadata public immutable METADATA;

    /* STORAGE */

    /// @inheritdoc IEnergyAssetNFT
    uint256 public assetCount;
    mapping(uint256 asset => Record record) private _records;
    mapping(uint256 asset => Link[] links) private _links;
    // slither-disable-next-line uninitialized-state: written by addMaintenanceRecord, through a storage pointer
    mapping(uint256 asset => Maintenance[] records) private _maintenance;
    mapping(uint256 asset => mapping(address user => Grant grant)) private _grants;
    mapping(uint256 meterNumber => MeterUse use) private _uses;

    /* CONSTRUCTOR */

    constructor(address authority_, ISmartMeter meter, address shares)
        ERC721("Energy Asset", "ASSET")
        EmergencyStop(authority_)
    {
        METER = meter;
        SHARES = shares;
        METADATA = new AssetMetadata();
    }

    /* REGISTRAR */

    /// @inheritdoc IEnergyAssetNFT
    /// @dev No receiver hook: the registrar chooses the owner, and a hook could run other code inside the registrar's
    /// transaction, or make it revert.
    function mint(address to, Terms calldata terms) external restricted returns (uint256 asset) {
        _requireRunning();
        _requireTerms(terms);

        asset = ++assetCount;
        Record storage record = _records[asset];
        record.value = uint96(terms.value);
        record.capacity = uint48(terms.capacity);
        record.commissionedAt = terms.commissionedAt.toUint32();
        record.lifetime = uint32(terms.lifetime);
        record.kind = terms.kind;
        record.inService = true;
        record.region = terms.region;
        record.name = terms.name;
        _mint(to, asset);
        emit AssetMinted(asset, to, terms.kind, terms.capacity);
    }

    /// @inheritdoc IEnergyAssetNFT
    function linkMeter(uint256 asset, address meter) external restricted {
        _requireOwned(asset);
        ISmartMeter.MeterInfo memory info = METER.getMeter(meter);
        if (!info.active) revert EnergyAssetNFT_InactiveMeter(meter);
        MeterUse storage use = _uses[info.number];
        if (use.asset != 0) revert EnergyAssetNFT_MeterTaken(info.number, use.asset);
        Link[] storage links = _links[asset];
        if (links.length == MAX_LINKS) revert EnergyAssetNFT_TooManyMeters(asset, MAX_LINKS);
        if (_openCount(links) == MAX_METERS) revert EnergyAssetNFT_TooManyMeters(asset, MAX_METERS);

        uint256 firstDay = Math.max(_today(), use.firstFreeDay);
        use.asset = asset.toUint64();
        links.push(Link({meterNumber: info.number.toUint64(), firstDay: firstDay.toUint32(), lastDay: OPEN}));
        emit MeterLinked(asset, info.number, firstDay);
        emit MetadataUpdate(asset);
    }

    /// @inheritdoc IEnergyAssetNFT
    function unlinkMeter(uint256 asset, uint256 meterNumber) external restricted {
        _requireOwned(asset);
        MeterUse storage use = _uses[meterNumber];
        if (use.asset != asset) revert EnergyAssetNFT_MeterNotLinked(asset, meterNumber);

        uint256 today = _today();
        _close(_links[asset], meterNumber, today);
        (use.asset, use.firstFreeDay) = (0, (today + 1).toUint32());
        emit MeterUnlinked(asset, meterNumber, today);
        emit MetadataUpdate(asset);
    }

    /* OWNERS */

    /// @inheritdoc IEnergyAssetNFT
    function setPermission(uint256 asset, address user, Permission permission, uint64 until) external {
        _requireOwner(asset);
        if (permission == Permission.NONE) until = 0;
        bool isOver = permission != Permission.NONE && until < block.timestamp;
        if (user == address(0) || isOver) revert EnergyAssetNFT_BadPermission(user, until, block.timestamp);

        _grants[asset][user] = Grant({until: until, tenure: _records[asset].tenure, permission: permission});
        emit PermissionSet(asset, user, permission, until);
    }

    /// @inheritdoc IEnergyAssetNFT
    function fractionalize(uint256 asset, uint256 shares, string calldata name, string calldata symbol)
        external
        returns (address contractOfShares)
    {
        _requireRunning();
        _requireOwner(asset);
        if (shares < MIN_SHARES || shares > MAX_SHARES) {
            revert EnergyAssetNFT_BadShares(shares, MIN_SHARES, MAX_SHARES);
        }
        _requirePlain("name", name, MAX_NAME);
        _requirePlain("symbol", symbol, MAX_SYMBOL);

        contractOfShares = Clones.clone(SHARES);
        _records[asset].shares = contractOfShares;
        _transfer(msg.sender, contractOfShares, asset);
        emit Fractionalized(asset, contractOfShares, msg.sender, shares);
        emit MetadataUpdate(asset);
        IAssetShares(contractOfShares).initialize(asset, shares, msg.sender, name, symbol);
    }

    /* OWNERS AND PERMITTED ACCOUNTS */

    /// @inheritdoc IEnergyAssetNFT
    function addMaintenanceRecord(uint256 asset, bytes32 documentHash, string calldata note) external {
        _requirePermitted(asset, Permission.MAINTAINER);
        if (documentHash == 0) revert EnergyAssetNFT_BadParameter("documentHash", 0);
        _requirePlain("note", note, MAX_NOTE);

        Maintenance[] storage records = _maintenance[asset];
        uint256 index = records.length;
        records.push(
            Maintenance({author: msg.sender, time: block.timestamp.toUint64(), documentHash: documentHash, note: note})
        );
        emit MaintenanceRecorded(asset, index, msg.sender, documentHash, note);
        emit MetadataUpdate(asset);
    }

    /// @inheritdoc IEnergyAssetNFT
    function setInService(uint256 asset, bool inService) external {
        _requirePermitted(asset, Permission.OPERATOR);
        _records[asset].inService = inService;
        emit ServiceSet(asset, inService, msg.sender);
        emit MetadataUpdate(asset);
    }

    /* VIEWS */

    /// @inheritdoc IEnergyAssetNFT
    function getAsset(uint256 asset) external view returns (Asset memory) {
        Record storage record = _recordOf(asset);
        return Asset({
            terms: Terms({
                kind: record.kind,
                capacity: record.capacity,
                region: record.region,
                commissionedAt: record.commissionedAt,
                value: record.value,
                lifetime: record.lifetime,
                name: record.name
            }),
            inService: record.inService,
            shares: record.shares
        });
    }

    /// @inheritdoc IEnergyAssetNFT
    function getProductionHistory(uint256 asset, uint256 fromDay, uint256 toDay)
        external
        view
        returns (uint256[] memory)
    {
        _requireOwned(asset);
        if (toDay < fromDay || toDay - fromDay > MAX_DAYS) {
            revert EnergyAssetNFT_BadDays(fromDay, toDay, MAX_DAYS);
        }
        return _production(asset, fromDay, toDay);
    }

    /// @inheritdoc IEnergyAssetNFT
    function metersOf(uint256 asset) external view returns (uint256[] memory numbers) {
        _requireOwned(asset);
        Link[] storage links = _links[asset];
        numbers = new uint256[](_openCount(links));
        uint256 at = 0;
        for (uint256 i = 0; at < numbers.length; ++i) {
            if (links[i].lastDay != OPEN) continue;
            numbers[at] = links[i].meterNumber;
            ++at;
        }
    }

    /// @inheritdoc IEnergyAssetNFT
    function assetOfMeter(uint256 meterNumber) external view returns (uint256) {
        return _uses[meterNumber].asset;
    }

    /// @inheritdoc IEnergyAssetNFT
    function maintenanceCount(uint256 asset) external view returns (uint256) {
        _requireOwned(asset);
        return _maintenance[asset].length;
    }

    /// @inheritdoc IEnergyAssetNFT
    function maintenanceRecord(uint256 asset, uint256 index) external view returns (MaintenanceRecord memory) {
        _requireOwned(asset);
        Maintenance[] storage records = _maintenance[asset];
        if (index >= records.length) revert EnergyAssetNFT_BadParameter("index", index);
        Maintenance storage one = records[index];
        return MaintenanceRecord({author: one.author, time: one.time, documentHash: one.documentHash, note: one.note});
    }

    /// @inheritdoc IEnergyAssetNFT
    function permissionOf(uint256 asset, address user) external view returns (Permission permission, uint256 until) {
        _requireOwned(asset);
        return _permissionOf(asset, user);
    }

    /// @inheritdoc IEnergyAssetNFT
    function isPermitted(uint256 asset, address user, Permission permission) external view returns (bool) {
        return _isPermitted(asset, user, permission);
    }

    /// @inheritdoc IEnergyAssetNFT
    function bookValueOf(uint256 asset) external view returns (uint256) {
        Record storage record = _recordOf(asset);
        (uint256 value, uint256 lifetime) = (record.value, record.lifetime);
        uint256 left = Math.saturatingSub(record.commissionedAt + lifetime, block.timestamp);
        return Math.max(Math.ceilDiv(value * left, lifetime), Math.ceilDiv(value, RESIDUAL_DIVISOR));
    }

    /// @inheritdoc ERC721
    function tokenURI(uint256 asset) public view override returns (string memory) {
        Record storage record = _recordOf(asset);
        uint256 today = _today();
        return METADATA.tokenURI(
            IAssetMetadata.Card({
                number: asset,
                kind: record.kind,
                capacity: record.capacity,
                region: record.region,
                commissionedAt: record.commissionedAt,
                inService: record.inService,
                divided: record.shares != address(0),
                meters: _openCount(_links[asset]),
                maintenance: _maintenance[asset].length,
                production: _production(asset, today - DAYS_SHOWN, today),
                name: record.name
            })
        );
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 id) public view override(ERC721, IERC165) returns (bool) {
        return id == ERC4906 || super.supportsInterface(id);
    }

    /* INTERNAL: ASSETS */

    /// @dev Called for every change of the owner. A transfer to the same owner starts no new tenure, so permissions
    /// stay.
    function _update(address to, uint256 asset, address auth) internal override returns (address from) {
        from = super._update(to, asset, auth);
        if (from == to) return from;
        Record storage record = _records[asset];
        ++record.tenure;
        if (from != address(0) && from == record.shares) {
            delete record.shares;
            emit MetadataUpdate(asset);
        }
    }

    function _requireTerms(Terms calldata terms) private view {
        uint256 capacity = terms.capacity;
        if (capacity == 0 || capacity > type(uint48).max) revert EnergyAssetNFT_BadParameter("capacity", capacity);
        if (terms.region == 0) revert EnergyAssetNFT_BadParameter("region", 0);
        if (terms.commissionedAt > block.timestamp) {
            revert EnergyAssetNFT_BadParameter("commissionedAt", terms.commissionedAt);
        }
        uint256 value = terms.value;
        if (value == 0 || value > type(uint96).max) revert EnergyAssetNFT_BadParameter("value", value);
        uint256 lifetime = terms.lifetime;
        if (lifetime < MIN_LIFETIME || lifetime > MAX_LIFETIME) {
            revert EnergyAssetNFT_BadParameter("lifetime", lifetime);
        }
        _requirePlain("name", terms.name, MAX_NAME);
    }

    function _requirePlain(bytes32 field, string memory text, uint256 maximum) private pure {
        if (!Texts.isPlain(text, maximum)) revert EnergyAssetNFT_BadText(field, bytes(text).length, maximum);
    }

    function _recordOf(uint256 asset) private view returns (Record storage) {
        _requireOwned(asset);
        return _records[asset];
    }

    /* INTERNAL: PERMISSIONS */

    function _requireOwner(uint256 asset) private view {
        if (_requireOwned(asset) != msg.sender) revert EnergyAssetNFT_NotOwner(asset, msg.sender);
    }

    function _requirePermitted(uint256 asset, Permission needed) private view {
        if (!_isPermitted(asset, msg.sender, needed)) {
            revert EnergyAssetNFT_NotPermitted(asset, msg.sender, needed);
        }
    }

    function _isPermitted(uint256 asset, address user, Permission needed) private view returns (bool) {
        if (_requireOwned(asset) == user) return true;
        (Permission permission,) = _permissionOf(asset, user);
        return permission >= needed;
    }

    function _permissionOf(uint256 asset, address user) private view returns (Permission, uint256) {
        Grant memory grant = _grants[asset][user];
        if (grant.tenure != _records[asset].tenure || grant.until < block.timestamp) return (Permission.NONE, 0);
        return (grant.permission, grant.until);
    }

    /* INTERNAL: METERS */

    function _today() private view returns (uint256) {
        return block.timestamp / Slots.DAY;
    }

    function _openCount(Link[] storage links) private view returns (uint256 open) {
        uint256 count = links.length;
        for (uint256 i = 0; i < count; ++i) {
            if (links[i].lastDay == OPEN) ++open;
        }
    }

    /// @dev Ends the open link of a meter, which must exist. A link that has not begun is removed, so it does not use
    /// up the asset's links.
    function _close(Link[] storage links, uint256 meterNumber, uint256 today) private {
        uint256 at = 0;
        while (links[at].meterNumber != meterNumber || links[at].lastDay != OPEN) {
            ++at;
        }
        if (links[at].firstDay <= today) {
            links[at].lastDay = today.toUint32();
        } else {
            links[at] = links[links.length - 1];
            links.pop();
        }
    }

    /// @dev A meter's day is in one link at most, so no energy is counted twice.
    function _production(uint256 asset, uint256 fromDay, uint256 toDay) private view returns (uint256[] memory wh) {
        wh = new uint256[](toDay - fromDay);
        Link[] memory links = _links[asset];
        for (uint256 i = 0; i < links.length; ++i) {
            address meter = METER.meterAt(links[i].meterNumber);
            uint256 end = Math.min(toDay, uint256(links[i].lastDay) + 1);
            for (uint256 day = Math.max(fromDay, links[i].firstDay); day < end; ++day) {
                wh[day - fromDay] += METER.getDailyProduction(meter, day);
            }
        }
    }
}
