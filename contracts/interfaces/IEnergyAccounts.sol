// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AgreedWord} from "../types/AgreedWord.sol";
import {BoundaryWord} from "../types/BoundaryWord.sol";
import {LegWord} from "../types/LegWord.sol";
import {PeriodWord} from "../types/PeriodWord.sol";
import {TermsWord} from "../types/TermsWord.sol";
import {ITariffs} from "./ITariffs.sol";

/// @title IEnergyAccounts
/// @notice All energy of the market by account number: what meters measured, what was traded, what communities share,
/// and the arithmetic of a day's closing. It holds no money and no energy credits.
///
/// Energy is in Wh, prices are money per kWh, money is in thousandths of a money unit, days and slots count from 1970.
/// A net is export less import, a position what was bought less what was sold. A slot is read when the registers at
/// both of its bounds are known. It is final GRACE seconds after its end: what is read later is charged without
/// sharing. For every closed day of every account:
/// `net + position + taken + drawn + fromGrid == given + kept + fedIn`.
///
/// A day without any reading is charged at deemed import: the mean of days that were read, at least three hours at
/// rated power. When registers come, they are charged instead. If they never come, this is what the days cost, whatever
/// was used: so the security is free only when the last register is there, or GAP_DAYS after the end of metering.
interface IEnergyAccounts {
    /// @notice The connected contracts, fixed at deployment.
    /// @param settlement Settlement, which holds the money.
    /// @param meter SmartMeter, which checks devices and registers.
    /// @param communities Communities.
    /// @param communityDays CommunityDays, which closes days that gateways have read.
    /// @param tariffs Tariffs, deployed before this contract.
    struct Modules {
        address settlement;
        address meter;
        address communities;
        address communityDays;
        ITariffs tariffs;
    }

    /// @notice An account's energy of one slot, in Wh.
    /// @param read whether both bounds are known.
    /// @param net 0 if it was read late or not at all.
    /// @param taken,given what it would share if the slot closed now; final once the slot is.
    struct SlotEnergy {
        bool read;
        int256 net;
        int256 position;
        uint256 taken;
        uint256 given;
    }

    /* EVENTS */

    /// @notice Slots from `fromSlot` to before `toSlot` were read after they were final, or their bounds are lost. The
    /// next closing charges `money` (thousandths; negative: pays it).
    event ReadLate(uint256 indexed number, uint256 fromSlot, uint256 toSlot, int256 net, int256 money);
    /// @notice Unread days up to and including `day` were charged `money` (thousandths) at deemed import.
    event DeemedCharged(uint256 indexed number, uint256 day, uint256 money);
    /// @notice Registers have caught up with the closed days: the next closing gives `money` (thousandths) back.
    event DeemedReturned(uint256 indexed number, uint256 money);
    /// @notice The slots from `fromSlot` to before `toSlot` are final `extra` seconds later.
    event Prolonged(uint256 fromSlot, uint256 toSlot, uint256 extra);

    /* ERRORS */

