"""DemandResponse.createDemandProgram."""

from __future__ import annotations

from typing import Any

import pytest

from energy_grid.chain.contract import to_bytes32
from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.contracts.demand_response import Program
from energy_grid.domain.enums import ProgramStatus, ProgramType, StopLevel
from energy_grid.domain.grid_levels import PermissionLevel
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.demand_response.scheme import (
    BUDGET,
    DAY,
    FUNDS,
    NORTH,
    RATE,
    SOUTH,
    TARGET,
    Scheme,
    open_stack,
)


def test_create_demand_program__stopped__refused(scheme: Scheme) -> None:
    scheme.do(scheme.market.roles[Role.GUARDIAN], "pause")
    with refused(errors.EmergencyStop_Stopped, level=StopLevel.PAUSED):
        scheme.create()


def test_create_demand_program__by_one_not_registered__refused(scheme: Scheme) -> None:
    for caller in (scheme.verified("applicant"), actor("stranger")):
        with refused(errors.GridOperatorNotRegistered, grid_operator=caller.address):
            scheme.create(sender=caller)


def test_create_demand_program__in_another_region__refused(scheme: Scheme) -> None:
    operator = scheme.operator.address
    with refused(errors.GridOperatorVerification_NotAuthorized, operator=operator, region=SOUTH):
        scheme.create(region=SOUTH)
    scheme.revoke(scheme.operator)
    with refused(errors.GridOperatorVerification_NotAuthorized, operator=operator, region=NORTH):
        scheme.create()


@pytest.mark.parametrize("score", [49, 50])
def test_create_demand_program__level__at_least_operate(scheme: Scheme, score: int) -> None:
    scheme.lower_score(scheme.operator, score)
    if score == 50:
        assert scheme.create() == 1
        return
    with refused(
        errors.GridOperatorVerification_LevelTooLow,
        operator=scheme.operator.address,
        level=PermissionLevel.REPORT,
        needed=PermissionLevel.OPERATE,
    ):
        scheme.create()


@pytest.mark.parametrize(
    ("terms", "name", "value"),
    [
        ({"name": ""}, "name", 0),
        ({"name": 65 * "x"}, "name", 65),
        ({"target": 0}, "targetReductionKw", 0),
        ({"target": 2**40}, "targetReductionKw", 2**40),
        ({"target": 2**256 - 1}, "targetReductionKw", 2**256 - 1),
        ({"rate": 0}, "incentiveRate", 0),
        ({"rate": 2**88}, "incentiveRate", 2**88),
        ({"duration": 0}, "duration", 0),
        ({"duration": 366 * DAY + 1}, "duration", 366 * DAY + 1),
        ({"duration": 2**256 - 1}, "duration", 2**256 - 1),
    ],
)
def test_create_demand_program__value_out_of_range__refused(
    scheme: Scheme, terms: dict[str, Any], name: str, value: int
) -> None:
    with refused(errors.DemandResponse_BadParameter, name=to_bytes32(name), value=value):
        scheme.create(**terms)


def test_create_demand_program__wallet_short_by_one__refused_by_the_token(scheme: Scheme) -> None:
    scheme.fund(scheme.operator, BUDGET - 1)
    with refused(
        errors.ERC20InsufficientBalance,
        sender=scheme.operator.address,
        balance=BUDGET - 1,
        needed=BUDGET,
    ):
        scheme.create()


def test_create_demand_program__token_takes_a_fee__refused(market: Market) -> None:
    scheme = open_stack(market, "FeeToken", 1)
    received = BUDGET - BUDGET // 10_000
    with refused(errors.DemandResponse_EscrowShort, received=received, budget=BUDGET):
        scheme.create()


def test_create_demand_program__all_is_well__budget_in_escrow(scheme: Scheme) -> None:
    terms = ("Evening peak", ProgramType.LOAD_SHIFTING, NORTH, TARGET, RATE, 7 * DAY)

    receipt = scheme.at(MONDAY + 100).do(scheme.operator, "createDemandProgram", *terms)

    assert scheme.program(1) == Program(
        name="Evening peak",
        program_type=ProgramType.LOAD_SHIFTING,
        region="NORTH",
        operator=scheme.operator.address,
        target_reduction_kw=TARGET,
        incentive_rate=RATE,
        start_time=MONDAY + 100,
        end_time=MONDAY + 100 + 7 * DAY,
        committed=0,
        participants=0,
        budget=BUDGET,
        spent=0,
        status=ProgramStatus.ACTIVE,
    )
    assert scheme.escrowed == scheme.holdings == BUDGET
    assert scheme.wallet(scheme.operator) == FUNDS - BUDGET
    assert scheme.logged(receipt, "ProgramCreated") == [
        {
            "program_id": 1,
            "region": NORTH,
            "operator": scheme.operator.address,
            "name": "Evening peak",
            "program_type": ProgramType.LOAD_SHIFTING,
            "target_reduction_kw": TARGET,
            "incentive_rate": RATE,
            "end_time": MONDAY + 100 + 7 * DAY,
            "budget": BUDGET,
        }
    ]


def test_create_demand_program__largest_values__as_asked_for(scheme: Scheme) -> None:
    target, rate = 2**40 - 1, 2**88 - 1
    scheme.fund(scheme.operator, target * rate)

    scheme.create(target=target, rate=rate, duration=366 * DAY, name=64 * "x")

    program = scheme.program(1)
    assert (program.target_reduction_kw, program.incentive_rate) == (target, rate)
    assert program.name == 64 * "x"
    assert program.budget == scheme.escrowed == target * rate


def test_create_demand_program__several__numbered(scheme: Scheme) -> None:
    rival = scheme.registered("rival", SOUTH)
    assert scheme.view("programCount") == 0
    assert scheme.create(target=1, rate=1, duration=1, name="x") == 1
    terms = ("y", ProgramType.PEAK_SHAVING, SOUTH, TARGET, RATE, DAY)
    returned = scheme.contract.call("createDemandProgram", *terms, sender=rival.address)
    assert scheme.create(sender=rival, region=SOUTH) == returned == 2
    assert scheme.program(1).operator == scheme.operator.address
    assert scheme.program(2).region == "SOUTH"
    assert scheme.escrowed == 1 + BUDGET
