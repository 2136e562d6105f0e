// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ICommunities} from "../interfaces/ICommunities.sol";
import {ICommunityDays} from "../interfaces/ICommunityDays.sol";
import {IEnergyAccounts} from "../interfaces/IEnergyAccounts.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";
import {ISmartMeter} from "../interfaces/ISmartMeter.sol";
import {ITariffs} from "../interfaces/ITariffs.sol";
import {BulkWords} from "../libraries/BulkWords.sol";
import {DayLanes} from "../libraries/DayLanes.sol";
import {DayLeaves} from "../libraries/DayLeaves.sol";
import {DayPrices} from "../libraries/DayPrices.sol";
import {AccountWord, BY_GATEWAY} from "../types/AccountWord.sol";
import {ClosedDayWord, ClosedDayWordLibrary} from "../types/ClosedDayWord.sol";
import {DayFlowsWord, DayFlowsWordLibrary} from "../types/DayFlowsWord.sol";
import {TariffWord} from "../types/TariffWord.sol";
import {TermsWord} from "../types/TermsWord.sol";

/// @title MemberDays
/// @notice Closes a day of all members of a community whose leaves count: who they are, what they share, keep, draw,
/// feed in and owe.
abstract contract MemberDays is ICommunityDays {
    /// @dev A member whose leaf counts. {_roomFor} knows the size.
    /// @param nets their place in calldata.
    /// @param lanes of {DayLanes-sharable}; 0: it has its nets alone.
    /// @param rest,need supply and demand that are left after trades.
    struct Member {
        uint256 number;
        uint256 nets;
        uint256 lanes;
        uint256 imported;
        uint256 exported;
        uint256 rest;
        uint256 need;
        TermsWord terms;
        AccountWord word;
    }

    /// @dev A day while it is settled.
    /// @param contradicted,traders a bit for each place: whose leaf was contradicted, who may have traded.
    /// @param sums what all members have to share, see {DayLanes-measure}.
    /// @param spare the same of members that may have traded, as if they had not; nobody needs it.
    /// @param positions place of those of the next member that may have traded.
    /// @param pages of {DayLanes-share}.
    struct Settling {
        uint256 community;
        uint256 day;
        uint256 contradicted;
        uint256 traders;
        uint256 region;
        uint256 sharedPrice;
        uint256 value;
        bool isStatic;
        TariffWord tariff;
        uint256[] sums;
        uint256[] spare;
        uint256 positions;
        uint256[] pages;
    }

    /* CONSTANTS AND IMMUTABLES */

    ISettlement internal immutable _SETTLEMENT;
    IEnergyAccounts internal immutable _ENERGY;
    ICommunities internal immutable _COMMUNITIES;
    ISmartMeter internal immutable _METER;
    ITariffs internal immutable _TARIFFS;
    uint256 internal immutable _DAY_SLOTS;
    uint256 internal immutable _NET_BYTES;
    uint256 internal immutable _SLOT_LENGTH;

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
        (settling.community, settling.day, settling.contradicted) = (community, day, contradicted);
        (settling.sums, settling.spare) = (new uint256[](_DAY_SLOTS >> 2), new uint256[](_DAY_SLOTS >> 2));
        Member[] memory members = _roomFor(leaves.count);
        uint256 count;
        (closed, count) = _choose(settling, leaves, members);
        if (count != 0) _prepare(settling, members);
        uint256[] memory words = new uint256[](2 * count);
        unchecked {
            for (uint256 i = 0; i < count; ++i) {
                (ClosedDayWord ofDay, DayFlowsWord flows) = _close(settling, members[i]);
                // solhint-disable-next-line no-inline-assembly
                assembly ("memory-safe") {
                    let to := add(add(words, 0x20), shl(6, i))
                    mstore(to, ofDay)
                    mstore(add(to, 0x20), flows)
                }
            }
        }
        _conclude(community, day, words);
    }

    /// @dev Whether a measured leaf's nets fit its registers and the meter's rated power.
    function _isBelievable(uint256 at, TermsWord terms) internal view returns (bool fits) {
        // slither-disable-next-line unused-return: what they add up to does not matter
        (fits,,) = _measure(at, terms, new uint256[](_DAY_SLOTS >> 2));
    }

    /* INTERNAL: WHOSE LEAF COUNTS */

    /// @dev Members that nothing is written to yet; the compiler's own would be filled with zeros first.
    function _roomFor(uint256 count) private pure returns (Member[] memory members) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            members := mload(0x40)
            mstore(members, count)
            let at := add(members, 0x20)
            let end := add(at, shl(5, count))
            let member := end
            for {} lt(at, end) { at := add(at, 0x20) } {
                mstore(at, member)
                member := add(member, 0x120)
            }
            mstore(0x40, member)
        }
    }

    /// @param members is shortened to those whose leaf counts.
    /// @return closed a bit for each of their places.
    /// @return count of them.
    function _choose(Settling memory settling, DayLeaves.Leaves memory leaves, Member[] memory members)
        private
        returns (uint256 closed, uint256 count)
    {
        unchecked {
            uint256[] memory numbers = leaves.numbers;
            uint256[] memory terms =
                BulkWords.ask(address(_ENERGY), IEnergyAccounts.termsOf.selector, BulkWords.ALWAYS, numbers, 1);
            uint256[] memory words =
                BulkWords.ask(address(_SETTLEMENT), ISettlement.wordsAt.selector, BulkWords.ALWAYS, numbers, 1);
            settling.traders = _readPositions(settling, numbers, terms);
            for (uint256 place = 0; place < members.length; ++place) {
                Member memory member = members[count];
                uint256 at;
                // solhint-disable-next-line no-inline-assembly
                assembly ("memory-safe") {
                    let offset := shl(5, add(place, 1))
                    at := mload(add(mload(add(leaves, 0x40)), offset))
                    mstore(member, mload(add(numbers, offset)))
                    mstore(add(member, 0xe0), mload(add(terms, offset)))
                    mstore(add(member, 0x100), mload(add(words, offset)))
                }
                Reason reason = _judge(settling, member, at, place);
                if (reason == Reason.NONE) {
                    closed |= 1 << place;
                    ++count;
                } else {
                    emit MemberPassedOver(settling.community, settling.day, member.number, reason);
                }
            }
        }
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(members, count)
        }
    }

    /// @dev Positions of those that may have traded, one after the other.
    /// @return traders a bit for each of their places.
    function _readPositions(Settling memory settling, uint256[] memory numbers, uint256[] memory terms)
        private
        view
        returns (uint256 traders)
    {
        unchecked {
            (uint256 day, uint256 place, uint256 count) = (settling.day, numbers.length, 0);
            while (place != 0) {
                if (TermsWord.wrap(terms[--place]).reaches(day)) {
                    traders |= 1 << place;
                    ++count;
                }
            }
            if (count == 0) return 0;
            uint256[] memory those = new uint256[](count);
            count = 0;
            for (; place < numbers.length; ++place) {
                if ((traders >> place) & 1 == 0) continue;
                those[count] = numbers[place];
                ++count;
            }
            uint256[] memory pages =
                BulkWords.ask(address(_ENERGY), IEnergyAccounts.positionsOn.selector, day, those, _DAY_SLOTS >> 3);
            // solhint-disable-next-line no-inline-assembly
            assembly ("memory-safe") {
                count := add(pages, 0x20)
            }
            settling.positions = count;
        }
    }

    /// @dev Fills in the member, too.
    function _judge(Settling memory settling, Member memory member, uint256 at, uint256 place)
        private
        view
        returns (Reason)
    {
        uint256 positions = 0;
        if ((settling.traders >> place) & 1 != 0) {
            positions = settling.positions;
            settling.positions = positions + _NET_BYTES;
        }
        Reason reason = _check(settling, member, at, (settling.contradicted >> place) & 1 != 0);
        if (reason != Reason.NONE) return reason;
        (member.nets, member.lanes) = (DayLeaves.netsAt(at), 0);
        uint256[] memory sums = positions == 0 ? settling.sums : settling.spare;
        bool fits;
        (fits, member.need, member.rest) = _measure(at, member.terms, sums);
        if (!fits) {
            DayLanes.takeBack(member.nets, sums);
            return Reason.NETS_NOT_BELIEVABLE;
        }
        (member.imported, member.exported) = (member.need, member.rest);
        if (positions != 0 && !_share(settling, member, positions)) return Reason.POSITION_TOO_LARGE;
        return Reason.NONE;
    }

    /// @dev What is known before its nets are read.
    function _check(Settling memory settling, Member memory member, uint256 at, bool isContradicted)
        private
        view
        returns (Reason)
    {
        uint256 status = DayLeaves.statusAt(at);
        (uint256 community, uint256 day) = (settling.community, settling.day);
        (TermsWord terms, AccountWord word) = (member.terms, member.word);
        // What follows would find nothing either.
        if (
            status == DayLeaves.MEASURED | DayLeaves.CONTINUES && !isContradicted && terms.isUsual(community, day)
                && word.follows(day)
        ) return Reason.NONE;
        if (status & DayLeaves.MEASURED == 0) {
            return status & DayLeaves.SEALED == 0 ? Reason.ABSENT : Reason.SEALED;
        }
        if (isContradicted) return Reason.CONTRADICTED;
        if (terms.communityOn(day) != community || !terms.isMetered(day)) return Reason.NOT_A_MEMBER;
        if (word.day() != day) return Reason.OTHER_DAY;
        if (terms.unreadDays() != 0) return Reason.GAP;
        // In another community the gateway before could have said anything.
        bool continues =
            status & DayLeaves.CONTINUES != 0 && word.has(BY_GATEWAY) && terms.communityOn(day - 1) == community;
        return continues || _goesOn(member.number, day, at) ? Reason.NONE : Reason.OTHER_REGISTERS;
    }

    /// @dev Whether a leaf begins with the registers of the meter's own newest boundary.
    function _goesOn(uint256 number, uint256 day, uint256 at) private view returns (bool) {
        (uint256 readTo, uint256 imported, uint256 exported) = _METER.registersOf(number);
        (uint256 firstImported, uint256 firstExported) = DayLeaves.firstAt(at);
        // slither-disable-next-line incorrect-equality: registers
        return readTo == day * _DAY_SLOTS && imported == firstImported && exported == firstExported;
    }

    function _measure(uint256 at, TermsWord terms, uint256[] memory sums)
        private
        view
        returns (bool fits, uint256 imported, uint256 exported)
    {
        unchecked {
            uint256 ratedPower = terms.ratedPower();
            // A member's slot at rated power is below 2^24 Wh.
            uint256 most = ratedPower * _SLOT_LENGTH / 1 hours;
            (fits, imported, exported) = DayLanes.measure(DayLeaves.netsAt(at), most, sums);
            (uint256 importedRise, uint256 exportedRise) = DayLeaves.risesAt(at);
            fits = fits && importedRise + exportedRise <= ratedPower * 24
                && importedRise + exported == exportedRise + imported;
        }
    }

    /// @return areSmall whether its positions can stand in lanes.
    function _share(Settling memory settling, Member memory member, uint256 positions)
        private
        view
        returns (bool areSmall)
    {
        (uint256 lanes, uint256 rest, uint256 need) = (0, 0, 0);
        (areSmall, lanes, rest, need) = DayLanes.sharable(member.nets, positions, _DAY_SLOTS >> 3);
        if (areSmall) DayLanes.addTo(member.nets, lanes, settling.sums);
        if (lanes != 0) (member.lanes, member.rest, member.need) = (lanes, rest, need);
    }

    /* INTERNAL: SHARING */

    /// @dev What members have to share, and at which prices.
    function _prepare(Settling memory settling, Member[] memory members) private view {
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
            if (settling.isStatic) settling.sums = _limit(day, members, settling.sums);
            settling.pages = DayLanes.share(settling.sums, prices);
        }
    }

    /// @dev Replaces what members can take by what they take by the static key.
    function _limit(uint256 day, Member[] memory members, uint256[] memory sums)
        private
        view
        returns (uint256[] memory limited)
    {
        unchecked {
            uint256[] memory numbers = new uint256[](members.length);
            for (uint256 i = 0; i < numbers.length; ++i) {
                numbers[i] = members[i].number;
            }
            uint256[] memory coefficients = _COMMUNITIES.coefficientsOn(day, numbers);
            limited = new uint256[](sums.length);
            for (uint256 i = 0; i < numbers.length; ++i) {
                Member memory member = members[i];
                member.lanes = DayLanes.limit(member.nets, member.lanes, coefficients[i], sums, limited);
            }
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
            // Day, where the words begin, where the holders do; the words, no holders.
            mcopy(add(input, 0x64), words, size)
            mstore(add(input, 0x44), 0x20)
            log3(add(input, 0x44), add(size, 0x20), settled, community, day)
            mstore(input, selector)
            mstore(add(input, 0x04), day)
            mstore(add(input, 0x24), 0x60)
            mstore(add(input, 0x44), add(size, 0x60))
            mstore(add(add(input, 0x64), size), 0)
            // The settlement has code: it has answered {wordsAt}.
            if iszero(call(gas(), settlement, 0, input, add(size, 0x84), 0, 0)) {
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
        uint256 cost;
        (flows, cost) = _flowsOf(settling, member);
        uint256 number = member.number;
        unchecked {
            int256 money = DayPrices.moneyOf(flows, settling.tariff, settling.sharedPrice, settling.value);
            money -= int256(cost);
            if (member.terms.hasOpenMoney()) money -= _ENERGY.takePending(number);
            (uint256 imported, uint256 deemed) = (member.imported, member.word.deemed());
            // A mean of days that were read in time.
            if (member.terms.lateTo() <= settling.day * _DAY_SLOTS) deemed = (7 * deemed + imported) / 8;
            int256 net = int256(member.exported) - int256(imported);
            int256 position = int256(member.rest) - int256(member.need) - net;
            closed = ClosedDayWordLibrary.pack(number, money, net, position, deemed);
        }
    }

    /// @return flows of the day.
    /// @return cost of what it lacks, before what credits are worth.
    function _flowsOf(Settling memory settling, Member memory member)
        private
        pure
        returns (DayFlowsWord flows, uint256 cost)
    {
        (uint256 taken, uint256 given, uint256 kept, uint256 drawn) = (0, 0, 0, 0);
        (taken, given, cost) = DayLanes.settle(member.nets, member.lanes, settling.pages);
        if (member.word.keepsOn(settling.day)) {
            (kept, drawn) = DayLanes.keep(member.word.credits(), member.nets, member.lanes, settling.pages);
        }
        unchecked {
            (uint256 fedIn, uint256 fromGrid) = (member.rest - given - kept, member.need - taken - drawn);
            flows = DayFlowsWordLibrary.pack(given, kept, fedIn, taken, drawn, fromGrid);
        }
    }
}
