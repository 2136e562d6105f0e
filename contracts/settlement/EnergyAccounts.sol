// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IAccountDays} from "../interfaces/IAccountDays.sol";
import {ICommunities} from "../interfaces/ICommunities.sol";
import {IEnergyAccounts} from "../interfaces/IEnergyAccounts.sol";
import {ITariffs} from "../interfaces/ITariffs.sol";
import {Lanes} from "../libraries/Lanes.sol";
import {AGREED, AgreedWord, AgreedWordLibrary, GAP_OPEN, POSITION_TOO_LARGE} from "../types/AgreedWord.sol";
import {BoundaryWord} from "../types/BoundaryWord.sol";
import {ClosedDayWord, ClosedDayWordLibrary} from "../types/ClosedDayWord.sol";
import {ClosingWord} from "../types/ClosingWord.sol";
import {DayFlowsWord} from "../types/DayFlowsWord.sol";
import {GapWord, GapWordLibrary} from "../types/GapWord.sol";
import {LegWord} from "../types/LegWord.sol";
import {OF_A_DAY, OF_A_WEEK, OF_SLOTS, PeriodWord} from "../types/PeriodWord.sol";
import {TariffWord} from "../types/TariffWord.sol";
import {FOREVER, TermsWord} from "../types/TermsWord.sol";

