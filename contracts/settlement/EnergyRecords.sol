// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IAccountDays} from "../interfaces/IAccountDays.sol";
import {ICommunities} from "../interfaces/ICommunities.sol";
import {ICommunityDays} from "../interfaces/ICommunityDays.sol";
import {IEnergyAccounts} from "../interfaces/IEnergyAccounts.sol";
import {ITariffs} from "../interfaces/ITariffs.sol";
import {BulkWords} from "../libraries/BulkWords.sol";
import {Lanes} from "../libraries/Lanes.sol";
import {AccountWord, BY_GATEWAY} from "../types/AccountWord.sol";
import {AGREED, AgreedWord, AgreedWordLibrary, GAP_OPEN} from "../types/AgreedWord.sol";
import {GapWord, GapWordLibrary} from "../types/GapWord.sol";
import {OF_A_DAY, OF_A_WEEK, OF_SLOTS} from "../types/PeriodWord.sol";
import {FOREVER, TermsWord} from "../types/TermsWord.sol";

/// @title EnergyRecords
/// @notice What {EnergyAccounts} remembers of each account and community, and what can be read of it.
/// @dev Energy stands in pages of lanes (see {Lanes}), by account number:
///
///     | slot 8 n + 7: 32 | ... | slot 8 n: 32 |     _nets, net + 2^31; 0 is not read, 2^31 also read late
///     | slot 8 n + 7: 32 | ... | slot 8 n: 32 |     _positions of slots, two's complement; also of days, of weeks
///     | deficit, surplus of slot 4 n + 3: 32 each | ... |     _sums of a community
///
/// A day is a whole number of pages. Bounds, on which the unchecked arithmetic rests: a net is below 2^31, a position
/// below 3 * 2^31, so a slot's energy is below 2^33 and its money below 2^65, with prices below 2^32; a span's energy
/// is below 2^55 as slots are below 2^24. A member's net is below 2^24, so the sums of 160 members are below 2^32.
abstract contract EnergyRecords is IEnergyAccounts, AccessManaged {
    using Lanes for uint256;

    /// @dev The slots of the last outage, and by how many seconds they are final later.
    struct Outage {
        uint32 from;
        uint32 to;
        uint32 extra;
    }

    /* CONSTANTS AND IMMUTABLES */

    /// @dev Of slots of 32 bits.
    uint256 internal constant PAGES = 2 ** 29;
    uint256 internal constant SUM_PAGES = 2 ** 30;
    /// @dev A slot is below it: a few hundred years.
    uint256 internal constant SLOTS_END = 1 << 24;
    /// @dev 1970-01-01 was a Thursday.
    uint256 internal constant DAYS_TO_MONDAY = 3;
    uint256 internal constant WEEK = 7;
    /// @dev A day of at most 96 slots is below 2^40 Wh.
    uint256 internal constant HIGHEST_MEMBER_WH = (1 << 24) - 1;
    /// @dev -2^31 in all lanes, which no position is.
    uint256 private constant BEYOND = 0x8000000080000000800000008000000080000000800000008000000080000000;
    uint256 private constant MIN_LENGTH = 15 minutes;
    uint256 private constant MAX_GRACE = 1 days;

    /// @inheritdoc IEnergyAccounts
    uint256 public constant MAX_EXTENSION = 7 days;
    /// @inheritdoc IEnergyAccounts
    uint256 public constant GAP_DAYS = 30;
    /// @inheritdoc IEnergyAccounts
    uint256 public immutable SLOT_LENGTH;
    /// @inheritdoc IEnergyAccounts
    uint256 public immutable GRACE;

    uint256 internal immutable _DAY_SLOTS;
    ITariffs internal immutable _TARIFFS;
    IAccountDays internal immutable _SETTLEMENT;
    address internal immutable _METER;
    ICommunities internal immutable _COMMUNITIES;
    ICommunityDays internal immutable _DAYS;

    /* STORAGE */

    Outage internal _outage;
    mapping(uint256 number => TermsWord word) internal _terms;
    mapping(uint256 number => GapWord word) internal _gaps;
    /// @dev The day after the last one that a gateway's day has closed, of accounts that have closed alone since.
    mapping(uint256 number => uint256 day) internal _settledTo;
    // slither-disable-next-line uninitialized-state: written by record, through a storage pointer
    mapping(uint256 number => uint256[PAGES] pages) internal _nets;
    // slither-disable-next-line uninitialized-state: written by _bookLeg, through a storage pointer
    mapping(uint256 numberAndKind => uint256[PAGES] pages) internal _positions;
    mapping(uint256 community => uint256[SUM_PAGES] pages) internal _sums;

    /* CONSTRUCTOR */

    constructor(address authority, Modules memory modules, uint256 grace) AccessManaged(authority) {
        uint256 length = modules.tariffs.SLOT_LENGTH();
        if (length < MIN_LENGTH || 1 days % (8 * length) != 0) {
            revert EnergyAccounts_BadParameter("slotLength", length);
        }
        if (grace > MAX_GRACE) revert EnergyAccounts_BadParameter("grace", grace);
        SLOT_LENGTH = length;
        GRACE = grace;
        _DAY_SLOTS = 1 days / length;
        _TARIFFS = modules.tariffs;
        _SETTLEMENT = IAccountDays(modules.settlement);
        _METER = modules.meter;
        _COMMUNITIES = ICommunities(modules.communities);
        _DAYS = ICommunityDays(modules.communityDays);
    }

    /* VIEWS */

    /// @inheritdoc IEnergyAccounts
    function isFinal(uint256 slot) external view returns (bool) {
        return slot < SLOTS_END && _isFinal(slot, _outage);
    }

    /// @inheritdoc IEnergyAccounts
    function isDayFinal(uint256 day) public view returns (bool) {
        if (day >= block.timestamp / 1 days) return false;
        Outage memory outage = _outage;
        (uint256 first, uint256 last) = (day * _DAY_SLOTS, (day + 1) * _DAY_SLOTS - 1);
        if (last >= SLOTS_END || !_isFinal(last, outage)) return false;
        // An outage that ends within the day has the slot that is final last.
        return outage.to <= first || outage.to > last || _isFinal(outage.to - 1, outage);
    }

    /// @inheritdoc IEnergyAccounts
    function stateOf(uint256 number) external view returns (AgreedWord) {
        TermsWord terms = _terms[number];
        // Without a meter, there is nothing to look for.
        bool hasGap = terms.endDay() != 0 && _hasGap(number, terms, _lastFinal());
        return _answer(number, terms, hasGap ? GAP_OPEN : AGREED);
    }

    /// @inheritdoc IEnergyAccounts
    function gapOf(uint256 number) external view returns (bool open, uint256 slot) {
        TermsWord terms = _terms[number];
        (uint256 end, uint256 lastFinal) = (_endOf(terms), _lastFinal());
        slot = end == 0 || lastFinal < end ? lastFinal : end - 1;
        return (_hasGap(number, terms, slot), slot);
    }

    /// @inheritdoc IEnergyAccounts
    function pendingOf(uint256 number) external view returns (int256) {
        return _gaps[number].pending();
    }

    /// @inheritdoc IEnergyAccounts
    function unreadOf(uint256 number) external view returns (uint256 count, uint256 gapCharge, uint256 deemedMoney) {
        GapWord gap = _gaps[number];
        return (_terms[number].unreadDays(), gap.gapCharge(), gap.deemedMoney());
    }

    /// @inheritdoc IEnergyAccounts
    function netOf(uint256 number, uint256 slot) public view returns (bool read, int256 net) {
        uint256 lane = _nets[number][slot >> 3].at(slot);
        return lane == 0 ? (false, int256(0)) : (true, int256(lane) - Lanes.ZERO);
    }

    /// @inheritdoc IEnergyAccounts
    function positionOf(uint256 number, uint256 slot) external view returns (int256) {
        return _position(number, _terms[number], slot, slot / _DAY_SLOTS);
    }

    /// @inheritdoc IEnergyAccounts
    function sumsOf(uint256 community, uint256 slot) public view returns (uint256 surplus, uint256 deficit) {
        uint256 pair = _sums[community][slot >> 2] >> (64 * (slot & 3));
        return (uint32(pair), uint32(pair >> 32));
    }

    /// @inheritdoc IEnergyAccounts
    function meteredOf(uint256 number) external view returns (uint256 fromSlot, uint256 toSlot) {
        TermsWord terms = _terms[number];
        return (terms.firstDay() * _DAY_SLOTS, _endOf(terms));
    }

    /// @inheritdoc IEnergyAccounts
    function regionOf(uint256 number) external view returns (uint256 region, bool isLarge) {
        TermsWord terms = _terms[number];
        return (terms.region(), _mostOf(terms.ratedPower()) > HIGHEST_MEMBER_WH);
    }

    /// @inheritdoc IEnergyAccounts
    function membershipOf(uint256 number) external view returns (uint256 community, uint256 next, uint256 fromDay) {
        TermsWord terms = _terms[number];
        return (terms.community(), terms.nextCommunity(), terms.fromDay());
    }

    /// @inheritdoc IEnergyAccounts
    function isByGateway(uint256 number) external view returns (bool) {
        return _terms[number].isEverByGateway();
    }

    /// @inheritdoc IEnergyAccounts
    function settledTo(uint256 number) public view returns (uint256) {
        AccountWord word = _wordOf(number);
        return word.has(BY_GATEWAY) ? word.day() : _settledTo[number];
    }

    /// @inheritdoc IEnergyAccounts
    function isReadable(uint256 number, uint256 fromSlot, uint256 toSlot) external view returns (bool) {
        if (fromSlot < settledTo(number) * _DAY_SLOTS) return false;
        uint256 cursor = _SETTLEMENT.cursorAt(number);
        if (toSlot <= cursor * _DAY_SLOTS) return true;
        TermsWord terms = _terms[number];
        // A membership changes at most once in days that are not closed.
        bool isGateways = terms.isByGateway(Math.max(fromSlot / _DAY_SLOTS, cursor));
        return !isGateways && !terms.isByGateway((toSlot - 1) / _DAY_SLOTS);
    }

    /// @inheritdoc IEnergyAccounts
    function termsOf(uint256[] calldata numbers) external view returns (TermsWord[] memory) {
        uint256 slot;
        // solhint-disable-next-line no-inline-assembly
        assembly {
            slot := _terms.slot
        }
        BulkWords.answer(slot, numbers);
    }

    /// @inheritdoc IEnergyAccounts
    function positionsOn(uint256 day, uint256[] calldata numbers) external view returns (uint256[] memory) {
        unchecked {
            uint256 count = _DAY_SLOTS >> 3;
            uint256[] memory pages = new uint256[](numbers.length * count);
            for (uint256 i = 0; i < numbers.length; ++i) {
                _readPositions(numbers[i], day, pages, i * count);
            }
            BulkWords.give(pages);
        }
    }

    /// @inheritdoc IEnergyAccounts
    function energyOf(address account, uint256 slot) external view returns (SlotEnergy memory energy) {
        uint256 number = _SETTLEMENT.numberOf(account);
        TermsWord terms = _terms[number];
        (energy.read, energy.net) = netOf(number, slot);
        uint256 day = slot / _DAY_SLOTS;
        energy.position = _position(number, terms, slot, day);
        uint256 community = terms.communityOn(day);
        if (community == 0 || !terms.isMetered(day)) return energy;
        (uint256 supply, uint256 demand) = sumsOf(community, slot);
        uint256 shared = Math.min(supply, demand);
        if (shared == 0) return energy;
        uint256 pair = _shareable(energy.net, energy.position);
        energy.taken = (pair >> 32) * shared / demand;
        energy.given = uint32(pair) * shared / supply;
    }

    /* INTERNAL */

    /// @param day of the slot.
    function _position(uint256 number, TermsWord terms, uint256 slot, uint256 day)
        internal
        view
        returns (int256 position)
    {
        position = _wholeDays(number, terms, day);
        if (terms.reach(OF_SLOTS) >= day) position += _positions[_key(number, OF_SLOTS)][slot >> 3].signedAt(slot);
    }

    /// @dev An account's positions of a day, from a place in `pages` on.
    function _readPositions(uint256 number, uint256 day, uint256[] memory pages, uint256 place) private view {
        unchecked {
            TermsWord terms = _terms[number];
            (uint256 first, uint256 count) = (day * _DAY_SLOTS >> 3, _DAY_SLOTS >> 3);
            if (terms.reach(OF_SLOTS) >= day) {
                uint256[PAGES] storage ofSlots = _positions[_key(number, OF_SLOTS)];
                // solhint-disable-next-line no-inline-assembly
                assembly ("memory-safe") {
                    let to := add(add(pages, 0x20), shl(5, place))
                    let from := add(ofSlots.slot, first)
                    for { let end := add(from, count) } lt(from, end) { from := add(from, 1) } {
                        mstore(to, sload(from))
                        to := add(to, 0x20)
                    }
                }
            }
            int256 base = _wholeDays(number, terms, day);
            // Without trades of whole days the pages are as they were stored.
            if (base == 0) return;
            for (uint256 i = place; i < place + count; ++i) {
                (bool fits, uint256 page) = pages[i].plus(0, 8, base);
                pages[i] = fits ? page : BEYOND;
            }
        }
    }

    /// @dev The position in every slot of a day by trades of whole days and weeks.
    function _wholeDays(uint256 number, TermsWord terms, uint256 day) internal view returns (int256 position) {
        if (terms.reach(OF_A_DAY) >= day) position = _positions[_key(number, OF_A_DAY)][day >> 3].signedAt(day);
        if (terms.reach(OF_A_WEEK) >= day) {
            uint256 week = _weekOf(day);
            position += _positions[_key(number, OF_A_WEEK)][week >> 3].signedAt(week);
        }
    }

    function _weekOf(uint256 day) internal pure returns (uint256) {
        return (day + DAYS_TO_MONDAY) / WEEK;
    }

    function _key(uint256 number, uint256 kind) internal pure returns (uint256) {
        return (number << 2) | kind;
    }

    function _answer(uint256 number, TermsWord terms, uint256 refusal) internal view returns (AgreedWord) {
        int256 pending = terms.hasOpenMoney() ? _gaps[number].pending() : int256(0);
        return AgreedWordLibrary.pack(terms, refusal, pending > 0 ? uint256(pending) : 0);
    }

    /// @dev Whether days that are not closed may hold positions or declared consumption.
    function _hasOpenEnergy(uint256 number, TermsWord terms) internal view returns (bool) {
        uint256 last = Math.max(terms.reach(OF_SLOTS), Math.max(terms.reach(OF_A_DAY), terms.reach(OF_A_WEEK)));
        return Math.max(last, terms.declaredDay()) >= _SETTLEMENT.cursorAt(number);
    }

    /// @dev Whether the newest slot that should be read is not: the last final one, or a detached meter's last one.
    function _hasGap(uint256 number, TermsWord terms, uint256 lastFinal) internal view returns (bool) {
        unchecked {
            uint256 end = terms.endDay() * _DAY_SLOTS;
            if (end == 0) return false;
            if (lastFinal >= end) lastFinal = end - 1;
            uint256 day = lastFinal / _DAY_SLOTS;
            if (day < terms.firstDay() || _isRead(number, lastFinal)) return false;
            return !terms.isByGateway(day) || _misses(number, terms, day);
        }
    }

    /// @dev Of an account whose gateway should have read the day: whether one of its days up to then can be closed
    /// without the gateway, or the newest closed one was, and no register has come since.
    function _misses(uint256 number, TermsWord terms, uint256 day) private view returns (bool) {
        AccountWord word = _wordOf(number);
        uint256 cursor = word.day();
        if (cursor <= day && terms.isByGateway(cursor) && _DAYS.isOpen(terms.communityOn(cursor), cursor)) return true;
        uint256 closed = Math.min(cursor, terms.endDay());
        return closed > terms.firstDay() && settledTo(number) != closed && !_isRead(number, closed * _DAY_SLOTS - 1);
    }

    function _isRead(uint256 number, uint256 slot) internal view returns (bool) {
        // slither-disable-next-line incorrect-equality: a lane of 0 is not read
        return _nets[number][slot >> 3].at(slot) != 0;
    }

    /// @dev The slot after the last one that a meter speaks for; 2^32 - 1 while it is attached.
    function _endOf(TermsWord terms) internal view returns (uint256) {
        unchecked {
            uint256 day = terms.endDay();
            return day == FOREVER ? type(uint32).max : day * _DAY_SLOTS;
        }
    }

    /// @dev The most Wh of a slot at a rated power in W.
    function _mostOf(uint256 ratedPower) internal view returns (uint256) {
        return ratedPower * SLOT_LENGTH / 1 hours;
    }

    function _wordOf(uint256 number) private view returns (AccountWord) {
        uint256[] memory numbers = new uint256[](1);
        numbers[0] = number;
        return _SETTLEMENT.wordsAt(numbers)[0];
    }

    /// @param slot of 32 bits.
    function _isFinal(uint256 slot, Outage memory outage) internal view returns (bool) {
        unchecked {
            uint256 time = (slot + 1) * SLOT_LENGTH + GRACE;
            if (slot < outage.to && outage.from <= slot) time += outage.extra;
            return block.timestamp >= time;
        }
    }

    /// @dev The newest slot that is final.
    function _lastFinal() internal view returns (uint256 slot) {
        Outage memory outage = _outage;
        slot = (block.timestamp - GRACE) / SLOT_LENGTH - 1;
        if (slot < outage.from || slot >= outage.to) return slot;
        uint256 late = (block.timestamp - GRACE - outage.extra) / SLOT_LENGTH - 1;
        return late < outage.from ? outage.from - 1 : late;
    }

    function _storeGap(uint256 number, TermsWord terms, int256 pending, uint256 deemedMoney, uint256 gapCharge)
        internal
    {
        GapWord gap = GapWordLibrary.pack(pending, deemedMoney, gapCharge);
        _gaps[number] = gap;
        _terms[number] = terms.withOpenMoney(GapWord.unwrap(gap) != 0);
    }

    /// @dev Metered surplus (low 32 bits) and deficit (high) that trades leave, in Wh.
    function _shareable(int256 net, int256 position) internal pure returns (uint256) {
        unchecked {
            int256 rest = net + position;
            if (rest > 0 && net > 0) return uint256(rest < net ? rest : net);
            if (rest < 0 && net < 0) return uint256(rest > net ? -rest : -net) << 32;
            return 0;
        }
    }
}
