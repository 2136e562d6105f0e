"""What the feeder's day is shown as: its loads, the event, the dip; W, kW and money in integers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from energy_grid.contracts.balancing_coordination import BalancingAction
from energy_grid.contracts.load_monitoring import LoadReport
from energy_grid.contracts.stability_maintenance import StabilityReport
from energy_grid.demo.demand_event import SHARE_PERCENT, EventPlan
from energy_grid.demo.feeder import flows_of, loads_of
from energy_grid.demo.operator_day import DIP_AT, FeederPlan
from energy_grid.demo.profiles import DayProfile, Household
from energy_grid.demo.records import EventRecord, MarketRecords
from energy_grid.domain.grid_levels import LoadStatus
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.power_flow import SlotFlow

__all__ = [
    "EventRow",
    "FeederHistory",
    "FeederReport",
    "LoadRow",
    "ParticipantAmounts",
    "ParticipantRow",
    "feeder_report",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeederHistory:
    """What the chain has on record of a day's grid, the oldest first."""

    operator: str
    region: str
    loads: tuple[LoadReport, ...]
    frequencies: tuple[StabilityReport, ...]
    actions: tuple[BalancingAction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRow:
    """The feeder's load in one slot.

    Attributes:
        start: Unix time of its first second.
        watts, without_event: average W, as metered and as it would have been.
        kw, percent, status: as last reported, on the chain.
    """

    start: int
    watts: int
    without_event: int
    kw: int
    percent: int
    status: LoadStatus


class ParticipantAmounts(NamedTuple):
    """Average W over the event, and money.

    Attributes:
        without_event: what the household would have drawn without the event.
        reduction: the load reduction that was verified, 0 if it was too small to count.
    """

    baseline: int
    without_event: int
    metered: int
    reduction: int
    reward: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantRow:
    """A household in the event."""

    household: Household
    amounts: ParticipantAmounts


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """The demand-response event.

    Attributes:
        announced, start, end: Unix time.
        min_reduction: W from which on a reduction counts.
        baseline_days: on how many days before the meters were read; 0: the operator's word.
    """

    announced: int
    start: int
    end: int
    target_kw: int
    reward_per_kw: int
    budget: int
    refunded: int
    share_percent: int
    min_reduction: int
    baseline_days: int
    participants: tuple[ParticipantRow, ...]

    @property
    def total(self) -> ParticipantAmounts:
        """All households together."""
        columns = zip(*(one.amounts for one in self.participants), strict=True)
        return ParticipantAmounts(*map(sum, columns))


@dataclass(frozen=True, slots=True, kw_only=True)
class FeederReport:
    """The feeder's whole day.

    Attributes:
        event: None where no household could take part.
        dip_at: when the dip was due, Unix time; blocks come a little later.
        flows: of each slot, with the event.
        frequencies, actions: as on the chain, the oldest first.
    """

    operator: str
    region: str
    rating_kw: int
    loads: tuple[LoadRow, ...]
    flows: tuple[SlotFlow, ...]
    event: EventRow | None
    dip_at: int
    frequencies: tuple[StabilityReport, ...]
    actions: tuple[BalancingAction, ...]

    @property
    def peak(self) -> LoadRow:
        """The slot with the highest load."""
        return max(self.loads, key=lambda row: row.watts)

    @property
    def peak_without_event(self) -> LoadRow:
        """The slot that would have had the highest load."""
        return max(self.loads, key=lambda row: row.without_event)


def feeder_report(
    plan: FeederPlan,
    days: Sequence[DayProfile],
    history: FeederHistory,
    records: MarketRecords,
    households: Mapping[str, Household],
) -> FeederReport:
    """What the operator's day is shown as.

    Args:
        days: what the meters would count without the event.
        households: by the address of their accounts.
    """
    event = None
    if plan.event is not None:
        (record,) = records.events
        event = _event_row(plan, plan.event, days, record, households)
    reported = dict(zip(plan.reports, history.loads, strict=True))
    slots = range(DAY_SECONDS // plan.slot_seconds)
    known = [reported[max(at for at in reported if at <= slot)] for slot in slots]
    rows = zip(loads_of(plan.days), loads_of(days), known, strict=True)
    return FeederReport(
        operator=history.operator,
        region=history.region,
        rating_kw=plan.rating_kw,
        loads=tuple(
            LoadRow(
                start=(plan.first_slot + at) * plan.slot_seconds,
                watts=watts,
                without_event=without,
                kw=report.demand,
                percent=report.percentage,
                status=report.status,
            )
            for at, (watts, without, report) in enumerate(rows)
        ),
        flows=flows_of(plan.days),
        event=event,
        dip_at=plan.start + DIP_AT,
        frequencies=history.frequencies,
        actions=history.actions,
    )


def _event_row(
    plan: FeederPlan,
    event: EventPlan,
    days: Sequence[DayProfile],
    record: EventRecord,
    households: Mapping[str, Household],
) -> EventRow:
    parts = {households[part.account].number: part for part in record.rewards}
    numbers = [day.household.number for day in days]
    rows = []
    for one in event.participants:
        at = numbers.index(one.household.number)
        part = parts.get(one.household.number)
        rows.append(
            ParticipantRow(
                household=one.household,
                amounts=ParticipantAmounts(
                    baseline=one.baseline_w,
                    without_event=event.average_w(days[at]),
                    metered=event.average_w(plan.days[at]),
                    reduction=part.reduction_w if part else 0,
                    reward=part.paid if part else 0,
                ),
            )
        )
    return EventRow(
        announced=event.announced_at,
        start=event.start,
        end=event.end,
        target_kw=record.target_kw,
        reward_per_kw=record.reward_per_kw,
        budget=record.budget,
        refunded=record.refunded,
        share_percent=SHARE_PERCENT,
        min_reduction=plan.min_reduction,
        baseline_days=len(event.similar_days),
        participants=tuple(rows),
    )
