// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccountWord} from "../types/AccountWord.sol";
import {TariffWord} from "../types/TariffWord.sol";

/// @title ITariffs
/// @notice What energy costs: tariffs of regions by day, the value of energy credits, and the dynamic factors by slot.
///
/// Prices and fees are money per kWh, factors are basis points. Days and slots count from 1970, in UTC.
///
/// A tariff holds from a day on, until the next one. It is scheduled only for days that nothing tradable now belongs
/// to: from `ceil((now + HORIZON) / 1 day)` on. It replaces what was planned for later days. Always
///
///     feedIn + networkFee <= buy <= MAX_BUY     each fee <= its ceiling     credit value <= feedIn
///     maxFactor >= 10,000
///
/// The price of a deficit in a slot is `ceil(buy * factor / 10,000)`. Factors are 10,000 until GridManagement writes
/// them: from 10,000 to the maxFactor of the slot's day, for slots that have not begun and begin within MAX_AGE. The
/// factor of a slot that has begun never changes.
///
/// Regions have numbers from 1 on; the home region is 1.
interface ITariffs {
    /// @param buy price of energy from the grid.
    /// @param feedIn price of energy that the grid takes.
    /// @param networkFee of energy that is shared or traded.
    /// @param protocolFee of energy that is traded.
    /// @param maxFactor the highest dynamic factor of the buy price, in basis points.
    struct Tariff {
        uint32 buy;
        uint32 feedIn;
        uint32 networkFee;
        uint32 protocolFee;
        uint16 maxFactor;
    }

    /// @param slotLength seconds; a day is a multiple of it.
    /// @param maxAge seconds: how far ahead of a slot its factor can be written, at most a day and 288 slots.
    /// @param maxBuy the ceiling of `buy`: at most 655,370,000, so that every price is below 2^32.
    /// @param maxNetworkFee,maxProtocolFee the ceilings of the fees.
    struct TariffParameters {
        uint256 slotLength;
        uint256 maxAge;
        uint256 maxBuy;
        uint256 maxNetworkFee;
        uint256 maxProtocolFee;
    }

    /// @notice What an emergency protocol closes and limits in a region.
    /// @param buyingClosed no BUY order is matched for periods that begin before `until`, and none buys on
    /// the spot.
    /// @param sellingClosed the same of SELL orders, and of who sells on the spot.
    /// @param islanded nothing is sold on the spot across the region's border.
    /// @param drawShare basis points of a consumer's limit that it may consume in a slot.
    /// @param productionShare basis points of a producer's capacity that it may declare in a slot.
    /// @param until Unix seconds; 0 if no protocol is in force.
    struct Limits {
        bool buyingClosed;
        bool sellingClosed;
        bool islanded;
        uint256 drawShare;
        uint256 productionShare;
        uint256 until;
    }

    /* EVENTS */

    /// @notice A region has got a number.
    event RegionAdded(uint256 indexed id, bytes32 indexed region);
    /// @notice A tariff holds in a region from `day` on; what was planned for later days is gone.
    event TariffSet(uint256 indexed id, uint256 indexed day, Tariff tariff);
    /// @notice A kWh of energy credit is worth `value` from `day` on; what was planned for later days is gone.
    event CreditValueSet(uint256 indexed day, uint256 value);
    /// @notice The factor of the slots from `fromSlot` to before `toSlot`; a later event of a slot replaces it.
    event FactorsWritten(uint256 indexed id, uint256 fromSlot, uint256 toSlot, uint256 factor);

    /* ERRORS */

