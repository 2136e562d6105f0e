// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ICommunities} from "./ICommunities.sol";
import {IEnergyAccounts} from "./IEnergyAccounts.sol";
import {ISettlement} from "./ISettlement.sol";
import {ISmartMeter} from "./ISmartMeter.sol";
import {ITariffs} from "./ITariffs.sol";

/// @title ICommunityDays
/// @notice Days of communities whose meters a gateway reads. The gateway anchors one root a day; after a challenge time
/// one call of anybody shares, settles, keeps credits and bills for all members, to the unit as if each had closed by
/// itself.
///
/// A day has one leaf for each member, in ascending order of account numbers, all numbers big-endian:
///
///     | status 1 byte | place 1 | number 4 | first imported 6 | first exported 6 | last imported 6 | last exported 6 |
///     | nets, 4 bytes a slot |
///
/// `status` is absent (0x00), measured (0x01) or sealed (0x02), with CONTINUES (0x80) if the account's leaf of the day
/// before was measured. `place` counts from 0. The first registers are there in a measured or continuing leaf, the last
/// ones and the nets in a measured one; a sealed leaf ends with the 32-byte hash of the measured leaf and a salt of 32
/// bytes. Registers are in Wh modulo 2^48; they go on where a device is exchanged (see {ISmartMeter-registersOf}).
/// Eight nets stand in 32 bytes, the first slot last; the highest bit of a net is set if it is an export.
///
/// A node is the hash of a leaf. Pairs of nodes are hashed in sorted order, as OpenZeppelin's MerkleProof does; an odd
/// one moves up.
///
/// A member's day is closed with the others if its leaf is measured and believable, nobody has contradicted it by a
/// reading that the device signed, and its registers go on from where they stood. Other members are passed over: they
/// close by themselves, without sharing. They can, too, when a day was not closed DEADLINE seconds after its end.
interface ICommunityDays {
    /// @notice The connected contracts, fixed at deployment.
    struct Modules {
        ISettlement settlement;
        IEnergyAccounts energy;
        ICommunities communities;
        ISmartMeter meter;
        ITariffs tariffs;
    }

    /// @notice Why a member's day was not closed with the others'.
    enum Reason {
        NONE,
        ABSENT,
        SEALED,
        CONTRADICTED,
        NOT_A_MEMBER,
        OTHER_DAY,
        GAP,
        OTHER_REGISTERS,
        NETS_NOT_BELIEVABLE,
        POSITION_TOO_LARGE
    }

    /// @notice One leaf and its proof.
    /// @param record its bytes.
    /// @param opening of a sealed leaf: the measured one and its salt; else empty.
    /// @param proof the hashes on the way to the root.
    struct Leaf {
        bytes record;
        bytes opening;
        bytes32[] proof;
    }

    /// @notice What is known of a community's day.
    /// @param anchoredAt Unix seconds, 0: not anchored.
    /// @param closed a bit for each place whose day was closed with it.
    /// @param contradicted a bit for each place whose leaf was contradicted.
    struct AnchoredDay {
        bytes32 root;
        uint256 anchoredAt;
        bool isSettled;
        uint256 closed;
        uint256 contradicted;
    }

    /* EVENTS */

    /// @notice A gateway has anchored a day's leaves, instead of earlier ones.
    event DayAnchored(uint256 indexed community, uint256 indexed day, bytes32 root, address indexed gateway);
    /// @notice A signed reading contradicts the leaf of an account.
    event LeafContradicted(uint256 indexed community, uint256 indexed day, uint256 indexed number, uint256 slot);
    /// @notice A day was closed for all members that were not passed over; two words for each:
    /// {ClosedDayWord}, {DayFlowsWord}.
    event DaySettled(uint256 indexed community, uint256 indexed day, uint256[] words);
    /// @notice A member's day stays open.
    event MemberPassedOver(uint256 indexed community, uint256 indexed day, uint256 indexed number, Reason reason);
    /// @notice An account's own readings go on from the registers at the end of `day`, the last that a gateway has
    /// read.
    event HandedOver(uint256 indexed number, uint256 day, uint256 imported, uint256 exported);
    /// @notice An anchored leaf's registers until `toSlot` were recorded late.
    event LeafRead(uint256 indexed number, uint256 indexed day, uint256 toSlot);
    /// @notice Nets of a day, from `fromSlot` to before `toSlot`, can be read from the energy accounts.
    event HistoryProven(uint256 indexed number, uint256 indexed day, uint256 fromSlot, uint256 toSlot);

