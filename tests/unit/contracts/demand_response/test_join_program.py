"""DemandResponse.joinProgram and leaveProgram."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import to_bytes32
from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.contracts.demand_response import ProgramParticipant
from energy_grid.domain.enums import ProgramStatus, StopLevel
from tests.support.market import MONDAY, actor
from tests.support.refusals import refused
from tests.unit.contracts.demand_response.scheme import BUDGET, DAY, RATE, TARGET, Scheme


def test_join_program__stopped__refused(scheme: Scheme, consumer: LocalAccount) -> None:
    program = scheme.create()
    scheme.do(scheme.market.roles[Role.GUARDIAN], "pause")
    with refused(errors.EmergencyStop_Stopped, level=StopLevel.PAUSED):
        scheme.join(program, consumer)


def test_join_program__wrong_in_one_thing_after_the_other__refused_in_this_order(
    scheme: Scheme,
) -> None:
    stranger = actor("stranger")
    with refused(errors.DemandResponse_NoSuchProgram, program_id=1):
        scheme.join(1, stranger, 0)

    program, other = scheme.create(duration=1000), scheme.create()
    scheme.join(program, stranger, 100)
    # One enrolment at a time: another program's events could overlap with those of this one.
    for number in (program, other, 0):
        with refused(errors.AlreadyParticipating, id=program, consumer=stranger.address):
            scheme.join(number, stranger, 100)
    with refused(errors.InsufficientReduction, reduction=0, minimum=100):
        scheme.join(program, stranger, 0)
    end = scheme.program(program).end_time
    scheme.market.go_to(end)
    with refused(errors.DemandResponse_ProgramEnded, program_id=program, end_time=end):
        scheme.join(program, stranger, 0)
    scheme.do(stranger, "closeProgram", program, scheme.operator.address)
    status = ProgramStatus.CLOSED
    with refused(errors.DemandResponse_ProgramNotActive, program_id=program, status=status):
        scheme.join(program, stranger, 0)


@pytest.mark.parametrize("late", [-1, 0, 1])
def test_join_program__at_its_end__refused(
    scheme: Scheme, consumer: LocalAccount, late: int
) -> None:
    program = scheme.create(duration=DAY)
    end = scheme.program(program).end_time
    scheme.at(end + late)
    if late < 0:
        scheme.join(program, consumer)
        assert scheme.program(program).participants == 1
        return
    with refused(errors.DemandResponse_ProgramEnded, program_id=program, end_time=end):
        scheme.join(program, consumer)


def test_join_program__commitment_out_of_bounds__refused(
    scheme: Scheme, consumer: LocalAccount
) -> None:
    program = scheme.create()
    for watts in (0, 99):
        with refused(errors.InsufficientReduction, reduction=watts, minimum=100):
            scheme.join(program, consumer, watts)
    for watts in (1000 * TARGET + 1, 2**256 - 1):
        name = to_bytes32("committed")
        with refused(errors.DemandResponse_BadParameter, name=name, value=watts):
            scheme.join(program, consumer, watts)


@pytest.mark.parametrize("watts", [100, 1000 * TARGET])
def test_join_program__least_and_most__joined_and_registered(scheme: Scheme, watts: int) -> None:
    program, consumer = scheme.create(), actor("consumer")

    receipt = scheme.join(program, consumer, watts)

    known = scheme.program(program)
    assert (known.committed, known.participants) == (watts, 1)
    assert scheme.participant(program, consumer) == ProgramParticipant(
        committed=watts, reduction=0, earned=0, claimed=0
    )
    joined = {"program_id": program, "participant": consumer.address, "committed": watts}
    assert scheme.logged(receipt, "ProgramJoined") == [joined]
    registered = {"consumer": consumer.address, "by": consumer.address}
    assert scheme.logged(receipt, "ConsumerRegistered") == [registered]
    assert scheme.enrolments.call("isConsumer", consumer.address)


def test_join_program__whole_target_committed_by_others__keeps_nobody_out(
    scheme: Scheme, consumer: LocalAccount
) -> None:
    """Whoever commits the target and does nothing could otherwise close the program to all."""
    program, most = scheme.create(), 1000 * TARGET
    for number in range(3):
        scheme.join(program, scheme.consumer(f"idler {number}"), most)

    scheme.join(program, consumer, most)

    known = scheme.program(program)
    assert (known.committed, known.participants) == (4 * most, 4)
    # What nobody else has earned is there for it, to the last unit, and no more.
    scheme.do(scheme.operator, "reportReduction", program, consumer.address, most)
    assert scheme.participant(program, consumer).earned == BUDGET == known.budget
    idler = actor("idler 0").address
    short = {"program_id": program, "needed": RATE // 10, "left": 0}
    with refused(errors.DemandResponse_BudgetExceeded, **short):
        scheme.do(scheme.operator, "reportReduction", program, idler, 100)


def test_join_program__largest_program__its_sum_has_room_for_all(scheme: Scheme) -> None:
    target = 2**40 - 1
    scheme.fund(scheme.operator, target)
    program, most, count = scheme.create(target=target, rate=1), 1000 * target, 70

    for number in range(count):
        scheme.join(program, scheme.consumer(f"saver {number}"), most)

    known = scheme.program(program)
    # More than 56 bits, which one commitment fits.
    assert known.committed == count * most > 2**56
    assert (known.participants, known.target_reduction_kw) == (count, target)
    assert (known.incentive_rate, known.budget) == (1, target)
    scheme.do(actor("saver 0"), "leaveProgram", program)
    assert scheme.program(program).committed == (count - 1) * most


def test_leave_program__none_or_not_taking_part__refused(
    scheme: Scheme, consumer: LocalAccount
) -> None:
    program = scheme.create()
    missing = {"program_id": program, "participant": consumer.address}
    with refused(errors.DemandResponse_NotParticipating, **missing):
        scheme.do(consumer, "leaveProgram", program)
    scheme.join(program, consumer)
    scheme.do(consumer, "leaveProgram", program)
    with refused(errors.DemandResponse_NotParticipating, **missing):
        scheme.do(consumer, "leaveProgram", program)


@pytest.mark.parametrize("state", ["active", "ended", "closed", "stopped"])
def test_leave_program__in_any_state__left(
    scheme: Scheme, consumer: LocalAccount, state: str
) -> None:
    program = scheme.create()
    scheme.join(program, consumer, 700)
    scheme.join(program, scheme.consumer("neighbour"), 300)
    if state == "ended":
        scheme.market.go_to(MONDAY + 40 * DAY)
    elif state == "closed":
        scheme.market.go_to(MONDAY + 40 * DAY)
        scheme.do(scheme.operator, "closeProgram", program, scheme.operator.address)
    elif state == "stopped":
        scheme.do(scheme.market.roles[Role.GUARDIAN], "pause")

    receipt = scheme.do(consumer, "leaveProgram", program)

    known = scheme.program(program)
    assert (known.committed, known.participants) == (300, 1)
    assert scheme.participant(program, consumer).committed == 0
    left = {"program_id": program, "participant": consumer.address}
    assert scheme.logged(receipt, "ProgramLeft") == [left]


def test_leave_program__and_join_again__earned_and_claimed_stay(
    scheme: Scheme, consumer: LocalAccount
) -> None:
    program = scheme.create(rate=1000)
    scheme.join(program, consumer, 500)
    scheme.do(scheme.operator, "reportReduction", program, consumer.address, 500)
    scheme.do(consumer, "claimProgramReward", program, consumer.address)
    scheme.do(scheme.operator, "reportReduction", program, consumer.address, 200)
    scheme.do(consumer, "leaveProgram", program)
    after = ProgramParticipant(committed=0, reduction=700, earned=700, claimed=500)
    assert scheme.participant(program, consumer) == after

    scheme.join(program, consumer, 9000)
    scheme.do(consumer, "claimProgramReward", program, consumer.address)

    again = ProgramParticipant(committed=9000, reduction=700, earned=700, claimed=700)
    assert scheme.participant(program, consumer) == again
    assert scheme.wallet(consumer) == 700
