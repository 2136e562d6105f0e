"""What the operator of the feeder does on a trading day, besides the market.

when                                what
a slot's end                        it reports the feeder's load of the slot, if that is the first
                                    one or its level has changed to or from HIGH or CRITICAL
one slot before the event           it announces the event
14:00                               it reports a dip of the frequency, which is made up, has the
                                    reserve activated that this calls by itself, reports 50 Hz
after the day is settled            the largest load reduction is verified by the meters, where
                                    there are two similar days before; the reward is paid, the rest
                                    goes back to the operator
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from energy_grid.demo.calendar import Phase, Step
from energy_grid.demo.demand_event import EventPlan
from energy_grid.demo.feeder import in_kw, load_status, loads_of
from energy_grid.demo.profiles import DayProfile
from energy_grid.domain.grid_levels import LoadStatus
from energy_grid.errors import CheckFailedError

__all__ = [
    "DIP_AT",
    "DIP_CENTIHERTZ",
    "NOMINAL_CENTIHERTZ",
    "Claim",
    "FeederPlan",
    "OperatorDay",
    "Region",
]

DIP_CENTIHERTZ, NOMINAL_CENTIHERTZ = 4942, 5000
DIP_AT = 14 * 3600
_MOST_VERIFIED, _LEAST_DAYS = 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """That a household drew less: expected and actual use over the event, average W."""

    household: int
    baseline_w: int
    actual_w: int


class Region(Protocol):
    """What the operator needs of the chain. Every call returns when its effects are final."""

    def report_load(self, capacity_kw: int, demand_kw: int) -> None:
        """Report the feeder's load."""

    def announce(self, event: EventPlan) -> int:
        """Start the event, which begins with the next slot; gives its number."""

    def verify(self, event: EventPlan, event_id: int, claims: Sequence[Claim]) -> None:
        """Have reductions verified."""

    def pay_out(self, event_id: int) -> None:
        """Wait until the event can be completed, distribute its rewards, take back what is left."""

    def report_frequency(self, centihertz: int) -> Sequence[int]:
        """Report the frequency; gives the balancing actions that this opened by itself."""

    def complete_action(self, action_id: int) -> None:
        """Say that a balancing action is carried out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeederPlan:
    """The operator's day.

    Attributes:
        days: what the meters count on the day, with what the event changes.
        min_reduction: W from which on a reduction counts.
        start: the day's first second, Unix time.
    """

    days: tuple[DayProfile, ...]
    rating_kw: int
    event: EventPlan | None
    min_reduction: int
    start: int
    slot_seconds: int

    @property
    def first_slot(self) -> int:
        """The number of the day's first slot."""
        return self.start // self.slot_seconds

    @property
    def reports(self) -> Mapping[int, int]:
        """The loads that are reported, in kW by the slot of the day: the first one, and whenever
        the level is another one; LOW and NORMAL are alike."""
        found: dict[int, int] = {}
        before = None
        for at, watts in enumerate(loads_of(self.days)):
            level = max(load_status(in_kw(watts), self.rating_kw), LoadStatus.NORMAL)
            if level != before:
                found[at], before = in_kw(watts), level
        return found

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The largest load reductions, as the meters show them, among those that count.

        Proofs and verifications cost gas: those of a small reduction more than it is worth.
        """
        if self.event is None or len(self.event.similar_days) < _LEAST_DAYS:
            return ()
        days = {day.household.number: day for day in self.days}
        made = []
        for one in self.event.participants:
            day = days[one.household.number]
            expected = self.event.baseline(one, day, self.min_reduction)
            claim = Claim(
                household=one.household.number,
                baseline_w=expected.watts,
                actual_w=self.event.average_w(day),
            )
            # A slot without any use counts as not read.
            is_known = all(day.consumed_wh[at] for at in self.event.slots_of_day)
            if is_known and claim.baseline_w - claim.actual_w >= expected.minimum:
                made.append(claim)
        made.sort(key=lambda one: (one.actual_w - one.baseline_w, one.household))
        return tuple(made[:_MOST_VERIFIED])


class OperatorDay:
    """Carries out a plan as the steps of the trading day are done."""

    def __init__(self, region: Region, plan: FeederPlan) -> None:
        self._region = region
        self._plan = plan
        self._reports = plan.reports
        self._event_id: int | None = None

    def after(self, step: Step) -> None:
        """What is due once a step of the trading day is done."""
        plan, event = self._plan, self._plan.event
        if step.phase is not Phase.METER or step.start < plan.start:
            return
        demand = self._reports.get(step.start // plan.slot_seconds - plan.first_slot)
        if demand is not None:
            self._region.report_load(plan.rating_kw, demand)
        if step.at == plan.start + DIP_AT:
            self._pass_dip()
        if event is not None and step.at == event.announced_at:
            self._event_id = self._region.announce(event)

    def end(self) -> None:
        """Have the reductions verified and the rewards paid, when the day is settled."""
        event = self._plan.event
        if event is None:
            return
        if self._event_id is None:
            raise CheckFailedError("the day has passed the time at which its event is announced")
        self._region.verify(event, self._event_id, self._plan.claims)
        self._region.pay_out(self._event_id)

    def _pass_dip(self) -> None:
        for action in self._region.report_frequency(DIP_CENTIHERTZ):
            self._region.complete_action(action)
        self._region.report_frequency(NOMINAL_CENTIHERTZ)
