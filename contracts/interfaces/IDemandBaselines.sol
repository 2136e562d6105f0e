// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IEnergyAccounts} from "./IEnergyAccounts.sol";
import {ISettlement} from "./ISettlement.sol";

/// @title IDemandBaselines
/// @notice What a settlement meter shows of a demand-response event: the power that was to be expected, the power that
/// was taken, and how far the two must be apart to be more than chance. All power is **net**: import less export at the
/// point of connection, as average W over the measured slots; it is below 0 where more was exported.
///
/// **Baseline.** The mean of the same slots of the last BASELINE_DAYS similar days (weekdays for weekdays, weekends for
/// weekends, in UTC), of which at least BASELINE_KNOWN must be known. A day is known if its slots are read and of the
/// account's present settlement meter. A slot with a net of exactly 0 counts as not read, everywhere: a late reading
/// looks the same. An unknown day takes its place, so a missing reading brings no older day in;
/// days of other events count like any other.
///
/// **Adjustment of the same day.** The baseline is moved by what the account took in the ADJUSTMENT_TIME before the
/// *announcement*, more or less than in the same slots of the similar days; at most by half of the spread either way.
/// An announcement that has no such time on the event's day moves nothing. Slots that were not read move it down.
///
/// **Minimum.** The spread is the standard deviation of the similar days' own means. A reduction below NOISE_FACTOR
/// percent of it is what such households show without doing anything, and earns nothing.
interface IDemandBaselines {
    struct Modules {
        ISettlement settlement;
    }

    /// @param minReduction the smallest reduction that counts at all, in W.
    /// @param baselineDays similar days that are considered: 2 to 10.
    /// @param baselineKnown how many of them must be known: 2 to `baselineDays`.
    /// @param noiseFactor percent of the spread that a reduction must reach: 1 to 1,000.
    struct Parameters {
        uint256 minReduction;
        uint256 baselineDays;
        uint256 baselineKnown;
        uint256 noiseFactor;
    }

    /// @param baseline net W, rounded down.
    /// @param actual net W, rounded up. Whoever hides readings is taken to have used as much more as it can: in a slot
    /// that was not read, the meter's rated power, and `baseline` with the larger of `minimum` and commitment at least;
    /// that is also the least for the event as a whole, if one of its slots was not read.
    /// @param minimum the smallest reduction that counts, in W, rounded up.
    /// @param unread a slot of the event that was not read, or of the time before the announcement; 0: none.
    struct Measurement {
        int256 baseline;
        int256 actual;
        uint256 minimum;
        uint256 unread;
    }

    /// @notice A parameter `name` (ASCII) of the constructor is out of its bounds.
    error DemandBaselines_BadParameter(bytes32 name, uint256 value);
    /// @notice The range from `fromSlot` to `toSlot` (exclusive) is empty or longer than a day.
    error DemandBaselines_BadSlots(uint256 fromSlot, uint256 toSlot);
    /// @notice The account has no settlement meter in these slots.
    error DemandBaselines_NotMetered(address consumer);
    /// @notice The account's settlement meter is not in the region.
    error DemandBaselines_OtherRegion(address consumer, bytes32 region);
    /// @notice Only `found` similar days have readings, and the baseline needs `needed`.
    error DemandBaselines_TooFewDays(address consumer, uint256 found, uint256 needed);

    /// @notice What the meter shows of an event.
    /// @param consumer account of the consumer.
    /// @param region of the event; ASCII text, left-aligned.
    /// @param announcedAt when the event was announced, in Unix seconds.
    /// @param fromSlot the first measured slot.
    /// @param toSlot the slot after the last one; at most a day from the first one. Their readings must be final.
    /// @param committed W that the consumer has committed.
    /// @param isMember of an aggregator: without enough known days it took all that its meter can, and its first slot
    /// counts as unread.
    /// @return the measurement. Reverts with BadSlots, NotMetered or OtherRegion; of others also with TooFewDays.
    function measure(
        address consumer,
        bytes32 region,
        uint256 announcedAt,
        uint256 fromSlot,
        uint256 toSlot,
        uint256 committed,
        bool isMember
    ) external view returns (Measurement memory);

    /// @notice The baseline and the minimum alone, which can be asked for before an event. What is not read yet is
    /// unknown.
    /// @param consumer account of the consumer.
    /// @param announcedAt when the event is announced, in Unix seconds.
    /// @param fromSlot the first measured slot.
    /// @param toSlot the slot after the last one; at most a day from the first one.
    /// @return baseline net W.
    /// @return minimum W. Reverts with BadSlots, NotMetered or TooFewDays.
    function baselineOf(address consumer, uint256 announcedAt, uint256 fromSlot, uint256 toSlot)
        external
        view
        returns (int256 baseline, uint256 minimum);

    /// @notice Whether an account has a settlement meter in one of these slots.
    /// @param consumer account of the consumer.
    /// @param fromSlot the first slot.
    /// @param toSlot the slot after the last one.
    /// @return whether it has.
    function isMetered(address consumer, uint256 fromSlot, uint256 toSlot) external view returns (bool);

    /// @notice The contract of the accounts.
    /// @return the contract.
    function SETTLEMENT() external view returns (ISettlement);
    /// @notice The contract that records the metered energy.
    /// @return the contract.
    function ENERGY() external view returns (IEnergyAccounts);
    /// @notice The smallest reduction that counts at all.
    /// @return W.
    function MIN_REDUCTION() external view returns (uint256);
    /// @notice The number of similar days that a baseline considers.
    /// @return days.
    function BASELINE_DAYS() external view returns (uint256);
    /// @notice How many of the similar days must be known.
    /// @return days.
    function BASELINE_KNOWN() external view returns (uint256);
    /// @notice The share of the spread that a reduction must reach.
    /// @return percent.
    function NOISE_FACTOR() external view returns (uint256);
    /// @notice The time before an announcement that moves the baseline.
    /// @return seconds.
    function ADJUSTMENT_TIME() external view returns (uint256);
}
