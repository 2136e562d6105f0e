// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Arrays} from "@openzeppelin/contracts/utils/Arrays.sol";

import {IEnergyAccounts} from "../interfaces/IEnergyAccounts.sol";
import {Slots} from "./Slots.sol";

/// @title Baselines
/// @notice The metered baseline of a consumer in the slots of an event: the mean of the highest X of the last Y similar
/// days ("high X of Y"). Its use in a slot is its import less its export, if that is above 0.
/// @dev Similar days are of the same class as the event's day, the UTC day of its first slot: Monday to Friday, or
/// Saturday and Sunday. The last Y of them are considered, including days of other events. If days with a reduction
/// were left out, only those with a high use would remain, and every event would raise the baseline of the next one.
///
/// A day is known if all slots of its window, the event's slots shifted by whole days, are read and of the account's
/// settlement meter: without one, use is only declared. An unknown day is among the Y and not among the X, so a missing
/// reading does not bring in an older day. A day without use is known like any other.
///
/// EnergyAccounts shows a slot that was read late like one without use. In a baseline, that harms only the account
/// itself. In an event it would be a reduction, so a slot without any use counts as unknown there.
///
/// The work is bounded: ten similar days lie within 35 days, each with the event's slots, at most one day of them.
library Baselines {
    /// @dev An event's slots, and what is the same for all days of its baseline.
    /// @param number of the account.
    /// @param since the first slot that its settlement meter speaks for.
    struct Window {
        IEnergyAccounts energy;
        uint256 number;
        uint256 since;
        uint256 fromSlot;
        uint256 toSlot;
        uint256 slotsPerDay;
    }

    /// @notice The mean of the `highest` largest energies of the last `similarDays` similar days, as average power. The
    /// caller must ensure `0 < highest <= similarDays` and `fromSlot < toSlot`.
    /// @param number of the account; 0 is unknown on all days.
    /// @param fromSlot,toSlot the event's slots, `toSlot` exclusive.
    /// @return watts W, rounded down; 0 if fewer than `highest` days are known.
    /// @return found number of known similar days.
    function highestAverage(
        IEnergyAccounts energy,
        uint256 number,
        uint256 fromSlot,
        uint256 toSlot,
        uint256 similarDays,
        uint256 highest
    ) internal view returns (uint256 watts, uint256 found) {
        uint256 slotLength = energy.SLOT_LENGTH();
        // slither-disable-next-line unused-return: the past alone matters
        (uint256 since,) = energy.meteredOf(number);
        Window memory window = Window({
            energy: energy,
            number: number,
            // No meter: no slot is known.
            since: since == 0 ? type(uint256).max : since,
            fromSlot: fromSlot,
            toSlot: toSlot,
            slotsPerDay: Slots.DAY / slotLength
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

    /// @notice An account's metered use in these slots; `toSlot` exclusive.
    /// @param isEvent whether slots without any use are unknown.
    /// @return wh Wh.
    /// @return unknown the first slot that is not known, or `toSlot`.
    function drawn(IEnergyAccounts energy, uint256 number, uint256 fromSlot, uint256 toSlot, bool isEvent)
        internal
        view
        returns (uint256 wh, uint256 unknown)
    {
        for (unknown = fromSlot; unknown < toSlot; ++unknown) {
            (bool read, int256 net) = energy.netOf(number, unknown);
            if (!read || (isEvent && net == 0)) return (wh, unknown);
            if (net < 0) wh += uint256(-net);
        }
    }

    /// @dev Fills in Wh of the similar days that are known, the latest first.
    function _collect(Window memory window, uint256[] memory energies) private view returns (uint256 found) {
        uint256 today = window.fromSlot / window.slotsPerDay;
        uint256 places = energies.length;
        for (uint256 back = 1; places > 0 && back < today; ++back) {
            if (_isWeekend(today - back) != _isWeekend(today)) continue;
            --places;
            uint256 slot = window.fromSlot - back * window.slotsPerDay;
            if (slot < window.since) continue;
            uint256 end = window.toSlot - back * window.slotsPerDay;
            (uint256 wh, uint256 unknown) = drawn(window.energy, window.number, slot, end, false);
            if (unknown != end) continue;
            energies[found] = wh;
            ++found;
        }
    }

    /// @dev Day 0 was a Thursday.
    function _isWeekend(uint256 day) private pure returns (bool) {
        return (day + 3) % 7 > 4;
    }
}
