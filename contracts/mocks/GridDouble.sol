// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";

import {ISmartMeter} from "../interfaces/ISmartMeter.sol";
import {TermsWord} from "../types/TermsWord.sol";

/// @title GridDouble
/// @notice What GridManagement, CarbonCredits and DemandResponse ask of Settlement, EnergyAccounts and SmartMeter, for
/// their own tests: it answers as it is told, and notes what it is told.
contract GridDouble {
    event DepositedFrom(address payer, address account, uint256 amount);
    event Consumed(address account, uint256 wh, uint256 maxPrice);
    event SideBlocked(address account, bool buying, bool blocked);

    error GridDouble_Refused();

    address public immutable ENERGY = address(this);
    uint256 public constant SLOT_LENGTH = 900;
    uint256 public constant GRACE = 900;

    address public settlementToken;
    address public gridModule;
    // solhint-disable-next-line var-name-mixedcase
    address public TARIFFS;
    uint256 public cost;
    mapping(address account => uint256 amount) public debtOf;
    mapping(address account => uint256 amount) public balanceOf;
    mapping(address account => uint256 number) public numberOf;
    mapping(uint256 number => uint256 count) private _unreadDays;
    mapping(address account => ISmartMeter.Lifetime lifetime) private _lifetimes;
    mapping(address meter => ISmartMeter.MeterInfo info) private _meters;
    mapping(uint256 number => mapping(uint256 slot => int256 stored)) private _nets;
    mapping(address meter => mapping(uint256 day => uint256[2] energy)) private _days;
    mapping(address account => address[] meters) private _metersOf;
    mapping(uint256 number => address meter) public meterAt;
    mapping(uint256 number => uint256[4] regionSlotsAndWatts) private _metered;

    constructor(address token) {
        settlementToken = token;
    }

    /// @dev As Settlement, of whose token this is.
    // solhint-disable-next-line func-name-mixedcase
    function TOKEN_UNITS() external view returns (uint256) {
        uint256 decimals = IERC20Metadata(settlementToken).decimals();
        return decimals > 6 ? 10 ** (decimals - 6) : 1;
    }

    function setAccount(address account, uint256 number, uint256 balance, uint256 debt, uint256 unread) external {
        (numberOf[account], balanceOf[account], debtOf[account]) = (number, balance, debt);
        _unreadDays[number] = unread;
    }

    function setMeter(address meter, ISmartMeter.MeterInfo calldata info) external {
        _meters[meter] = info;
    }

    function setLifetime(address account, ISmartMeter.Lifetime calldata lifetime) external {
        _lifetimes[account] = lifetime;
    }

    function setModules(address grid, address tariffs) external {
        (gridModule, TARIFFS) = (grid, tariffs);
    }

    function setMetersOf(address account, address[] calldata meters) external {
        _metersOf[account] = meters;
        for (uint256 i = 0; i < meters.length; ++i) {
            meterAt[_meters[meters[i]].number] = meters[i];
        }
    }

    function setDay(address meter, uint256 day, uint256 produced, uint256 consumed) external {
        _days[meter][day] = [produced, consumed];
    }

    /// @dev A net of the smallest number is not read.
    function setNet(uint256 number, uint256 slot, int256 net) external {
        _nets[number][slot] = net == type(int256).min ? int256(0) : net + 2 ** 40;
    }

    function setMetered(uint256 number, uint256 region, uint256 fromSlot, uint256 toSlot) external {
        _metered[number] = [region, fromSlot, toSlot, _metered[number][3]];
    }

    function setRatedPower(uint256 number, uint256 watts) external {
        _metered[number][3] = watts;
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

    function unreadOf(uint256 number) external view returns (uint256, uint256, uint256) {
        return (_unreadDays[number], 0, 0);
    }

    function netOf(uint256 number, uint256 slot) external view returns (bool, int256) {
        int256 stored = _nets[number][slot];
        return stored == 0 ? (false, int256(0)) : (true, stored - 2 ** 40);
    }

    function meteredOf(uint256 number) external view returns (uint256, uint256) {
        return (_metered[number][1], _metered[number][2]);
    }

    /// @dev The region alone, as {AgreedWord} has it.
    function stateOf(uint256 number) external view returns (uint256) {
        return _metered[number][0];
    }

    /// @dev Region and rated power alone.
    function termsOf(uint256[] calldata numbers) external view returns (TermsWord[] memory terms) {
        terms = new TermsWord[](numbers.length);
        for (uint256 i = 0; i < numbers.length; ++i) {
            uint256[4] memory known = _metered[numbers[i]];
            terms[i] = terms[i].withRegion(known[0]).withRatedPower(known[3]);
        }
    }

    function regionOf(uint256 number) external view returns (uint256, bool) {
        return (_metered[number][0], false);
    }

    function getDailyProduction(address meter, uint256 day) external view returns (uint256) {
        return _days[meter][day][0];
    }

    function getDailyConsumption(address meter, uint256 day) external view returns (uint256) {
        return _days[meter][day][1];
    }

    function getMeters(address account) external view returns (address[] memory) {
        return _metersOf[account];
    }

    function getMeter(address meter) external view returns (ISmartMeter.MeterInfo memory) {
        return _meters[meter];
    }

    function getLifetime(address account) external view returns (ISmartMeter.Lifetime memory) {
        return _lifetimes[account];
    }
}
