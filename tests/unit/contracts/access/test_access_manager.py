"""Who holds which role after the deployment, and how roles change hands."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from energy_grid.chain.contract import Call
from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.callers import Callers
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused

STRANGER, PROSUMER = actor("stranger").address, actor("prosumer")
EVERYBODY = 2**64 - 1
DAY = 86_400


@pytest.fixture
def governance(market: Market) -> str:
    return market.roles[Role.ADMIN]


FAR = MONDAY // DAY + 100


def devalue(market: Market) -> Call:
    """A restricted call that changes something."""
    return market.contracts["Tariffs"].prepare("setCreditValue", 0, FAR)


def is_done(market: Market) -> bool:
    """Whether it has changed it."""
    return bool(market.contracts["Tariffs"].call("creditValueAt", FAR) == 0)


def test_roles__after_the_deployment__each_has_its_own(market: Market, callers: Callers) -> None:
    safes, timelock = {name: safe.address for name, safe in callers.safes.items()}, callers.timelock
    wanted = {
        Role.ADMIN: {timelock},
        Role.GRID_AUTHORITY: {safes["authority"], timelock},
        Role.GUARDIAN: {safes["guardian"]},
        Role.METER_REGISTRAR: {safes["registrar"]},
        Role.REGISTRAR: {safes["registrar"]},
        Role.TREASURY: {safes["treasury"]},
        Role.REPORTER: set(callers.named("reporter")),
        Role.KEEPER: set(callers.named("keeper")),
        Role.METER_GATEWAY: set(callers.named("gateway")),
    }
    assert timelock == market.contracts["TimelockController"].address
    contracts = {*safes.values(), timelock, callers.governor, market.access.address}
    for role in Role:
        held = wanted[role]
        assert market.roles[role] in held
        for account in {*callers.keys.values(), *contracts}:
            # What moves money without anybody's consent waits until who wants has left.
            delay = 90_000 if role is Role.TREASURY and account in held else 0
            assert market.access.call("hasRole", role, account) == (account in held, delay)
    assert market.settlement.call("WITHDRAWAL_DELAY") < 90_000


def test_roles__all__are_governances_to_grant(market: Market) -> None:
    for role in Role:
        assert market.access.call("getRoleAdmin", role) == Role.ADMIN
        guardian = Role.GUARDIAN if role is Role.TREASURY else Role.ADMIN
        assert market.access.call("getRoleGuardian", role) == guardian


@pytest.mark.parametrize("role", [None, *(role for role in Role if role is not Role.ADMIN)])
def test_grant_role__not_governance__is_refused(market: Market, role: Role | None) -> None:
    caller = STRANGER if role is None else market.roles[role]
    for function, arguments in (
        ("grantRole", (Role.GUARDIAN, caller, 0)),
        ("grantRole", (Role.ADMIN, caller, 0)),
        ("revokeRole", (Role.GUARDIAN, market.roles[Role.GUARDIAN])),
        ("setTargetFunctionRole", (market.settlement.address, [bytes(4)], EVERYBODY)),
        ("setTargetClosed", (market.settlement.address, True)),
        ("updateAuthority", (market.settlement.address, market.access.address)),
    ):
        values = {"msgsender": caller, "role_id": Role.ADMIN}
        with refused(errors.AccessManagerUnauthorizedAccount, **values):
            market.do(caller, market.access, function, *arguments)


def test_grant_role__then_revoked__may_call_in_between(market: Market, governance: str) -> None:
    call = devalue(market)
    assert not is_done(market)
    with refused(errors.AccessManagedUnauthorized, caller=STRANGER):
        market.send(STRANGER, call)
    market.do(governance, market.access, "grantRole", Role.GRID_AUTHORITY, STRANGER, 0)
    market.send(STRANGER, call)
    assert is_done(market)
    market.do(governance, market.access, "revokeRole", Role.GRID_AUTHORITY, STRANGER)
    with refused(errors.AccessManagedUnauthorized, caller=STRANGER):
        market.send(STRANGER, call)


def test_renounce_role__for_somebody_else__is_refused(market: Market) -> None:
    guardian = market.roles[Role.GUARDIAN]
    with refused(errors.AccessManagerBadConfirmation):
        market.do(STRANGER, market.access, "renounceRole", Role.GUARDIAN, guardian)
    market.do(guardian, market.access, "renounceRole", Role.GUARDIAN, guardian)
    with refused(errors.AccessManagedUnauthorized, caller=guardian):
        market.do(guardian, market.settlement, "pause")


@pytest.mark.parametrize("role", [Role.ADMIN, EVERYBODY])
def test_set_role_admin__of_governance_and_everybody__is_refused(
    market: Market, governance: str, role: int
) -> None:
    for function in ("setRoleAdmin", "setRoleGuardian"):
        with refused(errors.AccessManagerLockedRole, role_id=role):
            market.do(governance, market.access, function, role, Role.GUARDIAN)


def test_set_authority__directly__is_refused(market: Market, governance: str) -> None:
    for name in ("Settlement", "EnergyTrading", "GridManagement", "SmartMeter"):
        contract = market.contracts[name]
        for caller in (governance, STRANGER):
            with refused(errors.AccessManagedUnauthorized, caller=caller):
                market.do(caller, contract, "setAuthority", STRANGER)
        with refused(errors.AccessManagedInvalidAuthority, authority=STRANGER):
            market.do(governance, market.access, "updateAuthority", contract.address, STRANGER)


def test_set_authority__by_the_table__cannot_be_given_away(market: Market, governance: str) -> None:
    selector = market.settlement.abi.function("setAuthority").selector
    with refused(errors.AccessManagerLockedFunction, selector=selector):
        market.do(
            governance,
            *(market.access, "setTargetFunctionRole", market.settlement.address),
            *([selector], Role.GUARDIAN),
        )


def test_update_authority__to_another_manager__ends_the_old_ones_power(
    market: Market, governance: str
) -> None:
    """Any contract will do for a manager here: it is only asked, and says no."""
    market.do(
        governance,
        *(market.access, "updateAuthority", market.settlement.address, market.dollar.address),
    )
    assert market.settlement.call("authority") == market.dollar.address
    for role in Role:
        with refused(errors.AccessManagedUnauthorized, caller=market.roles[role]):
            market.do(market.roles[role], market.settlement, "shutdown")
    market.deposit(PROSUMER, 5)
    market.do(PROSUMER, market.settlement, "withdraw", 5, PROSUMER.address)


def operation(market: Market, call: Call, caller: str = STRANGER) -> bytes:
    """The number of a scheduled call."""
    return keccak(encode(["address", "address", "bytes"], [caller, call.to, call.data]))


@pytest.fixture
def scheduled(market: Market, governance: str) -> Call:
    """A call of somebody whose role has a delay of a day, scheduled for a day from now."""
    market.do(governance, market.access, "grantRole", Role.GRID_AUTHORITY, STRANGER, DAY)
    call = devalue(market)
    market.do(STRANGER, market.access, "schedule", call.to, call.data, 0)
    return call


def due_at(market: Market, call: Call) -> int:
    return int(market.access.call("getSchedule", operation(market, call)))


def test_delayed_role__at_once__is_refused(market: Market, governance: str) -> None:
    market.do(governance, market.access, "grantRole", Role.GRID_AUTHORITY, STRANGER, DAY)
    call = devalue(market)
    with refused(errors.AccessManagerNotScheduled, operation_id=operation(market, call)):
        market.send(STRANGER, call)
    values = {"caller": STRANGER, "target": call.to, "selector": call.data[:4]}
    with refused(errors.AccessManagerUnauthorizedCall, **values):
        soon = market.now + DAY - 10
        market.do(STRANGER, market.access, "schedule", call.to, call.data, soon)


def test_schedule__without_the_role__is_refused(market: Market) -> None:
    call = devalue(market)
    values = {"caller": STRANGER, "target": call.to, "selector": call.data[:4]}
    for arguments in (("schedule", call.to, call.data, 0), ("execute", call.to, call.data)):
        with refused(errors.AccessManagerUnauthorizedCall, **values):
            market.do(STRANGER, market.access, *arguments)


def test_delayed_role__in_time__works_once(market: Market, scheduled: Call) -> None:
    due = due_at(market, scheduled)
    values = {"operation_id": operation(market, scheduled)}
    with refused(errors.AccessManagerAlreadyScheduled, **values):
        market.do(STRANGER, market.access, "schedule", scheduled.to, scheduled.data, 0)
    with refused(errors.AccessManagerNotReady, **values):
        market.at(due - 1).send(STRANGER, scheduled)
    market.at(due).send(STRANGER, scheduled)
    assert is_done(market)
    with refused(errors.AccessManagerNotScheduled, **values):
        market.send(STRANGER, scheduled)


def test_delayed_role__a_week_late__is_refused(market: Market, scheduled: Call) -> None:
    due = due_at(market, scheduled)
    with refused(errors.AccessManagerExpired, operation_id=operation(market, scheduled)):
        market.at(due + 7 * DAY).send(STRANGER, scheduled)


def test_cancel__scheduled__by_its_scheduler_only(market: Market, scheduled: Call) -> None:
    arguments = ("cancel", STRANGER, scheduled.to, scheduled.data)
    values = {
        "msgsender": PROSUMER.address,
        "caller": STRANGER,
        "target": scheduled.to,
        "selector": scheduled.data[:4],
    }
    with refused(errors.AccessManagerUnauthorizedCancel, **values):
        market.do(PROSUMER, market.access, *arguments)
    market.do(STRANGER, market.access, *arguments)
    with refused(errors.AccessManagerNotScheduled, operation_id=operation(market, scheduled)):
        market.do(STRANGER, market.access, *arguments)


def test_consume__contract_that_consumes_nothing__is_refused(
    market: Market, scheduled: Call
) -> None:
    market.go_to(due_at(market, scheduled))
    with refused(errors.AccessManagerUnauthorizedConsume, target=scheduled.to):
        market.do(scheduled.to, market.access, "consumeScheduledOp", STRANGER, scheduled.data)


def test_target_closed__by_governance__users_still_get_out(market: Market, governance: str) -> None:
    market.deposit(PROSUMER, 5)
    market.do(governance, market.access, "setTargetClosed", market.settlement.address, True)
    for role, function in ((Role.GUARDIAN, "pause"), (Role.ADMIN, "shutdown")):
        with refused(errors.AccessManagedUnauthorized, caller=market.roles[role]):
            market.do(market.roles[role], market.settlement, function)
    market.do(PROSUMER, market.settlement, "withdraw", 5, PROSUMER.address)
    assert market.dollar.call("balanceOf", PROSUMER.address) == 5
