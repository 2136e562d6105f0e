// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC4906} from "@openzeppelin/contracts/interfaces/IERC4906.sol";

import {IAssetMetadata} from "./IAssetMetadata.sol";
import {IEmergencyStop} from "./IEmergencyStop.sol";
import {IGridManagement} from "./IGridManagement.sol";
import {ISmartMeter} from "./ISmartMeter.sol";

/// @title IEnergyAssetNFT
/// @notice Production assets as ERC-721 tokens: what a plant is, which meters measure it, who may do what with it, what
/// was done to it, and its shares. Its production is what its meters have metered, nobody's word. `tokenURI` is JSON
/// with an SVG, all of it on the chain; whatever names contain stays text in both.
///
/// A day belongs to one asset only: of a meter, it counts for the asset that it was linked to first on that day.
/// Everything asked of an asset that does not exist is refused with ERC721NonexistentToken.
/// Days are those since 1970-01-01 UTC.
interface IEnergyAssetNFT is IEmergencyStop, IERC4906 {
    /// @notice What somebody may do with an asset besides its owner; each includes those before it.
    /// VIEWER is shown what programs off the chain keep of the asset; MAINTAINER adds maintenance records; OPERATOR
    /// says whether it is in service.
    enum Permission {
        NONE,
        VIEWER,
        MAINTAINER,
        OPERATOR
    }

    /// @notice What an asset is, as its registration proved it.
    /// @param capacity W, 1 to 2^48 - 1.
    /// @param commissionedAt Unix seconds, not in the future.
    /// @param value what it cost, in base units of the settlement token, 1 to 2^96 - 1. {bookValueOf} writes it down.
    /// @param region not 0.
    /// @param lifetime seconds over which it is written down, 1 day to 100 years of 365 days.
    /// @param name 1 to 64 bytes of plain text, as all text here: UTF-8 without control characters, and without those
    /// that break lines or turn the direction of writing around.
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

    /// @param documentHash of the document that proves it. @param time Unix seconds.
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
    /// @notice Its last day for the asset.
    event MeterUnlinked(uint256 indexed asset, uint256 indexed meterNumber, uint256 lastDay);
    /// @notice A maintenance record, numbered `index` from 0 on, was added to an asset.
    event MaintenanceRecorded(
        uint256 indexed asset, uint256 indexed index, address indexed author, bytes32 documentHash, string note
    );
    /// @notice The owner has set what `user` may do with an asset `until` a time (Unix seconds).
    event PermissionSet(uint256 indexed asset, address indexed user, Permission permission, uint256 until);
    /// @notice The account `by` has said whether an asset is in service.
    event ServiceSet(uint256 indexed asset, bool inService, address indexed by);
    /// @notice An asset was divided: the contract `shares` holds it and `owner` got `amount` shares.
    event Fractionalized(uint256 indexed asset, address indexed shares, address indexed owner, uint256 amount);

    /* ERRORS */

    /// @notice The parameter `name` (ASCII) has a value outside its bounds, see {Terms} and the function's parameters.
    error EnergyAssetNFT_BadParameter(bytes32 name, uint256 value);
    /// @notice Empty, longer than `maximum` bytes, or not plain text.
    error EnergyAssetNFT_BadText(bytes32 field, uint256 length, uint256 maximum);
    /// @notice Only the owner of the asset may call this.
    error EnergyAssetNFT_NotOwner(uint256 asset, address caller);
    /// @notice The caller needs at least this permission of the asset's owner, see {setPermission}.
    error EnergyAssetNFT_NotPermitted(uint256 asset, address caller, Permission needed);
    /// @notice The meter is not active, so it cannot be linked.
    error EnergyAssetNFT_InactiveMeter(address meter);
    /// @notice The meter is linked to this asset: unlink it there first.
    error EnergyAssetNFT_MeterTaken(uint256 meterNumber, uint256 asset);
    /// @notice The meter is not linked to this asset.
    error EnergyAssetNFT_MeterNotLinked(uint256 asset, uint256 meterNumber);
    /// @notice The asset has as many meters, or has had as many links, as it can: `maximum`.
    error EnergyAssetNFT_TooManyMeters(uint256 asset, uint256 maximum);
    /// @notice A permission that would have ended already, or one for nobody.
    error EnergyAssetNFT_BadPermission(address user, uint256 until, uint256 time);
    /// @notice The days end before they begin, or are more than `maximum`.
    error EnergyAssetNFT_BadDays(uint256 fromDay, uint256 toDay, uint256 maximum);
    /// @notice The number of shares must be between `minimum` and `maximum`.
    error EnergyAssetNFT_BadShares(uint256 shares, uint256 minimum, uint256 maximum);

    /* REGISTRAR */

