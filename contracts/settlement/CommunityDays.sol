// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ICommunityDays} from "../interfaces/ICommunityDays.sol";
import {ISmartMeter} from "../interfaces/ISmartMeter.sol";
import {DayLanes} from "../libraries/DayLanes.sol";
import {DayLeaves} from "../libraries/DayLeaves.sol";
import {BoundaryWord, BoundaryWordLibrary} from "../types/BoundaryWord.sol";
import {riseOf} from "../types/ReadingWord.sol";
import {TermsWord} from "../types/TermsWord.sol";
import {MemberDays} from "./MemberDays.sol";

/// @title CommunityDays
/// @notice See {ICommunityDays}; comments here are for maintainers. {MemberDays} has the arithmetic.
contract CommunityDays is MemberDays, AccessManaged {
    using DayLeaves for DayLeaves.Leaves;

    /// @dev See {AnchoredDay}.
    struct Anchor {
        bytes32 root;
        uint48 anchoredAt;
        bool isSettled;
        uint256 closed;
        uint256 contradicted;
    }

    /// @dev Of a meter's own newest boundary.
    struct Registers {
        uint256 readTo;
        uint256 imported;
        uint256 exported;
    }

    /* CONSTANTS AND IMMUTABLES */

    uint256 private constant MAX_TIME = 7 days;
    uint256 private constant SALT = 32;
    uint256 private constant HASH = 32;
    // As SmartMeter has it for readings that skip others.
    uint256 private constant CONSENT_PERIOD = 30 days;

    /// @inheritdoc ICommunityDays
    uint256 public immutable CHALLENGE;
    /// @inheritdoc ICommunityDays
    uint256 public immutable DEADLINE;

    /* STORAGE */

    mapping(uint256 community => mapping(uint256 day => Anchor anchor)) private _anchors;
    /// @inheritdoc ICommunityDays
    mapping(uint256 community => bytes32 hash) public registersOf;

    /* CONSTRUCTOR */

    constructor(address authority, Modules memory modules, uint256 challenge, uint256 deadline)
        AccessManaged(authority)
        MemberDays(modules)
    {
        if (challenge > MAX_TIME) revert CommunityDays_BadParameter("challenge", challenge);
        if (deadline > MAX_TIME || deadline <= challenge) revert CommunityDays_BadParameter("deadline", deadline);
        (CHALLENGE, DEADLINE) = (challenge, deadline);
    }

    /* GATEWAYS */

    /// @inheritdoc ICommunityDays
    function anchor(uint256 community, uint256 day, bytes32 root) external restricted {
        if (_COMMUNITIES.gatewayOf(community) != msg.sender) revert CommunityDays_NotGateway(community, msg.sender);
        uint256 today = block.timestamp / 1 days;
        if (day >= today) revert CommunityDays_DayNotOver(day, today);
        if (root == 0) revert CommunityDays_NoRoot();
        Anchor storage anchored = _anchors[community][day];
        _requireOpen(community, day, anchored);
        // The same leaves stay contradicted.
        if (root != anchored.root) (anchored.root, anchored.contradicted) = (root, 0);
        anchored.anchoredAt = uint48(block.timestamp);
        emit DayAnchored(community, day, root, msg.sender);
    }

    /* ANYONE */

    /// @inheritdoc ICommunityDays
    function settleDay(uint256 community, uint256 day, bytes calldata leaves) external {
        Anchor storage anchored = _requireAnchor(community, day);
        _requireOpen(community, day, anchored);
        _requireUnchallenged(community, day, anchored);
        if (!_ENERGY.isDayFinal(day)) revert CommunityDays_DayNotFinal(day);
        (DayLeaves.Leaves memory read, bytes32 root) = DayLeaves.read(leaves, day, _NET_BYTES);
        if (root != anchored.root) revert CommunityDays_WrongLeaves(root, anchored.root);
        bytes32 registers = registersOf[community];
        unchecked {
            if (read.continues() && _linkOf(day - 1, read.begin) != registers) {
                revert CommunityDays_RegistersNotContinued(community, day);
            }
        }
        // Whoever settles an older day late does not stop the newer ones.
        if (uint16(uint256(registers)) < day) registersOf[community] = _linkOf(day, read.end);
        anchored.isSettled = true;
        anchored.closed = _settle(community, day, read, anchored.contradicted);
    }

    /// @inheritdoc ICommunityDays
    function contradict(uint256 community, uint256 day, Leaf calldata leaf, ISmartMeter.SignedReading calldata signed)
        external
    {
        Anchor storage anchored = _requireAnchor(community, day);
        _requireOpen(community, day, anchored);
        uint256 at = _proven(anchored, leaf);
        uint256 number = DayLeaves.numberAt(at);
        (uint256 readNumber, uint256 slot, uint256 imported, uint256 exported) = _METER.readingOf(signed);
        uint256 first = day * _DAY_SLOTS;
        if (
            readNumber != number || slot < first || slot > first + _DAY_SLOTS
                || _agrees(at, slot - first, imported, exported)
        ) revert CommunityDays_NoContradiction(number, readNumber, slot);
        anchored.contradicted |= 1 << DayLeaves.placeAt(at);
        emit LeafContradicted(community, day, number, slot);
    }

    /// @inheritdoc ICommunityDays
    function readLate(uint256 community, uint256 day, Leaf calldata leaf) external {
        Anchor storage anchored = _requireAnchor(community, day);
        _requireUnchallenged(community, day, anchored);
        uint256 at = _proven(anchored, leaf);
        (uint256 number, uint256 place) = (DayLeaves.numberAt(at), DayLeaves.placeAt(at));
        if ((anchored.closed >> place) & 1 != 0) revert CommunityDays_ClosedTogether(number, day);
        if ((anchored.contradicted >> place) & 1 != 0) revert CommunityDays_Contradicted(number, day);
        TermsWord terms = _termsAt(number);
        if (terms.communityOn(day) != community || !terms.isMetered(day)) {
            revert CommunityDays_NotAMember(community, number);
        }
        if (!_isBelievable(at, terms)) revert CommunityDays_NetsNotBelievable(number);
        uint256 cursor = _SETTLEMENT.cursorAt(number);
        if (cursor < day) revert CommunityDays_DaysOpen(number, cursor);
        bool isClosed = cursor > day;
        uint256 toSlot = (isClosed ? day + 1 : day) * _DAY_SLOTS;
        _readTo(number, at, day * _DAY_SLOTS, terms, isClosed);
        if (isClosed) _readNets(number, at, day * _DAY_SLOTS, terms);
        emit LeafRead(number, day, toSlot);
    }

    /// @inheritdoc ICommunityDays
    function handOver(uint256 community, uint256 day, Leaf calldata leaf) external {
        uint256 at = _closedLeaf(community, day, leaf);
        uint256 number = DayLeaves.numberAt(at);
        uint256 settledTo = _ENERGY.settledTo(number);
        if (settledTo != day + 1) revert CommunityDays_NotNewest(number, settledTo);
        (uint256 imported, uint256 exported) = _move(number, at, settledTo * _DAY_SLOTS, _termsAt(number));
        emit HandedOver(number, day, imported, exported);
    }

    /// @inheritdoc ICommunityDays
    function proveHistory(uint256 community, uint256 day, Leaf calldata leaf, uint256 fromSlot, uint256 toSlot)
        external
    {
        uint256 at = _closedLeaf(community, day, leaf);
        uint256 first = day * _DAY_SLOTS;
        if (fromSlot < first || toSlot <= fromSlot || toSlot > first + _DAY_SLOTS) {
            revert CommunityDays_BadRange(fromSlot, toSlot);
        }
        uint256 number = DayLeaves.numberAt(at);
        fromSlot &= ~uint256(7);
        uint256 nets = DayLeaves.netsAt(at) + 4 * (fromSlot - first);
        uint256[] memory pages = new uint256[](Math.ceilDiv(toSlot - fromSlot, 8));
        for (uint256 i = 0; i < pages.length; ++i) {
            pages[i] = DayLanes.withZero(DayLanes.wordAt(nets + 32 * i));
        }
        _ENERGY.showNets(number, fromSlot, pages);
        (uint256 firstImported, uint256 firstExported) = DayLeaves.firstAt(at);
        (uint256 imported, uint256 exported) = DayLeaves.lastAt(at);
        _METER.keepDay(number, day, firstImported, firstExported, imported, exported);
        emit HistoryProven(number, day, fromSlot, fromSlot + 8 * pages.length);
    }

    /* VIEWS */

    /// @inheritdoc ICommunityDays
    function isOpen(uint256 community, uint256 day) external view returns (bool) {
        return _anchors[community][day].isSettled || day < (block.timestamp - DEADLINE) / 1 days;
    }

    /// @inheritdoc ICommunityDays
    function dayOf(uint256 community, uint256 day) external view returns (AnchoredDay memory) {
        Anchor storage anchored = _anchors[community][day];
        return AnchoredDay({
            root: anchored.root,
            anchoredAt: anchored.anchoredAt,
            isSettled: anchored.isSettled,
            closed: anchored.closed,
            contradicted: anchored.contradicted
        });
    }

    /// @inheritdoc ICommunityDays
    function rootOf(bytes calldata leaves) external view returns (bytes32) {
        // slither-disable-next-line unused-return: the leaves do not matter
        (, bytes32 root) = DayLeaves.read(leaves, 1, _NET_BYTES);
        return root;
    }

    /* INTERNAL */

    function _linkOf(uint256 day, bytes memory registers) private pure returns (bytes32) {
        return bytes32((uint256(keccak256(registers)) & ~uint256(type(uint16).max)) | day);
    }

    function _requireAnchor(uint256 community, uint256 day) private view returns (Anchor storage anchored) {
        anchored = _anchors[community][day];
        if (anchored.root == 0) revert CommunityDays_NotAnchored(community, day);
    }

    function _requireOpen(uint256 community, uint256 day, Anchor storage anchored) private view {
        if (anchored.isSettled) revert CommunityDays_Settled(community, day);
    }

    function _requireUnchallenged(uint256 community, uint256 day, Anchor storage anchored) private view {
        uint256 openFrom = anchored.anchoredAt + CHALLENGE;
        if (block.timestamp < openFrom) revert CommunityDays_Challengeable(community, day, openFrom);
    }

    /// @return at where the measured leaf stands in calldata.
    function _proven(Anchor storage anchored, Leaf calldata leaf) private view returns (uint256 at) {
        bytes calldata record = leaf.record;
        bytes32 node = keccak256(record);
        if (!MerkleProof.verifyCalldata(leaf.proof, anchored.root, node)) revert CommunityDays_WrongProof(node);
        // Every leaf under a root may be malformed: nobody has read them all yet.
        uint256 number = record.length < 6 ? 0 : uint32(bytes4(record[2:6]));
        bytes calldata opening = leaf.opening;
        if (opening.length != 0) {
            if (
                record.length < 6 + HASH || opening.length < 6 + SALT
                    || uint8(record[0]) & ~uint8(DayLeaves.CONTINUES) != DayLeaves.SEALED
                    || keccak256(opening) != bytes32(record[record.length - HASH:])
                    || bytes5(opening[1:6]) != bytes5(record[1:6])
            ) revert CommunityDays_NotMeasured(number);
            record = opening[:opening.length - SALT];
        }
        if (record.length != 30 + _NET_BYTES || uint8(record[0]) & ~uint8(DayLeaves.CONTINUES) != DayLeaves.MEASURED) {
            revert CommunityDays_NotMeasured(number);
        }
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            at := record.offset
        }
    }

    function _closedLeaf(uint256 community, uint256 day, Leaf calldata leaf) private view returns (uint256 at) {
        Anchor storage anchored = _requireAnchor(community, day);
        at = _proven(anchored, leaf);
        if ((anchored.closed >> DayLeaves.placeAt(at)) & 1 == 0) {
            revert CommunityDays_NotClosedTogether(DayLeaves.numberAt(at), day);
        }
    }

    /// @dev Whether signed registers are the leaf's at a bound of the day, and between bounds its nets so far.
    /// @param slots since the day began.
    function _agrees(uint256 at, uint256 slots, uint256 imported, uint256 exported) private view returns (bool) {
        (uint256 firstImported, uint256 firstExported) = DayLeaves.firstAt(at);
        if (slots == 0) return imported == firstImported && exported == firstExported;
        if (slots == _DAY_SLOTS) {
            (firstImported, firstExported) = DayLeaves.lastAt(at);
            return imported == firstImported && exported == firstExported;
        }
        unchecked {
            // slither-disable-next-line uninitialized-local: adds up from 0
            int256 net;
            for (uint256 slot = 0; slot < slots; ++slot) {
                net += _netAt(at, slot);
            }
            return riseOf(exported, firstExported) == uint48(riseOf(imported, firstImported) + uint256(net));
        }
    }

    /// @dev Registers until a day begins, for slots before it that were not read.
    function _readTo(uint256 number, uint256 at, uint256 begin, TermsWord terms, bool isClosed) private {
        // slither-disable-next-line uninitialized-local: filled by the next line
        Registers memory before;
        (before.readTo, before.imported, before.exported) = _METER.registersOf(number);
        uint256 settledTo = _ENERGY.settledTo(number);
        if (before.readTo < settledTo * _DAY_SLOTS) revert CommunityDays_NotHandedOver(number, settledTo);
        if (before.readTo > begin || (before.readTo == begin && !isClosed)) {
            revert CommunityDays_NothingToRead(number, before.readTo);
        }
        (uint256 imported, uint256 exported) = DayLeaves.firstAt(at);
        if (before.readTo != begin) {
            uint256 from = Math.max(before.readTo, terms.firstDay() * _DAY_SLOTS);
            uint256 openFrom = (from + 1) * _SLOT_LENGTH + CONSENT_PERIOD;
            if (from < begin && block.timestamp < openFrom && msg.sender != _SETTLEMENT.accountAt(number)) {
                revert CommunityDays_Skipped(number, from, openFrom);
            }
            bool stays = terms.isEverByGateway();
            _METER.moveTo(number, begin, before.imported, before.exported, imported, exported, stays);
            imported = riseOf(imported, before.imported);
            if (from != begin) _ENERGY.recordSpan(number, from, begin, imported, riseOf(exported, before.exported));
        } else if (imported != before.imported || exported != before.exported) {
            revert CommunityDays_OtherRegisters(number, before.imported, before.exported);
        }
    }

    /// @dev All nets of a closed day.
    function _readNets(uint256 number, uint256 at, uint256 begin, TermsWord terms) private {
        BoundaryWord[] memory boundaries = new BoundaryWord[](_DAY_SLOTS);
        for (uint256 slot = 0; slot < _DAY_SLOTS; ++slot) {
            boundaries[slot] = BoundaryWordLibrary.pack(begin + slot, number, _netAt(at, slot));
        }
        // slither-disable-next-line unused-return: the registers are known
        _move(number, at, begin + _DAY_SLOTS, terms);
        _ENERGY.record(boundaries);
    }

    /// @dev The meter's registers stand at a leaf's end.
    function _move(uint256 number, uint256 at, uint256 slot, TermsWord terms)
        private
        returns (uint256 imported, uint256 exported)
    {
        (uint256 firstImported, uint256 firstExported) = DayLeaves.firstAt(at);
        (imported, exported) = DayLeaves.lastAt(at);
        _METER.moveTo(number, slot, firstImported, firstExported, imported, exported, terms.isEverByGateway());
    }

    function _netAt(uint256 at, uint256 slot) private pure returns (int256) {
        uint256 page = DayLanes.withZero(DayLanes.wordAt(DayLeaves.netsAt(at) + 32 * (slot >> 3)));
        return int256(uint256(uint32(page >> (32 * (slot & 7))))) - (1 << 31);
    }

    function _termsAt(uint256 number) private view returns (TermsWord) {
        uint256[] memory numbers = new uint256[](1);
        numbers[0] = number;
        return _ENERGY.termsOf(numbers)[0];
    }
}
