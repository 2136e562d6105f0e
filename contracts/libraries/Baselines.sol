// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Arrays} from "@openzeppelin/contracts/utils/Arrays.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ISettlement} from "../interfaces/ISettlement.sol";
import {ISmartMeter} from "../interfaces/ISmartMeter.sol";
import {Slots} from "./Slots.sol";

/// @title Baselines
/// @notice What a consumer usually draws in the slots of an event: the mean of the highest X of the last Y similar days
/// ("high X of Y"), as its meters saw it.
/// @dev Similar to the event's day, the UTC day of its first slot, are the days of the same class: Monday to Friday, or
/// Saturday and Sunday. The last Y of them are looked at, whatever happened on them. Days of other events are among
/// them: were they left out where a reduction was found, those with a high use would remain, and every event would
/// raise the baseline of the next.
///
/// A day is known if its window, the event's slots shifted by whole days, begins with a reading of all meters that the
/// account has now, and it has had the same ones since. A reading holds all that was drawn since the one before it, so
/// without this a whole day's energy could be read into these slots, or a meter could add its energy and leave. A day
/// that is not known takes its place among the Y and is none of the X: leaving out a reading does not bring an older
/// day in. A day on which nothing was drawn is known like any other.
///
/// The work is bounded: ten similar days lie within 35, each with the event's slots, a day's at most.
library Baselines {
    /// @dev An event's slots and what is the same on all days that it is compared with.
    /// @param meters how many the account has. @param since the first slot that they were all there for.
    struct Window {
        ISettlement settlement;
        address consumer;
        uint256 fromSlot;
        uint256 toSlot;
        uint256 slotsPerDay;
        uint256 meters;
        uint256 since;
    }

    /// @notice The mean of the `highest` largest energies of the last `similarDays` similar days, as average power. The
    /// caller has made sure that `0 < highest <= similarDays` and `fromSlot < toSlot`.
    /// @param fromSlot,toSlot the event's slots, `toSlot` exclusive.
    /// @return watts W, rounded down; 0 where fewer than `highest` days are known.
    /// @return found how many of the similar days are known.
    function highestAverage(
        ISettlement settlement,
        ISmartMeter meter,
        address consumer,
        uint256 fromSlot,
        uint256 toSlot,
        uint256 similarDays,
        uint256 highest
    ) internal view returns (uint256 watts, uint256 found) {
        uint256 slotLength = settlement.SLOT_LENGTH();
        (uint256 meters, uint256 changedAt) = meter.meterSetOf(consumer);
        Window memory window = Window({
            settlement: settlement,
            consumer: consumer,
            fromSlot: fromSlot,
            toSlot: toSlot,
            slotsPerDay: Slots.DAY / slotLength,
            meters: meters,
            since: Math.ceilDiv(changedAt, slotLength)
        });
        uint256[] memory energies = new uint256[](similarDays);
        found = _collect(window, energies);
        if (found < highest) return (0, found);

        // Days that are not known are the zeros at the beginning.
        // slither-disable-next-line unused-return: sorts in place
        Arrays.sort(energies);
        uint256 sum = 0;
        for (uint256 i = similarDays - highest; i < similarDays; ++i) {
            sum += energies[i];
        }
        watts = (sum * Slots.HOUR) / (highest * (toSlot - fromSlot) * slotLength);
    }

    /// @notice Wh that an account's meters saw it draw in these slots, `toSlot` exclusive.
    function drawn(ISettlement settlement, address account, uint256 fromSlot, uint256 toSlot)
        internal
        view
        returns (uint256 energy)
    {
        for (uint256 slot = fromSlot; slot < toSlot; ++slot) {
            energy += settlement.energyOf(account, slot).consumed;
        }
    }

    /// @notice How many meters were read at the second at which this slot begins.
    function readBefore(ISettlement settlement, address account, uint256 slot) internal view returns (uint256) {
        return settlement.metersReadAtEnd(account, slot - 1);
    }

    /// @dev Fills in Wh of the similar days that are known, the latest first.
    function _collect(Window memory window, uint256[] memory energies) private view returns (uint256 found) {
        uint256 today = window.fromSlot / window.slotsPerDay;
        uint256 places = energies.length;
        for (uint256 back = 1; places > 0 && back < today; ++back) {
            if (_isWeekend(today - back) != _isWeekend(today)) continue;
            --places;
            uint256 slot = window.fromSlot - back * window.slotsPerDay;
            if (!_isKnown(window, slot)) continue;
            uint256 end = window.toSlot - back * window.slotsPerDay;
            energies[found] = drawn(window.settlement, window.consumer, slot, end);
            ++found;
        }
    }

    function _isKnown(Window memory window, uint256 slot) private view returns (bool) {
        return slot >= window.since && window.meters != 0
            && readBefore(window.settlement, window.consumer, slot) >= window.meters;
    }

    /// @dev Day 0 was a Thursday.
    function _isWeekend(uint256 day) private pure returns (bool) {
        return (day + 3) % 7 > 4;
    }
}
