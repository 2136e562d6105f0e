// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC4906} from "@openzeppelin/contracts/interfaces/IERC4906.sol";

import {IAssetMetadata} from "./IAssetMetadata.sol";
import {IEmergencyStop} from "./IEmergencyStop.sol";
import {IGridManagement} from "./IGridManagement.sol";
import {ISmartMeter} from "./ISmartMeter.sol";

/// @title IEnergyAssetNFT
/// @notice Production assets as ERC-721 tokens: a plant's data, its meters, the permissions of other accounts, its
/// maintenance records and its shares. Its production comes from its meters alone. `tokenURI` is JSON with an SVG, all
/// of it on the chain; names are escaped in both.
///
/// A meter's day counts for one asset only: the first one that the meter was linked to on that day. Every function
/// reverts with ERC721NonexistentToken if the asset does not exist. Days count from 1970-01-01 UTC.
interface IEnergyAssetNFT is IEmergencyStop, IERC4906 {
    /// @notice The permissions that an owner can give to other accounts; each includes those before it. VIEWER may read
    /// data that programs off the chain store about the asset; MAINTAINER adds maintenance records; OPERATOR sets
    /// whether it is in service.
    enum Permission {
        NONE,
        VIEWER,
        MAINTAINER,
        OPERATOR
    }

    /// @notice An asset's data, as registered.
    /// @param capacity W, 1 to 2^48 - 1.
    /// @param commissionedAt Unix seconds, not in the future.
    /// @param value purchase cost, in base units of the settlement token, 1 to 2^96 - 1. {bookValueOf} depreciates it.
    /// @param region not 0.
    /// @param lifetime seconds of depreciation, 1 day to 100 years of 365 days.
    /// @param name 1 to 64 bytes of plain text. All text here is plain: UTF-8 without control characters, line breaks,
    /// and characters that change the direction of writing.
    struct Terms {
        IGridManagement.EnergyType kind;
        uint256 capacity;
        bytes32 region;
        uint256 commissionedAt;
        uint256 value;
        uint256 lifetime;
        string name;
    }

    /// @param shares the contract that owns the asset for its shareholders; the zero address when it is not shared.
    struct Asset {
        Terms terms;
        bool inService;
        address shares;
    }

    /// @param documentHash hash of the document that proves it.
    /// @param time Unix seconds.
    struct MaintenanceRecord {
        address author;
        uint256 time;
        bytes32 documentHash;
        string note;
    }

    /* EVENTS */

    /// @notice An asset of `capacity` W was registered.
    event AssetMinted(uint256 indexed asset, address indexed to, IGridManagement.EnergyType kind, uint256 capacity);
    /// @notice A meter, by its number, counts for the asset from this day on.
    event MeterLinked(uint256 indexed asset, uint256 indexed meterNumber, uint256 fromDay);
    /// @notice The meter counts for the asset until `lastDay`, inclusive.
    event MeterUnlinked(uint256 indexed asset, uint256 indexed meterNumber, uint256 lastDay);
    /// @notice A maintenance record, numbered `index` from 0 on, was added to an asset.
    event MaintenanceRecorded(
        uint256 indexed asset, uint256 indexed index, address indexed author, bytes32 documentHash, string note
    );
    /// @notice The owner set the permission of `user` for an asset; it ends after `until` (Unix seconds).
    event PermissionSet(uint256 indexed asset, address indexed user, Permission permission, uint256 until);
    /// @notice The account `by` set whether an asset is in service.
    event ServiceSet(uint256 indexed asset, bool inService, address indexed by);
    /// @notice An asset was divided: the contract `shares` holds it and `owner` got `amount` shares.
    event Fractionalized(uint256 indexed asset, address indexed shares, address indexed owner, uint256 amount);

    /* ERRORS */

    /// @notice The parameter `name` (ASCII) has a value outside its bounds, see {Terms} and the function's parameters.
    error EnergyAssetNFT_BadParameter(bytes32 name, uint256 value);
    /// @notice The text `field` is empty, longer than `maximum` bytes, or not plain text.
    error EnergyAssetNFT_BadText(bytes32 field, uint256 length, uint256 maximum);
    /// @notice Only the owner of the asset may call this.
    error EnergyAssetNFT_NotOwner(uint256 asset, address caller);
    /// @notice The caller has no permission `needed` or higher from the asset's owner, see {setPermission}.
    error EnergyAssetNFT_NotPermitted(uint256 asset, address caller, Permission needed);
    /// @notice The meter is not active, so it cannot be linked.
    error EnergyAssetNFT_InactiveMeter(address meter);
    /// @notice The meter is linked to `asset`: unlink it there first.
    error EnergyAssetNFT_MeterTaken(uint256 meterNumber, uint256 asset);
    /// @notice The meter is not linked to this asset.
    error EnergyAssetNFT_MeterNotLinked(uint256 asset, uint256 meterNumber);
    /// @notice The asset has `maximum` meters, or has had `maximum` links, which is the limit.
    error EnergyAssetNFT_TooManyMeters(uint256 asset, uint256 maximum);
    /// @notice The permission would have ended before `time` (Unix seconds), or `user` is the zero address.
    error EnergyAssetNFT_BadPermission(address user, uint256 until, uint256 time);
    /// @notice `toDay` is before `fromDay`, or the range has more than `maximum` days.
    error EnergyAssetNFT_BadDays(uint256 fromDay, uint256 toDay, uint256 maximum);
    /// @notice The number of shares must be between `minimum` and `maximum`.
    error EnergyAssetNFT_BadShares(uint256 shares, uint256 minimum, uint256 maximum);

    /* REGISTRAR */

