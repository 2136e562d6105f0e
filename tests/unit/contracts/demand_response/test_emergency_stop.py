"""What a stop of DemandResponse must refuse, and what it must leave open."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.enums import ProgramType, StopLevel
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.demand_response.scheme import (
    BUDGET,
    DAY,
    FUNDS,
    HOUR,
    NORTH,
    RATE,
    Scheme,
    open_stack,
)

# An event of program 1, ten hours from the beginning on.
LATER = (1, 0, 1, 0, MONDAY + 10 * HOUR, HOUR, 0, bytes(32), False, False)


def stop(scheme: Scheme, level: StopLevel) -> None:
    roles = scheme.market.roles
    if level is StopLevel.PAUSED:
        scheme.do(roles[Role.GUARDIAN], "pause")
    else:
        scheme.do(roles[Role.ADMIN], "shutdown")


def new(
    scheme: Scheme, consumer: LocalAccount
) -> list[tuple[LocalAccount, str, tuple[object, ...]]]:
    """Everything that takes on something new; it passes while the market runs."""
    operator, neighbour = scheme.operator, actor("neighbour")
    create = ("name", ProgramType.PEAK_SHAVING, NORTH, 1, 1, DAY)
    return [
        (operator, "createDemandProgram", create),
        (operator, "startEvent", (1, 1, HOUR)),
        (operator, "scheduleEvent", (LATER,)),
        (consumer, "joinProgram", (1, 1000)),
        (actor("member"), "joinThrough", (1, 1000, operator.address, 500)),
        (neighbour, "registerConsumer", (neighbour.address,)),
        (operator, "registerConsumer", (actor("customer").address,)),
    ]


@pytest.mark.parametrize("function", ["pause", "unpause", "shutdown", "setAuthority"])
def test_stop__by_another__refused(scheme: Scheme, function: str) -> None:
    roles = scheme.market.roles
    allowed = {"pause": Role.GUARDIAN, "unpause": Role.GUARDIAN, "shutdown": Role.ADMIN}
    arguments = (roles[Role.ADMIN],) if function == "setAuthority" else ()
    holder = roles[allowed[function]] if function in allowed else None
    callers = {*roles.values(), scheme.operator.address, actor("stranger").address} - {holder}
    for caller in sorted(callers):
        with refused(errors.AccessManagedUnauthorized, caller=caller):
            scheme.do(caller, function, *arguments)
    assert scheme.view("stopLevel") is StopLevel.RUNNING


def test_stop__step_does_not_fit__refused(scheme: Scheme) -> None:
    roles = scheme.market.roles
    with refused(errors.EmergencyStop_WrongLevel, level=StopLevel.RUNNING):
        scheme.do(roles[Role.GUARDIAN], "unpause")
    stop(scheme, StopLevel.PAUSED)
    with refused(errors.EmergencyStop_WrongLevel, level=StopLevel.PAUSED):
        stop(scheme, StopLevel.PAUSED)
    stop(scheme, StopLevel.SHUTDOWN)
    for function, role in (("unpause", Role.GUARDIAN), ("shutdown", Role.ADMIN)):
        with refused(errors.EmergencyStop_WrongLevel, level=StopLevel.SHUTDOWN):
            scheme.do(roles[role], function)


@pytest.mark.parametrize("level", [StopLevel.PAUSED, StopLevel.SHUTDOWN])
def test_stop__what_is_new__refused(
    scheme: Scheme, consumer: LocalAccount, level: StopLevel
) -> None:
    scheme.create()
    stop(scheme, level)
    for sender, function, arguments in new(scheme, consumer):
        with refused(errors.EmergencyStop_Stopped, level=level):
            scheme.do(sender, function, *arguments)


def test_stop__paused_and_unpaused__all_is_open(scheme: Scheme, consumer: LocalAccount) -> None:
    scheme.create()
    stop(scheme, StopLevel.PAUSED)
    accept = 1, actor("member").address, 1000, 500
    scheme.market.do(scheme.operator, scheme.enrolments, "acceptMember", *accept)
    scheme.do(scheme.market.roles[Role.GUARDIAN], "unpause")
    for sender, function, arguments in new(scheme, consumer):
        scheme.do(sender, function, *arguments)


@pytest.mark.parametrize("level", [StopLevel.PAUSED, StopLevel.SHUTDOWN])
def test_stop__what_is_under_way__all_of_the_money_leaves(
    scheme: Scheme, consumer: LocalAccount, level: StopLevel
) -> None:
    operator = scheme.operator
    neighbour = scheme.consumer("neighbour")
    program, event = scheme.create(), scheme.start()
    cancelled = scheme.schedule(start=scheme.event(event).end_time)
    scheme.join(program, consumer)
    stop(scheme, level)

    scheme.do(operator, "cancelEvent", cancelled)
    scheme.do(operator, "reclaimBudget", cancelled, operator.address)
    scheme.do(operator, "reportReduction", program, consumer.address, 1000)
    scheme.do(consumer, "leaveProgram", program)
    scheme.do(operator, "closeProgram", program, operator.address)
    scheme.do(consumer, "claimProgramReward", program, consumer.address)
    scheme.go_to_end(event)
    scheme.verify(event, neighbour, 1000)
    scheme.complete(event)
    scheme.do(neighbour, "claimReward", event, consumer.address)
    scheme.do(consumer, "distributeRewards", event, 1)
    scheme.do(operator, "reclaimBudget", event, operator.address)

    assert scheme.wallet(consumer) == 2 * RATE
    assert scheme.wallet(operator) == FUNDS - 2 * RATE
    assert scheme.escrowed == scheme.holdings == 0


def test_set_authority__another__decides(scheme: Scheme) -> None:
    roles, access = scheme.market.roles, scheme.market.access
    nobody = actor("nobody").address
    update = (roles[Role.ADMIN], access, "updateAuthority", scheme.contract.address)
    with refused(errors.AccessManagedInvalidAuthority, authority=nobody):
        scheme.market.do(*update, nobody)
    # Any contract will do to see that the manager is asked no more: this one answers nothing.
    successor = scheme.dollar.address
    scheme.market.do(*update, successor)
    assert scheme.view("authority") == successor
    assert scheme.view("isConsumingScheduledOp") == bytes(4)
    guardian = roles[Role.GUARDIAN]
    with refused(errors.AccessManagedUnauthorized, caller=guardian):
        stop(scheme, StopLevel.PAUSED)


def test_budget__token_refuses_to_move__refused(market: Market) -> None:
    scheme = open_stack(market, "FalseToken")
    scheme.market.do(actor("recipient"), scheme.dollar, "setFailing", True)
    for start in (scheme.create, scheme.start):
        with refused(errors.SafeERC20FailedOperation, token=scheme.dollar.address):
            start()
    scheme.market.do(actor("recipient"), scheme.dollar, "setFailing", False)
    scheme.create()
    scheme.start()
    assert scheme.escrowed == scheme.holdings == 2 * BUDGET
