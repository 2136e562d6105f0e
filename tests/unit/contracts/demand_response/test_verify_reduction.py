"""DemandResponse.verifyReduction: the operator's word."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.contracts.demand_response import ParticipationRecord
from energy_grid.domain.demand_response import EventStatus
from energy_grid.domain.enums import ParticipationStatus
from energy_grid.domain.grid_levels import PermissionLevel
from tests.support.market import actor
from tests.support.refusals import refused
from tests.unit.contracts.demand_response.scheme import DAY, HOUR, NORTH, RATE, SOUTH, Scheme


@pytest.fixture
def event(scheme: Scheme, consumer: LocalAccount) -> int:
    """At the first second at which the operator can verify."""
    number = scheme.start()
    scheme.go_to_end(number)
    return number


def test_verify_reduction__by_another__refused(
    scheme: Scheme, event: int, consumer: LocalAccount
) -> None:
    applicant, rival = scheme.verified("applicant"), scheme.registered("rival")
    operator = scheme.operator.address
    with refused(errors.GridOperatorNotRegistered, grid_operator=applicant.address):
        scheme.verify(event, consumer, 500, sender=applicant)
    other = {"caller": rival.address, "grid_operator": operator}
    with refused(errors.DemandResponse_NotOperator, **other):
        scheme.verify(event, consumer, 500, sender=rival)
    scheme.lower_score(scheme.operator)
    levels = {"level": PermissionLevel.REPORT, "needed": PermissionLevel.OPERATE}
    with refused(errors.GridOperatorVerification_LevelTooLow, operator=operator, **levels):
        scheme.verify(event, consumer, 500)
    scheme.revoke(scheme.operator)
    with refused(errors.GridOperatorVerification_NotAuthorized, operator=operator, region=NORTH):
        scheme.verify(event, consumer, 500)


def test_verify_reduction__no_event_or_not_active__refused(
    scheme: Scheme, consumer: LocalAccount
) -> None:
    with refused(errors.EventNotFound, event_id=1):
        scheme.do(scheme.operator, "verifyReduction", 1, consumer.address, 700, 200, 0, 200)
    cancelled = scheme.start()
    scheme.do(scheme.operator, "cancelEvent", cancelled)
    completed = scheme.completed()
    for event, status in (
        (cancelled, EventStatus.CANCELLED),
        (completed, EventStatus.COMPLETED),
    ):
        with refused(errors.EventNotActive, event_id=event, status=status):
            scheme.verify(event, consumer, 500)


def test_verify_reduction__outside_its_time__refused(
    scheme: Scheme, consumer: LocalAccount
) -> None:
    neighbour, late = scheme.consumer("neighbour"), scheme.consumer("late")
    event = scheme.start()
    known = scheme.event(event)
    scheme.at(known.end_time - 1)
    with refused(errors.DemandResponse_TooEarly, event_id=event, **{"from": known.end_time}):
        scheme.verify(event, consumer, 500)
    scheme.at(known.end_time)
    scheme.verify(event, consumer, 500)
    scheme.at(known.verifiable_until)
    scheme.verify(event, neighbour, 500)
    with refused(errors.EventExpired, event_id=event, deadline=known.verifiable_until):
        scheme.verify(event, late, 500)
    assert scheme.event(event).total_participants == 2


def test_verify_reduction__consumer_not_registered__refused(scheme: Scheme, event: int) -> None:
    stranger = actor("stranger")
    with refused(errors.ConsumerNotRegistered, consumer=stranger.address):
        scheme.verify(event, stranger, 500)


def test_verify_reduction__within_a_program__of_its_participants_only(
    scheme: Scheme, consumer: LocalAccount
) -> None:
    program, neighbour = scheme.create(), scheme.consumer("neighbour")
    returner = scheme.consumer("returner")
    for account in (consumer, neighbour, returner):
        scheme.join(program, account)
    scheme.do(neighbour, "leaveProgram", program)
    scheme.market.go_to(scheme.market.now + 1)
    event = scheme.start_in(program)
    # Who leaves later still takes part: an aggregator would let those go who used more.
    late = scheme.consumer("late")
    scheme.join(program, late)
    for account in (consumer, late):
        scheme.do(account, "leaveProgram", program)
    # A program's end changes nothing for its events.
    scheme.do(returner, "leaveProgram", program)
    scheme.do(scheme.operator, "closeProgram", program, scheme.operator.address)
    scheme.go_to_end(event)
    for account in (neighbour, late, scheme.consumer("outsider")):
        missing = {"program_id": program, "participant": account.address}
        with refused(errors.DemandResponse_NotParticipating, **missing):
            scheme.verify(event, account, 500)
    for account in (consumer, returner):
        scheme.verify(event, account, 500)
    assert scheme.event(event).total_reduction_w == 1_000


def test_verify_reduction__twice__refused(
    scheme: Scheme, event: int, consumer: LocalAccount
) -> None:
    scheme.verify(event, consumer, 500)
    with refused(errors.AlreadyParticipating, id=event, consumer=consumer.address):
        scheme.verify(event, consumer, 600)


@pytest.mark.parametrize(
    ("start", "end", "actual"),
    [(1, 0, 0), (2**64 - 1, 0, 1), (0, 200, 199), (0, 200, 201), (0, 0, 1)],
)
def test_verify_reduction__registers_do_not_show_it__refused(
    scheme: Scheme, event: int, consumer: LocalAccount, start: int, end: int, actual: int
) -> None:
    registers = {"meter_reading_start": start, "meter_reading_end": end, "actual": actual}
    with refused(errors.InvalidMeterReading, **registers):
        arguments = (event, consumer.address, actual + 500, actual, start, end)
        scheme.do(scheme.operator, "verifyReduction", *arguments)


@pytest.mark.parametrize(("wh", "actual"), [(0, 0), (1, 1), (2, 1), (3, 2), (1999, 1000)])
def test_verify_reduction__over_several_hours__actual_rounded_up(
    scheme: Scheme, consumer: LocalAccount, wh: int, actual: int
) -> None:
    event = scheme.start(duration=2 * HOUR)
    scheme.go_to_end(event)
    registers = {"meter_reading_start": 7, "meter_reading_end": 7 + wh, "actual": actual + 1}
    arguments = (event, consumer.address, actual + 500)
    with refused(errors.InvalidMeterReading, **registers):
        scheme.do(scheme.operator, "verifyReduction", *arguments, actual + 1, 7, 7 + wh)
    scheme.do(scheme.operator, "verifyReduction", *arguments, actual, 7, 7 + wh)
    assert scheme.participation(event, consumer).reduction_w == 500


@pytest.mark.parametrize(("baseline", "reduction"), [(0, 0), (700, 0), (701, 1), (799, 99)])
def test_verify_reduction__too_little__refused(
    scheme: Scheme, event: int, consumer: LocalAccount, baseline: int, reduction: int
) -> None:
    arguments = (event, consumer.address, baseline, 700, 5, 705)
    with refused(errors.InsufficientReduction, reduction=reduction, minimum=100):
        scheme.do(scheme.operator, "verifyReduction", *arguments)


@pytest.mark.parametrize("place", range(4))
def test_verify_reduction__values_too_large__refused(
    scheme: Scheme, event: int, consumer: LocalAccount, place: int
) -> None:
    values = [2**63 - 1, 0, 2**64 - 1, 2**64 - 1]
    arguments = (event, consumer.address)
    power, register = errors.SafeCastOverflowedIntDowncast, errors.SafeCastOverflowedUintDowncast
    kind, limit = (power, 2**63) if place < 2 else (register, 2**64)
    wrong = [limit if at == place else value for at, value in enumerate(values)]
    with refused(kind, bits=64, value=limit):
        scheme.do(scheme.operator, "verifyReduction", *arguments, *wrong)
    if place < 2:
        wrong[place] = 2**255
        with refused(errors.SafeCastOverflowedUintToInt, value=2**255):
            scheme.do(scheme.operator, "verifyReduction", *arguments, *wrong)
    scheme.do(scheme.operator, "verifyReduction", *arguments, *values)
    assert scheme.event(event).total_reduction_w == 2**63 - 1


def test_verify_reduction__largest_many_times__counted(scheme: Scheme) -> None:
    giants = [scheme.consumer(f"giant {number}") for number in range(3)]
    event = scheme.start()
    scheme.go_to_end(event)
    for giant in giants:
        arguments = (giant.address, 2**63 - 1, 0, 0, 0)
        scheme.do(scheme.operator, "verifyReduction", event, *arguments)
    assert scheme.event(event).total_reduction_w == 3 * (2**63 - 1)


def test_verify_reduction__of_a_metered_consumer__refused(
    scheme: Scheme, consumer: LocalAccount
) -> None:
    """Where a settlement meter speaks, it decides."""
    event = scheme.start()
    scheme.market.register_meter(consumer, region=NORTH)
    scheme.market.go_to(scheme.market.now + 3 * DAY)
    later = scheme.start()
    scheme.go_to_end(later)
    with refused(errors.DemandResponse_Metered, consumer=consumer.address):
        scheme.verify(later, consumer, 500)
    assert scheme.event(event).total_participants == 0


def test_verify_reduction__less_than_half_of_the_commitment__pays_nothing(
    scheme: Scheme, consumer: LocalAccount
) -> None:
    program = scheme.create()
    scheme.join(program, consumer, 1_000)
    neighbour = scheme.consumer("neighbour")
    scheme.join(program, neighbour, 1_000)
    event = scheme.start_in(program)
    scheme.go_to_end(event)
    scheme.verify(event, consumer, 499)
    scheme.verify(event, neighbour, 500)
    assert scheme.event(event).total_reduction_w == 500
    scheme.complete(event)
    assert scheme.participation(event, consumer).status is ParticipationStatus.REJECTED
    assert scheme.participation(event, neighbour).reward_amount == RATE // 2


def test_verify_reduction__overlapping_event_of_another_region__paid_once(
    scheme: Scheme, consumer: LocalAccount
) -> None:
    rival = scheme.registered("rival", SOUTH)
    first = scheme.start(duration=2 * HOUR)
    second = scheme.schedule(start=scheme.event(first).start_time + HOUR, sender=rival)
    scheme.go_to_end(first)
    scheme.verify(first, consumer, 500)
    start, until = scheme.event(second).start_time, scheme.event(first).end_time
    twice = {"start_time": start, "until": until}
    with refused(errors.DemandEnrolments_Overlapping, **twice):
        scheme.verify(second, consumer, 500, sender=rival)


def test_verify_reduction__stopped__verified(
    scheme: Scheme, event: int, consumer: LocalAccount
) -> None:
    scheme.do(scheme.market.roles[Role.ADMIN], "shutdown")
    scheme.verify(event, consumer, 500)
    assert scheme.event(event).total_participants == 1


def test_verify_reduction__least_that_counts__recorded(
    scheme: Scheme, event: int, consumer: LocalAccount
) -> None:
    neighbour = scheme.consumer("neighbour")
    event = scheme.schedule(start=scheme.event(event).end_time + HOUR)
    scheme.go_to_end(event)
    nothing = scheme.participation(event, consumer)
    assert nothing.status is ParticipationStatus.PENDING
    assert (nothing.participation_id, nothing.event_id) == (0, event)
    assert nothing.consumer == consumer.address
    scheme.verify(event, neighbour, 4000, wh=10)

    verify = ("verifyReduction", event, consumer.address, 800, 700, 5, 705)
    assert scheme.contract.call(*verify, sender=scheme.operator.address) == 2
    receipt = scheme.verify(event, consumer, 100)

    record = ParticipationRecord(
        participation_id=2,
        event_id=event,
        consumer=consumer.address,
        baseline_usage_w=800,
        actual_usage_w=700,
        reduction_w=100,
        minimum_w=100,
        reward_amount=0,
        meter_reading_start=5,
        meter_reading_end=705,
        verified_at=receipt.time,
        aggregator="0x" + 40 * "0",
        status=ParticipationStatus.VERIFIED,
    )
    assert scheme.participation(event, consumer) == record
    known = scheme.event(event)
    assert (known.total_participants, known.total_reduction_w) == (2, 4100)
    assert known.metered_reduction_w == 0
    assert scheme.logged(receipt, "ReductionVerified") == [
        {
            "event_id": event,
            "consumer": consumer.address,
            "participation_id": 2,
            "baseline_w": 800,
            "actual_w": 700,
            "reduction_w": 100,
            "minimum_w": 100,
            "metered": False,
        }
    ]
