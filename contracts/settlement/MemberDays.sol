// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ICommunities} from "../interfaces/ICommunities.sol";
import {ICommunityDays} from "../interfaces/ICommunityDays.sol";
import {IEnergyAccounts} from "../interfaces/IEnergyAccounts.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {ISmartMeter} from "../interfaces/ISmartMeter.sol";
import {ITariffs} from "../interfaces/ITariffs.sol";
import {DayLanes} from "../libraries/DayLanes.sol";
import {DayLeaves} from "../libraries/DayLeaves.sol";
import {DayPrices} from "../libraries/DayPrices.sol";
import {AccountWord, BY_GATEWAY} from "../types/AccountWord.sol";
import {ClosedDayWord, ClosedDayWordLibrary} from "../types/ClosedDayWord.sol";
import {DayFlowsWord, DayFlowsWordLibrary} from "../types/DayFlowsWord.sol";
import {riseOf} from "../types/ReadingWord.sol";
import {TariffWord} from "../types/TariffWord.sol";
import {TermsWord} from "../types/TermsWord.sol";

/// @title MemberDays
/// @notice Closes a day of all members of a community whose leaves count: who they are, what they share, keep, draw,
/// feed in and owe.
abstract contract MemberDays is ICommunityDays {
    /// @dev A member whose leaf counts.
    /// @param nets their place in calldata.
    /// @param lanes what {DayLanes-sharable} says of each page, four words each; empty without trades.
    /// @param quotas what it takes by the static key, page by page; empty with the dynamic key.
    struct Member {
        uint256 number;
        uint256 nets;
        uint256 imported;
        uint256 exported;
        TermsWord terms;
        AccountWord word;
        uint256[] lanes;
        uint256[] quotas;
    }

    /// @dev A day while it is settled.
    /// @param tally of one member after the other, in the same memory.
    struct Settling {
        uint256 community;
        uint256 day;
        uint256 region;
        uint256 sharedPrice;
        uint256 value;
        bool isStatic;
        TariffWord tariff;
        DayLanes.Page[] pages;
        uint256[] shares;
        Member[] members;
        uint256 count;
        DayLanes.Tally tally;
    }

    /* CONSTANTS AND IMMUTABLES */

    ISettlement internal immutable _SETTLEMENT;
    IEnergyAccounts internal immutable _ENERGY;
    ICommunities internal immutable _COMMUNITIES;
    ISmartMeter internal immutable _METER;
    ITariffs internal immutable _TARIFFS;
    uint256 internal immutable _DAY_SLOTS;
    uint256 internal immutable _NET_BYTES;
    uint256 private immutable _SLOT_LENGTH;

    /* CONSTRUCTOR */

    constructor(Modules memory modules) {
        _SETTLEMENT = modules.settlement;
        _ENERGY = modules.energy;
        _COMMUNITIES = modules.communities;
        _METER = modules.meter;
        _TARIFFS = modules.tariffs;
        _SLOT_LENGTH = modules.tariffs.SLOT_LENGTH();
        _DAY_SLOTS = 1 days / _SLOT_LENGTH;
        // slither-disable-next-line divide-before-multiply: a day is a whole number of slots
        _NET_BYTES = 4 * _DAY_SLOTS;
    }

    /* INTERNAL */

    /// @return closed a bit for each place whose day is closed.
    function _settle(uint256 community, uint256 day, DayLeaves.Leaves memory leaves, uint256 contradicted)
        internal
        returns (uint256 closed)
    {
        // slither-disable-next-line uninitialized-local: filled below; the rest stays 0
        Settling memory settling;
        (settling.community, settling.day) = (community, day);
        closed = _choose(settling, leaves, contradicted);
        if (settling.count == 0) {
            emit DaySettled(community, day, new uint256[](0));
            return closed;
        }
        _prepare(settling);
        uint256[] memory words = new uint256[](3 * settling.count);
        unchecked {
            for (uint256 i = 0; i < settling.count; ++i) {
                Member memory member = settling.members[i];
                (ClosedDayWord ofDay, DayFlowsWord flows) = _close(settling, member);
                words[3 * i] = member.number;
                words[3 * i + 1] = ClosedDayWord.unwrap(ofDay);
                words[3 * i + 2] = DayFlowsWord.unwrap(flows);
            }
        }
        _conclude(community, day, words);
    }

    /// @dev Whether a measured leaf's nets fit its registers and the meter's rated power.
    function _isBelievable(uint256 at, TermsWord terms) internal view returns (bool fits) {
        // slither-disable-next-line unused-return: what they add up to does not matter
        (fits,,) = _measure(at, terms);
    }

    /* INTERNAL: WHOSE LEAF COUNTS */

    function _choose(Settling memory settling, DayLeaves.Leaves memory leaves, uint256 contradicted)
        private
        returns (uint256 closed)
    {
        unchecked {
            uint256[] memory terms = _wordsOf(address(_ENERGY), IEnergyAccounts.termsOf.selector, leaves.numbers);
            uint256[] memory words = _wordsOf(address(_SETTLEMENT), ISettlement.wordsAt.selector, leaves.numbers);
            Member[] memory members = new Member[](leaves.count);
            for (uint256 place = 0; place < leaves.count; ++place) {
                Member memory member = members[settling.count];
                member.number = leaves.numbers[place];
                (member.terms, member.word) = (TermsWord.wrap(terms[place]), AccountWord.wrap(words[place]));
                Reason reason = _judge(settling, member, leaves.places[place], (contradicted >> place) & 1 != 0);
                if (reason == Reason.NONE) {
                    closed |= 1 << place;
                    ++settling.count;
                } else {
                    emit MemberPassedOver(settling.community, settling.day, member.number, reason);
                }
            }
            settling.members = members;
        }
    }

    /// @dev Fills in the member, too.
    function _judge(Settling memory settling, Member memory member, uint256 at, bool isContradicted)
        private
        view
        returns (Reason)
    {
        uint256 status = DayLeaves.statusAt(at);
        if (status & DayLeaves.MEASURED == 0) {
            return status & DayLeaves.SEALED == 0 ? Reason.ABSENT : Reason.SEALED;
        }
        if (isContradicted) return Reason.CONTRADICTED;
        (uint256 day, TermsWord terms) = (settling.day, member.terms);
        if (terms.communityOn(day) != settling.community || !terms.isMetered(day)) return Reason.NOT_A_MEMBER;
        if (member.word.day() != day) return Reason.OTHER_DAY;
        if (terms.unreadDays() != 0) return Reason.GAP;
        // In another community the gateway before could have said anything.
        bool continues = status & DayLeaves.CONTINUES != 0 && member.word.has(BY_GATEWAY)
            && terms.communityOn(day - 1) == settling.community;
        if (!continues && !_goesOn(member.number, day, at)) return Reason.OTHER_REGISTERS;
        bool fits;
        (fits, member.imported, member.exported) = _measure(at, terms);
        if (!fits) return Reason.NETS_NOT_BELIEVABLE;
        member.nets = DayLeaves.netsAt(at);
        if (terms.reaches(day) && !_readPositions(member, day)) return Reason.POSITION_TOO_LARGE;
        return Reason.NONE;
    }

    /// @dev Whether a leaf begins with the registers of the meter's own newest boundary.
    function _goesOn(uint256 number, uint256 day, uint256 at) private view returns (bool) {
        (uint256 readTo, uint256 imported, uint256 exported) = _METER.registersOf(number);
        (uint256 firstImported, uint256 firstExported) = DayLeaves.firstAt(at);
        // slither-disable-next-line incorrect-equality: registers
        return readTo == day * _DAY_SLOTS && imported == firstImported && exported == firstExported;
    }

    function _measure(uint256 at, TermsWord terms)
        private
        view
        returns (bool fits, uint256 imported, uint256 exported)
    {
        unchecked {
            uint256 ratedPower = terms.ratedPower();
            // A member's slot at rated power is below 2^24 Wh.
            uint256 most = ratedPower * _SLOT_LENGTH / 1 hours;
            (fits, imported, exported) = DayLanes.measure(DayLeaves.netsAt(at), _DAY_SLOTS >> 3, most);
            (uint256 firstImported, uint256 firstExported) = DayLeaves.firstAt(at);
            (uint256 lastImported, uint256 lastExported) = DayLeaves.lastAt(at);
            uint256 importedRise = riseOf(lastImported, firstImported);
            uint256 exportedRise = riseOf(lastExported, firstExported);
            fits = fits && importedRise + exportedRise <= ratedPower * 24
                && importedRise + exported == exportedRise + imported;
        }
    }

    function _readPositions(Member memory member, uint256 day) private view returns (bool) {
        uint256[] memory pages = _ENERGY.positionsOn(member.number, day);
        if (pages.length == 0) return false;
        bool areSmall;
        (areSmall, member.lanes) = DayLanes.sharable(member.nets, pages);
        return areSmall;
    }

    /* INTERNAL: SHARING */

    /// @dev What members have to share, and at which prices.
    function _prepare(Settling memory settling) private view {
        uint256 day = settling.day;
        uint256 theta;
        (settling.region, theta, settling.isStatic) = _COMMUNITIES.termsOf(settling.community, day);
        uint256[] memory factors;
        (settling.tariff, factors) = _TARIFFS.dayOf(settling.region, day);
        settling.sharedPrice = settling.tariff.sharedPrice(theta);
        settling.value = _TARIFFS.creditValueAt(day);
        // slither-disable-next-line unused-return: the dearest price is for unread days
        (uint256[] memory prices,) =
            DayPrices.pricesOf(settling.tariff, factors, (day * _DAY_SLOTS) & 15, _DAY_SLOTS, 0);
        unchecked {
            uint256 count = _DAY_SLOTS >> 3;
            uint256[] memory sums = _sums(settling, count);
            if (settling.isStatic) _limit(settling, sums);
            DayLanes.Page[] memory pages = new DayLanes.Page[](count);
            for (uint256 i = 0; i < count; ++i) {
                DayLanes.share(pages[i], sums[2 * i], sums[2 * i + 1]);
                DayLanes.price(pages[i], prices, 8 * i);
            }
            (settling.pages, settling.shares) = (pages, new uint256[](2 * count));
        }
    }

    /// @dev Lanes of what all members can give and take, page by page.
    function _sums(Settling memory settling, uint256 count) private pure returns (uint256[] memory sums) {
        unchecked {
            sums = new uint256[](2 * count);
            for (uint256 i = 0; i < settling.count; ++i) {
                Member memory member = settling.members[i];
                uint256[] memory lanes = member.lanes;
                if (lanes.length == 0) DayLanes.addTo(member.nets, sums);
                for (uint256 j = 0; j < lanes.length; j += 4) {
                    sums[j / 2] += lanes[j];
                    sums[j / 2 + 1] += lanes[j + 1];
                }
            }
        }
    }

    /// @dev Replaces what members can take by what they take by the static key.
    function _limit(Settling memory settling, uint256[] memory sums) private view {
        unchecked {
            uint256 count = sums.length / 2;
            uint256[] memory numbers = new uint256[](settling.count);
            for (uint256 i = 0; i < settling.count; ++i) {
                numbers[i] = settling.members[i].number;
            }
            for (uint256 j = 0; j < count; ++j) {
                sums[2 * j + 1] = 0;
            }
            uint256[] memory coefficients = _COMMUNITIES.coefficientsOn(settling.day, numbers);
            for (uint256 i = 0; i < settling.count; ++i) {
                Member memory member = settling.members[i];
                uint256[] memory quotas = new uint256[](count);
                for (uint256 j = 0; j < count; ++j) {
                    uint256 deficit;
                    if (member.lanes.length != 0) deficit = member.lanes[4 * j + 1];
                    // slither-disable-next-line unused-return: exports do not matter
                    else (deficit,) = DayLanes.split(DayLanes.wordAt(member.nets + 32 * j));
                    quotas[j] = DayLanes.quota(deficit, sums[2 * j], coefficients[i]);
                    sums[2 * j + 1] += quotas[j];
                }
                member.quotas = quotas;
            }
        }
    }

    /* INTERNAL: CALLS IN BULK */

    // The compiler encodes and decodes every word of an array on its own, for ten times the gas of a copy.

    /// @dev What a module's view answers of accounts, a word of each.
    function _wordsOf(address module, bytes4 selector, uint256[] memory numbers)
        private
        view
        returns (uint256[] memory words)
    {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            // The array's length comes first, in what is asked and in the answer, behind the place where it begins.
            let size := shl(5, add(mload(numbers), 1))
            words := mload(0x40)
            mstore(words, selector)
            mstore(add(words, 0x04), 0x20)
            mcopy(add(words, 0x24), numbers, size)
            if iszero(staticcall(gas(), module, words, add(size, 0x24), 0, 0)) {
                returndatacopy(words, 0, returndatasize())
                revert(words, returndatasize())
            }
            // An answer that is too short reverts.
            returndatacopy(words, 0x20, size)
            mstore(0x40, add(words, size))
        }
    }

    /// @dev Emits {DaySettled} and calls {ISettlement-closeDay}, both from the same copy of the words.
    function _conclude(uint256 community, uint256 day, uint256[] memory words) private {
        (address settlement, bytes32 settled, bytes4 selector) =
            (address(_SETTLEMENT), DaySettled.selector, ISettlement.closeDay.selector);
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let size := shl(5, add(mload(words), 1))
            let input := mload(0x40)
            mcopy(add(input, 0x44), words, size)
            mstore(add(input, 0x24), 0x20)
            log3(add(input, 0x24), add(size, 0x20), settled, community, day)
            mstore(input, selector)
            mstore(add(input, 0x04), day)
            mstore(add(input, 0x24), 0x40)
            // The settlement has code: it has answered {wordsAt}.
            if iszero(call(gas(), settlement, 0, input, add(size, 0x44), 0, 0)) {
                returndatacopy(input, 0, returndatasize())
                revert(input, returndatasize())
            }
        }
    }

    /* INTERNAL: CLOSING */

    function _close(Settling memory settling, Member memory member)
        private
        returns (ClosedDayWord closed, DayFlowsWord flows)
    {
        DayLanes.Tally memory tally = settling.tally;
        _share(settling, member, tally);
        unchecked {
            (uint256 rest, uint256 need) = (DayLanes.sum(tally.rest), DayLanes.sum(tally.need));
            flows = _flowsOf(tally, rest, need);
            int256 money = DayPrices.moneyOf(flows, settling.tariff, settling.sharedPrice, settling.value);
            money -= int256(tally.cost);
            if (member.terms.hasOpenMoney()) money -= _ENERGY.takePending(member.number);
            int256 net = int256(member.exported) - int256(member.imported);
            uint256 deemed = member.word.deemed();
            // A mean of days that were read in time.
            if (member.terms.lateTo() <= settling.day * _DAY_SLOTS) deemed = (7 * deemed + member.imported) / 8;
            closed = ClosedDayWordLibrary.pack(money, net, int256(rest) - int256(need) - net, deemed);
        }
    }

    function _share(Settling memory settling, Member memory member, DayLanes.Tally memory tally) private pure {
        DayLanes.clear(tally);
        tally.credits = member.word.credits();
        (uint256 lanes, uint256 quotas) = (_placeOf(member.lanes), _placeOf(member.quotas));
        (tally.lanes, tally.quotas) = (lanes, quotas);
        DayLanes.settle(tally, member.nets, settling.pages, settling.shares);
        if (member.word.keepsOn(settling.day)) DayLanes.keep(tally, member.nets, lanes, settling.shares);
    }

    /// @dev Where the elements of an array stand; 0: it has none.
    function _placeOf(uint256[] memory array) private pure returns (uint256 place) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            if mload(array) { place := add(array, 0x20) }
        }
    }

    /// @param rest,need of all slots, before they are shared.
    function _flowsOf(DayLanes.Tally memory tally, uint256 rest, uint256 need) private pure returns (DayFlowsWord) {
        unchecked {
            (uint256 given, uint256 taken) = (DayLanes.sum(tally.given), DayLanes.sum(tally.taken));
            (uint256 kept, uint256 drawn) = (tally.kept, tally.drawn);
            return DayFlowsWordLibrary.pack(given, kept, rest - given - kept, taken, drawn, need - taken - drawn);
        }
    }
}
