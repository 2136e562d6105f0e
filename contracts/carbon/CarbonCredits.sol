// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

import {ICarbonCredits} from "../interfaces/ICarbonCredits.sol";
import {IGridManagement} from "../interfaces/IGridManagement.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";

/// @title CarbonCredits
/// @notice See {ICarbonCredits}; comments here are for maintainers.
contract CarbonCredits is ICarbonCredits, ERC20Permit, AccessManaged {
    ISettlement public immutable SETTLEMENT;
    IGridManagement public immutable GRID;

    /// @param gramsPerKwh the emission factor from the running slot on.
    constructor(address authority, ISettlement settlement, uint256 gramsPerKwh)
        ERC20("Carbon Credit", "TCO2E")
        ERC20Permit("Carbon Credit")
        AccessManaged(authority)
    {
        SETTLEMENT = settlement;
        GRID = settlement.gridModule();
        gramsPerKwh;
    }

    function registerCleanEnergyProducer(address) external {
        revert();
    }

    function deregisterCleanEnergyProducer(address) external {
        revert();
    }

    function setEmissionFactor(uint256) external {
        revert();
    }

    function issueCarbonCredits(address, uint256[] calldata) external returns (uint256) {
        revert();
    }

    function transferCarbonCredits(address, uint256) external returns (bool) {
        revert();
    }

    function retire(uint256, address, string calldata) external returns (uint256) {
        revert();
    }

    function getCarbonCreditsBalance(address) external view returns (uint256) {
        revert();
    }

    function isCleanEnergyProducer(address) external view returns (bool) {
        revert();
    }

    function cleanProducer(address) external view returns (CleanProducer memory) {
        revert();
    }

    function isCredited(address, uint256) external view returns (bool) {
        revert();
    }

    function emissionFactorOf(uint256) external view returns (uint256) {
        revert();
    }

    function emissionFactorCount() external view returns (uint256) {
        revert();
    }

    function emissionFactorAt(uint256) external view returns (uint256, uint256) {
        revert();
    }

    function totalIssued() external view returns (uint256) {
        revert();
    }

    function totalRetired() external view returns (uint256) {
        revert();
    }

    function retiredFor(address) external view returns (uint256) {
        revert();
    }

    function retirement(uint256) external view returns (Retirement memory) {
        revert();
    }

    function retirementCount() external view returns (uint256) {
        revert();
    }
}