    /// @notice The constructor was given a value outside its bounds; `name` (ASCII) is the parameter.
    error Tariffs_BadParameter(bytes32 name, uint256 value);
    /// @notice There is no region of this name.
    error Tariffs_UnknownRegion(bytes32 region);
    /// @notice There is no region of this number.
    error Tariffs_NoSuchRegion(uint256 id);
    /// @notice The region exists already, or its name is empty.
    error Tariffs_RegionTaken(bytes32 region);
    /// @notice What is tradable now may depend on this day. `first` is the first day that can be changed.
    error Tariffs_WithinHorizon(uint256 day, uint256 first);
    /// @notice The buy price is above its ceiling.
    error Tariffs_BuyAbove(uint256 buy, uint256 ceiling);
    /// @notice Feed-in and network fee together are more than the buy price.
    error Tariffs_FeedInAbove(uint256 feedIn, uint256 networkFee, uint256 buy);
    /// @notice A fee is above its ceiling.
    error Tariffs_FeeAbove(uint256 fee, uint256 ceiling);
    /// @notice The highest factor is below 10,000 basis points.
    error Tariffs_FactorBelowOne(uint256 maxFactor);
    /// @notice A kWh of credit would be worth more than one that is fed in.
    error Tariffs_FeedInBelowCredit(uint256 feedIn, uint256 creditValue);
    /// @notice The value of credits never rises; `last` is the lowest that is planned.
    error Tariffs_CreditValueRises(uint256 value, uint256 last);
    /// @notice Factors are written for slots from `first` to before `end` now.
    error Tariffs_SlotsOutOfReach(uint256 fromSlot, uint256 toSlot, uint256 first, uint256 end);
    /// @notice The span has no slots.
    error Tariffs_EmptySpan(uint256 fromSlot, uint256 toSlot);
    /// @notice Only GridManagement may call this.
    error Tariffs_OnlyGrid(address caller);

    /* TARIFF AUTHORITY (restricted) */

    /// @notice Adds a region with its first tariff, which holds on all days.
    /// @param region ASCII text, left-aligned.
    /// @param tariff its tariff.
    /// @return id its number.
    function addRegion(bytes32 region, Tariff calldata tariff) external returns (uint256 id);

    /// @notice Schedules a tariff. Errors: UnknownRegion, WithinHorizon, and those of the rules above.
    /// @param region ASCII text, left-aligned.
    /// @param tariff the tariff.
    /// @param day the first day on which it holds.
    function setTariff(bytes32 region, Tariff calldata tariff, uint256 day) external;

    /// @notice Schedules a lower value of energy credits. It never rises, and every tariff was at least at the value of
    /// its days, so no feed-in is below it. Errors: WithinHorizon, CreditValueRises.
    /// @param value money per kWh.
    /// @param day the first day on which it holds.
    function setCreditValue(uint256 value, uint256 day) external;

    /* GRID MANAGEMENT */

    /// @notice Schedules a buy price for the first possible day; the rest of that day's tariff stays. Errors:
    /// UnknownRegion, and those of the rules above.
    /// @param region ASCII text, left-aligned; 0 is the home region.
    /// @param price money per kWh.
    /// @return day the first day on which it holds.
    function setBuyPrice(bytes32 region, uint256 price) external returns (uint256 day);

    /// @notice Writes the factor of slots that have not begun, limited to 10,000 and the maxFactor of each slot's day.
    /// Errors: NoSuchRegion, SlotsOutOfReach. The work is bounded by the slots of MAX_AGE.
    /// @param id number of the region.
    /// @param fromSlot the first slot.
    /// @param toSlot the slot after the last one.
    /// @param factor basis points.
    function writeFactors(uint256 id, uint256 fromSlot, uint256 toSlot, uint256 factor) external;

    /// @notice Puts an emergency protocol of a region into force, or ends it. Its time goes on if it is renewed. Only
    /// GridManagement may call this.
    /// @param id number of the region.
    /// @param protocol number of the {IGridManagement-EmergencyProtocol}; 0 ends it.
    /// @param until Unix seconds; the first second at which it has ended.
    function setProtocol(uint256 id, uint256 protocol, uint256 until) external;

    /* VIEWS: REGIONS */

    /// @notice The number of a region. Reverts with UnknownRegion.
    /// @param region ASCII text, left-aligned.
    /// @return from 1 on.
    function regionId(bytes32 region) external view returns (uint256);
    /// @notice As {regionId}, but 0 if there is no region of this name.
    /// @param region ASCII text, left-aligned.
    /// @return from 1 on, or 0.
    function findRegion(bytes32 region) external view returns (uint256);
    /// @notice The name of a region. Reverts with NoSuchRegion.
    /// @param id its number.
    /// @return ASCII text, left-aligned.
    function regionAt(uint256 id) external view returns (bytes32);
    /// @notice How many regions there are: their numbers are 1 to this one.
    /// @return the number.
    function regionCount() external view returns (uint256);

