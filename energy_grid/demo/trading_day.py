"""One day of the neighbourhood on a market: orders, batches, readings.

The market is a port; what it does is on the chain. This module decides what is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from itertools import accumulate
from typing import Protocol

from energy_grid.demo.bidding import Offer, Tariff, offers
from energy_grid.demo.calendar import Phase, Step, steps_of
from energy_grid.demo.profiles import DayProfile
from energy_grid.domain.periods import DAY_SECONDS

__all__ = ["DayPlan", "Market", "Reading", "Registers", "TradingDay", "midnight"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The registers that a household's meter shows at ``timestamp``, in Wh."""

    household: int
    timestamp: int
    imported: int
    exported: int


class Market(Protocol):
    """What a trading day needs of the chain. Every call returns when its effects are final."""

    def advance_to(self, timestamp: int) -> None:
        """Wait until the chain's clock shows a Unix second; nothing if it is past."""

    def trade(self, offers: Sequence[Offer], hour: int) -> int | None:
        """Have the orders for the hour that begins then signed, cleared and traded; gives the
        price, None where nothing was matched."""

    def report(self, readings: Sequence[Reading]) -> None:
        """Have the readings signed by their meters and handed to the gateway."""


class Registers:
    """What a meter at a grid connection shows: it counts from 0 when the first day begins.

    Args:
        days: consecutive days of one household.
    """

    def __init__(self, days: Sequence[DayProfile]) -> None:
        self.household = days[0].household.number
        self._length = days[0].slot_seconds
        self._start = midnight(days[0].day)
        nets = [net for day in days for net in day.nets_wh]
        self._imported = [0, *accumulate(max(-net, 0) for net in nets)]
        self._exported = [0, *accumulate(max(net, 0) for net in nets)]

    def at(self, timestamp: int) -> Reading:
        """The reading at a slot's bound."""
        slots = (timestamp - self._start) // self._length
        return Reading(
            household=self.household,
            timestamp=timestamp,
            imported=self._imported[slots],
            exported=self._exported[slots],
        )

    def net(self, start: int) -> int:
        """Export less import of the slot that begins then, in Wh."""
        slot = (start - self._start) // self._length
        exported = self._exported[slot + 1] - self._exported[slot]
        return exported - self._imported[slot + 1] + self._imported[slot]


@dataclass(frozen=True, kw_only=True)
class DayPlan:
    """What a day is made of.

    Attributes:
        days: what households use on the day, household by household.
        days_before: the day before of those who trade, all that they know.
        registers: of all meters.
        lead: seconds before an hour at which its orders are cleared.
    """

    days: tuple[DayProfile, ...]
    days_before: tuple[DayProfile, ...]
    registers: tuple[Registers, ...]
    tariff: Tariff
    seed: int
    lead: int

    @property
    def slot_seconds(self) -> int:
        """Length of a slot."""
        return self.days[0].slot_seconds

    @property
    def start(self) -> int:
        """The first second of the day, Unix time."""
        return midnight(self.days[0].day)

    @property
    def slots(self) -> range:
        """The numbers of the day's slots."""
        length = self.slot_seconds
        return range(self.start // length, (self.start + DAY_SECONDS) // length)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """All that is to be done, in the order of time."""
        return steps_of(self.start, slot_seconds=self.slot_seconds, lead=self.lead)


def midnight(day: date) -> int:
    """The first second of a UTC day, Unix time."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


class TradingDay:
    """Runs a plan on a market, step by step."""

    def __init__(self, market: Market, plan: DayPlan) -> None:
        self._market = market
        self._plan = plan

    def run(self, on_step: Callable[[Step], None]) -> dict[int, int | None]:
        """The whole day; ``on_step`` is called after each step. Gives the price of the traded
        hour by its first second; None where nothing was matched."""
        prices = {}
        for step in self._plan.steps:
            self._market.advance_to(step.at)
            if step.phase is Phase.METER:
                self._meter(step.at)
            else:
                prices[step.start] = self._trade(step.start)
            on_step(step)
        return prices

    def _trade(self, hour: int) -> int | None:
        plan = self._plan
        return self._market.trade(offers(plan.days_before, plan.tariff, plan.seed), hour)

    def _meter(self, at: int) -> None:
        self._market.report([registers.at(at) for registers in self._plan.registers])
