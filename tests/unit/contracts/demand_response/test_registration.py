"""DemandResponse.registerGridOperator and registerConsumer."""

from __future__ import annotations

import pytest

from energy_grid.chain.contract import to_bytes32
from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.enums import StopLevel
from energy_grid.domain.grid_levels import PermissionLevel
from tests.support.callers import outsiders
from tests.support.market import actor
from tests.support.refusals import refused
from tests.unit.contracts.demand_response.scheme import NORTH, Scheme

ZERO = "0x" + 40 * "0"


def test_register_grid_operator__by_another__refused(scheme: Scheme) -> None:
    applicant = scheme.verified("applicant")
    others = outsiders(scheme.market, Role.GRID_AUTHORITY)
    for caller in (*others, applicant.address, scheme.operator.address):
        with refused(errors.AccessManagedUnauthorized, caller=caller):
            scheme.do(caller, "registerGridOperator", applicant.address)


@pytest.mark.parametrize("case", ["unknown", "registered", "revoked"])
def test_register_grid_operator__not_verified__refused(scheme: Scheme, case: str) -> None:
    applicant = actor("applicant")
    if case == "registered":
        register = ("registerOperator", "applicant", NORTH, 1)
        scheme.market.do(applicant, scheme.market.operators, *register)
    elif case == "revoked":
        scheme.revoke(scheme.verified("applicant"))
    with refused(errors.GridOperatorNotRegistered, grid_operator=applicant.address):
        scheme.as_authority(scheme.contract, "registerGridOperator", applicant.address)


def test_register_grid_operator__twice__refused(scheme: Scheme) -> None:
    with refused(errors.DemandResponse_AlreadyRegistered, account=scheme.operator.address):
        scheme.as_authority(scheme.contract, "registerGridOperator", scheme.operator.address)


def test_register_grid_operator__verified__registered(scheme: Scheme) -> None:
    applicant = scheme.verified("applicant")
    assert not scheme.view("isGridOperator", applicant.address)

    receipt = scheme.as_authority(scheme.contract, "registerGridOperator", applicant.address)

    assert scheme.view("isGridOperator", applicant.address)
    assert not scheme.enrolments.call("isConsumer", applicant.address)
    events = scheme.logged(receipt, "GridOperatorRegistered")
    assert events == [{"grid_operator": applicant.address}]


def test_register_consumer__stopped__refused(scheme: Scheme) -> None:
    scheme.do(scheme.market.roles[Role.GUARDIAN], "pause")
    with refused(errors.EmergencyStop_Stopped, level=StopLevel.PAUSED):
        scheme.consumer("consumer")


@pytest.mark.parametrize("by", ["itself", "operator"])
def test_register_consumer__by_itself_or_an_operator__registered(scheme: Scheme, by: str) -> None:
    consumer = actor("consumer")
    caller = consumer if by == "itself" else scheme.operator

    receipt = scheme.do(caller, "registerConsumer", consumer.address)

    assert scheme.enrolments.call("isConsumer", consumer.address)
    assert not scheme.view("isGridOperator", consumer.address)
    events = scheme.logged(receipt, "ConsumerRegistered")
    assert events == [{"consumer": consumer.address, "by": caller.address}]
    # It is enrolled in the events outside programs, with the least commitment.
    joined = {"program_id": 0, "participant": consumer.address, "committed": 100}
    assert scheme.logged(receipt, "ProgramJoined") == [joined]


def test_register_consumer__by_a_stranger__refused(scheme: Scheme) -> None:
    for caller in (actor("stranger"), scheme.verified("applicant")):
        with refused(errors.GridOperatorNotRegistered, grid_operator=caller.address):
            scheme.do(caller, "registerConsumer", actor("consumer").address)


def test_register_consumer__by_an_operator_that_may_not_operate__refused(scheme: Scheme) -> None:
    operator, consumer = scheme.operator.address, actor("consumer").address
    scheme.lower_score(scheme.operator)
    levels = {"level": PermissionLevel.REPORT, "needed": PermissionLevel.OPERATE}
    with refused(errors.GridOperatorVerification_LevelTooLow, operator=operator, **levels):
        scheme.do(scheme.operator, "registerConsumer", consumer)
    scheme.revoke(scheme.operator)
    with refused(errors.GridOperatorVerification_NotAuthorized, operator=operator, region=NORTH):
        scheme.do(scheme.operator, "registerConsumer", consumer)


def test_register_consumer__nobody__refused(scheme: Scheme) -> None:
    name = to_bytes32("consumer")
    with refused(errors.DemandResponse_BadParameter, name=name, value=0):
        scheme.do(scheme.operator, "registerConsumer", ZERO)


def test_register_consumer__twice__refused(scheme: Scheme) -> None:
    consumer = scheme.consumer("consumer")
    for caller in (consumer, scheme.operator):
        with refused(errors.DemandResponse_AlreadyRegistered, account=consumer.address):
            scheme.do(caller, "registerConsumer", consumer.address)
