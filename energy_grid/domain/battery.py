"""A home battery that keeps its household's own solar energy for the evening.

The rule is greedy self-consumption: what the panels give beyond the household's load charges the
battery, what they lack is taken from it, as far as power and capacity allow. It never charges
from the grid and never discharges into it.

Energy is lost on the way in and again on the way out, ``efficiency_percent`` each (95 gives 90 %
there and back). All numbers are whole Wh and every rounding goes against the battery, so that it
can never give what it did not take: ``charged == discharged + lost + rise of stored`` holds
exactly, in every step and over any number of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from energy_grid.domain.units import natural
from energy_grid.errors import DomainError

__all__ = ["Battery", "BatteryRatingError", "BatteryStep", "dispatch", "step"]

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


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryStep:
    """One interval, in Wh: in and out at the terminals, what was lost, what is stored after it."""

    charged_wh: int
    discharged_wh: int
    lost_wh: int
    stored_wh: int


def step(
    battery: Battery, *, stored_wh: int, generation_wh: int, load_wh: int, seconds: int
) -> BatteryStep:
    """What the battery does in one interval of the household's generation and load.

    Raises:
        BatteryRatingError: more is stored than the battery can hold.
        DomainError: a negative energy or duration.
    """
    if natural("stored energy", stored_wh) > battery.capacity_wh:
        raise BatteryRatingError(f"{stored_wh} Wh stored in a battery of {battery.capacity_wh} Wh")
    surplus = natural("generation", generation_wh) - natural("load", load_wh)
    limit = battery.power_w * natural("duration", seconds) // _HOUR
    percent = battery.efficiency_percent
    charged = discharged = drawn = kept = 0
    if surplus > 0:
        # Rounded up, so that the last Wh of capacity can be filled; what is kept fits exactly.
        room = -((stored_wh - battery.capacity_wh) * 100 // percent)
        charged = min(surplus, limit, room)
        kept = charged * percent // 100
    else:
        discharged = min(-surplus, limit, stored_wh * percent // 100)
        drawn = -(-discharged * 100 // percent)
    return BatteryStep(
        charged_wh=charged,
        discharged_wh=discharged,
        lost_wh=(charged - kept) + (drawn - discharged),
        stored_wh=stored_wh + kept - drawn,
    )


def dispatch(
    battery: Battery, *, generation_wh: Sequence[int], load_wh: Sequence[int], seconds: int
) -> tuple[BatteryStep, ...]:
    """The steps of a battery that is empty at first, one per pair of generation and load.

    Raises:
        ValueError: the two series differ in length.
        DomainError: a negative energy or duration.
    """
    steps: list[BatteryStep] = []
    stored = 0
    for generation, load in zip(generation_wh, load_wh, strict=True):
        taken = step(
            battery, stored_wh=stored, generation_wh=generation, load_wh=load, seconds=seconds
        )
        steps.append(taken)
        stored = taken.stored_wh
    return tuple(steps)
