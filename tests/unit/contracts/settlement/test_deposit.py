"""Settlement.deposit."""

from __future__ import annotations

import pytest

from tests.support.core.chain import refused
from tests.support.core.settlement_suite import SettlementWorld
from tests.unit.contracts.settlement.suite import (
    STRANGER,
    S,
    at,
    free,
    indebted,
    logged,
)


@pytest.mark.parametrize(("stop", "level"), [("pause", 1), ("shutdown", 2)])
def test_deposit__stopped__is_refused(world: SettlementWorld, stop: str, level: int) -> None:
    world.pay(STRANGER, 5)
    getattr(world.settlement, stop)(by=world.authority)
    with refused("EmergencyStop_Stopped", level):
        world.settlement.deposit(5, by=STRANGER)


def test_deposit__of_nothing__is_refused(world: SettlementWorld) -> None:
    with refused(S + "ZeroAmount"):
        world.settlement.deposit(0, by=at(world, "north"))


def test_deposit__above_allowance_or_holdings__is_refused_by_the_token(
    world: SettlementWorld,
) -> None:
    settlement = world.settlement
    world.token.faucet(9, by=STRANGER)
    world.token.approve(settlement.address, 8, by=STRANGER)
    with refused("ERC20InsufficientAllowance", settlement.address, 8, 9):
        settlement.deposit(9, by=STRANGER)
    world.token.approve(settlement.address, 99, by=STRANGER)
    with refused("ERC20InsufficientBalance", STRANGER, 9, 10):
        settlement.deposit(10, by=STRANGER)


def test_deposit__first__opens_the_account(world: SettlementWorld) -> None:
    world.pay(STRANGER, 7)
    held = world.token.balanceOf(world.settlement.address)
    assert world.settlement.deposit(4, by=STRANGER) == 4
    assert logged(world, "AccountOpened") == [(STRANGER, 4)]
    assert logged(world, "Deposited") == [(STRANGER, STRANGER, 4)]
    assert world.settlement.deposit(3, by=STRANGER) == 3
    assert logged(world, "AccountOpened") == []
    assert world.settlement.numberOf(STRANGER) == world.settlement.accountCount() == 4
    assert world.settlement.accountAt(4) == STRANGER
    assert world.settlement.cursorAt(4) == world.today
    assert world.settlement.balanceOf(STRANGER) == 7
    assert world.token.balanceOf(world.settlement.address) == held + 7


def test_deposit__plain_transfer_instead__credits_nobody(world: SettlementWorld) -> None:
    world.pay(STRANGER, 5)
    world.token.transfer(world.settlement.address, 3, by=STRANGER)
    world.settlement.deposit(2, by=STRANGER)
    assert world.settlement.balanceOf(STRANGER) == 2


@pytest.mark.parametrize("rest", [-1, 0, 1])
def test_deposit__in_debt__pays_the_debt_first(world: SettlementWorld, rest: int) -> None:
    poor, debt = indebted(world)
    cash = world.settlement.gridAccount()[0]
    world.pay(poor, debt + rest)
    world.settlement.deposit(debt + rest, by=poor)
    paid = min(debt, debt + rest)
    assert logged(world, "DebtRepaid") == [(poor, paid * 1000, (debt - paid) * 1000)]
    assert world.settlement.debtOf(poor) == debt - paid
    assert free(world, "poor") == max(0, rest) * 1000
    assert world.settlement.gridAccount()[0] == cash + paid * 1000
