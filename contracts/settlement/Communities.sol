// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Relayed} from "../access/Relayed.sol";
import {IAccountDays} from "../interfaces/IAccountDays.sol";
import {ICommunities} from "../interfaces/ICommunities.sol";
import {IEnergyAccounts} from "../interfaces/IEnergyAccounts.sol";
import {ITariffs} from "../interfaces/ITariffs.sol";
import {Schedules} from "../libraries/Schedules.sol";
import {BPS} from "../types/Units.sol";

/// @title Communities
/// @notice See {ICommunities}; comments here are for maintainers.
/// @dev Who is in which community on which day stands with the energy accounts, which share by it. Here stands how many
/// are, and on which days seats become free: {IEnergyAccounts-setCommunity} is called after every check.
contract Communities is ICommunities, Relayed, EIP712 {
    using Schedules for Schedules.Schedule;

    /// @param seats taken at the end of `countedTo`, if nobody leaves later.
    /// @param leaving on a day. It is later than `countedTo` by the horizon at most: whoever leaves counts first.
    struct Stored {
        address manager;
        uint16 region;
        uint16 seats;
        uint16 countedTo;
        Schedules.Schedule theta;
        mapping(uint256 day => uint256 count) leaving;
    }

    /* CONSTANTS AND IMMUTABLES */

    bytes32 private constant JOIN_TYPEHASH =
        keccak256("JoinCommunity(address account,uint256 community,uint256 nonce,uint256 deadline)");
    /// @dev Days until a membership ends at most: the horizon, from within a day.
    uint256 private constant LONGEST_LEAVE = 16;
    uint256 private constant MAX_COMMUNITIES = type(uint24).max;

    /// @inheritdoc ICommunities
    uint256 public constant MAX_MEMBERS = 160;

    IAccountDays private immutable _SETTLEMENT;
    IEnergyAccounts private immutable _ENERGY;
    ITariffs private immutable _TARIFFS;

    /* STORAGE */

    /// @inheritdoc ICommunities
    uint256 public communityCount;
    mapping(uint256 id => Stored community) private _communities;
    /// @inheritdoc ICommunities
    mapping(uint256 id => mapping(address account => bool expelled)) public isExpelled;
    /// @inheritdoc ICommunities
    mapping(address account => uint256 nonce) public nonces;

    /* CONSTRUCTOR */

    constructor(Modules memory modules) Relayed(modules.forwarder) EIP712("EnergyGrid Communities", "1") {
        _SETTLEMENT = IAccountDays(modules.settlement);
        _ENERGY = modules.energy;
        _TARIFFS = modules.tariffs;
    }

    /* ANYONE */

    /// @inheritdoc ICommunities
    function create(bytes32 region, uint256 theta, address manager) external returns (uint256 id) {
        _requireTheta(theta);
        id = ++communityCount;
        if (id > MAX_COMMUNITIES) revert Communities_TooMany();
        Stored storage community = _communities[id];
        // A region's number has 16 bits.
        (community.manager, community.region) = (manager, uint16(_TARIFFS.regionId(region)));
        community.countedTo = uint16(block.timestamp / 1 days);
        community.theta.newest = theta;
        emit CommunityCreated(id, region, manager, theta);
    }

    /// @inheritdoc ICommunities
    function joinFor(address account, uint256 id, uint256 deadline, bytes calldata signature) external {
        if (block.timestamp > deadline) revert Communities_Expired(deadline);
        bytes32 hash = hashJoin(account, id, deadline);
        uint256 nonce = nonces[account];
        nonces[account] = nonce + 1;
        if (!SignatureChecker.isValidSignatureNowCalldata(account, hash, signature)) {
            revert Communities_WrongSignature(account, nonce);
        }
        _join(account, id);
    }

    /// @inheritdoc ICommunities
    function suspend(address account) external {
        uint256 number = _numberOf(account);
        if (_SETTLEMENT.debtOf(account) == 0) revert Communities_NoDebt(account);
        _leave(account, number, 0, _holder());
    }

    /* ACCOUNT HOLDERS */

    /// @inheritdoc ICommunities
    function join(uint256 id) external {
        _join(_holder(), id);
    }

    /// @inheritdoc ICommunities
    function leave() external {
        address account = _holder();
        ++nonces[account];
        _leave(account, _numberOf(account), 0, account);
    }

    /* MANAGER */

    /// @inheritdoc ICommunities
    function expel(uint256 id, address account) external {
        address manager = _requireManager(id);
        _leave(account, _numberOf(account), id, manager);
        isExpelled[id][account] = true;
    }

    /// @inheritdoc ICommunities
    function readmit(uint256 id, address account) external {
        // slither-disable-next-line unused-return: called for its check alone
        _requireManager(id);
        delete isExpelled[id][account];
        emit Readmitted(id, account);
    }

    /// @inheritdoc ICommunities
    function setTheta(uint256 id, uint256 theta, uint256 day) external {
        // slither-disable-next-line unused-return: called for its check alone
        _requireManager(id);
        _requireTheta(theta);
        uint256 first = beyondHorizon();
        if (day < first) revert Communities_WithinHorizon(day, first);
        _communities[id].theta.set(day, theta);
        emit ThetaSet(id, theta, day);
    }

    /// @inheritdoc ICommunities
    function setManager(uint256 id, address manager) external {
        // slither-disable-next-line unused-return: called for its check alone
        _requireManager(id);
        _communities[id].manager = manager;
        emit ManagerChanged(id, manager);
    }

    /* VIEWS */

    /// @inheritdoc ICommunities
    function communityOf(uint256 id) external view returns (Community memory) {
        Stored storage community = _communities[id];
        if (community.region == 0) revert Communities_Unknown(id);
        uint256 today = block.timestamp / 1 days;
        return Community({
            region: _TARIFFS.regionAt(community.region),
            manager: community.manager,
            members: _membersOn(community, today),
            theta: _thetaAt(community, today)
        });
    }

    /// @inheritdoc ICommunities
    function thetaAt(uint256 id, uint256 day) external view returns (uint256) {
        return _thetaAt(_communities[id], day);
    }

    /// @inheritdoc ICommunities
    function hashJoin(address account, uint256 id, uint256 deadline) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(JOIN_TYPEHASH, account, id, nonces[account], deadline)));
    }

    /// @inheritdoc ICommunities
    function beyondHorizon() public view returns (uint256 day) {
        return Math.ceilDiv(block.timestamp + _TARIFFS.HORIZON(), 1 days);
    }

    /* INTERNAL */

    function _join(address account, uint256 id) private {
        Stored storage community = _communities[id];
        uint256 region = community.region;
        if (region == 0) revert Communities_Unknown(id);
        uint256 number = _numberOf(account);
        uint256 tomorrow = block.timestamp / 1 days + 1;
        uint256 known = _communityOn(number, tomorrow);
        if (known != 0) revert Communities_IsMember(account, known);
        (uint256 own, bool isLarge) = _ENERGY.regionOf(number);
        if (own != region) revert Communities_OtherRegion(account, own);
        if (isLarge) revert Communities_PowerTooHigh(account);
        // slither-disable-next-line unused-return: where it began does not matter
        (, uint256 toSlot) = _ENERGY.meteredOf(number);
        if (toSlot * _TARIFFS.SLOT_LENGTH() <= tomorrow * 1 days) revert Communities_NoMeter(account);
        uint256 debt = _SETTLEMENT.debtOf(account);
        if (debt != 0) revert Communities_InDebt(account, debt);
        if (isExpelled[id][account]) revert Communities_Expelled(account, id);

        _count(community, tomorrow);
        if (community.seats == MAX_MEMBERS) revert Communities_Full(id, tomorrow);
        ++community.seats;
        emit Joined(id, account, tomorrow);
        _ENERGY.setCommunity(number, id, tomorrow);
    }

    /// @param id the only community that is left, or 0: any.
    function _leave(address account, uint256 number, uint256 id, address by) private {
        uint256 day = beyondHorizon();
        uint256 known = _communityOn(number, day);
        if (known == 0 || (id != 0 && known != id)) revert Communities_NotMember(account, id);
        Stored storage community = _communities[known];
        _count(community, block.timestamp / 1 days);
        ++community.leaving[day];
        emit Left(known, account, day, by);
        _ENERGY.setCommunity(number, 0, day);
    }

    function _count(Stored storage community, uint256 day) private {
        if (day <= community.countedTo) return;
        (community.seats, community.countedTo) = (uint16(_membersOn(community, day)), uint16(day));
    }

    function _membersOn(Stored storage community, uint256 day) private view returns (uint256 members) {
        (members, day) = (community.seats, Math.min(day, community.countedTo + LONGEST_LEAVE));
        for (uint256 each = community.countedTo + 1; each <= day; ++each) {
            members -= community.leaving[each];
        }
    }

    function _thetaAt(Stored storage community, uint256 day) private view returns (uint256) {
        // The value stands in the low bits, far below 2^16.
        return uint16(community.theta.at(day));
    }

    function _communityOn(uint256 number, uint256 day) private view returns (uint256) {
        (uint256 community, uint256 next, uint256 fromDay) = _ENERGY.membershipOf(number);
        return day < fromDay ? community : next;
    }

    function _numberOf(address account) private view returns (uint256 number) {
        number = _SETTLEMENT.numberOf(account);
        if (number == 0) revert Communities_UnknownAccount(account);
    }

    function _requireManager(uint256 id) private view returns (address manager) {
        manager = _communities[id].manager;
        if (_holder() != manager) revert Communities_NotManager(id, _holder());
    }

    function _requireTheta(uint256 theta) private pure {
        if (theta > BPS) revert Communities_ThetaAbove(theta, BPS);
    }
}
