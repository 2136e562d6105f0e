// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ISmartMeter} from "../interfaces/ISmartMeter.sol";

/// @title GridDouble
/// @notice What GridManagement asks of Settlement, EnergyAccounts and SmartMeter, for its own tests: it answers as it
/// is told, and notes what it is told.
contract GridDouble {
    event DepositedFrom(address payer, address account, uint256 amount);
    event Consumed(address account, uint256 wh, uint256 maxPrice);
    event SideBlocked(address account, bool buying, bool blocked);

    error GridDouble_Refused();

    address public immutable ENERGY = address(this);

    address public settlementToken;
    uint256 public cost;
    mapping(address account => uint256 amount) public debtOf;
    mapping(address account => uint256 amount) public balanceOf;
    mapping(address account => uint256 number) public numberOf;
    mapping(uint256 number => bool open) private _gaps;
    mapping(address account => ISmartMeter.Lifetime lifetime) private _lifetimes;
    mapping(address meter => ISmartMeter.MeterInfo info) private _meters;

    constructor(address token) {
        settlementToken = token;
    }

    function setAccount(address account, uint256 number, uint256 balance, uint256 debt, bool gap) external {
        (numberOf[account], balanceOf[account], debtOf[account]) = (number, balance, debt);
        _gaps[number] = gap;
    }

    function setMeter(address meter, ISmartMeter.MeterInfo calldata info) external {
        _meters[meter] = info;
    }

    function setLifetime(address account, ISmartMeter.Lifetime calldata lifetime) external {
        _lifetimes[account] = lifetime;
    }

    /// @dev A cost of 0 refuses.
    function setCost(uint256 cost_) external {
        cost = cost_;
    }

    function depositFrom(address payer, address account, uint256 amount) external returns (uint256) {
        emit DepositedFrom(payer, account, amount);
        return amount;
    }

    function consume(address account, uint256 wh, uint256 maxPrice) external returns (uint256) {
        if (cost == 0) revert GridDouble_Refused();
        emit Consumed(account, wh, maxPrice);
        return cost;
    }

    function setSideBlocked(address account, bool buying, bool blocked) external {
        emit SideBlocked(account, buying, blocked);
    }

    function gapOf(uint256 number) external view returns (bool, uint256) {
        return (_gaps[number], 7);
    }

    function getMeter(address meter) external view returns (ISmartMeter.MeterInfo memory) {
        return _meters[meter];
    }

    function getLifetime(address account) external view returns (ISmartMeter.Lifetime memory) {
        return _lifetimes[account];
    }
}