    /// @notice Only the module at `expected` can call this.
    error EnergyAccounts_WrongCaller(address caller, address expected);
    /// @notice A parameter of the deployment is out of range.
    error EnergyAccounts_BadParameter(string name, uint256 value);
    /// @notice A meter speaks for the account already, or days of a former one are open. The account's first open day
    /// must reach `toSlot`.
    error EnergyAccounts_HasMeter(uint256 number, uint256 toSlot);
    /// @notice No meter speaks for the account.
    error EnergyAccounts_NoMeter(uint256 number);
    /// @notice The account's metering point is in another region. An account that never had a meter is in the home
    /// region as long as it has traded or declared energy of open days.
    error EnergyAccounts_OtherRegion(uint256 number, uint256 region);
    /// @notice A slot at rated power would hold more Wh than `highest`.
    error EnergyAccounts_PowerTooHigh(uint256 number, uint256 wh, uint256 highest);
    /// @notice Meters begin and end with the first slot of a day that has not begun.
    error EnergyAccounts_BadBound(uint256 slot);
    /// @notice Not a period of trades: an unknown kind, no slots, a start that is not a bound of its kind, or slots
    /// that are not of one page of eight.
    error EnergyAccounts_BadPeriod(PeriodWord period);
    /// @notice The period's first slot has begun.
    error EnergyAccounts_GateClosed(uint256 slot);
    /// @notice The declared consumption of the slot does not fit: `wh` on top of `declared`, in Wh.
    error EnergyAccounts_DeclaredTooMuch(uint256 slot, uint256 wh, uint256 declared);
    /// @notice Days before the change of `fromDay` are open; anybody can close them up to there.
    error EnergyAccounts_MembershipPending(uint256 number, uint256 cursor, uint256 fromDay);
    /// @notice A membership changes on a day that has not begun.
    error EnergyAccounts_DayBegun(uint256 day);
    /// @notice The range of slots is empty, longer than MAX_EXTENSION, or not within what a meter speaks for.
    error EnergyAccounts_BadRange(uint256 fromSlot, uint256 toSlot);
    /// @notice An outage begins in `latest`, a day from now, at the latest.
    error EnergyAccounts_TooFarAhead(uint256 fromSlot, uint256 latest);
    /// @notice The slots would not be final later.
    error EnergyAccounts_NothingProlonged();
    /// @notice A slot can be final later by `highest` seconds at most.
    error EnergyAccounts_TooLong(uint256 extra, uint256 highest);
    /// @notice The slots of the last prolongation are not final up to `slot`.
    error EnergyAccounts_OutageOpen(uint256 slot);
    /// @notice No register has reached the end of metering, `toSlot`: publish the device's last one. From `openFrom`
    /// (Unix seconds) on it is not waited for any more.
    error EnergyAccounts_RegistersMissing(uint256 number, uint256 toSlot, uint256 openFrom);
    /// @notice The slot is final already.
    error EnergyAccounts_SlotFinal(uint256 slot);

    /* METER */

    /// @notice A settlement meter speaks for the account from `firstSlot` on, the first of a day that has not begun.
    /// @param number number of the account.
    /// @param region the metering point's; an account keeps its region for good.
    /// @param firstSlot number of the slot.
    /// @param ratedPower in W, both directions together.
    function attach(uint256 number, uint256 region, uint256 firstSlot, uint256 ratedPower) external;

    /// @notice The meter speaks for no slot from `endSlot` on, the first of a day that has not begun.
    /// @param number number of the account.
    /// @param endSlot number of the slot.
    function detach(uint256 number, uint256 endSlot) external;

    /// @notice Another device with another rated power in W at the same metering point.
    /// @param number number of the account.
    /// @param ratedPower W, both directions together.
    function setRatedPower(uint256 number, uint256 ratedPower) external;

    /// @notice Nets of slots whose bounds are both known, for every account in the order of the slots, each once. Of
    /// slots for which no meter speaks nothing is recorded.
    /// @param boundaries account, slot and net, each in one word.
    function record(BoundaryWord[] calldata boundaries) external;

    /// @notice Registers rose over slots whose bounds between are lost, from `fromSlot` to before `toSlot`: import pays
    /// the dearest price of them, export earns the lowest. Only slots for which a meter speaks.
    /// @param number number of the account.
    /// @param fromSlot the first slot.
    /// @param toSlot the slot after the last one.
    /// @param imported Wh.
    /// @param exported Wh.
    function recordSpan(uint256 number, uint256 fromSlot, uint256 toSlot, uint256 imported, uint256 exported) external;

    /* SETTLEMENT */

    /// @notice Adds the legs of trades to the positions. Legs of accounts that cannot trade are left out.
    /// @param period the slots of the trades.
    /// @param legs account, side and Wh of each slot, each in one word.
    /// @return answers one for each leg, with the reason why it is left out.
    function book(PeriodWord period, LegWord[] calldata legs) external returns (AgreedWord[] memory answers);

