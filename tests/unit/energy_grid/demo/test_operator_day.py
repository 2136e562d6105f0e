"""What the operator does when, and what is shown of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from energy_grid.demo import simbench
from energy_grid.demo.audit import require
from energy_grid.demo.demand_event import EventPlan
from energy_grid.demo.operator_day import Claim, FeederPlan, OperatorDay
from energy_grid.demo.plan import MIN_REDUCTION, DemoPlan
from energy_grid.domain.balancing import ActionStatus
from energy_grid.domain.grid_levels import LoadStatus
from energy_grid.errors import CheckFailedError
from tests.support.days import GRACE, TARIFF, day_report, plan_of

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


def test_after__slot_is_metered__its_load_is_reported() -> None:
    assert told_at(19) == [("load", 12, 10)]
    assert told_at(10) == [("load", 12, 0)]
    assert told_at(0) == []


def test_after__14_oclock__the_dip_is_answered_and_over() -> None:
    assert told_at(14) == [
        ("load", 12, 0),
        ("frequency", 4942),
        ("complete", 3),
        ("frequency", 5000),
    ]


def test_after__slot_before_the_event__it_is_announced() -> None:
    assert told_at(18) == [("load", 12, 8), ("announce",)]


def test_after__event_is_final__reductions_that_count_are_verified() -> None:
    plan, region = plan_of(SUMMER), Recorder()
    event, feeder = plan.event, plan.feeder
    assert event is not None
    told = operate(plan, region)
    assert told[event.end + GRACE][-1] == ("verify", 7)
    assert told[0] == [("advance", event.end + GRACE), ("pay", 7)]
    assert region.claims == feeder.claims
    assert 0 < len(region.claims) < len(event.participants)
    days = {day.household.number: day for day in plan.days}
    counted = {claim.household: claim for claim in region.claims}
    for one in event.participants:
        number = one.household.number
        actual = event.average_w(days[number])
        assert (number in counted) == (one.baseline_w - actual >= MIN_REDUCTION)
        if number in counted:
            claim = counted[number]
            assert (claim.baseline_w, claim.actual_w) == (one.baseline_w, actual)
            assert claim.registers is None


def test_end__event_lasts_until_midnight__it_is_verified_then() -> None:
    plan, region = plan_of(SUMMER), Recorder()
    assert plan.event is not None
    slots = range(plan.event.slots.start + 2, plan.event.slots.stop + 2)
    feeder = replace(plan.feeder, event=replace(plan.event, slots=slots))
    operator = OperatorDay(region, feeder)
    for step in plan.trading(tariff=TARIFF).steps:
        operator.after(step)
    region.reply.clear()
    operator.end()
    assert region.reply == [
        ("advance", plan.start + 25 * HOUR),
        ("verify", 7),
        ("pay", 7),
    ]


def test_claims__slot_without_any_use__is_none() -> None:
    """The contract takes it as not read."""
    feeder = plan_of(SUMMER).feeder
    assert feeder.event is not None
    first, at = feeder.claims[0].household, feeder.event.slots_of_day.start
    days = tuple(
        replace(day, consumed_wh=(*day.consumed_wh[:at], 0, *day.consumed_wh[at + 1 :]))
        if day.household.number == first
        else day
        for day in feeder.days
    )
    assert replace(feeder, days=days).claims == feeder.claims[1:]


def test_claims__just_the_least_reduction__counts() -> None:
    feeder = plan_of(SUMMER).feeder
    least = min(claim.baseline_w - claim.actual_w for claim in feeder.claims)
    assert replace(feeder, min_reduction=least).claims == feeder.claims
    assert len(replace(feeder, min_reduction=least + 1).claims) == len(feeder.claims) - 1


def test_claims__no_similar_day__are_the_operators_word_with_registers() -> None:
    plan = plan_of(MONDAY)
    claims, event = plan.feeder.claims, plan.event
    assert claims
    assert event is not None
    for claim in claims:
        assert claim.registers is not None
        start, end = claim.registers
        assert -(-(end - start) * HOUR // (event.end - event.start)) == claim.actual_w


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
        assert amounts.reduction in (0, amounts.baseline - amounts.metered)
        assert (amounts.reduction >= MIN_REDUCTION) == (amounts.reward > 0)
