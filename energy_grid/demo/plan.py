"""What a demo is made of, before there is a chain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate
from typing import Self

from energy_grid.demo import simbench
from energy_grid.demo.bidding import Tariff, keepers, traders
from energy_grid.demo.config import DemoConfig
from energy_grid.demo.demand_event import NOISE_PERCENT, EventPlan, plan_event, with_event
from energy_grid.demo.feeder import loads_of, rating_kw
from energy_grid.demo.operator_day import FeederPlan
from energy_grid.demo.plants import Plants, plan_plants
from energy_grid.demo.profiles import DayProfile, Neighbourhood
from energy_grid.demo.trading_day import DayPlan, Registers, midnight
from energy_grid.domain.periods import DAY_SECONDS

__all__ = ["BEFORE", "MIN_REDUCTION", "DemoPlan"]

# What is opened before the first day, or before the day, has so many seconds.
BEFORE = 900
# Less than the local network asks for: these households draw some 150 W each.
MIN_REDUCTION = 50
# Orders for an hour are cleared five minutes before it starts.
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
    def first_days(self) -> tuple[date, ...]:
        """The days before on which the community is there already, from the event's baseline on.

        One at least: what happens but once in an account is no part of the day then.
        """
        first = self.config.day if self.event is None else self.event.first_day
        count = max((self.config.day - first).days, 1)
        first = self.config.day - timedelta(days=count)
        return tuple(first + timedelta(days=offset) for offset in range(count))

    @property
    def begin(self) -> int:
        """When the chain begins, Unix time."""
        return midnight(self.first_days[0]) - BEFORE

    @property
    def parameters(self) -> Mapping[str, int]:
        """How the market is deployed, where not as on the local network."""
        chosen = {
            "slotLength": self.config.slot_seconds,
            "minReduction": MIN_REDUCTION,
            # What a gateway has read can be proven once its day is settled.
            "verificationTime": DAY_SECONDS,
        }
        if self.event is not None and (days := len(self.event.similar_days)) > 1:
            chosen |= {"baselineDays": days, "baselineKnown": days, "noiseFactor": NOISE_PERCENT}
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
    def generated(self) -> Mapping[int, tuple[int, ...]]:
        """What the meters of plants show at each midnight from the first day on, in Wh by the
        numbers of their households."""
        slots = self.config.slot_seconds
        profiles = [self.village.slots(day, slots) for day in (*self.first_days, self.config.day)]
        owners = [plant.number for plant in self.plants.plants]
        return {
            days[0].household.number: tuple(
                accumulate((sum(day.generated_wh) for day in days), initial=0)
            )
            for days in zip(*profiles, strict=True)
            if days[0].household.number in owners
        }

    def generated_on_the_day(self, household: int) -> tuple[int, ...]:
        """What the meter of a household's plant shows at each slot's bounds, the first one at the
        midnight with which the day begins, in Wh."""
        (profile,) = (day for day in self.days if day.household.number == household)
        *_, before, _ = self.generated[household]
        return tuple(accumulate(profile.generated_wh, initial=before))

    @cached_property
    def plants(self) -> Plants:
        """What becomes assets, and what is shared."""
        return plan_plants(self.village.households, self.config.seed)

    @cached_property
    def _day_before(self) -> tuple[DayProfile, ...]:
        """All that the households know when they decide."""
        day = self.config.day - timedelta(days=1)
        return self.village.slots(day, self.config.slot_seconds)

    @cached_property
    def traders(self) -> tuple[int, ...]:
        """The numbers of the households that sign orders."""
        config = self.config
        return () if config.sharing_only else traders(config.households, config.seed)

    @cached_property
    def keepers(self) -> tuple[int, ...]:
        """The numbers of the households that keep credits."""
        return () if self.config.sharing_only else keepers(self._day_before)

    def trading(self, *, tariff: Tariff) -> DayPlan:
        """The trading day; what households expect knows nothing of the event."""
        slots = self.config.slot_seconds
        profiles = [self.village.slots(day, slots) for day in self.first_days]
        return DayPlan(
            days=self.days,
            days_before=tuple(
                profile for profile in self._day_before if profile.household.number in self.traders
            ),
            registers=tuple(
                Registers([*before, profile])
                for profile, *before in zip(self.days, *profiles, strict=True)
            ),
            tariff=tariff,
            seed=self.config.seed,
            lead=_LEAD,
        )

    @cached_property
    def feeder(self) -> FeederPlan:
        """The operator's day."""
        return FeederPlan(
            days=self.days,
            rating_kw=rating_kw(loads_of(self.days_without_event), self.config.slot_seconds),
            event=self.event,
            min_reduction=MIN_REDUCTION,
            start=self.start,
            slot_seconds=self.config.slot_seconds,
        )
