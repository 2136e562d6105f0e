"""What the operator does when, and what is shown of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from energy_grid.demo import simbench
from energy_grid.demo.audit import audit, require
from energy_grid.demo.calendar import Phase
from energy_grid.demo.demand_event import EventPlan
from energy_grid.demo.operator_day import Claim, OperatorDay
from energy_grid.demo.trading_day import DayPlan, Reading
from energy_grid.domain.balancing import ActionStatus
from energy_grid.domain.grid_levels import LoadStatus
from energy_grid.errors import CheckFailedError
from tests.support.days import (
    GRACE,
    LEAD,
    MIN_REDUCTION,
    day_report,
    event_of,
    feeder_of,
    market_of,
    operate,
    plan_of,
)

SUMMER, MONDAY = date(2016, 7, 6), date(2016, 7, 4)
DAYS = [day for week in simbench.weeks() for day in week.days]
HOUR = 3600


class Recorder:
    """A region that records its calls and their times."""

    def __init__(self) -> None:
        self.reply: list[tuple[object, ...]] = []
        self.claims: Sequence[Claim] = ()

    def advance_to(self, timestamp: int) -> None:
        self.reply.append(("advance", timestamp))

    def report_load(self, capacity_kw: int, demand_kw: int) -> None:
        self.reply.append(("load", capacity_kw, demand_kw))

    def announce(self, event: EventPlan) -> int:
        self.reply.append(("announce",))
        return 7

    def verify(self, event_id: int, claims: Sequence[Claim]) -> None:
        self.reply.append(("verify", event_id))
        self.claims = claims

    def pay_out(self, event_id: int) -> None:
        self.reply.append(("pay", event_id))

    def report_frequency(self, centihertz: int) -> list[int]:
        self.reply.append(("frequency", centihertz))
        return [3] if centihertz < 5000 else []

    def complete_action(self, action_id: int) -> None:
        self.reply.append(("complete", action_id))

    def report_early(self, readings: Sequence[Reading]) -> None:
        self.reply.append(("early", len(readings)))

    def close_early(self, slots: Sequence[int], households: Sequence[int]) -> None:
        self.reply.append(("close", tuple(slots), tuple(households)))


def planned(day: date, households: int | list[int] | None = None) -> tuple[DayPlan, EventPlan]:
    event = event_of(day, households)
    assert event is not None
    return plan_of(day, households, event=event), event


def told_after(day: date, slot: int, phase: Phase) -> list[tuple[object, ...]]:
    """The calls of a region after one step of a day, whose slot is counted from 0."""
    plan, event = planned(day)
    region = Recorder()
    operator = OperatorDay(region, feeder_of(plan, None, event))
    operator.before()
    for step in plan.steps:
        region.reply.clear()
        operator.after(step)
        if (step.slot - plan.slots.start, step.phase) == (slot, phase):
            return region.reply
    raise AssertionError("no such step")


def test_before__meters_of_those_who_take_part__are_read_in_time() -> None:
    plan, event = planned(SUMMER)
    region, feeder = Recorder(), feeder_of(plan, None, event)
    OperatorDay(region, feeder).before()
    assert region.reply == [
        reply
        for at, readings in feeder.early[:-1]
        for reply in (("advance", at), ("early", len(readings)))
    ]
    assert len(region.reply) == 2 * 8


def test_after__first_orders__the_last_of_these_readings_is_taken_at_midnight() -> None:
    reply = told_after(SUMMER, 0, Phase.TRADE)
    assert reply == [("advance", plan_of(SUMMER, 1).start), ("early", 20)]


def test_after__slots_of_the_days_before_can_be_closed__they_are_once() -> None:
    assert GRACE * 2 < HOUR - LEAD
    ((what, slots, households),) = told_after(SUMMER, 1, Phase.TRADE)
    assert what == "close"
    midnight_slot = plan_of(SUMMER, 1).slots.start
    hours = [slot - midnight_slot for slot in slots]  # type: ignore[attr-defined]
    assert hours == [-30, -29, -28, -27, -6, -5, -4, -3, -1]
    assert len(households) == 20  # type: ignore[arg-type]
    assert told_after(SUMMER, 0, Phase.CLOSE) == []


def test_after__slot_is_metered__its_load_is_reported() -> None:
    assert told_after(SUMMER, 18, Phase.METER) == [("load", 12, 10)]
    assert told_after(SUMMER, 9, Phase.METER) == [("load", 12, 0)]


def test_after__14_oclock__the_dip_is_answered_and_over() -> None:
    assert told_after(SUMMER, 13, Phase.METER) == [
        ("load", 12, 0),
        ("frequency", 4942),
        ("complete", 3),
        ("frequency", 5000),
    ]


def test_after__slot_before_the_event__it_is_announced() -> None:
    assert told_after(SUMMER, 17, Phase.METER) == [("load", 12, 8), ("announce",)]


def test_after__event_is_final__reductions_that_count_are_verified() -> None:
    plan, event = planned(SUMMER)
    region = Recorder()
    feeder = feeder_of(plan, None, event)
    operator = OperatorDay(region, feeder)
    for step in plan.steps:
        operator.after(step)
    operator.end()
    assert region.reply[-1] == ("pay", 7)
    assert ("verify", 7) in region.reply
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


def test_claims__just_the_least_reduction__counts() -> None:
    plan, event = planned(SUMMER)
    feeder = feeder_of(plan, None, event)
    least = min(claim.baseline_w - claim.actual_w for claim in feeder.claims)
    assert replace(feeder, min_reduction=least).claims == feeder.claims
    assert len(replace(feeder, min_reduction=least + 1).claims) == len(feeder.claims) - 1


def test_claims__no_similar_day__are_the_operators_word_with_registers() -> None:
    plan, event = planned(MONDAY)
    claims = feeder_of(plan, None, event).claims
    assert claims
    for claim in claims:
        assert claim.registers is not None
        start, end = claim.registers
        assert -(-(end - start) * HOUR // (event.end - event.start)) == claim.actual_w


def test_end__event_was_never_announced__fails() -> None:
    plan, event = planned(SUMMER)
    operator = OperatorDay(Recorder(), feeder_of(plan, None, event))
    with pytest.raises(CheckFailedError, match="announced"):
        operator.end()


def test_end__no_event__pays_nobody() -> None:
    plan = plan_of(SUMMER, [54])
    region = Recorder()
    operator = OperatorDay(region, feeder_of(plan, [54], None))
    operator.before()
    for step in plan.steps:
        operator.after(step)
    operator.end()
    assert {reply[0] for reply in region.reply} == {"load", "frequency", "complete"}


@pytest.mark.parametrize("households", [None, 12, [54]])
@pytest.mark.parametrize("day", DAYS)
def test_operate__any_day__all_sums_agree_and_the_event_is_in_them(
    day: date, households: int | list[int] | None
) -> None:
    event = event_of(day, households)
    plan = plan_of(day, households, event=event)
    market = market_of(plan)
    operate(market, plan, feeder_of(plan, households, event))
    records = market.read()
    require(audit(records))
    assert (event is None) == (records.events == ())
    if event is not None and event.similar_days:
        days = len(event.similar_days)
        assert len(records.closings) == len(plan.days) * 24 + len(event.participants) * (
            4 * days + 1
        )


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


def test_feeder_report__days_before__are_in_no_bill() -> None:
    report = day_report(SUMMER, None)
    consumed = sum(slot.consumed for slot in report.slots)
    assert report.total.consumed == consumed
    assert report.total.produced + report.total.bought + report.total.from_grid == (
        report.total.consumed + report.total.sold + report.total.energy_credits
    )
