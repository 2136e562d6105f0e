"""Settlement.cancelWithdrawal, executeWithdrawal and lengthenWithdrawal."""

from __future__ import annotations

import pytest

from tests.support.core.chain import refused
from tests.support.core.energy_suite import METER, boundary
from tests.support.core.settlement_suite import DAY, SettlementWorld
from tests.unit.contracts.settlement.suite import STRANGER, S, at, free, indebted, logged

DELAY = 3 * DAY
CALLS = ("executeWithdrawal", "cancelWithdrawal", "lengthenWithdrawal", "queuedWithdrawal")


@pytest.fixture
def world(world: SettlementWorld) -> SettlementWorld:
    """One withdrawal waits, for somebody else."""
    assert world.settlement.withdraw(5000, STRANGER, by=at(world, "north")) == 1
    return world


def call(world: SettlementWorld, function: str, number: int) -> None:
    """By whom it is for."""
    by = world.authority if function == "lengthenWithdrawal" else at(world, "north")
    seconds = [5] if function == "lengthenWithdrawal" else []
    getattr(world.settlement, function)(number, *seconds, by=by)


@pytest.mark.parametrize("function", CALLS)
@pytest.mark.parametrize("ended", ["", "cancelled", "executed"])
def test_queued_withdrawal__never_queued_or_ended__is_refused(
    world: SettlementWorld, function: str, ended: str
) -> None:
    if ended == "cancelled":
        call(world, "cancelWithdrawal", 1)
    elif ended:
        world.chain.set_time(world.now + DELAY)
        call(world, "executeWithdrawal", 1)
    for number in (1,) if ended else (0, 2, 2**256 - 1):
        with refused(S + "NoSuchWithdrawal", number):
            call(world, function, number)
    paid = 5000 if ended == "executed" else 0
    assert world.token.balanceOf(STRANGER) == paid


def test_cancel_withdrawal__own__is_back_in_the_balance(world: SettlementWorld) -> None:
    settlement, north = world.settlement, at(world, "north")
    world.chain.set_time(world.now + 2 * DELAY)
    for caller in (at(world, "east"), STRANGER):
        error = "NotWithdrawalOwner" if settlement.numberOf(caller) else "UnknownAccount"
        with refused(S + error, *([1, caller] if error != "UnknownAccount" else [caller])):
            settlement.cancelWithdrawal(1, by=caller)
    settlement.cancelWithdrawal(1, by=north)
    assert logged(world, "WithdrawalCancelled") == [(1, north, 5000)]
    assert settlement.balanceOf(north) == 10**6


def test_cancel_withdrawal__in_debt__pays_the_debt_first(world: SettlementWorld) -> None:
    poor, debt = indebted(world)
    settlement = world.settlement
    world.pay(poor, debt + 5000)
    settlement.deposit(debt + 5000, by=poor)
    assert settlement.withdraw(4000, STRANGER, by=poor) == 2
    slot = world.now // 3600
    number = world.numbers["poor"]
    for each in range(slot, slot + 24):
        world.chain.set_time((each + 1) * 3600 + 1)
        world.energy.record([boundary(each, number, -900)], by=METER)
    world.chain.set_time(world.now + 1000)
    settlement.closeThrough([poor], world.today - 1)
    assert settlement.debtOf(poor) == 24 * 900 * 300 // 1000 - 1000
    settlement.cancelWithdrawal(2, by=poor)
    assert logged(world, "DebtRepaid") == [(poor, 4_000_000, 1_480_000)]
    assert (settlement.debtOf(poor), free(world, "poor")) == (1480, 0)


def test_execute_withdrawal__when_it_is_due__pays_the_recipient(world: SettlementWorld) -> None:
    settlement, due = world.settlement, world.now + DELAY
    world.chain.set_time(due - 1)
    with refused(S + "WithdrawalNotDue", 1, due):
        settlement.executeWithdrawal(1, by=STRANGER)
    world.chain.set_time(due)
    left = settlement.availableOutflow()
    settlement.executeWithdrawal(1, by=STRANGER)
    assert logged(world, "Withdrawn") == [(at(world, "north"), STRANGER, 5000)]
    assert world.token.balanceOf(STRANGER) == 5000
    # It uses nothing of the limit.
    assert settlement.availableOutflow() == left


def test_lengthen_withdrawal__once_and_by_a_week_at_most__is_due_later(
    world: SettlementWorld,
) -> None:
    settlement, due = world.settlement, world.now + DELAY
    with refused(S + "LengtheningTooLong", 7 * DAY + 1, 7 * DAY):
        settlement.lengthenWithdrawal(1, 7 * DAY + 1, by=world.authority)
    world.chain.set_time(due + 5)
    settlement.lengthenWithdrawal(1, 7 * DAY, by=world.authority)
    assert logged(world, "WithdrawalLengthened") == [(1, due + 7 * DAY)]
    with refused(S + "AlreadyLengthened", 1):
        settlement.lengthenWithdrawal(1, 0, by=world.authority)
    assert tuple(settlement.queuedWithdrawal(1))[3:] == (due + 7 * DAY, True)
    with refused(S + "WithdrawalNotDue", 1, due + 7 * DAY):
        settlement.executeWithdrawal(1)
    world.chain.set_time(due + 7 * DAY)
    settlement.executeWithdrawal(1)
    assert world.token.balanceOf(STRANGER) == 5000


def test_lengthen_withdrawal__lengthened__can_be_cancelled(world: SettlementWorld) -> None:
    world.settlement.lengthenWithdrawal(1, DAY, by=world.authority)
    world.settlement.cancelWithdrawal(1, by=at(world, "north"))
    assert world.settlement.balanceOf(at(world, "north")) == 10**6
