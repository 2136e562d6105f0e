"""One day of the neighbourhood on a market: forecasts, orders, matches, readings, settling.

The market is a port; what it does is on the chain. This module decides what is sent, and checks
that what the chain matched is what the auction found, to the last Wh.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol

from energy_grid.demo.auction import Auction, Pair, PlacedOrder, clear_auction
from energy_grid.demo.bidding import Offer, Tariff, offers
from energy_grid.demo.calendar import Phase, Step, steps_of
from energy_grid.demo.profiles import DayProfile
from energy_grid.domain.periods import DAY_SECONDS, Period, PeriodKind
from energy_grid.errors import CheckFailedError

__all__ = ["DayPlan", "Fill", "Market", "PeriodOutcome", "Reading", "TradingDay", "midnight"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a household's meter counted in the slot that ends at ``timestamp``, in Wh."""

    household: int
    timestamp: int
    produced_wh: int
    consumed_wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """A pair that was matched, with the number of its transaction."""

    transaction_id: int
    pair: Pair


class Market(Protocol):
    """What a trading day needs of the chain. Every call returns when its effects are final."""

    def advance_to(self, timestamp: int) -> None:
        """Wait until the chain's clock shows a Unix second; nothing if it is past."""

    def place(self, offers: Sequence[Offer], period: Period) -> Sequence[PlacedOrder]:
        """Place each household's order; they come back with the ids that the chain gave them."""

    def match(self, pairs: Sequence[Pair]) -> Sequence[Fill]:
        """Match pairs in their order; gives what the chain did, which can be less."""

    def cancel(self, orders: Sequence[PlacedOrder]) -> None:
        """Take orders back: each by the household that placed it."""

    def report(self, readings: Sequence[Reading]) -> None:
        """Have the readings signed by their meters and recorded."""

    def settle(self, transaction_ids: Sequence[int]) -> Sequence[int]:
        """Settle what can be settled; gives those that are not at their end."""

    def close(self, slot: int, households: Sequence[int]) -> None:
        """Balance the slot of each household."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlan:
    """What a day is made of.

    Attributes:
        days: what the meters count on the day, household by household.
        days_before: the same of the day before, all that the households know.
        lead: seconds before a slot's start at which its orders are placed.
        grace: seconds after a slot's end in which readings are accepted.
    """

    days: tuple[DayProfile, ...]
    days_before: tuple[DayProfile, ...]
    tariff: Tariff
    seed: int
    grace: int
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
        return range(
            self.start // self.slot_seconds, (self.start + DAY_SECONDS) // self.slot_seconds
        )

    @property
    def steps(self) -> tuple[Step, ...]:
        """All that is to be done, in the order of time."""
        return steps_of(
            self.slots, slot_seconds=self.slot_seconds, grace=self.grace, lead=self.lead
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodOutcome:
    """How the auction of one slot's delivery period went."""

    slot: int
    orders: tuple[PlacedOrder, ...]
    auction: Auction
    fills: tuple[Fill, ...]


def midnight(day: date) -> int:
    """The first second of a UTC day, Unix time."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


class TradingDay:
    """Runs a plan on a market, step by step."""

    def __init__(self, market: Market, plan: DayPlan) -> None:
        self._market = market
        self._plan = plan
        self._outcomes: dict[int, PeriodOutcome] = {}
        self._open: dict[int, list[int]] = {}

    def run(self, on_step: Callable[[Step], None]) -> tuple[PeriodOutcome, ...]:
        """The whole day; ``on_step`` is called after each step.

        Raises:
            CheckFailedError: the chain matched something else than the auction, or a trade of a
                final slot did not end.
        """
        phases = {
            Phase.TRADE: self._trade,
            Phase.METER: self._meter,
            Phase.FINAL: self._finish,
            Phase.CLOSE: self._close,
        }
        for step in self._plan.steps:
            self._market.advance_to(step.at)
            phases[step.phase](step.slot)
            on_step(step)
        return tuple(self._outcomes[slot] for slot in self._plan.slots)

    def _trade(self, slot: int) -> None:
        plan = self._plan
        kind = PeriodKind.HOURLY if plan.slot_seconds == 3600 else PeriodKind.QUARTER_HOURLY
        made = offers(plan.days_before, slot - plan.slots.start, plan.tariff, plan.seed)
        placed = tuple(self._market.place(made, Period(kind=kind, start=slot * plan.slot_seconds)))
        auction = clear_auction(placed)
        fills = tuple(self._market.match(auction.pairs))
        if tuple(fill.pair for fill in fills) != auction.pairs:
            raise CheckFailedError(
                f"slot {slot}: the auction has {len(auction.pairs)} pairs,"
                f" the chain matched {len(fills)}, or with other amounts or prices"
            )
        # The auction is over: what found no neighbour is taken back, and its money is free again.
        unfilled = set(auction.unfilled)
        self._market.cancel([order for order in placed if order.id in unfilled])
        self._open[slot] = [fill.transaction_id for fill in fills]
        self._outcomes[slot] = PeriodOutcome(slot=slot, orders=placed, auction=auction, fills=fills)

    def _meter(self, slot: int) -> None:
        at = slot - self._plan.slots.start
        self._market.report(
            [
                Reading(
                    household=day.household.number,
                    timestamp=(slot + 1) * self._plan.slot_seconds,
                    produced_wh=day.produced_wh[at],
                    consumed_wh=day.consumed_wh[at],
                )
                for day in self._plan.days
            ]
        )
        self._settle(slot)

    def _finish(self, slot: int) -> None:
        self._settle(slot)
        if left := self._open[slot]:
            raise CheckFailedError(f"slot {slot} is final and transactions {left} have not ended")

    def _close(self, slot: int) -> None:
        self._market.close(slot, [day.household.number for day in self._plan.days])

    def _settle(self, slot: int) -> None:
        if self._open[slot]:
            self._open[slot] = list(self._market.settle(self._open[slot]))