    /// @notice Closes final days of accounts, each account's in order, until a day. Days that a gateway can still read
    /// are left out. An account that is named twice closes once.
    /// @param accounts numbers, with the accounts' addresses 96 bits higher; of an unknown one 0.
    /// @param lastDay number of the day.
    /// @return closed days, of all accounts together.
    function closeThrough(uint256[] calldata accounts, uint256 lastDay) external returns (uint256 closed);

    /// @notice Consumption in the running slot, in Wh, of an account without a meter. Nothing if it has a meter.
    /// @param number number of the account.
    /// @param slot number of the running slot.
    /// @param wh Wh.
    function declare(uint256 number, uint256 slot, uint256 wh) external;

    /// @notice The former meter's days are all closed and its security is free: nothing can be read for it any more.
    /// Reverts with RegistersMissing until the last slot was read, or GAP_DAYS have passed since then.
    /// @param number number of the account.
    function release(uint256 number) external;

    /* COMMUNITIES */

    /// @notice The account is in the community from a day on, instead of what was planned from then on; 0 is none.
    /// @param number number of the account.
    /// @param community number of the community, or 0.
    /// @param day number of the first day.
    /// @param byGateway whether a gateway reads the meters of the community's accounts.
    function setCommunity(uint256 number, uint256 community, uint256 day, bool byGateway) external;

    /* COMMUNITIES' DAYS */

    /// @notice Takes what late registers have charged: the caller closes a day with it.
    /// @param number number of the account.
    /// @return money in thousandths; negative: given.
    function takePending(uint256 number) external returns (int256 money);

    /// @notice Nets of a day that was closed as a gateway has read it, for all who read history.
    /// @param number number of the account.
    /// @param firstSlot the first slot of the first page, a multiple of 8.
    /// @param pages eight nets each, with 2^31 added.
    function showNets(uint256 number, uint256 firstSlot, uint256[] calldata pages) external;

    /* GUARDIAN */

    /// @notice An outage: the slots from `fromSlot` to before `toSlot`, at most MAX_EXTENSION of them, are final later.
    /// The first one must not be final, and begin within a day; the slots of the last outage must be final. Role:
    /// GUARDIAN.
    /// @param fromSlot the first slot.
    /// @param toSlot the slot after the last one.
    /// @param extra seconds, above 0, at most MAX_EXTENSION.
    function prolong(uint256 fromSlot, uint256 toSlot, uint256 extra) external;

    /* VIEWS */

    /// @notice Seconds of a slot: 900 or 3600.
    /// @return seconds.
    function SLOT_LENGTH() external view returns (uint256);

    /// @notice Seconds after a slot's end until it is final.
    /// @return seconds.
    function GRACE() external view returns (uint256);

    /// @notice The most seconds that a slot can be final later, and that an outage can last.
    /// @return seconds.
    function MAX_EXTENSION() external view returns (uint256);

    /// @notice Unread days that are charged together at deemed import.
    /// @return days.
    function GAP_DAYS() external view returns (uint256);

    /// @notice Whether a slot takes part in sharing only as it is known now.
    /// @param slot number of the slot.
    /// @return whether it is final.
    function isFinal(uint256 slot) external view returns (bool);

    /// @notice Whether all slots of a day are final.
    /// @param day number of the day.
    /// @return whether they are.
    function isDayFinal(uint256 day) external view returns (bool);

    /// @notice What {book} would answer for a leg of any size but that it books nothing: whether a gap is open.
    /// @param number number of the account.
    /// @return the account's region, meter and gap.
    function stateOf(uint256 number) external view returns (AgreedWord);

    /// @notice Whether the account's meter should have read a slot, and has not: the last final one, or after the
    /// meter's end its last one, until the security is released.
    /// @param number number of the account.
    /// @return open whether.
    /// @return slot which slot.
    function gapOf(uint256 number) external view returns (bool open, uint256 slot);

