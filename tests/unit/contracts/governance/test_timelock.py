"""The timelock: what waits in it, for how long, and who may put it there"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from energy_grid.chain.contract import Contract
from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.market import Market, Receipt, actor
from tests.support.refusals import refused
from tests.unit.contracts.governance.proposals import TIMELOCK_DELAY, Proposals, local_key

STRANGER = actor("stranger").address
BY_GOVERNOR = ("PROPOSER_ROLE", "CANCELLER_ROLE", "EXECUTOR_ROLE")
UNSET, WAITING, READY, DONE = range(4)
UNKNOWN = bytes(31) + b"\x01"


@dataclass(frozen=True)
class Operation:
    """A call that the governor puts into the timelock itself, which only tests do."""

    market: Market
    salt: int = 0
    predecessor: bytes = bytes(32)
    data: bytes | None = None

    @property
    def timelock(self) -> Contract:
        return self.market.contracts["TimelockController"]

    @property
    def governor(self) -> str:
        return self.market.contracts["GridGovernor"].address

    @property
    def call(self) -> tuple[object, ...]:
        settlement = self.market.settlement
        data = self.data or settlement.prepare("setOutflowLimit", 1 + self.salt).data
        return (settlement.address, 0, data, self.predecessor, self.salt.to_bytes(32))

    @property
    def number(self) -> bytes:
        return bytes(self.timelock.call("hashOperation", *self.call))

    def schedule(self, delay: int = TIMELOCK_DELAY, by: str | None = None) -> Receipt:
        caller = by or self.governor
        return self.market.do(caller, self.timelock, "schedule", *self.call, delay)

    def execute(self, by: str | None = None) -> Receipt:
        return self.market.do(by or self.governor, self.timelock, "execute", *self.call)

    def cancel(self, by: str | None = None) -> Receipt:
        return self.market.do(by or self.governor, self.timelock, "cancel", self.number)

    def wait(self) -> Operation:
        self.market.go_to(self.timelock.call("getTimestamp", self.number))
        return self

    @property
    def state(self) -> int:
        return int(self.timelock.call("getOperationState", self.number))


@pytest.fixture
def operation(market: Market) -> Operation:
    return Operation(market)


def bits(*states: int) -> bytes:
    return sum(1 << state for state in states).to_bytes(32)


def test_roles__after_the_deployment__the_governors_alone(
    market: Market, operation: Operation
) -> None:
    timelock = operation.timelock
    keys = [local_key(number).address for number in range(15)]
    holders = [market.roles[role] for role in Role if role is not Role.ADMIN]
    zero = "0x" + 40 * "0"
    for name in (*BY_GOVERNOR, "DEFAULT_ADMIN_ROLE"):
        role = timelock.call(name)
        owner = operation.governor if name in BY_GOVERNOR else timelock.address
        assert timelock.call("hasRole", role, owner)
        assert timelock.call("getRoleAdmin", role) == bytes(32)
        for other in {*keys, *holders, zero, operation.governor, timelock.address} - {owner}:
            assert not timelock.call("hasRole", role, other), (name, other)
    assert timelock.call("getMinDelay") == TIMELOCK_DELAY


def test_timelock__anybody_else__refused(market: Market, operation: Operation) -> None:
    """Not even the timelock's admin, itself, may do what it gives roles for."""
    operation.schedule()
    operation.wait()
    callers = [market.roles[role] for role in Role] + [STRANGER, local_key(5).address]
    later = replace(operation, salt=1)
    for caller in callers:
        for role, attempt in (
            ("PROPOSER_ROLE", later.schedule),
            ("EXECUTOR_ROLE", operation.execute),
            ("CANCELLER_ROLE", operation.cancel),
        ):
            values = {"account": caller, "needed_role": operation.timelock.call(role)}
            with refused(errors.AccessControlUnauthorizedAccount, **values):
                attempt(by=caller)
    assert operation.state == READY


def test_grant_role__by_anybody__refused(market: Market, operation: Operation) -> None:
    timelock = operation.timelock
    role = timelock.call("PROPOSER_ROLE")
    callers = [market.roles[each] for each in Role if each is not Role.ADMIN]
    for caller in (*callers, operation.governor, STRANGER):
        values = {"account": caller, "needed_role": bytes(32)}
        for function in ("grantRole", "revokeRole"):
            with refused(errors.AccessControlUnauthorizedAccount, **values):
                market.do(caller, timelock, function, role, STRANGER)
        with refused(errors.AccessControlBadConfirmation):
            market.do(caller, timelock, "renounceRole", role, timelock.address)


