// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {
    ERC20PermitUpgradeable
} from "@openzeppelin/contracts-upgradeable/token/ERC20/extensions/ERC20PermitUpgradeable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {IAssetShares} from "../interfaces/IAssetShares.sol";
import {IEnergyAssetNFT} from "../interfaces/IEnergyAssetNFT.sol";

/// @title AssetShares
/// @notice See {IAssetShares}; comments here are for maintainers.
contract AssetShares is IAssetShares, ERC20PermitUpgradeable {
    IEnergyAssetNFT public immutable ASSETS;
    IERC20 public immutable MONEY;

    constructor(IEnergyAssetNFT assets, IERC20 money) {
        ASSETS = assets;
        MONEY = money;
        _disableInitializers();
    }

    function initialize(uint256, uint256, address, string calldata, string calldata) external {
        revert();
    }

    function redeem() external {
        revert();
    }

    function acceptBuyout(uint256) external {
        revert();
    }

    function retractAcceptance(uint256) external {
        revert();
    }

    function setPermission(address, IEnergyAssetNFT.Permission, uint64) external {
        revert();
    }

    function setSteward(address) external {
        revert();
    }

    function claimRevenue(address) external returns (uint256) {
        revert();
    }

    function recordRevenue() external returns (uint256) {
        revert();
    }

    function offerBuyout(uint256) external returns (uint256) {
        revert();
    }

    function concludeBuyout(uint256) external {
        revert();
    }

    function withdrawRefund(address) external returns (uint256) {
        revert();
    }

    function claimableOf(address) external view returns (uint256) {
        revert();
    }

    function totalRevenue() external view returns (uint256) {
        revert();
    }

    function buyout(uint256) external view returns (Buyout memory) {
        revert();
    }

    function buyoutCount() external view returns (uint256) {
        revert();
    }

    function acceptedOf(address) external view returns (uint256, uint256) {
        revert();
    }

    function refundOf(address) external view returns (uint256) {
        revert();
    }

    function minimumPrice() external view returns (uint256) {
        revert();
    }

    function shareCount() external view returns (uint256) {
        revert();
    }

    function state() external view returns (State) {
        revert();
    }

    function steward() external view returns (address) {
        revert();
    }

    function asset() external view returns (uint256) {
        revert();
    }
}