    /// @notice What late registers have charged since the last closing, in thousandths; negative: given.
    /// @param number number of the account.
    /// @return exact money.
    function pendingOf(uint256 number) external view returns (int256);

    /// @notice What is known of unread days, in thousandths of a money unit.
    /// @param number number of the account.
    /// @return count closed days that wait to be charged.
    /// @return gapCharge what they will be charged.
    /// @return deemedMoney what was charged for unread days, until registers have caught up.
    function unreadOf(uint256 number) external view returns (uint256 count, uint256 gapCharge, uint256 deemedMoney);

    /// @notice What an account's meter has shown in a slot.
    /// @param number number of the account.
    /// @param slot number of the slot.
    /// @return read whether both bounds of the slot are known.
    /// @return net 0 if it was read late or not at all.
    function netOf(uint256 number, uint256 slot) external view returns (bool read, int256 net);

    /// @notice What was bought less what was sold, over trades of slots, days and weeks.
    /// @param number number of the account.
    /// @param slot number of the slot.
    /// @return Wh of the slot.
    function positionOf(uint256 number, uint256 slot) external view returns (int256);

    /// @notice What the members of a community have to share in a slot, as far as it was read in time.
    /// @param community number of the community.
    /// @param slot number of the slot.
    /// @return surplus Wh.
    /// @return deficit Wh.
    function sumsOf(uint256 community, uint256 slot) external view returns (uint256 surplus, uint256 deficit);

    /// @notice The slots that a meter speaks for, the second exclusive; 2^32 - 1 while it is attached, both 0: none.
    /// @param number number of the account.
    /// @return fromSlot the first slot.
    /// @return toSlot the slot after the last one.
    function meteredOf(uint256 number) external view returns (uint256 fromSlot, uint256 toSlot);

    /// @notice The account's region, 0 before its first meter, and whether a slot at rated power may hold 2^24 Wh.
    /// @param number number of the account.
    /// @return region number of the region.
    /// @return isLarge whether it may.
    function regionOf(uint256 number) external view returns (uint256 region, bool isLarge);

    /// @notice An account's community, and the next change of it.
    /// @param number number of the account.
    /// @return community in which the account is before `fromDay`; 0 is none.
    /// @return next in which it is from then on.
    /// @return fromDay number of the day.
    function membershipOf(uint256 number) external view returns (uint256 community, uint256 next, uint256 fromDay);

    /// @notice Whether a gateway reads the account's meter, in its community or the next one.
    /// @param number number of the account.
    /// @return whether it does.
    function isByGateway(uint256 number) external view returns (bool);

    /// @notice The day after the last one that was closed as a gateway has read it; 0: none was.
    /// @param number number of the account.
    /// @return number of the day.
    function settledTo(uint256 number) external view returns (uint256);

    /// @notice Whether boundary readings can be recorded for slots: not where a gateway's day has closed them, nor
    /// where one may still do.
    /// @param number number of the account.
    /// @param fromSlot the first slot.
    /// @param toSlot the slot after the last one.
    /// @return whether they can.
    function isReadable(uint256 number, uint256 fromSlot, uint256 toSlot) external view returns (bool);

    /// @notice Meters, memberships and reaches of accounts, see {TermsWord}.
    /// @param numbers of the accounts.
    /// @return words one for each.
    function termsOf(uint256[] calldata numbers) external view returns (TermsWord[] memory words);

    /// @notice The positions of a day, slot by slot, of one account after the other.
    /// @param day number of the day.
    /// @param numbers of the accounts.
    /// @return pages eight slots each in 32 bits, two's complement, the first lowest; all are -2^31 if one of them does
    /// not fit.
    function positionsOn(uint256 day, uint256[] calldata numbers) external view returns (uint256[] memory pages);

    /// @notice One slot of an account, for people.
    /// @param account the account's address.
    /// @param slot number of the slot.
    /// @return the slot's energy.
    function energyOf(address account, uint256 slot) external view returns (SlotEnergy memory);
}
