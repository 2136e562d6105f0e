"""DemandResponse.reportReduction, closeProgram and claimProgramReward."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.enums import ProgramStatus
from energy_grid.domain.grid_levels import PermissionLevel
from tests.model.demand_response import DemandProgram
from tests.support.examples import on_chain, rewound
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.demand_response.scheme import (
    BUDGET,
    DAY,
    FUNDS,
    NORTH,
    RATE,
    Scheme,
    open_stack,
)

ZERO = "0x" + 40 * "0"
RECIPIENT = actor("recipient")


def report(scheme: Scheme, program: int, consumer: LocalAccount, watts: int) -> int:
    """What was earned, by the one event."""
    receipt = scheme.do(scheme.operator, "reportReduction", program, consumer.address, watts)
    (event,) = scheme.logged(receipt, "ReductionReported")
    assert event["program_id"] == program
    assert event["participant"] == consumer.address
    assert event["reduction"] == watts
    return int(event["reward"])


@pytest.fixture
def program(scheme: Scheme, consumer: LocalAccount) -> int:
    """Which the consumer takes part in with 1000 W."""
    number = scheme.create()
    scheme.join(number, consumer, 1000)
    return number


def test_report_reduction__by_another__refused(
    scheme: Scheme, program: int, consumer: LocalAccount
) -> None:
    arguments = (program, consumer.address, 500)
    stranger, rival = scheme.verified("applicant"), scheme.registered("rival")
    with refused(errors.GridOperatorNotRegistered, grid_operator=stranger.address):
        scheme.do(stranger, "reportReduction", *arguments)
    operator = scheme.operator.address
    with refused(errors.DemandResponse_NotOperator, caller=rival.address, grid_operator=operator):
        scheme.do(rival, "reportReduction", *arguments)
    scheme.lower_score(scheme.operator)
    levels = {"level": PermissionLevel.REPORT, "needed": PermissionLevel.OPERATE}
    with refused(errors.GridOperatorVerification_LevelTooLow, operator=operator, **levels):
        scheme.do(scheme.operator, "reportReduction", *arguments)
    scheme.revoke(scheme.operator)
    with refused(errors.GridOperatorVerification_NotAuthorized, operator=operator, region=NORTH):
        scheme.do(scheme.operator, "reportReduction", *arguments)


def test_report_reduction__program_missing_closed_or_ended__refused(
    scheme: Scheme, program: int, consumer: LocalAccount
) -> None:
    with refused(errors.DemandResponse_NoSuchProgram, program_id=2):
        report(scheme, 2, consumer, 500)
    end = scheme.program(program).end_time
    scheme.at(end - 1)
    assert report(scheme, program, consumer, 500) == RATE // 2
    for late in (0, 1):
        scheme.at(end + late)
        with refused(errors.DemandResponse_ProgramEnded, program_id=program, end_time=end):
            report(scheme, program, consumer, 500)
    scheme.do(scheme.operator, "closeProgram", program, scheme.operator.address)
    closed = {"program_id": program, "status": ProgramStatus.CLOSED}
    with refused(errors.DemandResponse_ProgramNotActive, **closed):
        report(scheme, program, consumer, 0)


def test_report_reduction__of_no_participant__refused(
    scheme: Scheme, program: int, consumer: LocalAccount
) -> None:
    for account in (actor("stranger"), scheme.consumer("neighbour"), consumer):
        if account is consumer:
            scheme.do(consumer, "leaveProgram", program)
        missing = {"program_id": program, "participant": account.address}
        with refused(errors.DemandResponse_NotParticipating, **missing):
            report(scheme, program, account, 500)


def test_report_reduction__too_little_or_too_much__refused(
    scheme: Scheme, program: int, consumer: LocalAccount
) -> None:
    with refused(errors.InsufficientReduction, reduction=99, minimum=100):
        report(scheme, program, consumer, 99)
    for watts in (1001, 2**256 - 1):
        above = {"reduction": watts, "committed": 1000}
        with refused(errors.DemandResponse_AboveCommitment, **above):
            report(scheme, program, consumer, watts)
    assert report(scheme, program, consumer, 100) == RATE // 10
    assert report(scheme, program, consumer, 1000) == RATE


def test_report_reduction__above_the_budget_by_one_unit__refused(
    scheme: Scheme, consumer: LocalAccount
) -> None:
    program = scheme.create(target=1, rate=10)
    scheme.join(program, consumer, 1000)
    assert report(scheme, program, consumer, 499) == 4
    short = {"program_id": program, "needed": 7, "left": 6}
    with refused(errors.DemandResponse_BudgetExceeded, **short):
        report(scheme, program, consumer, 700)

    assert report(scheme, program, consumer, 699) == 6

    assert scheme.program(program).spent == scheme.program(program).budget == 10
    known = scheme.participant(program, consumer)
    assert (known.reduction, known.earned) == (1198, 10)


def test_report_reduction__stopped__earned(
    scheme: Scheme, program: int, consumer: LocalAccount
) -> None:
    scheme.do(scheme.market.roles[Role.GUARDIAN], "pause")
    assert report(scheme, program, consumer, 999) == 999 * RATE // 1000


@settings(on_chain, max_examples=8)
@given(
    rate=st.sampled_from([1, 7, 999, 1001, RATE]),
    steps=st.lists(
        st.tuples(st.sampled_from(["saver", "other"]), st.integers(100, 1000)), max_size=6
    ),
)
def test_report_reduction__any_reports__as_in_the_model(
    scheme: Scheme, rate: int, steps: list[tuple[str, int]]
) -> None:
    with rewound(scheme.market):
        program, model = scheme.create(target=2, rate=rate), DemandProgram(2, rate)
        for name in ("saver", "other"):
            scheme.join(program, scheme.consumer(name), 1000)
            model.join(name, 1000)
        for name, watts in steps:
            if watts * rate // 1000 > model.left:
                short = {"needed": watts * rate // 1000, "left": model.left}
                with refused(errors.DemandResponse_BudgetExceeded, program_id=program, **short):
                    report(scheme, program, actor(name), watts)
            else:
                assert report(scheme, program, actor(name), watts) == model.report(name, watts)
        assert scheme.program(program).spent == model.spent
        for name, earned in model.earned.items():
            assert scheme.participant(program, actor(name)).earned == earned
        assert scheme.escrowed == scheme.holdings == model.owed == model.budget


def test_report_reduction__of_a_metered_participant__refused(
    scheme: Scheme, program: int, consumer: LocalAccount
) -> None:
    scheme.market.register_meter(consumer, region=NORTH)
    scheme.market.go_to(scheme.market.now + 3 * DAY)
    with refused(errors.DemandResponse_Metered, consumer=consumer.address):
        report(scheme, program, consumer, 500)


# closeProgram


def test_close_program__missing_or_closed__refused(scheme: Scheme, program: int) -> None:
    with refused(errors.DemandResponse_NoSuchProgram, program_id=2):
        scheme.do(scheme.operator, "closeProgram", 2, scheme.operator.address)
    empty = scheme.create()
    scheme.do(scheme.operator, "closeProgram", empty, scheme.operator.address)
    closed = {"program_id": empty, "status": ProgramStatus.CLOSED}
    with refused(errors.DemandResponse_ProgramNotActive, **closed):
        scheme.do(scheme.operator, "closeProgram", empty, scheme.operator.address)


def test_close_program__while_somebody_is_enrolled__its_budget_stays(
    scheme: Scheme, program: int, consumer: LocalAccount
) -> None:
    neighbour = scheme.consumer("neighbour")
    scheme.join(program, neighbour)
    end, operator = scheme.program(program).end_time, scheme.operator
    for participants in (2, 1):
        held = {"program_id": program, "participants": participants, "end_time": end}
        with refused(errors.DemandResponse_Committed, **held):
            scheme.do(operator, "closeProgram", program, operator.address)
        scheme.do(neighbour if participants == 2 else consumer, "leaveProgram", program)
    scheme.do(operator, "closeProgram", program, operator.address)
    assert scheme.wallet(operator) == FUNDS


def test_close_program__after_its_end__whoever_is_enrolled(scheme: Scheme, program: int) -> None:
    scheme.at(scheme.program(program).end_time)
    scheme.do(scheme.operator, "closeProgram", program, scheme.operator.address)
    assert scheme.wallet(scheme.operator) == FUNDS


def test_close_program__by_another__after_its_end_only(scheme: Scheme, program: int) -> None:
    end, operator = scheme.program(program).end_time, scheme.operator.address
    keeper = actor("keeper")
    scheme.at(end - 1)
    other = {"caller": keeper.address, "grid_operator": operator}
    with refused(errors.DemandResponse_NotOperator, **other):
        scheme.do(keeper, "closeProgram", program, operator)
    for to in (keeper.address, ZERO):
        with refused(errors.DemandResponse_NotOperator, **other):
            scheme.at(end).do(keeper, "closeProgram", program, to)
        end += 1

    receipt = scheme.at(end).do(keeper, "closeProgram", program, operator)

    closed = {"program_id": program, "refunded": BUDGET}
    assert scheme.logged(receipt, "ProgramClosed") == [closed]
    assert scheme.wallet(operator) == FUNDS
    assert scheme.program(program).status is ProgramStatus.CLOSED
    assert scheme.escrowed == scheme.holdings == 0


@pytest.mark.parametrize("trouble", ["none", "stopped", "revoked"])
def test_close_program__by_its_operator__takes_back_what_is_left(
    scheme: Scheme, program: int, consumer: LocalAccount, trouble: str
) -> None:
    earned = report(scheme, program, consumer, 777)
    scheme.do(consumer, "leaveProgram", program)
    if trouble == "stopped":
        scheme.do(scheme.market.roles[Role.GUARDIAN], "pause")
        scheme.do(scheme.market.roles[Role.ADMIN], "shutdown")
    elif trouble == "revoked":
        scheme.revoke(scheme.operator)

    scheme.do(scheme.operator, "closeProgram", program, scheme.operator.address)

    assert scheme.wallet(scheme.operator) == FUNDS - earned
    assert scheme.escrowed == scheme.holdings == earned
    scheme.do(consumer, "claimProgramReward", program, consumer.address)
    assert scheme.wallet(consumer) == earned
    assert scheme.escrowed == scheme.holdings == 0


def test_close_program__nothing_left__closed(scheme: Scheme, consumer: LocalAccount) -> None:
    program = scheme.create(target=1, rate=1000)
    scheme.join(program, consumer, 1000)
    report(scheme, program, consumer, 1000)
    scheme.do(consumer, "leaveProgram", program)
    receipt = scheme.do(scheme.operator, "closeProgram", program, scheme.operator.address)
    closed = {"program_id": program, "refunded": 0}
    assert scheme.logged(receipt, "ProgramClosed") == [closed]
    assert len(receipt.logs) == 1
    assert scheme.escrowed == 1000


def test_close_program__nowhere__refused(
    scheme: Scheme, program: int, consumer: LocalAccount
) -> None:
    scheme.do(consumer, "leaveProgram", program)
    for nowhere in (ZERO, scheme.contract.address):
        with refused(errors.DemandResponse_BadRecipient, to=nowhere):
            scheme.do(scheme.operator, "closeProgram", program, nowhere)


@pytest.mark.parametrize("ended", [False, True])
def test_close_program__operator_listed__another_is_paid(market: Market, *, ended: bool) -> None:
    scheme = open_stack(market, "BlacklistToken")
    program, operator = scheme.create(), scheme.operator.address
    scheme.market.do(RECIPIENT, scheme.dollar, "setListed", operator, True)
    if ended:
        scheme.market.go_to(scheme.program(program).end_time)
    with refused(errors.RewardDistributionFailed, to=operator, amount=BUDGET):
        scheme.do(scheme.operator, "closeProgram", program, operator)

    receipt = scheme.do(scheme.operator, "closeProgram", program, RECIPIENT.address)

    assert scheme.logged(receipt, "ProgramClosed") == [{"program_id": program, "refunded": BUDGET}]
    assert scheme.wallet(RECIPIENT) == BUDGET
    assert scheme.escrowed == scheme.holdings == 0


# claimProgramReward


def test_claim_program_reward__nothing_there__refused(
    scheme: Scheme, program: int, consumer: LocalAccount
) -> None:
    with refused(errors.DemandResponse_NoSuchProgram, program_id=2):
        scheme.do(consumer, "claimProgramReward", 2, consumer.address)
    for account in (actor("stranger"), consumer):
        with refused(errors.DemandResponse_NothingToClaim, account=account.address):
            scheme.do(account, "claimProgramReward", program, ZERO)
    report(scheme, program, consumer, 500)
    for nowhere in (ZERO, scheme.contract.address):
        with refused(errors.DemandResponse_BadRecipient, to=nowhere):
            scheme.do(consumer, "claimProgramReward", program, nowhere)

    claim = ("claimProgramReward", program, RECIPIENT.address)
    assert scheme.contract.call(*claim, sender=consumer.address) == RATE // 2
    receipt = scheme.do(consumer, *claim)

    assert scheme.wallet(RECIPIENT) == RATE // 2
    paid = {"program_id": program, "participant": consumer.address}
    assert scheme.logged(receipt, "ProgramRewardPaid") == [
        paid | {"to": RECIPIENT.address, "amount": RATE // 2}
    ]
    assert scheme.escrowed == scheme.holdings == BUDGET - RATE // 2
    with refused(errors.DemandResponse_NothingToClaim, account=consumer.address):
        scheme.do(consumer, "claimProgramReward", program, consumer.address)


def test_claim_program_reward__closed_and_shut_down__paid(
    scheme: Scheme, program: int, consumer: LocalAccount
) -> None:
    report(scheme, program, consumer, 500)
    scheme.do(consumer, "leaveProgram", program)
    scheme.do(scheme.operator, "closeProgram", program, scheme.operator.address)
    scheme.market.go_to(scheme.market.now + 400 * DAY)
    scheme.do(scheme.market.roles[Role.ADMIN], "shutdown")
    scheme.do(consumer, "claimProgramReward", program, consumer.address)
    assert scheme.wallet(consumer) == RATE // 2


def test_claim_program_reward__recipient_listed__another_is_paid(market: Market) -> None:
    scheme = open_stack(market, "BlacklistToken")
    consumer, program = scheme.consumer("consumer"), scheme.create()
    scheme.join(program, consumer)
    earned = report(scheme, program, consumer, 1000)
    scheme.market.do(RECIPIENT, scheme.dollar, "setListed", consumer.address, True)
    with refused(errors.RewardDistributionFailed, to=consumer.address, amount=earned):
        scheme.do(consumer, "claimProgramReward", program, consumer.address)
    scheme.do(consumer, "claimProgramReward", program, RECIPIENT.address)
    assert scheme.wallet(RECIPIENT) == earned
