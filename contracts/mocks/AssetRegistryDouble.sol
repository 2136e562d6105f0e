// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

import {IAssetShares} from "../interfaces/IAssetShares.sol";
import {IEmergencyStop} from "../interfaces/IEmergencyStop.sol";
import {IEnergyAssetNFT} from "../interfaces/IEnergyAssetNFT.sol";

/// @title AssetRegistryDouble
/// @notice Test double of EnergyAssetNFT for AssetShares, with any book value, stop level and number of shares.
contract AssetRegistryDouble is ERC721 {
    event PermissionSet(
        uint256 indexed asset, address indexed user, IEnergyAssetNFT.Permission permission, uint256 until
    );
    event Cloned(address indexed shares);

    error AssetRegistryDouble_NotOwner(uint256 asset, address caller);

    /// @notice The book value of every asset, in base units.
    uint256 public bookValue;
    IEmergencyStop.StopLevel public stopLevel;

    constructor() ERC721("Asset", "ASSET") {}

    function setBookValue(uint256 bookValue_) external {
        bookValue = bookValue_;
    }

    function setStopLevel(IEmergencyStop.StopLevel level) external {
        stopLevel = level;
    }

    /// @notice Clones an implementation without initializing it.
    function clone(address implementation) external returns (address shares) {
        shares = Clones.clone(implementation);
        emit Cloned(shares);
    }

    /// @notice Mints an asset and its shares.
    function begin(
        IAssetShares shares,
        uint256 asset,
        uint256 amount,
        address owner,
        string calldata name,
        string calldata symbol
    ) external {
        _mint(address(shares), asset);
        shares.initialize(asset, amount, owner, name, symbol);
    }

    function setPermission(uint256 asset, address user, IEnergyAssetNFT.Permission permission, uint64 until) external {
        if (ownerOf(asset) != msg.sender) revert AssetRegistryDouble_NotOwner(asset, msg.sender);
        emit PermissionSet(asset, user, permission, until);
    }

    function bookValueOf(uint256) external view returns (uint256) {
        return bookValue;
    }
}
