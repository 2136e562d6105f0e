// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IEnergyAccounts} from "../interfaces/IEnergyAccounts.sol";
import {Slots} from "./Slots.sol";

/// @title Baselines
/// @notice The arithmetic of {IDemandBaselines}. Energy is net, import less export, in Wh; power in W.
/// @dev Similar days are of the same class as the event's day, the UTC day of its first slot: Monday to Friday, or
/// Saturday and Sunday. A day stands in three places: its window is the event's slots shifted by whole days, its
/// morning the slots before the announcement shifted likewise.
///
/// Why the mean and not the highest days: the mean of the highest 5 of 10 lies above what is used, so a household that
/// does nothing "reduces" in most events. Why a bound on the adjustment: its slots can be foreseen where events come at
/// the same time every day, and half of the spread is a quarter of what a reduction must reach.
///
/// EnergyAccounts shows a slot that was read late like one without use. In an event that would be a reduction; on
/// similar days and in mornings it would lift the baseline of a plant that exports. So a slot with a net of 0 is
/// unknown everywhere.
///
/// The work is bounded: ten similar days lie within 35 days, each with the event's slots, at most one day of them, and
/// those of three hours.
library Baselines {
    /// @dev An event's slots, and what is the same for all its similar days.
    /// @param number of the account.
    /// @param since,until the slots that its settlement meter speaks for.
    /// @param before,announced the slots before the announcement; none where both are the same.
    struct Window {
        IEnergyAccounts energy;
        uint256 number;
        uint256 since;
        uint256 until;
        uint256 fromSlot;
        uint256 toSlot;
        uint256 before;
        uint256 announced;
        uint256 slotsPerDay;
        uint256 slotLength;
    }

    /// @param known number of known days.
    /// @param sum,squares of their windows' Wh.
    /// @param mornings the sum of their mornings' Wh.
    struct Similar {
        uint256 known;
        int256 sum;
        uint256 squares;
        int256 mornings;
    }

    uint256 private constant PERCENT = 100;
    /// @dev Of the spread, by which the same day moves a baseline.
    uint256 private constant ADJUSTMENT_BOUND = 50;

    /// @notice The sums of the last `count` similar days.
    function similarDays(Window memory window, uint256 count) internal view returns (Similar memory similar) {
        uint256 today = window.fromSlot / window.slotsPerDay;
        for (uint256 back = 1; count > 0 && back < today; ++back) {
            if (_isWeekend(today - back) != _isWeekend(today)) continue;
            --count;
            uint256 shift = back * window.slotsPerDay;
            (uint256 unread, int256 taken) = _taken(window, window.fromSlot - shift, window.toSlot - shift, 0);
            if (unread != 0) continue;
            if (window.before != window.announced) {
                int256 morning;
                (unread, morning) = _taken(window, window.before - shift, window.announced - shift, 0);
                if (unread != 0) continue;
                similar.mornings += morning;
            }
            ++similar.known;
            similar.sum += taken;
            similar.squares += uint256(taken * taken);
        }
    }

    /// @notice The mean of the similar days, moved by the same day's morning; W, rounded down.
    function adjustedMean(Window memory window, Similar memory similar) internal view returns (int256 watts) {
        watts = _power(similar.sum, similar.known * _secondsOf(window));
        if (window.before == window.announced) return watts;
        int256 bound = int256(spread(window, similar, ADJUSTMENT_BOUND));
        (uint256 unread, int256 morning) = _taken(window, window.before, window.announced, 0);
        if (unread != 0) return watts - bound;
        int256 more = int256(similar.known) * morning - similar.mornings;
        uint256 time = similar.known * (window.announced - window.before) * window.slotLength;
        more = _power(more, time);
        if (more > bound) more = bound;
        return watts + (more < -bound ? -bound : more);
    }

    /// @notice So many percent of the standard deviation of the similar days' means; W, rounded up.
    function spread(Window memory window, Similar memory similar, uint256 percent) internal pure returns (uint256) {
        uint256 days_ = similar.known;
        // n * sum of squares - square of the sum, which is n * (n - 1) variances: never below 0.
        uint256 variances = days_ * similar.squares - uint256(similar.sum * similar.sum);
        uint256 scale = percent * Slots.HOUR;
        uint256 divisor = PERCENT * _secondsOf(window);
        return
            Math.sqrt(
                Math.ceilDiv(variances * scale * scale, days_ * (days_ - 1) * divisor * divisor), Math.Rounding.Ceil
            );
    }

    /// @notice What the account took in the event's slots, with `worst` W in those that are unknown.
    /// @return unread the last of these, or 0.
    /// @return wh net Wh.
    function eventOf(Window memory window, uint256 worst) internal view returns (uint256 unread, int256 wh) {
        worst = Math.ceilDiv(worst * window.slotLength, Slots.HOUR);
        return _taken(window, window.fromSlot, window.toSlot, int256(worst));
    }

    /// @notice The last unknown slot of the morning, or 0.
    function unreadBefore(Window memory window) internal view returns (uint256 unread) {
        // slither-disable-next-line unused-return: the energy does not matter
        (unread,) = _taken(window, window.before, window.announced, 0);
    }

    /// @notice The energy of an event as average power; W, rounded up.
    function powerUp(Window memory window, int256 wh) internal pure returns (int256) {
        return -_power(-wh, _secondsOf(window));
    }

    /// @param worst Wh of an unknown slot.
    /// @return unread the last unknown slot, or 0.
    function _taken(Window memory window, uint256 fromSlot, uint256 toSlot, int256 worst)
        private
        view
        returns (uint256 unread, int256 wh)
    {
        for (uint256 slot = fromSlot; slot < toSlot; ++slot) {
            // slither-disable-next-line uninitialized-local: a net of 0 is also that of a slot that was not read
            int256 net;
            // slither-disable-next-line unused-return: the net alone is asked for
            if (slot >= window.since && slot < window.until) (, net) = window.energy.netOf(window.number, slot);
            // slither-disable-next-line incorrect-equality: exactly 0 is unknown
            if (net == 0) (unread, net) = (slot, -worst);
            wh -= net;
        }
    }

    function _secondsOf(Window memory window) private pure returns (uint256) {
        return (window.toSlot - window.fromSlot) * window.slotLength;
    }

    /// @dev Wh over a time, in W, rounded down also below 0.
    function _power(int256 wh, uint256 time) private pure returns (int256) {
        int256 scaled = wh * int256(Slots.HOUR);
        return scaled >= 0 ? scaled / int256(time) : -int256(Math.ceilDiv(uint256(-scaled), time));
    }

    /// @dev Day 0 was a Thursday.
    function _isWeekend(uint256 day) private pure returns (bool) {
        return (day + 3) % 7 > 4;
    }
}
