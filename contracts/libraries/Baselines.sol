// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Arrays} from "@openzeppelin/contracts/utils/Arrays.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ISettlement} from "../interfaces/ISettlement.sol";
import {ISmartMeter} from "../interfaces/ISmartMeter.sol";
import {Slots} from "./Slots.sol";

/// @title Baselines
/// @notice The metered baseline of a consumer in the slots of an event: the mean of the highest X of the last Y similar
/// days ("high X of Y").
/// @dev Similar days are of the same class as the event's day, the UTC day of its first slot: Monday to Friday, or
/// Saturday and Sunday. The last Y of them are considered, including days of other events. If days with a reduction
/// were left out, only those with a high use would remain, and every event would raise the baseline of the next one.
///
/// A day is known if its window, the event's slots shifted by whole days, begins with a reading of all meters that the
/// account has now, and the set of meters has not changed since. A reading holds all energy since the one before it, so
/// without this rule a whole day's energy could be counted in these slots, or a meter could add its energy and be
/// removed. An unknown day is among the Y and not among the X, so a missing reading does not bring in an older day. A
/// day without use is known like any other.
///
/// The work is bounded: ten similar days lie within 35 days, each with the event's slots, at most one day of them.
library Baselines {
    /// @dev An event's slots, and what is the same for all days of its baseline.
    /// @param meters number of the account's meters.
    /// @param since the first slot from which the account had all of them.
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
    /// caller must ensure `0 < highest <= similarDays` and `fromSlot < toSlot`.
    /// @param fromSlot,toSlot the event's slots, `toSlot` exclusive.
    /// @return watts W, rounded down; 0 if fewer than `highest` days are known.
    /// @return found number of known similar days.
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

        // After sorting, unknown days are the zeros at the beginning.
        // slither-disable-next-line unused-return: sorts in place
        Arrays.sort(energies);
        uint256 sum = 0;
        for (uint256 i = similarDays - highest; i < similarDays; ++i) {
            sum += energies[i];
        }
        watts = (sum * Slots.HOUR) / (highest * (toSlot - fromSlot) * slotLength);
    }

    /// @notice An account's metered consumption in these slots, in Wh; `toSlot` exclusive.
    function drawn(ISettlement settlement, address account, uint256 fromSlot, uint256 toSlot)
        internal
        view
        returns (uint256 energy)
    {
        for (uint256 slot = fromSlot; slot < toSlot; ++slot) {
            energy += settlement.energyOf(account, slot).consumed;
        }
    }

    /// @notice The number of meters with a reading at the second at which this slot begins.
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