    /// @notice The sides on which a region's emergency protocol lets nobody match an order now, for periods that begin
    /// while it is in force.
    /// @param id number of the region.
    /// @param slot the first slot of the period.
    /// @return flags those of {AccountWord}: MAY_NOT_BUY and MAY_NOT_SELL; 0 where both sides are open.
    function closedSides(uint256 id, uint256 slot) external view returns (AccountWord flags);
    /// @notice What a region's emergency protocol closes and limits now.
    /// @param id number of the region.
    /// @return the limits.
    function limitsOf(uint256 id) external view returns (Limits memory);

    /* VIEWS: TARIFFS. They revert with UnknownRegion or NoSuchRegion. */

    /// @notice The tariff of a region on a day.
    /// @param region ASCII text, left-aligned.
    /// @param day number of the day.
    /// @return the tariff.
    function tariffOf(bytes32 region, uint256 day) external view returns (Tariff memory);
    /// @notice All prices of a region's day.
    /// @param id number of the region.
    /// @param day number of the day.
    /// @return terms the tariff.
    /// @return pages 16 factors of 16 bits a word, the first in the lowest bits; 0 means 10,000. Slot `s` is lane
    /// `s & 15` of the word `(s >> 4) - (day * slots of a day >> 4)`. Lanes of other days may stand at both ends.
    function dayOf(uint256 id, uint256 day) external view returns (TariffWord terms, uint256[] memory pages);
    /// @notice The tariff of a day, and the dearest deficit until another one.
    /// @param id number of the region.
    /// @param fromDay number of the day.
    /// @param toDay the last day that counts; not before `fromDay`.
    /// @return first the tariff of `fromDay`.
    /// @return maxBuy the highest `ceil(buy * maxFactor / 10,000)` of the days `fromDay` to `toDay`, both included.
    function termsOf(uint256 id, uint256 fromDay, uint256 toDay)
        external
        view
        returns (TariffWord first, uint256 maxBuy);
    /// @notice What a kWh of credit is worth on a day. It never rises.
    /// @param day number of the day.
    /// @return money per kWh.
    function creditValueAt(uint256 day) external view returns (uint256);

    /* VIEWS: PRICES OF SLOTS. They revert with UnknownRegion or NoSuchRegion. */

    /// @notice The price of a deficit: what is charged. It can still change before the slot begins.
    /// @param id number of the region.
    /// @param slot number of the slot.
    /// @return money per kWh, rounded up.
    function deficitPrice(uint256 id, uint256 slot) external view returns (uint256);
    /// @notice As {deficitPrice}, by the region's name.
    /// @param region ASCII text, left-aligned.
    /// @param slot number of the slot.
    /// @return money per kWh, rounded up.
    function priceOf(bytes32 region, uint256 slot) external view returns (uint256);
    /// @notice The dynamic factor of a slot.
    /// @param id number of the region.
    /// @param slot number of the slot.
    /// @return basis points, 10,000 if none was written.
    function factorOf(uint256 id, uint256 slot) external view returns (uint256);
    /// @notice The least favourable prices of a span. Whole days read one word for 16 days, so that years fit a call.
    /// Reverts with EmptySpan.
    /// @param id number of the region.
    /// @param fromSlot the first slot.
    /// @param toSlot the slot after the last one.
    /// @return lowestFeedIn money per kWh.
    /// @return dearestDeficit money per kWh.
    function lowestAndDearest(uint256 id, uint256 fromSlot, uint256 toSlot)
        external
        view
        returns (uint256 lowestFeedIn, uint256 dearestDeficit);

    /* VIEWS: PARAMETERS */

    /// @notice The length of a slot.
    /// @return seconds.
    function SLOT_LENGTH() external view returns (uint256);
    /// @notice No tradable period ends later than this from now: 15 days.
    /// @return seconds.
    function HORIZON() external view returns (uint256);
    /// @notice How far ahead factors are written.
    /// @return seconds.
    function MAX_AGE() external view returns (uint256);
    /// @notice The ceiling of buy prices.
    /// @return money per kWh.
    function MAX_BUY() external view returns (uint256);
    /// @notice The ceiling of network fees.
    /// @return money per kWh.
    function MAX_NETWORK_FEE() external view returns (uint256);
    /// @notice The ceiling of protocol fees.
    /// @return money per kWh.
    function MAX_PROTOCOL_FEE() external view returns (uint256);
    /// @notice The contract that writes factors.
    /// @return GridManagement.
    function GRID() external view returns (address);
}