/// @title EnergyAccounts
/// @notice See {IEnergyAccounts}; comments here are for maintainers.
/// @dev Energy stands in pages of lanes (see {Lanes}), by account number:
///
///     | slot 8 n + 7: 32 | ... | slot 8 n: 32 |     _nets, net + 2^31; 0 is not read, 2^31 also read late
///     | slot 8 n + 7: 32 | ... | slot 8 n: 32 |     _positions of slots, two's complement; also of days, of weeks
///     | deficit, surplus of slot 4 n + 3: 32 each | ... |     _sums of a community
///
/// A day is a whole number of pages. Bounds, on which the unchecked arithmetic rests: a net is below 2^31, a position
/// below 3 * 2^31, so a slot's energy is below 2^33 and its money below 2^65, with prices below 2^32; a span's energy
/// is below 2^55 as slots are below 2^24. A member's net is below 2^24, so the sums of 160 members are below 2^32.
contract EnergyAccounts is IEnergyAccounts, AccessManaged {
    using Lanes for uint256;

    /// @dev The slots of the last outage, and by how many seconds they are final later.
    struct Outage {
        uint32 from;
        uint32 to;
        uint32 extra;
    }

    /// @dev The lanes of a period, which all stand in one page.
    /// @param kind of the period.
    /// @param first lane, `count` of them.
    /// @param lastDay of the period.
    struct Target {
        uint256 kind;
        uint256 first;
        uint256 count;
        uint256 lastDay;
    }

    /// @dev A day while its accounts close, in memory.
    /// @param first its first slot.
    /// @param value of a kWh of credit.
    /// @param region,terms,dearest of the region of the last account.
    /// @param prices of the region, slot by slot, without sums.
    /// @param community of the last account, with its price.
    /// @param slots prices and sums of the community, slot by slot:
    ///
    ///     bit 191                                                       0
    ///     | deficit 32 | unused 64 | price 32 | surplus 32 | the lower 32 |
    struct Day {
        uint256 number;
        uint256 first;
        uint256 value;
        uint256 region;
        TariffWord terms;
        uint256 dearest;
        uint256[] prices;
        uint256 community;
        uint256 sharedPrice;
        uint256[] slots;
    }

    /// @dev An account's day while it closes, in memory. {_settlePage} knows where the first two stand.
    /// @param cost of its deficits, before what credits are worth.
    /// @param credits left.
    /// @param slots prices and sums, as {Day} has them.
    /// @param base its position of trades of days and weeks.
    /// @param totals of the day: a {DayFlowsWord}.
    /// @param money that the day brings.
    /// @param net,position of the day.
    /// @param imported in slots that were read in time.
    /// @param deemed the decayed mean of a day's import.
    /// @param isRead whether any slot was read.
    /// @param isWhole whether the last slot was read.
    struct Tally {
        uint256 cost;
        uint256 credits;
        uint256[] slots;
        bool keeps;
        int256 base;
        uint256 totals;
        int256 money;
        int256 net;
        int256 position;
        uint256 imported;
        uint256 deemed;
        bool isRead;
        bool isWhole;
    }

    /* CONSTANTS AND IMMUTABLES */

    /// @dev Of slots of 32 bits.
    uint256 private constant PAGES = 2 ** 29;
    uint256 private constant SUM_PAGES = 2 ** 30;
    uint256 private constant HOME_REGION = 1;
    /// @dev A slot is below it: a few hundred years.
    uint256 private constant SLOTS_END = 1 << 24;
    /// @dev 1970-01-01 was a Thursday.
    uint256 private constant DAYS_TO_MONDAY = 3;
    uint256 private constant WEEK = 7;
    /// @dev An account's energy credits are 40 bits of Wh.
    uint256 private constant MAX_CREDITS = 0xffffffffff;
    uint256 private constant HIGHEST_WH = (1 << 31) - 1;
    uint256 private constant HIGHEST_MEMBER_WH = (1 << 24) - 1;
    /// @dev A day of at most 96 slots is below 2^40 Wh.
    uint256 private constant MIN_LENGTH = 15 minutes;
    uint256 private constant MAX_GRACE = 1 days;
    /// @dev Rated power for so many hours is what an unread day costs at least.
    uint256 private constant DEEMED_HOURS = 3;
    /// @dev An outage begins at most so much later.
    uint256 private constant MAX_AHEAD = 1 days;

    // Where {Day} and {DayFlowsWord} have the fields of surpluses; those of deficits are 128 bits higher.
    uint256 private constant DEFICITS_AT = 128;
    uint256 private constant SUM_AT = 32;
    uint256 private constant PRICE_AT = 64;
    uint256 private constant CREDITS_AT = 40;
    uint256 private constant GRID_AT = 80;

    /// @inheritdoc IEnergyAccounts
    uint256 public constant MAX_EXTENSION = 7 days;
    /// @inheritdoc IEnergyAccounts
    uint256 public constant GAP_DAYS = 30;
    /// @inheritdoc IEnergyAccounts
    uint256 public immutable SLOT_LENGTH;
    /// @inheritdoc IEnergyAccounts
    uint256 public immutable GRACE;

    uint256 private immutable _DAY_SLOTS;
    ITariffs private immutable _TARIFFS;
    IAccountDays private immutable _SETTLEMENT;
    address private immutable _METER;
    ICommunities private immutable _COMMUNITIES;

    /* STORAGE */

    Outage private _outage;
    mapping(uint256 number => TermsWord word) private _terms;
    mapping(uint256 number => GapWord word) private _gaps;
    /// @dev In W. Read for unread days alone.
    mapping(uint256 number => uint256 ratedPower) private _ratedPowers;
    // slither-disable-next-line uninitialized-state: written by record, through a storage pointer
    mapping(uint256 number => uint256[PAGES] pages) private _nets;
    // slither-disable-next-line uninitialized-state: written by _bookLeg, through a storage pointer
    mapping(uint256 numberAndKind => uint256[PAGES] pages) private _positions;
    mapping(uint256 community => uint256[SUM_PAGES] pages) private _sums;

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
    }

    /* METER */

    /// @inheritdoc IEnergyAccounts
    function attach(uint256 number, uint256 region, uint256 firstSlot, uint256 ratedPower) external {
        _requireCaller(_METER);
        _requireBound(firstSlot);
        TermsWord terms = _withoutMeter(number, _terms[number]);
        uint256 known = terms.region();
        // What was traded or declared without a meter is priced in the home region.
        if (known == 0 && _hasOpenEnergy(number, terms)) known = HOME_REGION;
        if (known != 0 && known != region) revert EnergyAccounts_OtherRegion(number, known);
        // slither-disable-next-line unused-return: called for its check alone
        _TARIFFS.regionAt(region);
        terms = _withPower(number, terms.withRegion(region), ratedPower);
        _terms[number] = terms.withMetered(firstSlot, FOREVER);
    }

    /// @inheritdoc IEnergyAccounts
    function detach(uint256 number, uint256 endSlot) external {
        _requireCaller(_METER);
        _requireBound(endSlot);
        TermsWord terms = _requireMeter(number);
        _terms[number] = terms.withMetered(Math.min(terms.meteredFrom(), endSlot), endSlot);
    }

    /// @inheritdoc IEnergyAccounts
    function setRatedPower(uint256 number, uint256 ratedPower) external {
        _requireCaller(_METER);
        _terms[number] = _withPower(number, _requireMeter(number), ratedPower);
    }

    /// @inheritdoc IEnergyAccounts
    function record(BoundaryWord[] calldata boundaries) external {
        _requireCaller(_METER);
        Outage memory outage = _outage;
        // The last word of sums: readings of a community's members often come together.
        (uint256 sumsKey, uint256 sums) = (0, 0);
        unchecked {
            for (uint256 i = 0; i < boundaries.length; ++i) {
                BoundaryWord boundary = boundaries[i];
                (uint256 number, uint256 slot) = (boundary.number(), boundary.slot());
                TermsWord terms = _terms[number];
                if (!terms.isMetered(slot)) continue;
                uint256[PAGES] storage pages = _nets[number];
                uint256 page = pages[slot >> 3];
                if (page.at(slot) != 0) continue;
                uint256 lane = boundary.lane();
                int256 net = int256(lane) - Lanes.ZERO;
                if (_isFinal(slot, outage)) {
                    lane = Lanes.NET_OF_ZERO;
                    _chargeLate(number, terms, slot, net);
                } else {
                    if (terms.unreadDays() != 0 || terms.hasOpenMoney()) _catchUp(number, terms, slot + 1, 0);
                    uint256 day = slot / _DAY_SLOTS;
                    uint256 community = terms.communityOn(day);
                    if (community != 0 && net != 0) {
                        uint256 key = (community << 32) | (slot >> 2);
                        if (key != sumsKey) {
                            _storeSums(sumsKey, sums);
                            (sumsKey, sums) = (key, _sums[community][slot >> 2]);
                        }
                        sums += _shareable(net, _position(number, terms, slot, day)) << (64 * (slot & 3));
                    }
                }
                pages[slot >> 3] = page.with(slot, lane);
            }
        }
        _storeSums(sumsKey, sums);
    }

    /// @inheritdoc IEnergyAccounts
    function recordSpan(uint256 number, uint256 fromSlot, uint256 toSlot, uint256 imported, uint256 exported) external {
        _requireCaller(_METER);
        TermsWord terms = _terms[number];
        if (toSlot <= fromSlot || fromSlot < terms.meteredFrom() || toSlot > terms.meteredTo()) {
            revert EnergyAccounts_BadRange(fromSlot, toSlot);
        }
        uint256 lastDay = (toSlot - 1) / _DAY_SLOTS;
        (uint256 lowest, uint256 dearest) = _TARIFFS.lowestAndDearest(terms.region(), fromSlot, toSlot);
        uint256 day = fromSlot / _DAY_SLOTS;
        while (day <= lastDay && !_SETTLEMENT.keepsAt(number, day)) ++day;
        // What credits are worth never rises: the last day is the lowest.
        if (day <= lastDay) lowest = Math.min(lowest, _TARIFFS.creditValueAt(lastDay));
        uint256[PAGES] storage pages = _nets[number];
        pages[(toSlot - 1) >> 3] = pages[(toSlot - 1) >> 3].with(toSlot - 1, Lanes.NET_OF_ZERO);
        int256 money = int256(imported * dearest) - int256(exported * lowest);
        emit ReadLate(number, fromSlot, toSlot, int256(exported) - int256(imported), money);
        _catchUp(number, terms.withLateTo(toSlot), toSlot, money);
    }

    /* SETTLEMENT */

    /// @inheritdoc IEnergyAccounts
    function book(PeriodWord period, LegWord[] calldata legs) external returns (AgreedWord[] memory answers) {
        _requireCaller(address(_SETTLEMENT));
        Target memory target = _targetOf(period);
        uint256 lastFinal = _lastFinal();
        answers = new AgreedWord[](legs.length);
        for (uint256 i = 0; i < legs.length; ++i) {
            LegWord leg = legs[i];
            uint256 number = leg.number();
            TermsWord terms = _terms[number];
            uint256 refusal = AGREED;
            if (_hasGap(number, terms, lastFinal)) refusal = GAP_OPEN;
            else if (!_bookLeg(target, leg, number, terms)) refusal = POSITION_TOO_LARGE;
            answers[i] = _answer(number, terms, refusal);
        }
    }

    /// @inheritdoc IEnergyAccounts
    function closeDay(uint256 day, ClosingWord[] calldata closings)
        external
        returns (ClosedDayWord[] memory closed, DayFlowsWord[] memory flows)
    {
        _requireCaller(address(_SETTLEMENT));
        // slither-disable-next-line uninitialized-local: filled below; the rest stays 0
        Day memory today;
        today.number = day;
        today.first = day * _DAY_SLOTS;
        today.value = _TARIFFS.creditValueAt(day);
        closed = new ClosedDayWord[](closings.length);
        flows = new DayFlowsWord[](closings.length);
        for (uint256 i = 0; i < closings.length; ++i) {
            (closed[i], flows[i]) = _closeAccount(today, closings[i]);
        }
    }

    /// @inheritdoc IEnergyAccounts
    function declare(uint256 number, uint256 slot, uint256 wh) external {
        _requireCaller(address(_SETTLEMENT));
        TermsWord terms = _terms[number];
        if (terms.isMetered(slot)) return;
        uint256[PAGES] storage pages = _nets[number];
        uint256 page = pages[slot >> 3];
        uint256 lane = page.at(slot);
        if (lane == 0) lane = Lanes.NET_OF_ZERO;
        // A lane of 0 would be a slot without declarations.
        if (wh >= lane) revert EnergyAccounts_DeclaredTooMuch(slot, wh, Lanes.NET_OF_ZERO - lane);
        pages[slot >> 3] = page.with(slot, lane - wh);
        _terms[number] = terms.withDeclaredDay(slot / _DAY_SLOTS);
    }

    /// @inheritdoc IEnergyAccounts
    function release(uint256 number) external {
        _requireCaller(address(_SETTLEMENT));
        TermsWord terms = _terms[number];
        uint256 toSlot = terms.meteredTo();
        uint256 openFrom = toSlot * SLOT_LENGTH + GAP_DAYS * 1 days;
        if (toSlot != 0 && block.timestamp < openFrom && _hasGap(number, terms, toSlot - 1)) {
            revert EnergyAccounts_RegistersMissing(number, toSlot, openFrom);
        }
        _terms[number] = _withoutMeter(number, terms);
    }

    /* COMMUNITIES */

    /// @inheritdoc IEnergyAccounts
    function setCommunity(uint256 number, uint256 community, uint256 day) external {
        _requireCaller(address(_COMMUNITIES));
        if (day <= block.timestamp / 1 days) revert EnergyAccounts_DayBegun(day);
        TermsWord terms = _terms[number];
        (uint256 before, uint256 fromDay) = (terms.community(), terms.fromDay());
        if (day > fromDay) {
            // Days before the earlier change need what it replaced until they are closed.
            uint256 cursor = _SETTLEMENT.cursorAt(number);
            if (cursor < fromDay) revert EnergyAccounts_MembershipPending(number, cursor, fromDay);
            before = terms.nextCommunity();
        }
        _terms[number] = terms.withMembership(before, community, day);
    }

    /* GUARDIAN */

    /// @inheritdoc IEnergyAccounts
    function prolong(uint256 fromSlot, uint256 toSlot, uint256 extra) external restricted {
        if (extra == 0) revert EnergyAccounts_NothingProlonged();
        if (extra > MAX_EXTENSION) revert EnergyAccounts_TooLong(extra, MAX_EXTENSION);
        uint256 latest = (block.timestamp + MAX_AHEAD) / SLOT_LENGTH;
        if (fromSlot > latest) revert EnergyAccounts_TooFarAhead(fromSlot, latest);
        if (toSlot <= fromSlot || toSlot - fromSlot > MAX_EXTENSION / SLOT_LENGTH) {
            revert EnergyAccounts_BadRange(fromSlot, toSlot);
        }
        Outage memory old = _outage;
        if (old.to != 0 && !_isFinal(old.to - 1, old)) revert EnergyAccounts_OutageOpen(old.to - 1);
        if (_isFinal(fromSlot, old)) revert EnergyAccounts_SlotFinal(fromSlot);
        _outage = Outage(uint32(fromSlot), uint32(toSlot), uint32(extra));
        emit Prolonged(fromSlot, toSlot, extra);
    }

    /* VIEWS */

    /// @inheritdoc IEnergyAccounts
    function isFinal(uint256 slot) external view returns (bool) {
        return slot < SLOTS_END && _isFinal(slot, _outage);
    }

    /// @inheritdoc IEnergyAccounts
    function isDayFinal(uint256 day) external view returns (bool) {
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
        bool hasGap = terms.meteredTo() != 0 && _hasGap(number, terms, _lastFinal());
        return _answer(number, terms, hasGap ? GAP_OPEN : AGREED);
    }

    /// @inheritdoc IEnergyAccounts
    function gapOf(uint256 number) external view returns (bool open, uint256 slot) {
        slot = _lastFinal();
        return (_hasGap(number, _terms[number], slot), slot);
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
        return (terms.meteredFrom(), terms.meteredTo());
    }

    /// @inheritdoc IEnergyAccounts
    function regionOf(uint256 number) external view returns (uint256 region, bool isLarge) {
        TermsWord terms = _terms[number];
        return (terms.region(), terms.isLarge());
    }

    /// @inheritdoc IEnergyAccounts
    function membershipOf(uint256 number) external view returns (uint256 community, uint256 next, uint256 fromDay) {
        TermsWord terms = _terms[number];
        return (terms.community(), terms.nextCommunity(), terms.fromDay());
    }

    /// @inheritdoc IEnergyAccounts
    function energyOf(address account, uint256 slot) external view returns (SlotEnergy memory energy) {
        uint256 number = _SETTLEMENT.numberOf(account);
        TermsWord terms = _terms[number];
        (energy.read, energy.net) = netOf(number, slot);
        uint256 day = slot / _DAY_SLOTS;
        energy.position = _position(number, terms, slot, day);
        uint256 community = terms.communityOn(day);
        if (community == 0 || !terms.isMetered(slot)) return energy;
        (uint256 supply, uint256 demand) = sumsOf(community, slot);
        uint256 shared = Math.min(supply, demand);
        if (shared == 0) return energy;
        uint256 pair = _shareable(energy.net, energy.position);
        energy.taken = (pair >> 32) * shared / demand;
        energy.given = uint32(pair) * shared / supply;
    }

    /* INTERNAL: CLOSING */

    function _closeAccount(Day memory today, ClosingWord closing) private returns (ClosedDayWord, DayFlowsWord) {
        uint256 number = closing.number();
        TermsWord terms = _terms[number];
        uint256 region = terms.region();
        _usePrices(today, region == 0 ? HOME_REGION : region);
        bool isMetered = terms.isMetered(today.first);
        uint256 community = isMetered ? terms.communityOn(today.number) : 0;
        if (community != 0) _useCommunity(today, community);

        // slither-disable-next-line uninitialized-local: filled below; the rest stays 0
        Tally memory tally;
        tally.slots = community == 0 ? today.prices : today.slots;
        (tally.keeps, tally.credits, tally.deemed) = (closing.keeps(), closing.credits(), closing.deemed());
        _settleDay(today, tally, number, terms, isMetered || terms.declaredDay() >= today.number);
        DayFlowsWord flows = DayFlowsWord.wrap(tally.totals);
        tally.money = _moneyOf(today, flows) - int256(tally.cost);
        bool isUnread = isMetered && _deem(today, tally, terms);
        if (isUnread || terms.hasOpenMoney()) _settleGap(today, tally, number, terms, isUnread);
        return (ClosedDayWordLibrary.pack(tally.money, tally.net, tally.position, tally.deemed), flows);
    }

    /// @dev What the flows of a day bring, before what deficits cost.
    function _moneyOf(Day memory today, DayFlowsWord flows) private pure returns (int256) {
        unchecked {
            (TariffWord tariff, uint256 shared) = (today.terms, today.sharedPrice);
            uint256 paid = flows.given() * shared + flows.fedIn() * tariff.feedIn() + flows.drawn() * today.value;
            return int256(paid) - int256(flows.taken() * (shared + tariff.networkFee()));
        }
    }

    /// @dev The slots of the day, page by page.
    function _settleDay(Day memory today, Tally memory tally, uint256 number, TermsWord terms, bool hasNets)
        private
        view
    {
        uint256 day = today.number;
        bool hasPositions = terms.reach(OF_SLOTS) >= day;
        tally.base = _wholeDays(number, terms, day);
        if (!hasNets && !hasPositions && tally.base == 0) return;
        uint256[PAGES] storage netPages = _nets[number];
        uint256[PAGES] storage positionPages = _positions[_key(number, OF_SLOTS)];
        uint256 first = today.first >> 3;
        for (uint256 i = 0; i < _DAY_SLOTS >> 3; ++i) {
            uint256 nets = hasNets ? netPages[first + i] : 0;
            uint256 positions = hasPositions ? positionPages[first + i] : 0;
            _tallyPage(tally, nets, positions);
            if (nets | positions != 0 || tally.base != 0) _settlePage(tally, nets, positions, i);
        }
        tally.position += tally.base * int256(_DAY_SLOTS);
    }

    function _tallyPage(Tally memory tally, uint256 nets, uint256 positions) private pure {
        unchecked {
            tally.isWhole = nets >> 224 != 0;
            if (nets != 0) {
                (int256 net, uint256 imported) = nets.sumsOfNets();
                tally.isRead = true;
                tally.net += net;
                tally.imported += imported;
            }
            if (positions != 0) tally.position += positions.sumOfSigned();
        }
    }

    /// @dev Rules 13 and 16 for eight slots. It runs for every slot of every account, hence the assembly.
    /// @param at the page's place in the day; then where the prices and sums of a slot stand in memory.
    function _settlePage(Tally memory tally, uint256 nets, uint256 positions, uint256 at) private pure {
        (uint256[] memory slots, uint256 totals, int256 base, bool keeps) =
            (tally.slots, tally.totals, tally.base, tally.keeps);
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            at := add(add(slots, 0x20), shl(8, at))
            // From here on the end of the page.
            slots := add(at, 0x100)
            for {} lt(at, slots) { at := add(at, 0x20) } {
                let net := and(nets, 0xffffffff)
                if net { net := sub(net, 0x80000000) }
                let rest := add(add(base, net), signextend(3, positions))
                nets := shr(32, nets)
                positions := shr(32, positions)
                let slot := mload(at)
                let side := 0
                if slt(rest, 0) {
                    side := DEFICITS_AT
                    rest := sub(0, rest)
                    net := sub(0, net)
                }
                if sgt(net, 0) {
                    let part := and(slot, 0xffffffff)
                    if part {
                        // Shared: what is metered and left by trades, in proportion.
                        let own := rest
                        if lt(net, own) { own := net }
                        part := div(mul(own, part), and(shr(add(side, SUM_AT), slot), 0xffffffff))
                        totals := add(totals, shl(side, part))
                        rest := sub(rest, part)
                        net := sub(net, part)
                    }
                }
                if side { mstore(tally, add(mload(tally), mul(rest, and(shr(PRICE_AT, slot), 0xffffffff)))) }
                if and(keeps, sgt(net, 0)) {
                    // Kept or drawn: what is metered, as long as credits fit their field, or are there.
                    let credits := mload(add(tally, 0x20))
                    let part := credits
                    if iszero(side) { part := sub(MAX_CREDITS, credits) }
                    if lt(net, part) { part := net }
                    if lt(rest, part) { part := rest }
                    totals := add(totals, shl(add(side, CREDITS_AT), part))
                    rest := sub(rest, part)
                    if side { part := sub(0, part) }
                    mstore(add(tally, 0x20), add(credits, part))
                }
                totals := add(totals, shl(add(side, GRID_AT), rest))
            }
        }
        tally.totals = totals;
    }

    /// @dev Rule 19's mean, and whether the day waits for its registers.
    function _deem(Day memory today, Tally memory tally, TermsWord terms) private view returns (bool isUnread) {
        uint256 end = today.first + _DAY_SLOTS;
        uint256 lateTo = terms.lateTo();
        if (tally.isWhole || lateTo >= end) {
            // Read in time, and in order, so all of it.
            if (lateTo <= today.first) tally.deemed = (7 * tally.deemed + tally.imported) / 8;
            return false;
        }
        return !tally.isRead || end == terms.meteredTo();
    }

    /// @dev What late registers have charged, and what unread days cost at deemed import when there are enough.
    function _settleGap(Day memory today, Tally memory tally, uint256 number, TermsWord terms, bool isUnread) private {
        GapWord gap = _gaps[number];
        tally.money -= gap.pending();
        (uint256 deemedMoney, uint256 gapCharge) = (gap.deemedMoney(), gap.gapCharge());
        if (isUnread) {
            // A meter that was silent after days of little must not be cheaper than one that never spoke.
            gapCharge += Math.max(tally.deemed, _ratedPowers[number] * DEEMED_HOURS) * today.dearest;
            uint256 count = terms.unreadDays() + 1;
            if (count >= GAP_DAYS || today.first + _DAY_SLOTS == terms.meteredTo()) {
                tally.money -= int256(gapCharge);
                deemedMoney += gapCharge;
                emit DeemedCharged(number, today.number, gapCharge);
                (gapCharge, count) = (0, 0);
            }
            terms = terms.withUnreadDays(count);
        }
        _storeGap(number, terms, 0, deemedMoney, gapCharge);
    }

    /// @dev Prepares the prices of a region's day.
    function _usePrices(Day memory today, uint256 region) private view {
        if (region == today.region) return;
        (TariffWord terms, uint256[] memory pages) = _TARIFFS.dayOf(region, today.number);
        (today.prices, today.dearest) = _pricesOf(terms, pages, today.first & 15);
        (today.region, today.terms, today.community, today.sharedPrice) = (region, terms, 0, 0);
    }

    /// @param lane the place of the first slot in the pages.
    function _pricesOf(TariffWord terms, uint256[] memory pages, uint256 lane)
        private
        view
        returns (uint256[] memory prices, uint256 dearest)
    {
        unchecked {
            prices = new uint256[](_DAY_SLOTS);
            dearest = terms.buy();
            (uint256 price, uint256 last, uint256 page) = (dearest, 0, pages[0] >> (16 * lane));
            for (uint256 i = 0; i < prices.length; ++i) {
                if ((lane + i) & 15 == 0) page = pages[(lane + i) >> 4];
                // Slots that follow each other often have the same factor; 0 is none.
                if (uint16(page) != last) {
                    last = uint16(page);
                    price = last == 0 ? terms.buy() : terms.deficitPrice(last);
                    if (price > dearest) dearest = price;
                }
                prices[i] = price << PRICE_AT;
                page >>= 16;
            }
        }
    }

    /// @dev Prepares what a community has to share, slot by slot.
    function _useCommunity(Day memory today, uint256 community) private view {
        if (community == today.community) return;
        today.community = community;
        today.sharedPrice = today.terms.sharedPrice(_COMMUNITIES.thetaAt(community, today.number));
        uint256[] memory prices = today.prices;
        uint256[] memory slots = new uint256[](_DAY_SLOTS);
        uint256[SUM_PAGES] storage pages = _sums[community];
        (uint256 page, uint256 first) = (0, today.first >> 2);
        unchecked {
            for (uint256 i = 0; i < slots.length; ++i) {
                if (i & 3 == 0) page = pages[first + (i >> 2)];
                (uint256 surplus, uint256 deficit) = (uint32(page), uint32(page >> 32));
                uint256 slot = prices[i] | (surplus << SUM_AT) | (deficit << (DEFICITS_AT + SUM_AT));
                slots[i] = slot | (surplus < deficit ? surplus : deficit);
                page >>= 64;
            }
        }
        today.slots = slots;
    }

    /* INTERNAL: READINGS */

    /// @dev A slot that was final without its reading: the difference that it makes, without sharing and credits.
    function _chargeLate(uint256 number, TermsWord terms, uint256 slot, int256 net) private {
        uint256 day = slot / _DAY_SLOTS;
        int256 position = _position(number, terms, slot, day);
        (uint256 feedIn, uint256 price) = _TARIFFS.lowestAndDearest(terms.region(), slot, slot + 1);
        int256 money = _cost(-net - position, price, feedIn) - _cost(-position, price, feedIn);
        // Own export that would have become credit earns what credit is worth.
        uint256 kept = uint32(_shareable(net, position));
        if (kept != 0 && _SETTLEMENT.keepsAt(number, day)) {
            money += int256(kept * (feedIn - _TARIFFS.creditValueAt(day)));
        }
        emit ReadLate(number, slot, slot + 1, net, money);
        _catchUp(number, terms.withLateTo(slot + 1), slot + 1, money);
    }

    /// @dev A charge of late registers, which give back what was deemed once they have reached the closed days.
    function _catchUp(uint256 number, TermsWord terms, uint256 end, int256 money) private {
        GapWord gap = _gaps[number];
        money += gap.pending();
        (uint256 deemedMoney, uint256 gapCharge) = (gap.deemedMoney(), gap.gapCharge());
        if (terms.unreadDays() != 0 || deemedMoney != 0) {
            uint256 closed = Math.min(_SETTLEMENT.cursorAt(number) * _DAY_SLOTS, terms.meteredTo());
            if (end >= closed) {
                money -= int256(deemedMoney);
                if (deemedMoney != 0) emit DeemedReturned(number, deemedMoney);
                (deemedMoney, gapCharge, terms) = (0, 0, terms.withUnreadDays(0));
            }
        }
        _storeGap(number, terms, money, deemedMoney, gapCharge);
    }

    function _storeGap(uint256 number, TermsWord terms, int256 pending, uint256 deemedMoney, uint256 gapCharge)
        private
    {
        GapWord gap = GapWordLibrary.pack(pending, deemedMoney, gapCharge);
        _gaps[number] = gap;
        _terms[number] = terms.withOpenMoney(GapWord.unwrap(gap) != 0);
    }

    function _storeSums(uint256 key, uint256 sums) private {
        if (key != 0) _sums[key >> 32][uint32(key)] = sums;
    }

    /// @dev What a need costs; a surplus earns the feed-in.
    function _cost(int256 need, uint256 price, uint256 feedIn) private pure returns (int256) {
        return need * int256(need > 0 ? price : feedIn);
    }

    /// @dev Metered surplus (low 32 bits) and deficit (high) that trades leave, in Wh.
    function _shareable(int256 net, int256 position) private pure returns (uint256) {
        unchecked {
            int256 rest = net + position;
            if (rest > 0 && net > 0) return uint256(rest < net ? rest : net);
            if (rest < 0 && net < 0) return uint256(rest > net ? -rest : -net) << 32;
            return 0;
        }
    }

    /* INTERNAL: POSITIONS, GAPS, FINALITY */

    function _targetOf(PeriodWord period) private view returns (Target memory) {
        (uint256 slot, uint256 kind, uint256 count) = (period.startSlot(), period.kind(), period.slots());
        // What is metered or shared never changes by a trade.
        if (slot * SLOT_LENGTH <= block.timestamp) revert EnergyAccounts_GateClosed(slot);
        uint256 day = slot / _DAY_SLOTS;
        if (kind == OF_SLOTS && count != 0 && (slot & 7) + count <= 8) return Target(kind, slot, count, day);
        if (slot % _DAY_SLOTS == 0) {
            if (kind == OF_A_DAY && count == _DAY_SLOTS) return Target(kind, day, 1, day);
            if (kind == OF_A_WEEK && count == WEEK * _DAY_SLOTS && (day + DAYS_TO_MONDAY) % WEEK == 0) {
                return Target(kind, _weekOf(day), 1, day + WEEK - 1);
            }
        }
        revert EnergyAccounts_BadPeriod(period);
    }

    function _bookLeg(Target memory target, LegWord leg, uint256 number, TermsWord terms) private returns (bool fits) {
        (uint256 kind, uint256 first) = (target.kind, target.first);
        uint256[PAGES] storage pages = _positions[_key(number, kind)];
        int256 wh = int256(leg.wh());
        if (leg.isSell()) wh = -wh;
        uint256 page;
        (fits, page) = pages[first >> 3].plus(first, target.count, wh);
        if (!fits) return false;
        pages[first >> 3] = page;
        if (target.lastDay > terms.reach(kind)) _terms[number] = terms.reaching(kind, target.lastDay);
    }

    /// @param day of the slot.
    function _position(uint256 number, TermsWord terms, uint256 slot, uint256 day)
        private
        view
        returns (int256 position)
    {
        position = _wholeDays(number, terms, day);
        if (terms.reach(OF_SLOTS) >= day) position += _positions[_key(number, OF_SLOTS)][slot >> 3].signedAt(slot);
    }

    /// @dev The position in every slot of a day by trades of whole days and weeks.
    function _wholeDays(uint256 number, TermsWord terms, uint256 day) private view returns (int256 position) {
        if (terms.reach(OF_A_DAY) >= day) position = _positions[_key(number, OF_A_DAY)][day >> 3].signedAt(day);
        if (terms.reach(OF_A_WEEK) >= day) {
            uint256 week = _weekOf(day);
            position += _positions[_key(number, OF_A_WEEK)][week >> 3].signedAt(week);
        }
    }

    function _weekOf(uint256 day) private pure returns (uint256) {
        return (day + DAYS_TO_MONDAY) / WEEK;
    }

    function _key(uint256 number, uint256 kind) private pure returns (uint256) {
        return (number << 2) | kind;
    }

    function _answer(uint256 number, TermsWord terms, uint256 refusal) private view returns (AgreedWord) {
        int256 pending = terms.hasOpenMoney() ? _gaps[number].pending() : int256(0);
        return AgreedWordLibrary.pack(terms, refusal, pending > 0 ? uint256(pending) : 0);
    }

    /// @dev Whether days that are not closed may hold positions or declared consumption.
    function _hasOpenEnergy(uint256 number, TermsWord terms) private view returns (bool) {
        uint256 last = Math.max(terms.reach(OF_SLOTS), Math.max(terms.reach(OF_A_DAY), terms.reach(OF_A_WEEK)));
        return Math.max(last, terms.declaredDay()) >= _SETTLEMENT.cursorAt(number);
    }

    function _hasGap(uint256 number, TermsWord terms, uint256 lastFinal) private view returns (bool) {
        // slither-disable-next-line incorrect-equality: a lane of 0 is not read
        return terms.isMetered(lastFinal) && _nets[number][lastFinal >> 3].at(lastFinal) == 0;
    }

    /// @param slot of 32 bits.
    function _isFinal(uint256 slot, Outage memory outage) private view returns (bool) {
        unchecked {
            uint256 time = (slot + 1) * SLOT_LENGTH + GRACE;
            if (slot < outage.to && outage.from <= slot) time += outage.extra;
            return block.timestamp >= time;
        }
    }

    /// @dev The newest slot that is final.
    function _lastFinal() private view returns (uint256 slot) {
        Outage memory outage = _outage;
        slot = (block.timestamp - GRACE) / SLOT_LENGTH - 1;
        if (slot < outage.from || slot >= outage.to) return slot;
        uint256 late = (block.timestamp - GRACE - outage.extra) / SLOT_LENGTH - 1;
        return late < outage.from ? outage.from - 1 : late;
    }

    /* INTERNAL: METERS */

    /// @dev For an account that has none, or whose former meter's days are all closed.
    function _withoutMeter(uint256 number, TermsWord terms) private returns (TermsWord) {
        uint256 end = terms.meteredTo();
        if (end == 0) return terms;
        if (_SETTLEMENT.cursorAt(number) * _DAY_SLOTS < end) revert EnergyAccounts_HasMeter(number, end);
        if (terms.hasOpenMoney()) {
            GapWord gap = GapWordLibrary.pack(_gaps[number].pending(), 0, 0);
            _gaps[number] = gap;
            terms = terms.withOpenMoney(GapWord.unwrap(gap) != 0);
        }
        return terms.withMetered(0, 0).withUnreadDays(0);
    }

    /// @dev A member's slot must fit the sums of its community, as long as its days are open.
    function _withPower(uint256 number, TermsWord terms, uint256 ratedPower) private returns (TermsWord) {
        uint256 wh = Math.mulDiv(ratedPower, SLOT_LENGTH, 1 hours);
        bool isMember = terms.nextCommunity() != 0;
        if (terms.community() != 0 && !isMember) isMember = _SETTLEMENT.cursorAt(number) < terms.fromDay();
        uint256 highest = isMember ? HIGHEST_MEMBER_WH : HIGHEST_WH;
        if (wh > highest) revert EnergyAccounts_PowerTooHigh(number, wh, highest);
        _ratedPowers[number] = ratedPower;
        return terms.withLarge(wh > HIGHEST_MEMBER_WH);
    }

    function _requireMeter(uint256 number) private view returns (TermsWord terms) {
        terms = _terms[number];
        if (terms.meteredTo() != FOREVER) revert EnergyAccounts_NoMeter(number);
    }

    /// @dev Meters begin and end at bounds of days that have not begun.
    function _requireBound(uint256 slot) private view {
        if (slot % _DAY_SLOTS != 0 || slot * SLOT_LENGTH <= block.timestamp || slot > SLOTS_END) {
            revert EnergyAccounts_BadBound(slot);
        }
    }

    function _requireCaller(address expected) private view {
        if (msg.sender != expected) revert EnergyAccounts_WrongCaller(msg.sender, expected);
    }
}
