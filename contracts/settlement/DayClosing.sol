// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {DayPrices} from "../libraries/DayPrices.sol";
import {Lanes} from "../libraries/Lanes.sol";
import {AccountWord, BY_GATEWAY} from "../types/AccountWord.sol";
import {ClosedDayWord, ClosedDayWordLibrary} from "../types/ClosedDayWord.sol";
import {DayFlowsWord} from "../types/DayFlowsWord.sol";
import {GapWord} from "../types/GapWord.sol";
import {OF_SLOTS} from "../types/PeriodWord.sol";
import {TariffWord} from "../types/TariffWord.sol";
import {TermsWord} from "../types/TermsWord.sol";
import {EnergyRecords} from "./EnergyRecords.sol";

/// @title DayClosing
/// @notice Closes an account's day: what it shares, keeps, draws, feeds in and owes, and what missing readings cost.
abstract contract DayClosing is EnergyRecords {
    using Lanes for uint256;

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

    /* CONSTANTS */

    uint256 internal constant HOME_REGION = 1;
    /// @dev An account's energy credits are 40 bits of Wh.
    uint256 private constant MAX_CREDITS = 0xffffffffff;
    // Where {IEnergyAccounts-closeThrough} has an account's address.
    uint256 private constant HOLDER_AT = 96;
    /// @dev Rated power for so many hours is what an unread day costs at least.
    uint256 private constant DEEMED_HOURS = 3;

    // Where {Day} and {DayFlowsWord} have the fields of surpluses; those of deficits are 128 bits higher.
    uint256 private constant DEFICITS_AT = 128;
    uint256 private constant SUM_AT = 32;
    uint256 private constant PRICE_AT = 64;
    uint256 private constant CREDITS_AT = 40;
    uint256 private constant GRID_AT = 80;

    /* INTERNAL */

    /// @dev Numbers of accounts; of one that was named before, 0.
    function _distinct(uint256[] calldata accounts) internal pure returns (uint256[] memory numbers) {
        unchecked {
            numbers = new uint256[](accounts.length);
            // slither-disable-next-line uninitialized-local: no bit yet
            uint256 seen;
            for (uint256 i = 0; i < accounts.length; ++i) {
                uint256 number = uint32(accounts[i]);
                uint256 bit = 1 << (number & 0xff);
                // Few numbers have the same lowest bits: they alone are looked for.
                if (seen & bit == 0 || !_has(numbers, i, number)) numbers[i] = number;
                seen |= bit;
            }
        }
    }

    function _has(uint256[] memory numbers, uint256 count, uint256 number) private pure returns (bool) {
        for (uint256 i = 0; i < count; ++i) {
            if (numbers[i] == number) return true;
        }
        return false;
    }

    /// @dev Closes one final day of the accounts whose cursor stands there.
    /// @return count of them.
    function _closeDay(uint256[] calldata accounts, uint256[] memory numbers, uint256 day)
        internal
        returns (uint256 count)
    {
        // slither-disable-next-line uninitialized-local: filled below; the rest stays 0
        Day memory today;
        today.number = day;
        today.first = day * _DAY_SLOTS;
        today.value = _TARIFFS.creditValueAt(day);
        AccountWord[] memory words = _SETTLEMENT.wordsAt(numbers);
        uint256[] memory closed = new uint256[](2 * numbers.length);
        address[] memory holders = new address[](numbers.length);
        unchecked {
            for (uint256 i = 0; i < numbers.length; ++i) {
                if (numbers[i] == 0 || words[i].day() != day) continue;
                TermsWord terms = _terms[numbers[i]];
                if (_isGateways(terms, day)) continue;
                (ClosedDayWord ofDay, DayFlowsWord flows) = _closeAccount(today, numbers[i], terms, words[i]);
                holders[count] = address(uint160(accounts[i] >> HOLDER_AT));
                // solhint-disable-next-line no-inline-assembly
                assembly ("memory-safe") {
                    let to := add(add(closed, 0x20), shl(6, count))
                    mstore(to, ofDay)
                    mstore(add(to, 0x20), flows)
                }
                ++count;
            }
        }
        if (count == 0) return 0;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(closed, mul(2, count))
            mstore(holders, count)
        }
        // slither-disable-next-line reentrancy-no-eth: Settlement calls nobody but views
        _SETTLEMENT.closeDay(day, closed, holders);
    }

    /// @dev Whether a gateway can still read the day.
    function _isGateways(TermsWord terms, uint256 day) private view returns (bool) {
        return terms.isByGateway(day) && terms.isMetered(day) && !_DAYS.isOpen(terms.communityOn(day), day);
    }

    function _closeAccount(Day memory today, uint256 number, TermsWord terms, AccountWord word)
        private
        returns (ClosedDayWord, DayFlowsWord)
    {
        if (word.has(BY_GATEWAY)) _settledTo[number] = today.number;
        bool isMetered = terms.isMetered(today.number);
        // slither-disable-next-line uninitialized-local: filled below; the rest stays 0
        Tally memory tally;
        tally.slots = _slotsOf(today, terms, isMetered);
        (tally.keeps, tally.credits, tally.deemed) = (word.keepsOn(today.number), word.credits(), word.deemed());
        _settleDay(today, tally, number, terms, isMetered || terms.declaredDay() >= today.number);
        DayFlowsWord flows = DayFlowsWord.wrap(tally.totals);
        tally.money = DayPrices.moneyOf(flows, today.terms, today.sharedPrice, today.value) - int256(tally.cost);
        bool isUnread = isMetered && _deem(today, tally, terms);
        if (isUnread || terms.hasOpenMoney()) _settleGap(today, tally, number, terms, isUnread);
        return (ClosedDayWordLibrary.pack(number, tally.money, tally.net, tally.position, tally.deemed), flows);
    }

    /// @dev Prices and sums of the account's slots.
    function _slotsOf(Day memory today, TermsWord terms, bool isMetered) private view returns (uint256[] memory) {
        uint256 region = terms.region();
        _usePrices(today, region == 0 ? HOME_REGION : region);
        uint256 community = terms.communityOn(today.number);
        // Where a gateway reads, only its day shares.
        if (!isMetered || community == 0 || terms.isByGateway(today.number)) return today.prices;
        _useCommunity(today, community);
        return today.slots;
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
        return !tally.isRead || today.number + 1 == terms.endDay();
    }

    /// @dev What late registers have charged, and what unread days cost at deemed import when there are enough.
    function _settleGap(Day memory today, Tally memory tally, uint256 number, TermsWord terms, bool isUnread) private {
        GapWord gap = _gaps[number];
        tally.money -= gap.pending();
        (uint256 deemedMoney, uint256 gapCharge) = (gap.deemedMoney(), gap.gapCharge());
        if (isUnread) {
            // A meter that was silent after days of little must not be cheaper than one that never spoke.
            gapCharge += Math.max(tally.deemed, terms.ratedPower() * DEEMED_HOURS) * today.dearest;
            uint256 count = terms.unreadDays() + 1;
            if (count >= GAP_DAYS || today.number + 1 == terms.endDay()) {
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
        (today.prices, today.dearest) = DayPrices.pricesOf(terms, pages, today.first & 15, _DAY_SLOTS, PRICE_AT);
        (today.region, today.terms, today.community, today.sharedPrice) = (region, terms, 0, 0);
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
}
