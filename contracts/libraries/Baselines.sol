// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Arrays} from "@openzeppelin/contracts/utils/Arrays.sol";
import {BitMaps} from "@openzeppelin/contracts/utils/structs/BitMaps.sol";

import {ISettlement} from "../interfaces/ISettlement.sol";
import {Slots} from "./Slots.sol";

/// @title Baselines
/// @notice What a consumer usually draws in the slots of an event: the mean of the highest X of the last Y similar days
/// ("high X of Y"), as its meters saw it.
/// @dev A day is comparable with the event's, the UTC day of its first slot, when
///
///     - it is of the same class: Monday to Friday, or Saturday and Sunday;
///     - it is not excluded;
///     - its window, the event's slots shifted by whole days, begins with a reading: at the end of the slot before, as
///       many meters were read to the second as at the end of the event (while nothing is read there yet, any number
///       but none). A reading holds all that was drawn since the one before it, so without this a whole day's energy
///       could be read into these slots, and a meter that came or went since would raise or lower what is compared.
///
/// A day on which nothing was drawn counts like any other: were it left out, a load that runs on ten days of the last
/// weeks could be paid for resting on any other.
///
/// The work is bounded: at most LOOK_BACK days with the event's slots each, a day's slots at most.
library Baselines {
    using BitMaps for BitMaps.BitMap;

    /// @dev An event's slots and what is the same on all days that it is compared with.
    /// @param meters how many were read to the second at the event's end.
    struct Window {
        ISettlement settlement;
        address consumer;
        uint256 fromSlot;
        uint256 toSlot;
        uint256 slotsPerDay;
        uint256 meters;
    }

    /// @dev Days.
    uint256 internal constant LOOK_BACK = 45;

    /// @notice The mean of the `highest` largest energies of the last `similarDays` comparable days, as average power.
    /// The caller has made sure that `0 < highest <= similarDays` and `fromSlot < toSlot`.
    /// @param fromSlot,toSlot the event's slots, `toSlot` exclusive.
    /// @param excludedDays by their number since 1970-01-01 UTC; a window belongs to the day that it begins on.
    /// @return watts W, rounded down; 0 where fewer than `highest` days were found.
    /// @return found how many comparable days there are, at most `similarDays`.
    function highestAverage(
        ISettlement settlement,
        address consumer,
        uint256 fromSlot,
        uint256 toSlot,
        BitMaps.BitMap storage excludedDays,
        uint256 similarDays,
        uint256 highest
    ) internal view returns (uint256 watts, uint256 found) {
        uint256 slotLength = settlement.SLOT_LENGTH();
        Window memory window = Window({
            settlement: settlement,
            consumer: consumer,
            fromSlot: fromSlot,
            toSlot: toSlot,
            slotsPerDay: Slots.DAY / slotLength,
            meters: readBefore(settlement, consumer, toSlot)
        });
        uint256[] memory energies = new uint256[](similarDays);
        found = _collect(window, excludedDays, energies);
        if (found < highest) return (0, found);

        // Days that were not found are the zeros at the beginning.
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

    /// @dev Fills in Wh of the comparable days, the latest first, as long as there is room.
    function _collect(Window memory window, BitMaps.BitMap storage excludedDays, uint256[] memory energies)
        private
        view
        returns (uint256 found)
    {
        uint256 today = window.fromSlot / window.slotsPerDay;
        for (uint256 back = 1; back <= LOOK_BACK && back < today && found < energies.length; ++back) {
            uint256 day = today - back;
            if (_isWeekend(day) != _isWeekend(today) || excludedDays.get(day)) continue;
            uint256 slot = window.fromSlot - back * window.slotsPerDay;
            if (!_beginsRead(window, slot)) continue;
            uint256 end = window.toSlot - back * window.slotsPerDay;
            energies[found] = drawn(window.settlement, window.consumer, slot, end);
            ++found;
        }
    }

    /// @dev Whether as many meters were read before the slot as at the event's end.
    function _beginsRead(Window memory window, uint256 slot) private view returns (bool) {
        uint256 read = readBefore(window.settlement, window.consumer, slot);
        return read != 0 && (window.meters == 0 || read == window.meters);
    }

    /// @dev Day 0 was a Thursday.
    function _isWeekend(uint256 day) private pure returns (bool) {
        return (day + 3) % 7 > 4;
    }
}
