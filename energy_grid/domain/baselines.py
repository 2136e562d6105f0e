"""What a meter should have shown of an event, to the unit as on chain.

Power is net, import less export, in W; energy in Wh, times in seconds. Each similar day has the
energy of the event's slots on it, and of the slots before the announcement ("morning").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from math import isqrt

from energy_grid.errors import DomainError

__all__ = [
    "ADJUSTMENT_PERCENT",
    "Baseline",
    "Morning",
    "PortfolioMember",
    "TooFewDaysError",
    "actual_of",
    "baseline_of",
    "counted_of",
    "power_down",
    "root_up",
    "similar_days",
    "taken_of",
]

ADJUSTMENT_PERCENT = 50
"""Of the spread, by which the same day moves a baseline at most."""

_HOUR, _PERCENT = 3600, 100


class TooFewDaysError(DomainError):
    """A spread needs two days at least."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What was to be expected, and the smallest reduction that is more than chance; W."""

    watts: int
    minimum: int


@dataclass(frozen=True, slots=True)
class Morning:
    """The slots before an announcement on the event's day.

    Attributes:
        before: their Wh on the similar days.
        wh: on the day itself; None: it was not read.
        seconds: how long they are.
    """

    before: Sequence[int]
    wh: int | None
    seconds: int


@dataclass(frozen=True, slots=True)
class PortfolioMember:
    """A member's reduction in an event, what it must reach by itself, and its commitment; W."""

    reduction: int
    minimum: int
    committed: int


def baseline_of(
    days: Sequence[int],
    seconds: int,
    *,
    noise_percent: int,
    least: int,
    morning: Morning | None = None,
) -> Baseline:
    """The mean of similar days, moved by the same day.

    Args:
        days: Wh of the event's slots on each known similar day.
        seconds: the length of these slots.
        noise_percent: of the days' spread that a reduction must reach.
        least: W that every reduction must reach.
        morning: None: the event was not announced on its day, or too early on it.

    Raises:
        TooFewDaysError: there are fewer than two days.
    """
    if len(days) < 2:
        raise TooFewDaysError(f"a baseline needs two days at least, not {len(days)}")
    watts = power_down(sum(days), len(days) * seconds)
    if morning is not None:
        bound = _spread(days, seconds, ADJUSTMENT_PERCENT)
        more = -bound
        if morning.wh is not None:
            change = len(days) * morning.wh - sum(morning.before)
            more = power_down(change, len(days) * morning.seconds)
        watts += min(max(more, -bound), bound)
    return Baseline(watts, max(least, _spread(days, seconds, noise_percent)))


def taken_of(nets: Sequence[int | None]) -> int | None:
    """Wh taken in slots of these nets; None: one was not read, or is exactly 0, as if read late."""
    known = [net for net in nets if net]
    return -sum(known) if len(known) == len(nets) else None


def actual_of(
    nets: Sequence[int | None],
    slot_seconds: int,
    expected: Baseline,
    *,
    committed: int,
    rated_power: int,
) -> int:
    """Average W taken in an event, rounded up. A slot that is not known counts as the most that it
    can hide, and then the event as a missed commitment at least.

    Args:
        nets: Wh of each slot, export less import; None: it was not read.
        committed: W.
        rated_power: of the meter, W.
    """
    least = expected.watts + max(expected.minimum, committed)
    worst = -(-max(least, rated_power) * slot_seconds // _HOUR)
    taken = sum(-net if net else worst for net in nets)
    actual = -power_down(-taken, len(nets) * slot_seconds)
    return actual if taken_of(nets) is not None else max(actual, least)


def counted_of(members: Sequence[PortfolioMember]) -> int:
    """What the members of an aggregator came to together, if that counts; else 0."""
    total = sum(one.reduction for one in members)
    noise = sum(one.minimum**2 for one in members)
    committed = sum(one.committed for one in members)
    return total if total > 0 and total**2 >= noise and 2 * total >= committed else 0


def power_down(wh: int, seconds: int) -> int:
    """Energy over a time as average W, rounded down also below 0."""
    return wh * _HOUR // seconds


def root_up(square: int) -> int:
    """The smallest whole number whose square is not below this one."""
    root = isqrt(square)
    return root + (root * root < square)


def _spread(days: Sequence[int], seconds: int, percent: int) -> int:
    """So many percent of the standard deviation of the days' mean power, rounded up."""
    count = len(days)
    variances = count * sum(one * one for one in days) - sum(days) ** 2
    scaled, divisor = variances * (percent * _HOUR) ** 2, count * (count - 1)
    return root_up(-(-scaled // (divisor * (_PERCENT * seconds) ** 2)))


def similar_days(day: int, count: int) -> list[int]:
    """The newest ones before a day of its class, which is Monday to Friday or the weekend (UTC).

    Args:
        day: counted from 1970.
    """
    before = (each for each in range(day - 1, -1, -1) if _is_weekend(each) == _is_weekend(day))
    return list(islice(before, count))


def _is_weekend(day: int) -> bool:
    return (day + 3) % 7 > 4