    /* ERRORS */

    /// @notice A parameter of the deployment is out of range.
    error CommunityDays_BadParameter(string name, uint256 value);
    /// @notice Only the community's gateway may do this.
    error CommunityDays_NotGateway(uint256 community, address caller);
    /// @notice The day must be before `today`.
    error CommunityDays_DayNotOver(uint256 day, uint256 today);
    /// @notice A root of 0 is none.
    error CommunityDays_NoRoot();
    /// @notice The day is settled already.
    error CommunityDays_Settled(uint256 community, uint256 day);
    /// @notice Nothing is anchored for the day.
    error CommunityDays_NotAnchored(uint256 community, uint256 day);
    /// @notice The leaves can be contradicted until `openFrom` (Unix seconds).
    error CommunityDays_Challengeable(uint256 community, uint256 day, uint256 openFrom);
    /// @notice A slot of the day is not final yet.
    error CommunityDays_DayNotFinal(uint256 day);
    /// @notice The leaf at `place` is malformed: its status, place, length, or a number that does not ascend.
    error CommunityDays_BadLeaf(uint256 place);
    /// @notice A day has at least one leaf.
    error CommunityDays_NoLeaves();
    /// @notice These leaves are not the anchored ones.
    error CommunityDays_WrongLeaves(bytes32 root, bytes32 anchored);
    /// @notice The first registers of the leaves that continue are not the last ones of the day before.
    error CommunityDays_RegistersNotContinued(uint256 community, uint256 day);
    /// @notice The leaf does not belong to the root.
    error CommunityDays_WrongProof(bytes32 node);
    /// @notice The leaf shows nothing: it is not measured, or its opening does not fit.
    error CommunityDays_NotMeasured(uint256 number);
    /// @notice The reading is of another account, or of another day, or agrees with the leaf.
    error CommunityDays_NoContradiction(uint256 number, uint256 readNumber, uint256 slot);
    /// @notice The leaf was contradicted.
    error CommunityDays_Contradicted(uint256 number, uint256 day);
    /// @notice The day was closed with the others.
    error CommunityDays_ClosedTogether(uint256 number, uint256 day);
    /// @notice The day was not closed with the others.
    error CommunityDays_NotClosedTogether(uint256 number, uint256 day);
    /// @notice A gateway has read the account until `day`, and what followed: prove the leaf before it.
    error CommunityDays_NotHandedOver(uint256 number, uint256 day);
    /// @notice Another day is the newest that a gateway's day has closed.
    error CommunityDays_NotNewest(uint256 number, uint256 settledTo);
    /// @notice The account's first open day is before the leaf's.
    error CommunityDays_DaysOpen(uint256 number, uint256 cursor);
    /// @notice The meter was read until `readTo`: the leaf brings nothing.
    error CommunityDays_NothingToRead(uint256 number, uint256 readTo);
    /// @notice Slots from `slot` on, which were not read, can be skipped by the holder alone until `openFrom` (Unix
    /// seconds).
    error CommunityDays_Skipped(uint256 number, uint256 slot, uint256 openFrom);
    /// @notice The leaf does not begin with the meter's registers.
    error CommunityDays_OtherRegisters(uint256 number, uint256 imported, uint256 exported);
    /// @notice The nets do not fit the registers, or the meter's rated power.
    error CommunityDays_NetsNotBelievable(uint256 number);
    /// @notice The account was not in the community on the day, or no meter spoke for it.
    error CommunityDays_NotAMember(uint256 community, uint256 number);
    /// @notice Not slots of the day, or none.
    error CommunityDays_BadRange(uint256 fromSlot, uint256 toSlot);

