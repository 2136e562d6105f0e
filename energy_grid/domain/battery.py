"""A home battery that keeps its household's own solar energy for the evening.

The rule is greedy self-consumption: what the panels give beyond the household's load charges the
battery, what they lack is taken from it, as far as power and capacity allow. It never charges
from the grid and never discharges into it.

A plan changes that by a band: what shall be stored after an interval, at least and at most. Within
its band the battery keeps to the rule. To reach it, it charges from the grid, discharges into it,
or rests.

Energy is lost on the way in and again on the way out, ``efficiency_percent`` each (95 gives 90 %
there and back). All numbers are whole Wh and every rounding goes against the battery, so that it
can never give what it did not take: ``charged == discharged + lost + rise of stored`` holds
exactly, in every step and over any number of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat

from energy_grid.domain.units import natural
from energy_grid.errors import DomainError

__all__ = ["Band", "Battery", "BatteryRatingError", "BatteryStep", "dispatch", "step"]

_HOUR = 3600


class BatteryRatingError(DomainError):
    """No battery can have these ratings, or hold this much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Battery:
    """Ratings: power in W at the terminals (both ways), capacity in Wh, efficiency one way."""

    power_w: int
    capacity_wh: int
    efficiency_percent: int

    def __post_init__(self) -> None:
        natural("battery power", self.power_w)
        natural("battery capacity", self.capacity_wh)
        if not 1 <= natural("battery efficiency", self.efficiency_percent) <= 100:
            raise BatteryRatingError(
                f"a battery's efficiency is 1 to 100 percent, not {self.efficiency_percent}"
            )


@dataclass(frozen=True, slots=True)
class Band:
    """What a plan wants to be stored after an interval, in Wh: at least, and at most."""

    at_least: int
    at_most: int

    def __post_init__(self) -> None:
        if natural("lower end of a band", self.at_least) > self.at_most:
            raise BatteryRatingError(
                f"a band from {self.at_least} to {self.at_most} Wh: its lower end comes first"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryStep:
    """One interval, in Wh: in and out at the terminals, what was lost, what is stored after it."""

    charged_wh: int
    discharged_wh: int
    lost_wh: int
    stored_wh: int


def step(
    battery: Battery,
    *,
    stored_wh: int,
    generation_wh: int,
    load_wh: int,
    seconds: int,
    band: Band | None = None,
) -> BatteryStep:
    """What the battery does in one interval of the household's generation and load.

    Args:
        band: what shall be stored after it, as far as power allows; None: anything.

    Raises:
        BatteryRatingError: more is stored, or shall be, than the battery can hold.
        DomainError: a negative energy or duration.
    """
    band = band or Band(0, battery.capacity_wh)
    if max(natural("stored energy", stored_wh), band.at_most) > battery.capacity_wh:
        most = max(stored_wh, band.at_most)
        raise BatteryRatingError(f"{most} Wh stored in a battery of {battery.capacity_wh} Wh")
    surplus = natural("generation", generation_wh) - natural("load", load_wh)
    limit = battery.power_w * natural("duration", seconds) // _HOUR
    percent = battery.efficiency_percent
    least, most = (_taken(each - stored_wh, percent) for each in (band.at_least, band.at_most))
    taken = max(min(max(surplus, least), most, limit), -limit)
    charged, discharged = max(taken, 0), max(-taken, 0)
    kept, drawn = charged * percent // 100, -(-discharged * 100 // percent)
    return BatteryStep(
        charged_wh=charged,
        discharged_wh=discharged,
        lost_wh=(charged - kept) + (drawn - discharged),
        stored_wh=stored_wh + kept - drawn,
    )


def _taken(rise: int, percent: int) -> int:
    """What a battery takes at its terminals for a rise of what is stored; below 0 it gives."""
    if rise < 0:
        return -(-rise * percent // 100)
    # Rounded up, so that the last Wh of capacity can be filled; what is kept fits exactly.
    return -(-rise * 100 // percent)


def dispatch(
    battery: Battery,
    *,
    generation_wh: Sequence[int],
    load_wh: Sequence[int],
    seconds: int,
    stored_wh: int = 0,
    bands: Sequence[Band] | None = None,
) -> tuple[BatteryStep, ...]:
    """The steps of a battery, one per pair of generation and load.

    Args:
        stored_wh: at first.
        bands: of a plan, one per pair; None: it keeps to the rule.

    Raises:
        BatteryRatingError: as `step`.
        ValueError: the series differ in length.
        DomainError: a negative energy or duration.
    """
    steps: list[BatteryStep] = []
    # Made once: a year has a million steps.
    rule = repeat(Band(0, battery.capacity_wh), len(load_wh))
    planned = rule if bands is None else bands
    for generation, load, band in zip(generation_wh, load_wh, planned, strict=True):
        taken = step(
            battery,
            stored_wh=stored_wh,
            generation_wh=generation,
            load_wh=load,
            seconds=seconds,
            band=band,
        )
        steps.append(taken)
        stored_wh = taken.stored_wh
    return tuple(steps)
