// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {Relayed} from "../access/Relayed.sol";
import {IAccountDays} from "../interfaces/IAccountDays.sol";
import {ICommunities} from "../interfaces/ICommunities.sol";
import {IEnergyAccounts} from "../interfaces/IEnergyAccounts.sol";
import {ISmartMeter} from "../interfaces/ISmartMeter.sol";
import {ITariffs} from "../interfaces/ITariffs.sol";
import {Schedules} from "../libraries/Schedules.sol";
import {CoefficientWord, CoefficientWordLibrary} from "../types/CoefficientWord.sol";
import {BPS} from "../types/Units.sol";

/// @title Communities
/// @notice See {ICommunities}; comments here are for maintainers.
/// @dev Who is in which community on which day stands with the energy accounts, which share by it. Here stands how many
/// are, what their coefficients add up to, and on which days seats and coefficients become free:
/// {IEnergyAccounts-setCommunity} is called after every check. Both sums only fall after tomorrow, as all that is
/// planned for later frees something: so what fits tomorrow fits on every later day.
contract Communities is ICommunities, Relayed, EIP712 {
    using SafeCast for uint256;
    using Schedules for Schedules.Schedule;

    /// @dev What becomes free on a day: memberships end, and coefficients fall by basis points.
    struct Freed {
        uint16 seats;
        uint16 coefficients;
    }

    /// @param seats taken at the end of `countedTo`, if nobody leaves later.
    /// @param coefficients given at the end of `countedTo` in basis points, if none falls later.
    /// @param isStatic whether it has the static key.
    /// @param gateway before `gatewayFrom`; zero without one.
    /// @param nextGateway since then.
    /// @param freed on a day. It is later than `countedTo` by the horizon at most: whoever leaves counts first.
    struct Stored {
        address manager;
        uint16 region;
        uint16 seats;
        uint16 countedTo;
        uint16 coefficients;
        bool isStatic;
        address gateway;
        uint16 gatewayFrom;
        address nextGateway;
        Schedules.Schedule theta;
        mapping(uint256 day => Freed what) freed;
    }

    /* CONSTANTS AND IMMUTABLES */

    bytes32 private constant JOIN_TYPEHASH =
        keccak256("JoinCommunity(address account,uint256 community,address gateway,uint256 nonce,uint256 deadline)");
    /// @dev Days until a membership ends at most: the horizon, from within a day.
    uint256 private constant LONGEST_LEAVE = 16;
    /// @dev Days beyond the horizon until a gateway changes: who disagrees leaves first.
    uint256 private constant GATEWAY_NOTICE = 7;
    uint256 private constant MAX_COMMUNITIES = type(uint24).max;

    /// @inheritdoc ICommunities
    uint256 public constant MAX_MEMBERS = 160;

    IAccountDays private immutable _SETTLEMENT;
    IEnergyAccounts private immutable _ENERGY;
    ITariffs private immutable _TARIFFS;
    ISmartMeter private immutable _METER;

    /* STORAGE */

    /// @inheritdoc ICommunities
    uint256 public communityCount;
    mapping(uint256 id => Stored community) private _communities;
    mapping(uint256 accountNumber => CoefficientWord word) private _coefficients;
    /// @inheritdoc ICommunities
    mapping(uint256 id => mapping(address account => bool expelled)) public isExpelled;
    /// @inheritdoc ICommunities
    mapping(address account => uint256 nonce) public nonces;

    /* CONSTRUCTOR */

    constructor(Modules memory modules) Relayed(modules.forwarder) EIP712("EnergyGrid Communities", "1") {
        _SETTLEMENT = IAccountDays(modules.settlement);
        _ENERGY = modules.energy;
        _TARIFFS = modules.tariffs;
        _METER = modules.meter;
    }

    /* ANYONE */

    /// @inheritdoc ICommunities
    function create(bytes32 region, uint256 theta, address manager) external returns (uint256 id) {
        (id,) = _create(region, theta, manager);
    }

    /// @inheritdoc ICommunities
    function createWithGateway(bytes32 region, uint256 theta, address manager, address gateway, bool isStatic)
        external
        returns (uint256 id)
    {
        Stored storage community;
        (id, community) = _create(region, theta, manager);
        _requireGateway(gateway);
        (community.gateway, community.nextGateway, community.isStatic) = (gateway, gateway, isStatic);
        emit GatewayCreated(id, gateway, isStatic);
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

    /// @inheritdoc ICommunities
    function acceptCoefficient(uint256 bps) external {
        address account = _holder();
        uint256 number = _numberOf(account);
        CoefficientWord word = _coefficients[number];
        uint256 offer = word.offer();
        if (bps == 0 || bps != offer) revert Communities_OtherOffer(account, bps, offer);
        // Whoever leaves has no offer: the membership has no end.
        uint256 id = _communityOn(number, beyondHorizon());
        Stored storage community = _communities[id];
        uint256 tomorrow = block.timestamp / 1 days + 1;
        _count(community, tomorrow);
        uint256 own = word.on(tomorrow);
        uint256 others = community.coefficients - own;
        if (others + bps > BPS) revert Communities_CoefficientsFull(id, others, bps);
        // What is planned for later is replaced.
        uint256 planned = word.fromDay();
        if (planned > tomorrow) community.freed[planned].coefficients -= uint16(own - word.on(planned));
        community.coefficients = uint16(others + bps);
        _setCoefficient(id, account, number, bps, tomorrow);
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

    /// @inheritdoc ICommunities
    function setGateway(uint256 id, address gateway, uint256 day) external {
        // slither-disable-next-line unused-return: called for its check alone
        _requireManager(id);
        Stored storage community = _communities[id];
        if (community.nextGateway == address(0)) revert Communities_NoGateway(id);
        _requireGateway(gateway);
        uint256 first = beyondHorizon() + GATEWAY_NOTICE;
        if (day < first) revert Communities_WithinHorizon(day, first);
        community.gateway = _gatewayAt(community);
        (community.nextGateway, community.gatewayFrom) = (gateway, day.toUint16());
        emit GatewayNamed(id, gateway, day);
    }

    /// @inheritdoc ICommunities
    function setCoefficient(uint256 id, address account, uint256 bps) external {
        // slither-disable-next-line unused-return: called for its check alone
        _requireManager(id);
        Stored storage community = _communities[id];
        if (!community.isStatic) revert Communities_NotStatic(id);
        if (bps > BPS) revert Communities_CoefficientAbove(bps, BPS);
        (uint256 number, uint256 day) = (_numberOf(account), beyondHorizon());
        if (_communityOn(number, day) != id) revert Communities_NotMember(account, id);
        CoefficientWord word = _coefficients[number];
        uint256 known = word.on(day);
        if (bps < known) {
            _count(community, block.timestamp / 1 days);
            community.freed[day].coefficients += uint16(known - bps);
            _setCoefficient(id, account, number, bps, day);
        } else {
            // What it is already is an offer taken back.
            // slither-disable-next-line incorrect-equality: basis points
            uint256 offer = bps == known ? 0 : bps;
            _coefficients[number] = word.withOffer(offer);
            emit CoefficientOffered(id, account, offer);
        }
    }

    /* VIEWS */

    /// @inheritdoc ICommunities
    function communityOf(uint256 id) external view returns (Community memory) {
        Stored storage community = _communities[id];
        if (community.region == 0) revert Communities_Unknown(id);
        uint256 today = block.timestamp / 1 days;
        (uint256 members,) = _takenOn(community, today);
        return Community({
            region: _TARIFFS.regionAt(community.region),
            manager: community.manager,
            members: members,
            theta: _thetaAt(community, today)
        });
    }

    /// @inheritdoc ICommunities
    function thetaAt(uint256 id, uint256 day) external view returns (uint256) {
        return _thetaAt(_communities[id], day);
    }

    /// @inheritdoc ICommunities
    function termsOf(uint256 id, uint256 day) external view returns (uint256 region, uint256 theta, bool isStatic) {
        Stored storage community = _communities[id];
        return (community.region, _thetaAt(community, day), community.isStatic);
    }

    /// @inheritdoc ICommunities
    function isByGateway(uint256 id) external view returns (bool) {
        return _communities[id].nextGateway != address(0);
    }

    /// @inheritdoc ICommunities
    function gatewayOf(uint256 id) external view returns (address) {
        return _gatewayAt(_communities[id]);
    }

    /// @inheritdoc ICommunities
    function nextGatewayOf(uint256 id) external view returns (address gateway, uint256 fromDay) {
        return (_communities[id].nextGateway, _communities[id].gatewayFrom);
    }

    /// @inheritdoc ICommunities
    function coefficientsOn(uint256 day, uint256[] calldata numbers) external view returns (uint256[] memory values) {
        values = new uint256[](numbers.length);
        for (uint256 i = 0; i < numbers.length; ++i) {
            values[i] = _coefficients[numbers[i]].on(day);
        }
    }

    /// @inheritdoc ICommunities
    function coefficientSumOn(uint256 id, uint256 day) external view returns (uint256 bps) {
        (, bps) = _takenOn(_communities[id], day);
    }

    /// @inheritdoc ICommunities
    function offerOf(address account) external view returns (uint256 bps) {
        return _coefficients[_SETTLEMENT.numberOf(account)].offer();
    }

    /// @inheritdoc ICommunities
    function hashJoin(address account, uint256 id, uint256 deadline) public view returns (bytes32) {
        address gateway = _communities[id].nextGateway;
        return _hashTypedDataV4(keccak256(abi.encode(JOIN_TYPEHASH, account, id, gateway, nonces[account], deadline)));
    }

    /// @inheritdoc ICommunities
    function beyondHorizon() public view returns (uint256 day) {
        return Math.ceilDiv(block.timestamp + _TARIFFS.HORIZON(), 1 days);
    }

    /* INTERNAL */

    function _create(bytes32 region, uint256 theta, address manager)
        private
        returns (uint256 id, Stored storage community)
    {
        _requireTheta(theta);
        id = ++communityCount;
        if (id > MAX_COMMUNITIES) revert Communities_TooMany();
        community = _communities[id];
        // A region's number has 16 bits.
        (community.manager, community.region) = (manager, uint16(_TARIFFS.regionId(region)));
        community.countedTo = uint16(block.timestamp / 1 days);
        community.theta.newest = theta;
        emit CommunityCreated(id, region, manager, theta);
    }

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
        bool byGateway = community.nextGateway != address(0);
        _ENERGY.setCommunity(number, id, tomorrow, byGateway);
        if (byGateway) _METER.setReadByGateway(number);
    }

    /// @param id the only community that is left, or 0: any.
    function _leave(address account, uint256 number, uint256 id, address by) private {
        uint256 day = beyondHorizon();
        uint256 known = _communityOn(number, day);
        if (known == 0 || (id != 0 && known != id)) revert Communities_NotMember(account, id);
        Stored storage community = _communities[known];
        _count(community, block.timestamp / 1 days);
        Freed storage freed = community.freed[day];
        ++freed.seats;
        if (community.isStatic) {
            CoefficientWord word = _coefficients[number].withOffer(0);
            uint256 coefficient = word.on(day);
            freed.coefficients += uint16(coefficient);
            // slither-disable-next-line incorrect-equality: basis points
            _coefficients[number] = coefficient == 0 ? word : word.endingAt(day);
        }
        emit Left(known, account, day, by);
        _ENERGY.setCommunity(number, 0, day, false);
    }

    /// @dev What is planned for that day or later is replaced, and an offer is void.
    function _setCoefficient(uint256 id, address account, uint256 number, uint256 bps, uint256 day) private {
        CoefficientWord word = _coefficients[number];
        // Days before the earlier change need what it replaced until they are closed.
        (uint256 cursor, uint256 changed) = (_SETTLEMENT.cursorAt(number), word.changedBefore(day));
        if (cursor < changed) revert Communities_CoefficientPending(account, cursor, changed);
        _coefficients[number] = CoefficientWordLibrary.pack(word.on(day - 1), bps, day);
        emit CoefficientSet(id, account, bps, day);
    }

    function _count(Stored storage community, uint256 day) private {
        if (day <= community.countedTo) return;
        (uint256 seats, uint256 coefficients) = _takenOn(community, day);
        (community.seats, community.coefficients, community.countedTo) =
        (uint16(seats), uint16(coefficients), uint16(day));
    }

    /// @dev Seats and basis points that are taken on a day that is not before `countedTo`.
    function _takenOn(Stored storage community, uint256 day)
        private
        view
        returns (uint256 seats, uint256 coefficients)
    {
        (seats, coefficients) = (community.seats, community.coefficients);
        day = Math.min(day, community.countedTo + LONGEST_LEAVE);
        for (uint256 each = community.countedTo + 1; each <= day; ++each) {
            Freed storage freed = community.freed[each];
            seats -= freed.seats;
            coefficients -= freed.coefficients;
        }
    }

    /// @dev Today's.
    function _gatewayAt(Stored storage community) private view returns (address) {
        bool hasBegun = community.gatewayFrom <= block.timestamp / 1 days;
        return hasBegun ? community.nextGateway : community.gateway;
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

    function _requireGateway(address gateway) private pure {
        if (gateway == address(0)) revert Communities_ZeroGateway();
    }

    function _requireTheta(uint256 theta) private pure {
        if (theta > BPS) revert Communities_ThetaAbove(theta, BPS);
    }
}