    /// @notice Registers an asset, in service. Refused while stopped. Role: REGISTRAR.
    /// @param to who owns the asset.
    /// @param terms what the asset is.
    /// @return asset numbered from 1.
    function mint(address to, Terms calldata terms) external returns (uint256 asset);

    /// @notice Lets an active meter count for an asset from today on; or from tomorrow on, where today counts for an
    /// asset already, this one or another. Linked by its number, so a new key changes nothing. At most 8 at a time and
    /// 32 in all; a link that ends before its first day is none. Role: REGISTRAR.
    /// @param asset number of the asset, from 1 on.
    /// @param meter the address of its key.
    function linkMeter(uint256 asset, address meter) external;

    /// @notice Ends that with today. Role: REGISTRAR.
    /// @param asset number of the asset, from 1 on.
    /// @param meterNumber number of the meter, see {ISmartMeter-getMeter}.
    function unlinkMeter(uint256 asset, uint256 meterNumber) external;

    /* OWNERS */

    /// @notice Lets somebody do something until a time, or, with NONE, no more. Ends by itself when the asset changes
    /// hands. The owner alone.
    /// @param asset number of the asset, from 1 on.
    /// @param user who gets the permission, not the zero address.
    /// @param permission what it may do from now on.
    /// @param until Unix seconds, the last one included; not looked at for NONE.
    function setPermission(uint256 asset, address user, Permission permission, uint64 until) external;

    /// @notice Divides an asset: it is locked in a new {IAssetShares} contract, all of whose shares the owner gets.
    /// Refused while stopped. The owner alone.
    /// @param asset number of the asset, from 1 on.
    /// @param shares 3 to 10^12.
    /// @param name 1 to 64 bytes of plain text.
    /// @param symbol 1 to 16 bytes of plain text.
    /// @return the {IAssetShares} contract.
    function fractionalize(uint256 asset, uint256 shares, string calldata name, string calldata symbol)
        external
        returns (address);

    /* OWNERS AND WHOM THEY PERMIT */

    /// @notice Writes down what was done to the asset. The owner, or a MAINTAINER.
    /// @param asset number of the asset, from 1 on.
    /// @param documentHash not 0.
    /// @param note 1 to 256 bytes of plain text.
    function addMaintenanceRecord(uint256 asset, bytes32 documentHash, string calldata note) external;

    /// @notice Says whether the asset is in service. The owner, or an OPERATOR.
    /// @param asset number of the asset, from 1 on.
    /// @param inService whether it is.
    function setInService(uint256 asset, bool inService) external;

    /* VIEWS */

    /// @notice What an asset is.
    /// @param asset number of the asset, from 1 on.
    /// @return the asset.
    function getAsset(uint256 asset) external view returns (Asset memory);
    /// @notice Assets are numbered from 1 to this.
    /// @return how many assets there are.
    function assetCount() external view returns (uint256);
    /// @notice Wh that the asset's meters have metered on each day from `fromDay` to `toDay`, the last one excluded;
    /// today so far, 0 for days to come. At most 92 days.
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
    /// @notice How many maintenance records an asset has.
    /// @param asset number of the asset, from 1 on.
    /// @return how many.
    function maintenanceCount(uint256 asset) external view returns (uint256);
    /// @notice One maintenance record of an asset.
    /// @param asset number of the asset, from 1 on.
    /// @param index from 0; one that is none is refused with BadParameter.
    /// @return the record.
    function maintenanceRecord(uint256 asset, uint256 index) external view returns (MaintenanceRecord memory);
    /// @notice What somebody who is not the owner may do now, and until when; NONE and 0 if nothing.
    /// @param asset number of the asset, from 1 on.
    /// @param user account that is not the owner.
    /// @return permission what it may do.
    /// @return until Unix seconds, the last one included.
    function permissionOf(uint256 asset, address user) external view returns (Permission permission, uint256 until);
    /// @notice Whether somebody may do this now; the owner may do everything.
    /// @param asset number of the asset, from 1 on.
    /// @param user the account, the owner included.
    /// @param permission what somebody may do.
    /// @return whether it may.
    function isPermitted(uint256 asset, address user, Permission permission) external view returns (bool);
    /// @notice What the asset is worth in the books, in money: its value, written down in a straight line over its
    /// lifetime since it was commissioned, never below a tenth of it; rounded up. The least that a buyout of its
    /// shares must pay.
    /// @param asset number of the asset, from 1 on.
    /// @return money.
    function bookValueOf(uint256 asset) external view returns (uint256);
    /// @notice The contract of the meters.
    /// @return the contract.
    function METER() external view returns (ISmartMeter);
    /// @notice The contract whose code all shares run (ERC-1167).
    /// @return the contract.
    function SHARES() external view returns (address);
    /// @notice The contract that writes what `tokenURI` gives.
    /// @return the contract.
    function METADATA() external view returns (IAssetMetadata);
}
