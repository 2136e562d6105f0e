// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {EmergencyStop} from "../access/EmergencyStop.sol";
import {IEnergyAssetNFT} from "../interfaces/IEnergyAssetNFT.sol";
import {ISmartMeter} from "../interfaces/ISmartMeter.sol";

/// @title EnergyAssetNFT
/// @notice See {IEnergyAssetNFT}; comments here are for maintainers.
contract EnergyAssetNFT is EmergencyStop, ERC721, IEnergyAssetNFT {
    ISmartMeter public immutable METER;
    address public immutable SHARES;

    constructor(address authority_, ISmartMeter meter, address shares)
        ERC721("Energy Asset", "ASSET")
        EmergencyStop(authority_)
    {
        METER = meter;
        SHARES = shares;
    }

    function supportsInterface(bytes4 id) public view override(ERC721, IERC165) returns (bool) {
        return super.supportsInterface(id);
    }

    function mint(address, Terms calldata) external returns (uint256) {
        revert();
    }

    function linkMeter(uint256, address) external {
        revert();
    }

    function unlinkMeter(uint256, uint256) external {
        revert();
    }

    function setPermission(uint256, address, Permission, uint64) external {
        revert();
    }

    function fractionalize(uint256, uint256, string calldata, string calldata) external returns (address) {
        revert();
    }

    function addMaintenanceRecord(uint256, bytes32, string calldata) external {
        revert();
    }

    function setInService(uint256, bool) external {
        revert();
    }

    function getAsset(uint256) external view returns (Asset memory) {
        revert();
    }

    function assetCount() external view returns (uint256) {
        revert();
    }

    function getProductionHistory(uint256, uint256, uint256) external view returns (uint256[] memory) {
        revert();
    }

    function metersOf(uint256) external view returns (uint256[] memory) {
        revert();
    }

    function assetOfMeter(uint256) external view returns (uint256) {
        revert();
    }

    function maintenanceCount(uint256) external view returns (uint256) {
        revert();
    }

    function maintenanceRecord(uint256, uint256) external view returns (MaintenanceRecord memory) {
        revert();
    }

    function permissionOf(uint256, address) external view returns (Permission, uint256) {
        revert();
    }

    function isPermitted(uint256, address, Permission) external view returns (bool) {
        revert();
    }

    function bookValueOf(uint256) external view returns (uint256) {
        revert();
    }
}
