"""What a demo is made of, before there is a chain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Self

from energy_grid.demo import simbench
from energy_grid.demo.bidding import Tariff
from energy_grid.demo.config import DemoConfig
from energy_grid.demo.demand_event import EventPlan, early_readings, plan_event, with_event
from energy_grid.demo.feeder import loads_of, rating_kw
from energy_grid.demo.operator_day import FeederPlan
from energy_grid.demo.plants import Plants, plan_plants
from energy_grid.demo.profiles import DayProfile, Neighbourhood
from energy_grid.demo.trading_day import DayPlan, midnight

__all__ = ["BEFORE", "FEED_IN", "MIN_REDUCTION", "DemoPlan"]

# 0.08 dollars per kWh: about what a small solar plant gets for what it feeds in.
FEED_IN = 80_000
# What is opened before a day, or before the first reading, has so many seconds.
BEFORE = 7200
# Less than the local network asks for: these households draw some 150 W each.
MIN_REDUCTION = 50
# Orders for a slot are in five minutes before it starts.
_LEAD = 300


@dataclass(frozen=True, kw_only=True)
class DemoPlan:
    """A day of a neighbourhood, with the event that its evening calls for.

    Attributes:
        event: None where no household could reduce enough to count.
    """

    config: DemoConfig
    village: Neighbourhood
    event: EventPlan | None

    @classmethod
    def of(cls, config: DemoConfig) -> Self:
        """The plan for what a user asked for."""
        village = simbench.load(
            simbench.week_of(config.day), [household.number for household in config.households]
        )
        event = plan_event(village, config.day, config.slot_seconds, min_reduction=MIN_REDUCTION)
        return cls(config=config, village=village, event=event)

    @property
    def start(self) -> int:
        """The first second of the day, Unix time."""
        return midnight(self.config.day)

    @property
    def begin(self) -> int:
        """When the chain begins, Unix time."""
        first = self.start if self.event is None else self.event.first_read_at
        return first - BEFORE

    @property
    def parameters(self) -> Mapping[str, int]:
        """How the market is deployed, where not as on the local network."""
        chosen = {"slotLength": self.config.slot_seconds, "minReduction": MIN_REDUCTION}
        if self.event is not None and (days := len(self.event.similar_days)):
            chosen |= {"baselineDays": days, "baselineHighest": days}
        return chosen

    @cached_property
    def days_without_event(self) -> tuple[DayProfile, ...]:
        """What the meters would count without the event."""
        return self.village.slots(self.config.day, self.config.slot_seconds)

    @cached_property
    def days(self) -> tuple[DayProfile, ...]:
        """What the meters count."""
        return with_event(self.days_without_event, self.event)

    @cached_property
    def plants(self) -> Plants:
        """What becomes assets, and what is shared."""
        return plan_plants(self.village.households, self.config.seed)

    def trading(self, *, grid_price: int, grace: int) -> DayPlan:
        """The trading day; what households expect knows nothing of the event."""
        day_before = self.config.day - timedelta(days=1)
        return DayPlan(
            days=self.days,
            days_before=self.village.slots(day_before, self.config.slot_seconds),
            tariff=Tariff(grid_price=grid_price, feed_in=FEED_IN),
            seed=self.config.seed,
            grace=grace,
            lead=_LEAD,
        )

    def feeder(self, *, grace: int) -> FeederPlan:
        """The operator's day."""
        loads = loads_of(self.days_without_event)
        early = () if self.event is None else early_readings(self.village, self.event, self.begin)
        return FeederPlan(
            days=self.days,
            rating_kw=rating_kw(loads, self.config.slot_seconds),
            event=self.event,
            early=early,
            min_reduction=MIN_REDUCTION,
            start=self.start,
            slot_seconds=self.config.slot_seconds,
            grace=grace,
        )
