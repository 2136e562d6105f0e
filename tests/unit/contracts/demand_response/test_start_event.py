"""DemandResponse.startEvent, scheduleEvent and cancelEvent."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import to_bytes32
from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.contracts.demand_response import DemandResponseEvent
from energy_grid.domain.demand_response import EventStatus
from energy_grid.domain.enums import EventKind, ProgramStatus, StopLevel
from energy_grid.domain.grid_levels import PermissionLevel
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.demand_response.scheme import (
    BUDGET,
    DAY,
    FUNDS,
    HOUR,
    NORTH,
    RATE,
    TARGET,
    Scheme,
    open_scheme,
    open_stack,
)

LEVELS = {"level": PermissionLevel.REPORT, "needed": PermissionLevel.OPERATE}
OUT_OF_RANGE = [
    ({"target": 0}, "targetReduction", 0),
    ({"target": 2**40}, "targetReduction", 2**40),
    ({"target": 2**256 - 1}, "targetReduction", 2**256 - 1),
    ({"duration": 0}, "duration", 0),
    ({"duration": HOUR - 1}, "duration", HOUR - 1),
    ({"duration": HOUR + 1}, "duration", HOUR + 1),
    ({"duration": DAY + HOUR}, "duration", DAY + HOUR),
]


@pytest.mark.parametrize("within", ["nothing", "program"])
def test_start_event__stopped__refused(scheme: Scheme, within: str) -> None:
    program = scheme.create()
    scheme.do(scheme.market.roles[Role.GUARDIAN], "pause")
    with refused(errors.EmergencyStop_Stopped, level=StopLevel.PAUSED):
        scheme.start() if within == "nothing" else scheme.start_in(program)


def test_start_event__by_one_who_may_not__refused(scheme: Scheme) -> None:
    applicant, operator = scheme.verified("applicant"), scheme.operator.address
    with refused(errors.GridOperatorNotRegistered, grid_operator=applicant.address):
        scheme.do(applicant, "startEvent", TARGET, RATE, HOUR)
    scheme.lower_score(scheme.operator)
    with refused(errors.GridOperatorVerification_LevelTooLow, operator=operator, **LEVELS):
        scheme.start()
    scheme.revoke(scheme.operator)
    with refused(errors.GridOperatorVerification_NotAuthorized, operator=operator, region=NORTH):
        scheme.start()


@pytest.mark.parametrize(
    ("terms", "name", "value"),
    [
        *OUT_OF_RANGE,
        ({"rate": 0}, "rewardPerKw", 0),
        ({"rate": 2**88}, "rewardPerKw", 2**88),
    ],
)
def test_start_event__value_out_of_range__refused(
    scheme: Scheme, terms: dict[str, int], name: str, value: int
) -> None:
    with refused(errors.DemandResponse_BadParameter, name=to_bytes32(name), value=value):
        scheme.start(**terms)


def test_start_event__wallet_short__refused(scheme: Scheme) -> None:
    scheme.fund(scheme.operator, BUDGET - 1)
    short = {"sender": scheme.operator.address, "balance": BUDGET - 1, "needed": BUDGET}
    with refused(errors.ERC20InsufficientBalance, **short):
        scheme.start()


def test_start_event__token_takes_a_fee__refused(market: Market) -> None:
    scheme = open_stack(market, "FeeToken", 1)
    received = BUDGET - BUDGET // 10_000
    with refused(errors.DemandResponse_EscrowShort, received=received, budget=BUDGET):
        scheme.start()


@pytest.mark.parametrize("second", [0, 1, 1800, HOUR - 1])
def test_start_event__at_any_second__begins_with_the_next_slot(scheme: Scheme, second: int) -> None:
    scheme.at(MONDAY + 5 * HOUR + second)
    event = scheme.event(scheme.start(duration=2 * HOUR))
    assert (event.start_time, event.end_time) == (MONDAY + 6 * HOUR, MONDAY + 8 * HOUR)


@pytest.mark.parametrize(("slot", "duration"), [(900, 900), (900, DAY), (3600, DAY)])
def test_start_event__slots_of_any_length__whole_ones(
    market: Market, quarter_hours: Market, slot: int, duration: int
) -> None:
    scheme = open_scheme(market if slot == HOUR else quarter_hours)
    scheme.at(MONDAY + 10 * slot + 1)
    event = scheme.event(scheme.start(duration=duration))
    start = MONDAY + 11 * slot
    assert (event.start_time, event.end_time) == (start, start + duration)


def test_start_event__all_is_well__budget_in_escrow(scheme: Scheme) -> None:
    assert scheme.view("eventCount") == 0
    receipt = scheme.at(MONDAY + 100).do(scheme.operator, "startEvent", TARGET, RATE, HOUR)

    start, end = MONDAY + HOUR, MONDAY + 2 * HOUR
    wait = scheme.market.grace + scheme.view("VERIFICATION_TIME")
    assert scheme.event(1) == DemandResponseEvent(
        event_id=1,
        program_id=0,
        kind=EventKind.CAPACITY,
        grid_operator=scheme.operator.address,
        region="NORTH",
        group="",
        opt_in=False,
        is_test=False,
        target_reduction_kw=TARGET,
        reward_per_kw=RATE,
        announced_at=receipt.time,
        start_time=start,
        measured_from=start,
        end_time=end,
        verifiable_until=end + wait,
        status=EventStatus.ACTIVE,
        total_participants=0,
        total_reduction_w=0,
        metered_reduction_w=0,
        budget=BUDGET,
        paid=0,
        refunded=0,
    )
    assert scheme.escrowed == scheme.holdings == BUDGET
    assert scheme.wallet(scheme.operator) == FUNDS - BUDGET
    assert scheme.logged(receipt, "EventStarted") == [
        {
            "event_id": 1,
            "program_id": 0,
            "grid_operator": scheme.operator.address,
            "region": NORTH,
            "target_reduction_kw": TARGET,
            "reward_per_kw": RATE,
            "start_time": start,
            "end_time": end,
            "budget": BUDGET,
        }
    ]


def test_start_event__largest_values__in_escrow(scheme: Scheme) -> None:
    target, rate = 2**40 - 1, 2**88 - 1
    scheme.fund(scheme.operator, target * rate)
    terms = (target, rate, DAY)
    returned = scheme.contract.call("startEvent", *terms, sender=scheme.operator.address)
    event = scheme.event(scheme.start(*terms))
    assert event.event_id == returned == 1
    assert event.budget == scheme.escrowed == target * rate


# scheduleEvent within a program


def test_schedule_event__in_a_program__by_one_who_may_not__refused(scheme: Scheme) -> None:
    program, operator = scheme.create(), scheme.operator.address
    applicant, rival = scheme.verified("applicant"), scheme.registered("rival")
    with refused(errors.GridOperatorNotRegistered, grid_operator=applicant.address):
        scheme.schedule(program, reward=0, sender=applicant)
    other = {"caller": rival.address, "grid_operator": operator}
    with refused(errors.DemandResponse_NotOperator, **other):
        scheme.schedule(program, reward=0, sender=rival)
    scheme.lower_score(scheme.operator)
    with refused(errors.GridOperatorVerification_LevelTooLow, operator=operator, **LEVELS):
        scheme.start_in(program)
    scheme.revoke(scheme.operator)
    with refused(errors.GridOperatorVerification_NotAuthorized, operator=operator, region=NORTH):
        scheme.start_in(program)


def test_schedule_event__in_a_program__missing_ended_or_closed__refused(scheme: Scheme) -> None:
    with refused(errors.DemandResponse_NoSuchProgram, program_id=1):
        scheme.start_in(1)
    program = scheme.create(duration=DAY)
    end = scheme.program(program).end_time
    start = end // HOUR * HOUR + HOUR
    scheme.at(end - 1)
    scheme.start_in(program, start=start)
    scheme.at(end)
    with refused(errors.DemandResponse_ProgramEnded, program_id=program, end_time=end):
        scheme.start_in(program)
    scheme.do(scheme.operator, "closeProgram", program, scheme.operator.address)
    closed = {"program_id": program, "status": ProgramStatus.CLOSED}
    with refused(errors.DemandResponse_ProgramNotActive, **closed):
        scheme.start_in(program)


@pytest.mark.parametrize(("terms", "name", "value"), OUT_OF_RANGE)
def test_schedule_event__in_a_program__value_out_of_range__refused(
    scheme: Scheme, terms: dict[str, int], name: str, value: int
) -> None:
    program = scheme.create()
    with refused(errors.DemandResponse_BadParameter, name=to_bytes32(name), value=value):
        scheme.start_in(program, **terms)


def test_schedule_event__in_a_program__budget_short_by_one_kw__refused(scheme: Scheme) -> None:
    program = scheme.create()
    scheme.start_in(program, 3)
    left = (TARGET - 3) * RATE
    short = {"program_id": program, "needed": left + RATE, "left": left}
    with refused(errors.DemandResponse_BudgetExceeded, **short):
        scheme.start_in(program, TARGET - 2, start=scheme.event(1).end_time)

    begins = scheme.event(1).end_time
    terms = program, 0, TARGET - 3, 0, begins, 2 * HOUR, 0, bytes(32), False, False
    start = ("scheduleEvent", terms)
    assert scheme.contract.call(*start, sender=scheme.operator.address) == 2
    receipt = scheme.do(scheme.operator, *start)

    event = scheme.event(2)
    assert (event.program_id, event.region) == (program, "NORTH")
    assert (event.reward_per_kw, event.budget) == (RATE, left)
    assert scheme.program(program).spent == BUDGET
    assert scheme.escrowed == scheme.holdings == BUDGET
    (logged,) = scheme.logged(receipt, "EventStarted")
    assert (logged["program_id"], logged["budget"]) == (program, left)
    assert len(receipt.logs) == 2


# scheduleEvent


def test_schedule_event__all_terms__announced(scheme: Scheme) -> None:
    program = scheme.create()
    start, group = MONDAY + 7 * DAY, to_bytes32("LIFTS")
    terms = program, 0, 2, 0, start, 3 * HOUR, HOUR, group, True, False
    receipt = scheme.at(MONDAY + 100).do(scheme.operator, "scheduleEvent", terms)
    known = scheme.event(1)
    assert (known.start_time, known.measured_from, known.end_time) == (
        start,
        start + HOUR,
        start + 3 * HOUR,
    )
    assert (known.announced_at, known.group, known.opt_in) == (MONDAY + 100, "LIFTS", True)
    assert scheme.logged(receipt, "EventScheduled") == [
        {
            "event_id": 1,
            "kind": EventKind.CAPACITY,
            "group": group,
            "measured_from": start + HOUR,
            "opt_in": True,
            "is_test": False,
        }
    ]


@pytest.mark.parametrize(
    ("terms", "name", "value"),
    [
        ({"start": MONDAY}, "startTime", MONDAY),
        ({"start": MONDAY + 8 * DAY}, "startTime", MONDAY + 8 * DAY),
        ({"start": MONDAY + 9 * HOUR + 1}, "startTime", MONDAY + 9 * HOUR + 1),
        ({"ramp": 1}, "ramp", 1),
        ({"ramp": HOUR}, "ramp", HOUR),
        ({"kind": EventKind.PRICE}, "targetReduction", TARGET),
        ({"kind": EventKind.PRICE, "target": 0, "is_test": True}, "targetReduction", 0),
        ({"kind": EventKind.PRICE, "target": 0, "reward": 0}, "rewardPerKw", 0),
    ],
)
def test_schedule_event__terms_out_of_range__refused(
    scheme: Scheme, terms: dict[str, Any], name: str, value: int
) -> None:
    with refused(errors.DemandResponse_BadParameter, name=to_bytes32(name), value=value):
        scheme.schedule(**terms)


def test_schedule_event__a_rate_of_its_own_within_a_program__refused(scheme: Scheme) -> None:
    program, name = scheme.create(), to_bytes32("rewardPerKw")
    with refused(errors.DemandResponse_BadParameter, name=name, value=RATE):
        scheme.schedule(program, reward=RATE)


def test_schedule_event__a_group_outside_programs__refused(scheme: Scheme) -> None:
    with refused(errors.DemandResponse_NoSuchProgram, program_id=0):
        scheme.schedule(group=to_bytes32("LIFTS"))


@pytest.mark.parametrize("within", [True, False])
def test_schedule_event__beside_another_one__refused(scheme: Scheme, within: bool) -> None:
    """Events of a program, and of a region outside programs, come one after the other."""
    program, other = (scheme.create(), scheme.create()) if within else (0, scheme.create())
    reward = 0 if within else RATE
    start = MONDAY + 10 * HOUR
    scheme.schedule(program, target=1, reward=reward, start=start, duration=2 * HOUR)
    for early in (start - HOUR, start, start + HOUR):
        overlapping = {"start_time": early, "until": start + 2 * HOUR}
        with refused(errors.DemandEnrolments_Overlapping, **overlapping):
            scheme.schedule(program, target=1, reward=reward, start=early)
    # Another program has other participants; a price signal pays nothing.
    scheme.schedule(other, target=1, reward=0, start=start)
    scheme.schedule(program, target=0, reward=5, start=start, kind=EventKind.PRICE)
    after = scheme.schedule(program, target=1, reward=reward, start=start + 2 * HOUR)
    # What is cancelled gives its time back.
    scheme.do(scheme.operator, "cancelEvent", after)
    scheme.schedule(program, target=1, reward=reward, start=start + 2 * HOUR)


def test_schedule_event__price_signal__nothing_is_escrowed(scheme: Scheme) -> None:
    program = scheme.create()
    for place in (0, program):
        event = scheme.schedule(place, target=0, reward=250_000, kind=EventKind.PRICE)
        known = scheme.event(event)
        assert (known.kind, known.reward_per_kw, known.budget) == (EventKind.PRICE, 250_000, 0)
    assert scheme.escrowed == BUDGET
    assert scheme.program(program).spent == 0


def test_schedule_event__test_event__nothing_is_escrowed(scheme: Scheme) -> None:
    program = scheme.create()
    for place in (0, program):
        event = scheme.event(scheme.schedule(place, reward=0, is_test=True))
        assert (event.is_test, event.reward_per_kw, event.budget) == (True, 0, 0)
    assert scheme.escrowed == BUDGET


# cancelEvent


def test_cancel_event__by_another__refused(scheme: Scheme) -> None:
    with refused(errors.EventNotFound, event_id=1):
        scheme.do(scheme.operator, "cancelEvent", 1)
    event, rival = scheme.start(), scheme.registered("rival")
    other = {"caller": rival.address, "grid_operator": scheme.operator.address}
    with refused(errors.DemandResponse_NotOperator, **other):
        scheme.do(rival, "cancelEvent", event)


def test_cancel_event__not_active__refused(scheme: Scheme) -> None:
    event = scheme.start()
    scheme.do(scheme.operator, "cancelEvent", event)
    for status in (EventStatus.CANCELLED, EventStatus.COMPLETED):
        with refused(errors.EventNotActive, event_id=event, status=status):
            scheme.do(scheme.operator, "cancelEvent", event)
        event = scheme.completed()


@pytest.mark.parametrize("late", [0, 1])
def test_cancel_event__started__refused(scheme: Scheme, late: int) -> None:
    event = scheme.start()
    start = scheme.event(event).start_time
    scheme.at(start + late)
    with refused(errors.DemandResponse_AlreadyStarted, event_id=event, start_time=start):
        scheme.do(scheme.operator, "cancelEvent", event)


@pytest.mark.parametrize("trouble", ["none", "revoked", "stopped"])
def test_cancel_event__before_it_starts__all_goes_back(scheme: Scheme, trouble: str) -> None:
    event, operator = scheme.start(), scheme.operator
    if trouble == "revoked":
        scheme.revoke(operator)
    elif trouble == "stopped":
        scheme.do(scheme.market.roles[Role.ADMIN], "shutdown")

    receipt = scheme.at(scheme.event(event).start_time - 1).do(operator, "cancelEvent", event)

    assert scheme.logged(receipt, "EventCancelled") == [{"event_id": event}]
    assert scheme.event(event).status is EventStatus.CANCELLED
    scheme.do(operator, "reclaimBudget", event, operator.address)
    assert scheme.wallet(operator) == FUNDS
    assert scheme.escrowed == scheme.holdings == 0


def test_cancel_event__within_a_program__its_part_goes_back(
    scheme: Scheme, consumer: LocalAccount
) -> None:
    program = scheme.create()
    event = scheme.start_in(program, 4)
    scheme.do(scheme.operator, "cancelEvent", event)
    recipient = actor("recipient")
    scheme.join(program, consumer)
    receipt = scheme.do(scheme.operator, "reclaimBudget", event, recipient.address)
    (logged,) = scheme.logged(receipt, "BudgetRefunded")
    assert (logged["to"], logged["amount"]) == (scheme.contract.address, 4 * RATE)
    # It is the program's again: an operator cannot take a budget back through an event.
    assert (scheme.wallet(recipient), scheme.program(program).spent) == (0, 0)
    assert scheme.escrowed == scheme.holdings == BUDGET


def test_cancel_event__of_a_closed_program__its_part_goes_to_the_operator(scheme: Scheme) -> None:
    program = scheme.create()
    event = scheme.start_in(program, 4, start=MONDAY + 9 * HOUR)
    scheme.do(scheme.operator, "closeProgram", program, scheme.operator.address)
    scheme.do(scheme.operator, "cancelEvent", event)
    scheme.do(scheme.operator, "reclaimBudget", event, scheme.operator.address)
    assert scheme.wallet(scheme.operator) == FUNDS
    assert scheme.escrowed == scheme.holdings == 0
