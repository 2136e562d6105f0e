// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IEnergyAccounts} from "../interfaces/IEnergyAccounts.sol";
import {Lanes} from "../libraries/Lanes.sol";
import {AccountWord} from "../types/AccountWord.sol";
import {AGREED, AgreedWord, GAP_OPEN, POSITION_TOO_LARGE} from "../types/AgreedWord.sol";
import {BoundaryWord} from "../types/BoundaryWord.sol";
import {GapWord, GapWordLibrary} from "../types/GapWord.sol";
import {LegWord} from "../types/LegWord.sol";
import {OF_A_DAY, OF_A_WEEK, OF_SLOTS, PeriodWord} from "../types/PeriodWord.sol";
import {FOREVER, TermsWord} from "../types/TermsWord.sol";
import {DayClosing} from "./DayClosing.sol";
import {EnergyRecords} from "./EnergyRecords.sol";

/// @title EnergyAccounts
/// @notice See {IEnergyAccounts}; comments here are for maintainers. {EnergyRecords} has what is stored, {DayClosing}
/// the arithmetic of a day.
contract EnergyAccounts is DayClosing {
    using Lanes for uint256;

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

    /* CONSTANTS */

    uint256 private constant HIGHEST_WH = (1 << 31) - 1;
    /// @dev An outage begins at most so much later.
    uint256 private constant MAX_AHEAD = 1 days;

    /* CONSTRUCTOR */

    constructor(address authority, Modules memory modules, uint256 grace) EnergyRecords(authority, modules, grace) {}

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
        _terms[number] = terms.withMetered(firstSlot / _DAY_SLOTS, FOREVER);
    }

    /// @inheritdoc IEnergyAccounts
    function detach(uint256 number, uint256 endSlot) external {
        _requireCaller(_METER);
        _requireBound(endSlot);
        TermsWord terms = _requireMeter(number);
        uint256 end = endSlot / _DAY_SLOTS;
        _terms[number] = terms.withMetered(Math.min(terms.firstDay(), end), end);
    }

    /// @inheritdoc IEnergyAccounts
    function setRatedPower(uint256 number, uint256 ratedPower) external {
        _requireCaller(_METER);
        _terms[number] = _withPower(number, _requireMeter(number), ratedPower);
    }

    /// @inheritdoc IEnergyAccounts
    function record(BoundaryWord[] calldata boundaries) external {
        _requireReader();
        Outage memory outage = _outage;
        // The last word of sums: readings of a community's members often come together.
        (uint256 sumsKey, uint256 sums) = (0, 0);
        unchecked {
            for (uint256 i = 0; i < boundaries.length; ++i) {
                BoundaryWord boundary = boundaries[i];
                (uint256 number, uint256 slot) = (boundary.number(), boundary.slot());
                TermsWord terms = _terms[number];
                uint256 day = slot / _DAY_SLOTS;
                if (!terms.isMetered(day)) continue;
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
                    uint256 community = terms.communityOn(day);
                    if (community != 0 && net != 0 && !terms.isByGateway(day)) {
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
        _requireReader();
        TermsWord terms = _terms[number];
        if (toSlot <= fromSlot || fromSlot < terms.firstDay() * _DAY_SLOTS || toSlot > _endOf(terms)) {
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
    function closeThrough(uint256[] calldata accounts, uint256 lastDay) external returns (uint256 closed) {
        _requireCaller(address(_SETTLEMENT));
        unchecked {
            uint256[] memory numbers = _distinct(accounts);
            AccountWord[] memory words = _SETTLEMENT.wordsAt(numbers);
            uint256 day = type(uint256).max;
            for (uint256 i = 0; i < numbers.length; ++i) {
                if (numbers[i] != 0) day = Math.min(day, words[i].day());
            }
            // The account that stood furthest behind closes each of these days.
            for (; day <= lastDay && isDayFinal(day); ++day) {
                closed += _closeDay(accounts, numbers, day);
            }
        }
    }

    /// @inheritdoc IEnergyAccounts
    function declare(uint256 number, uint256 slot, uint256 wh) external {
        _requireCaller(address(_SETTLEMENT));
        TermsWord terms = _terms[number];
        if (terms.isMetered(slot / _DAY_SLOTS)) return;
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
        uint256 toSlot = _endOf(terms);
        uint256 openFrom = toSlot * SLOT_LENGTH + GAP_DAYS * 1 days;
        if (toSlot != 0 && block.timestamp < openFrom && _hasGap(number, terms, toSlot - 1)) {
            revert EnergyAccounts_RegistersMissing(number, toSlot, openFrom);
        }
        _terms[number] = _withoutMeter(number, terms);
    }

    /* COMMUNITIES */

    /// @inheritdoc IEnergyAccounts
    function setCommunity(uint256 number, uint256 community, uint256 day, bool byGateway) external {
        _requireCaller(address(_COMMUNITIES));
        if (day <= block.timestamp / 1 days) revert EnergyAccounts_DayBegun(day);
        TermsWord terms = _terms[number];
        uint256 fromDay = terms.fromDay();
        if (day > fromDay) {
            // Days before the earlier change need what it replaced until they are closed.
            uint256 cursor = _SETTLEMENT.cursorAt(number);
            if (cursor < fromDay) revert EnergyAccounts_MembershipPending(number, cursor, fromDay);
        }
        _terms[number] = terms.withNext(day <= fromDay, community, day, byGateway);
    }

    /* COMMUNITIES' DAYS */

    /// @inheritdoc IEnergyAccounts
    function takePending(uint256 number) external returns (int256 money) {
        _requireCaller(address(_DAYS));
        GapWord gap = _gaps[number];
        money = gap.pending();
        _storeGap(number, _terms[number], 0, gap.deemedMoney(), gap.gapCharge());
    }

    /// @inheritdoc IEnergyAccounts
    function showNets(uint256 number, uint256 firstSlot, uint256[] calldata pages) external {
        _requireCaller(address(_DAYS));
        uint256[PAGES] storage ofNets = _nets[number];
        for (uint256 i = 0; i < pages.length; ++i) {
            ofNets[(firstSlot >> 3) + i] = pages[i];
        }
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
            uint256 closed = Math.min(_SETTLEMENT.cursorAt(number), terms.endDay()) * _DAY_SLOTS;
            if (end >= closed) {
                money -= int256(deemedMoney);
                if (deemedMoney != 0) emit DeemedReturned(number, deemedMoney);
                (deemedMoney, gapCharge, terms) = (0, 0, terms.withUnreadDays(0));
            }
        }
        _storeGap(number, terms, money, deemedMoney, gapCharge);
    }

    function _storeSums(uint256 key, uint256 sums) private {
        if (key != 0) _sums[key >> 32][uint32(key)] = sums;
    }

    /// @dev What a need costs; a surplus earns the feed-in.
    function _cost(int256 need, uint256 price, uint256 feedIn) private pure returns (int256) {
        return need * int256(need > 0 ? price : feedIn);
    }

    /* INTERNAL: POSITIONS */

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

    /* INTERNAL: METERS */

    /// @dev For an account that has none, or whose former meter's days are all closed.
    function _withoutMeter(uint256 number, TermsWord terms) private returns (TermsWord) {
        uint256 end = terms.endDay();
        if (end == 0) return terms;
        if (_SETTLEMENT.cursorAt(number) < end) revert EnergyAccounts_HasMeter(number, _endOf(terms));
        if (terms.hasOpenMoney()) {
            GapWord gap = GapWordLibrary.pack(_gaps[number].pending(), 0, 0);
            _gaps[number] = gap;
            terms = terms.withOpenMoney(GapWord.unwrap(gap) != 0);
        }
        return terms.withMetered(0, 0).withUnreadDays(0);
    }

    /// @dev A member's slot must fit the sums of its community, as long as its days are open.
    function _withPower(uint256 number, TermsWord terms, uint256 ratedPower) private view returns (TermsWord) {
        uint256 wh = _mostOf(ratedPower);
        bool isMember = terms.nextCommunity() != 0;
        if (terms.community() != 0 && !isMember) isMember = _SETTLEMENT.cursorAt(number) < terms.fromDay();
        uint256 highest = isMember ? HIGHEST_MEMBER_WH : HIGHEST_WH;
        if (wh > highest) revert EnergyAccounts_PowerTooHigh(number, wh, highest);
        return terms.withRatedPower(ratedPower);
    }

    function _requireMeter(uint256 number) private view returns (TermsWord terms) {
        terms = _terms[number];
        if (terms.endDay() != FOREVER) revert EnergyAccounts_NoMeter(number);
    }

    /// @dev Meters begin and end at bounds of days that have not begun.
    function _requireBound(uint256 slot) private view {
        if (slot % _DAY_SLOTS != 0 || slot * SLOT_LENGTH <= block.timestamp || slot > SLOTS_END) {
            revert EnergyAccounts_BadBound(slot);
        }
    }

    function _requireReader() private view {
        if (msg.sender != address(_DAYS)) _requireCaller(_METER);
    }

    function _requireCaller(address expected) private view {
        if (msg.sender != expected) revert EnergyAccounts_WrongCaller(msg.sender, expected);
    }
}