    /* GATEWAYS */

    /// @notice Anchors a day that is over, or replaces its root until it is settled; the challenge time begins anew,
    /// and other leaves are not contradicted yet. The leaves must be stored safely before. Role: METER_GATEWAY, and the
    /// community's gateway.
    /// @param community number of the community.
    /// @param day number of the day.
    /// @param root of the leaves.
    function anchor(uint256 community, uint256 day, bytes32 root) external;

    /* ANYONE */

    /// @notice Closes a community's day, once, CHALLENGE seconds after it was anchored.
    /// @param community number of the community.
    /// @param day number of the day.
    /// @param leaves all of the day, one after the other.
    function settleDay(uint256 community, uint256 day, bytes calldata leaves) external;

    /// @notice Shows that a leaf is wrong: at a slot's end the device has signed other registers, or between the day's
    /// bounds another net. The member will be passed over. Until the day is settled.
    /// @param community number of the community.
    /// @param day number of the day.
    /// @param leaf the wrong one.
    /// @param signed the device's reading, at a slot's end of the day or at its begin.
    function contradict(uint256 community, uint256 day, Leaf calldata leaf, ISmartMeter.SignedReading calldata signed)
        external;

    /// @notice Brings in the registers of an anchored leaf, after its challenge time, of an account that was passed
    /// over: if its day is closed, all nets, which are charged as late ones are; if it is the first open one, only the
    /// registers at its begin. Slots before that were not read are charged at the dearest price: until the first of
    /// them is 30 days old, only the holder may skip them.
    /// @param community number of the community.
    /// @param day number of the day.
    /// @param leaf the account's.
    function readLate(uint256 community, uint256 day, Leaf calldata leaf) external;

    /// @notice The account's own readings go on from here: the leaf of the newest day that was closed with the others.
    /// @param community number of the community.
    /// @param day number of the day.
    /// @param leaf the account's.
    function handOver(uint256 community, uint256 day, Leaf calldata leaf) external;

    /// @notice Writes nets of a day that was closed with the others into the energy accounts, and its registers into
    /// SmartMeter's daily figures, for all who read history. Whole pages of eight slots are written.
    /// @param community number of the community.
    /// @param day number of the day.
    /// @param leaf the account's.
    /// @param fromSlot the first slot.
    /// @param toSlot the slot after the last one.
    // solhint-disable-next-line max-line-length
    function proveHistory(uint256 community, uint256 day, Leaf calldata leaf, uint256 fromSlot, uint256 toSlot) external;

    /* VIEWS */

    /// @notice Seconds after anchoring in which leaves can be contradicted.
    /// @return seconds.
    function CHALLENGE() external view returns (uint256);

    /// @notice Seconds after a day's end from which members close by themselves.
    /// @return seconds.
    function DEADLINE() external view returns (uint256);

    /// @notice Whether members can close the day by themselves: it is settled, or DEADLINE has passed.
    /// @param community number of the community.
    /// @param day number of the day.
    /// @return whether they can.
    function isOpen(uint256 community, uint256 day) external view returns (bool);

    /// @notice What is anchored for a community's day.
    /// @param community number of the community.
    /// @param day number of the day.
    /// @return the day.
    function dayOf(uint256 community, uint256 day) external view returns (AnchoredDay memory);

    /// @notice The last registers of the latest settled day, that the next day's leaves must continue.
    /// @param community number of the community.
    /// @return 30 bytes of the hash of the day, 2 bytes, and for each measured leaf its number and last registers, 16
    /// bytes; then the day.
    function registersOf(uint256 community) external view returns (bytes32);

    /// @notice The root of leaves. Reverts with BadLeaf as {settleDay} does.
    /// @param leaves of a day, one after the other.
    /// @return the root.
    function rootOf(bytes calldata leaves) external view returns (bytes32);
}