def test_update_delay__by_anybody__refused(market: Market, operation: Operation) -> None:
    callers = [market.roles[role] for role in Role if role is not Role.ADMIN]
    for caller in (*callers, operation.governor, STRANGER):
        with refused(errors.TimelockUnauthorizedCaller, caller=caller):
            market.do(caller, operation.timelock, "updateDelay", 0)


def test_update_delay__by_a_vote__for_what_is_queued_then(proposals: Proposals) -> None:
    change = proposals.timelock.prepare("updateDelay", 3600)
    before = proposals.carry(description="two")
    proposals.queue(before)
    eta = proposals.eta(before)
    proposals.decide([change])
    assert proposals.timelock.call("getMinDelay") == 3600
    assert proposals.eta(before) == eta
    later = proposals.carry(description="three")
    receipt = proposals.queue(later)
    assert proposals.eta(later) == receipt.time + 3600


@pytest.mark.parametrize("delay", [0, TIMELOCK_DELAY - 1])
def test_schedule__sooner_than_the_delay__refused(operation: Operation, delay: int) -> None:
    values = {"delay": delay, "min_delay": TIMELOCK_DELAY}
    with refused(errors.TimelockInsufficientDelay, **values):
        operation.schedule(delay)
    assert operation.state == UNSET


def test_schedule__twice_and_after_its_end__refused(operation: Operation) -> None:
    values = {"operation_id": operation.number, "expected_states": bits(UNSET)}
    operation.schedule()
    with refused(errors.TimelockUnexpectedOperationState, **values):
        operation.schedule()
    operation.wait().execute()
    assert operation.state == DONE
    with refused(errors.TimelockUnexpectedOperationState, **values):
        operation.schedule()


def test_execute__not_ready__refused(operation: Operation) -> None:
    values = {"operation_id": operation.number, "expected_states": bits(READY)}
    with refused(errors.TimelockUnexpectedOperationState, **values):
        operation.execute()
    operation.schedule()
    with refused(errors.TimelockUnexpectedOperationState, **values):
        operation.execute()
    operation.wait().execute()
    with refused(errors.TimelockUnexpectedOperationState, **values):
        operation.execute()


def test_execute__before_its_predecessor__refused(operation: Operation) -> None:
    second = replace(operation, salt=1, predecessor=operation.number)
    operation.schedule()
    second.schedule()
    second.wait()
    with refused(errors.TimelockUnexecutedPredecessor, predecessor_id=operation.number):
        second.execute()
    operation.execute()
    second.execute()
    assert operation.market.settlement.call("outflowLimit") == 2


def test_execute__call_refused__refused(operation: Operation) -> None:
    failing = replace(operation, data=b"????")
    failing.schedule()
    failing.wait()
    with refused(errors.FailedCall):
        failing.execute()
    assert failing.state == READY


def test_cancel__nothing_waits__refused(market: Market, operation: Operation) -> None:
    expected = bits(WAITING, READY)
    values = {"operation_id": operation.number, "expected_states": expected}
    with refused(errors.TimelockUnexpectedOperationState, **values):
        operation.cancel()
    operation.schedule()
    operation.cancel()
    assert operation.state == UNSET
    operation.schedule()
    operation.wait().execute()
    with refused(errors.TimelockUnexpectedOperationState, **values):
        operation.cancel()


@pytest.mark.parametrize("function", ["scheduleBatch", "executeBatch"])
def test_batch__parts_not_as_many__refused(
    market: Market, operation: Operation, function: str
) -> None:
    delay = (TIMELOCK_DELAY,) if function == "scheduleBatch" else ()
    for targets, values, payloads in ((1, 2, 1), (2, 1, 1), (1, 1, 2), (0, 0, 1)):
        batch = [STRANGER] * targets, [0] * values, [b""] * payloads
        wrong = {"targets": targets, "payloads": payloads, "values": values}
        with refused(errors.TimelockInvalidOperationLength, **wrong):
            market.do(
                operation.governor,
                *(operation.timelock, function, *batch, bytes(32), bytes(32), *delay),
            )