    /// @notice Registers an asset, in service. Reverts while stopped. Role: REGISTRAR.
    /// @param to owner of the asset.
    /// @param terms the asset's data.
    /// @return asset numbered from 1.
    function mint(address to, Terms calldata terms) external returns (uint256 asset);

    /// @notice Links an active meter to an asset from today on; from tomorrow on if the meter's day counts for an asset
    /// already. The link uses the meter's number, so it survives a new key. At most 8 links at a time and 32 in all; a
    /// link that ends before its first day does not count. Role: REGISTRAR.
    /// @param asset number of the asset, from 1 on.
    /// @param meter address of the meter's key.
    function linkMeter(uint256 asset, address meter) external;

    /// @notice Unlinks a meter; today is its last day for the asset. Role: REGISTRAR.
    /// @param asset number of the asset, from 1 on.
    /// @param meterNumber number of the meter, see {ISmartMeter-getMeter}.
    function unlinkMeter(uint256 asset, uint256 meterNumber) external;

    /* OWNERS */

    /// @notice Gives an account a permission until a time, or removes it with NONE. Permissions end when the asset gets
    /// another owner. Only the owner may call this.
    /// @param asset number of the asset, from 1 on.
    /// @param user account that gets the permission, not the zero address.
    /// @param permission the permission from now on.
    /// @param until Unix seconds, inclusive; ignored for NONE.
    function setPermission(uint256 asset, address user, Permission permission, uint64 until) external;

    /// @notice Divides an asset: transfers it to a new {IAssetShares} contract and gives all shares to the owner.
    /// Reverts while stopped. Only the owner may call this.
    /// @param asset number of the asset, from 1 on.
    /// @param shares 3 to 10^12.
    /// @param name 1 to 64 bytes of plain text.
    /// @param symbol 1 to 16 bytes of plain text.
    /// @return the {IAssetShares} contract.
    function fractionalize(uint256 asset, uint256 shares, string calldata name, string calldata symbol)
        external
        returns (address);

    /* OWNERS AND WHOM THEY PERMIT */

    /// @notice Adds a maintenance record. Only the owner or a MAINTAINER may call this.
    /// @param asset number of the asset, from 1 on.
    /// @param documentHash not 0.
    /// @param note 1 to 256 bytes of plain text.
    function addMaintenanceRecord(uint256 asset, bytes32 documentHash, string calldata note) external;

    /// @notice Sets whether the asset is in service. Only the owner or an OPERATOR may call this.
    /// @param asset number of the asset, from 1 on.
    /// @param inService whether it is.
    function setInService(uint256 asset, bool inService) external;

    /* VIEWS */

    /// @notice The data of an asset.
    /// @param asset number of the asset, from 1 on.
    /// @return the asset.
    function getAsset(uint256 asset) external view returns (Asset memory);
    /// @notice Assets are numbered from 1 to this.
    /// @return number of assets.
    function assetCount() external view returns (uint256);
    /// @notice The metered production on each day from `fromDay` to `toDay` (exclusive), in Wh; today's so far, 0 for
    /// future days. At most 92 days.
    /// @param asset number of the asset, from 1 on.
    /// @param fromDay days since 1970-01-01 UTC.
    /// @param toDay days since 1970-01-01 UTC, exclusive.
    /// @return Wh of each day, the earliest first.
    function getProductionHistory(uint256 asset, uint256 fromDay, uint256 toDay)
        external
        view
        returns (uint256[] memory);
    /// @notice The numbers of the meters that are linked to the asset now.
    /// @param asset number of the asset, from 1 on.
    /// @return numbers of meters, at most 8.
    function metersOf(uint256 asset) external view returns (uint256[] memory);
    /// @notice The asset that a meter is linked to now; 0 if none.
    /// @param meterNumber number of the meter, see {ISmartMeter-getMeter}.
    /// @return number of the asset.
    function assetOfMeter(uint256 meterNumber) external view returns (uint256);
    /// @notice The number of maintenance records of an asset.
    /// @param asset number of the asset, from 1 on.
    /// @return the number.
    function maintenanceCount(uint256 asset) external view returns (uint256);
    /// @notice One maintenance record of an asset.
    /// @param asset number of the asset, from 1 on.
    /// @param index from 0. Reverts with BadParameter if there is no such record.
    /// @return the record.
    function maintenanceRecord(uint256 asset, uint256 index) external view returns (MaintenanceRecord memory);
    /// @notice The permission of an account that is not the owner, and its end; NONE and 0 if it has none.
    /// @param asset number of the asset, from 1 on.
    /// @param user account that is not the owner.
    /// @return permission the permission.
    /// @return until Unix seconds, inclusive.
    function permissionOf(uint256 asset, address user) external view returns (Permission permission, uint256 until);
    /// @notice Whether an account has a permission now; the owner has all of them.
    /// @param asset number of the asset, from 1 on.
    /// @param user the account, the owner included.
    /// @param permission the permission.
    /// @return whether it has.
    function isPermitted(uint256 asset, address user, Permission permission) external view returns (bool);
    /// @notice The asset's book value: its value, depreciated linearly over its lifetime since it was commissioned,
    /// never below a tenth of the value; rounded up. A buyout of its shares must pay at least this.
    /// @param asset number of the asset, from 1 on.
    /// @return money.
    function bookValueOf(uint256 asset) external view returns (uint256);
    /// @notice The contract of the meters.
    /// @return the contract.
    function METER() external view returns (ISmartMeter);
    /// @notice The implementation contract of all shares (ERC-1167 clones).
    /// @return the contract.
    function SHARES() external view returns (address);
    /// @notice The contract that writes the `tokenURI`.
    /// @return the contract.
    function METADATA() external view returns (IAssetMetadata);
}
