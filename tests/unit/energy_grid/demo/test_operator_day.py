"""What the operator does when, and what is shown of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from energy_grid.demo import simbench
from energy_grid.demo.audit import require
from energy_grid.demo.demand_event import EventPlan
from energy_grid.demo.operator_day import Claim, OperatorDay
from energy_grid.demo.plan import MIN_REDUCTION, DemoPlan
from energy_grid.domain.balancing import ActionStatus
from energy_grid.domain.grid_levels import LoadStatus
from energy_grid.errors import CheckFailedError
from tests.support.days import TARIFF, day_report, plan_of

SUMMER, MONDAY = date(2016, 7, 6), date(2016, 7, 4)
DAYS = [day for week in simbench.weeks() for day in week.days]
HOUR = 3600


class Recorder:
    """A region that records its calls and their times."""

    def __init__(self) -> None:
        self.reply: list[tuple[object, ...]] = []
        self.claims: Sequence[Claim] = ()

    def report_load(self, capacity_kw: int, demand_kw: int) -> None:
        self.reply.append(("load", capacity_kw, demand_kw))

    def announce(self, event: EventPlan) -> int:
        self.reply.append(("announce",))
        return 7

    def verify(self, event: EventPlan, event_id: int, claims: Sequence[Claim]) -> None:
        self.reply.append(("verify", event_id))
        self.claims = claims

    def pay_out(self, event_id: int) -> None:
        self.reply.append(("pay", event_id))

    def report_frequency(self, centihertz: int) -> list[int]:
        self.reply.append(("frequency", centihertz))
        return [3] if centihertz < 5000 else []

    def complete_action(self, action_id: int) -> None:
        self.reply.append(("complete", action_id))


def operate(plan: DemoPlan, region: Recorder) -> dict[int, list[tuple[object, ...]]]:
    """What the region is told, by the time of the step."""
    operator, told = OperatorDay(region, plan.feeder), {}
    for step in plan.trading(tariff=TARIFF).steps:
        region.reply = told.setdefault(step.at, [])
        operator.after(step)
    region.reply = told[0] = []
    operator.end()
    return told


def told_at(hour: int) -> list[tuple[object, ...]]:
    plan = plan_of(SUMMER)
    return operate(plan, Recorder())[plan.start + hour * HOUR]


def test_after__slot_is_metered__its_load_is_reported_if_the_level_is_another() -> None:
    plan = plan_of(SUMMER)
    told = operate(plan, Recorder())
    loads = {
        (at - plan.start) // HOUR: call[2]
        for at, calls in told.items()
        for call in calls
        if call[0] == "load"
    }
    assert loads == {1: 5, 19: 10, 20: 12, 23: 10, 24: 7}
    assert plan.feeder.reports == {hour - 1: kw for hour, kw in loads.items()}
    assert told[plan.start] == []


def test_after__14_oclock__the_dip_is_answered_and_over() -> None:
    assert told_at(14) == [
        ("frequency", 4942),
        ("complete", 3),
        ("frequency", 5000),
    ]


def test_after__slot_before_the_event__it_is_announced() -> None:
    assert told_at(18) == [("announce",)]


def test_end__day_is_settled__the_largest_reduction_is_verified() -> None:
    plan, region = plan_of(SUMMER), Recorder()
    event = plan.event
    assert event is not None
    told = operate(plan, region)
    assert told[0] == [("verify", 7), ("pay", 7)]
    assert region.claims == plan.feeder.claims
    (claim,) = plan.feeder.claims
    days = {day.household.number: day for day in plan.days}
    reductions = {}
    for one in event.participants:
        day = days[one.household.number]
        expected = event.baseline(one, day, MIN_REDUCTION)
        reduction = expected.watts - event.average_w(day)
        if reduction >= expected.minimum:
            reductions[one.household.number] = reduction
    assert max(reductions, key=lambda number: reductions[number]) == claim.household
    assert claim.baseline_w - claim.actual_w == reductions[claim.household] > MIN_REDUCTION


def test_claims__slot_without_any_use__is_none() -> None:
    """The contract takes it as not read: that household has none."""
    feeder = plan_of(SUMMER).feeder
    assert feeder.event is not None
    (first,), at = feeder.claims, feeder.event.slots_of_day.start
    days = tuple(
        replace(day, consumed_wh=(*day.consumed_wh[:at], 0, *day.consumed_wh[at + 1 :]))
        if day.household.number == first.household
        else day
        for day in feeder.days
    )
    others = replace(feeder, days=days).claims
    assert first.household not in {other.household for other in others}


def test_claims__just_the_least_reduction__counts() -> None:
    feeder = plan_of(SUMMER).feeder
    (claim,) = feeder.claims
    least = claim.baseline_w - claim.actual_w
    assert replace(feeder, min_reduction=least).claims == feeder.claims
    assert replace(feeder, min_reduction=least + 1).claims == ()


def test_claims__fewer_than_two_similar_days__are_none() -> None:
    """There is no spread to compare with, and meters decide alone."""
    plan = plan_of(MONDAY)
    assert plan.event is not None
    assert plan.feeder.claims == ()


def test_end__event_was_never_announced__fails() -> None:
    operator = OperatorDay(Recorder(), plan_of(SUMMER).feeder)
    with pytest.raises(CheckFailedError, match="announced"):
        operator.end()


def test_end__no_event__pays_nobody() -> None:
    told = operate(plan_of(SUMMER, [54]), Recorder())
    replies = {reply[0] for some in told.values() for reply in some}
    assert replies == {"load", "frequency", "complete"}


@pytest.mark.parametrize("households", [12, [54]])
@pytest.mark.parametrize("day", DAYS)
def test_report__any_day__all_sums_agree_and_the_event_is_in_them(
    day: date, households: int | list[int]
) -> None:
    report = day_report(day, households)
    require(report.check)
    assert (report.feeder.event is None) == (plan_of(day, households).event is None)


def test_feeder_report__summer_day__shows_what_the_event_did() -> None:
    report = day_report(SUMMER, None)
    feeder = report.feeder
    assert {row.status for row in feeder.loads[:18]} == {LoadStatus.NORMAL}
    assert [row.status for row in feeder.loads[17:]] == [
        LoadStatus.NORMAL,
        LoadStatus.HIGH,
        *[LoadStatus.CRITICAL] * 3,
        LoadStatus.HIGH,
        LoadStatus.NORMAL,
    ]
    assert feeder.peak.percent == 100
    assert feeder.peak_without_event.without_event > feeder.rating_kw * 1000 >= feeder.peak.watts
    for at, row in enumerate(feeder.loads):
        assert (row.without_event > row.watts) == (at in range(19, 22))
    assert [action.status for action in feeder.actions] == [ActionStatus.COMPLETED]
    event = feeder.event
    assert event is not None
    assert event.baseline_days == 2
    assert event.total.reward + event.refunded == event.budget
    assert event.total.metered < event.total.without_event
    for one in event.participants:
        amounts = one.amounts
        assert amounts.metered == pytest.approx(amounts.without_event * 0.7, abs=2)
        # The same day's hours before the announcement move the baseline a little.
        assert (
            amounts.reduction == 0
            or abs(amounts.reduction - (amounts.baseline - amounts.metered)) < 50
        )
        assert (amounts.reduction >= MIN_REDUCTION) == (amounts.reward > 0)
    assert sum(one.amounts.reward > 0 for one in event.participants) == 1
