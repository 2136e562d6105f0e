"""Settlement.depositFor and depositFrom: somebody pays, somebody else is credited."""

from __future__ import annotations

import pytest

from tests.support.core.chain import refused
from tests.support.core.settlement_suite import GRID, SettlementWorld
from tests.unit.contracts.settlement.suite import STRANGER, S, at, indebted, logged

PAYER = "0x" + 40 * "6"
NOBODY = "0x" + 40 * "0"


@pytest.fixture
def payer(world: SettlementWorld) -> str:
    """Somebody with tokens, and no account."""
    world.pay(PAYER, 10**6)
    return PAYER


def test_deposit_for__stopped__is_refused(world: SettlementWorld, payer: str) -> None:
    world.settlement.pause(by=world.authority)
    with refused("EmergencyStop_Stopped", 1):
        world.settlement.depositFor(STRANGER, 5, by=payer)
    with refused("EmergencyStop_Stopped", 1):
        world.settlement.depositFrom(payer, STRANGER, 5, by=GRID)


def test_deposit_for__nobody_or_settlement__is_refused(world: SettlementWorld, payer: str) -> None:
    for account in (NOBODY, world.settlement.address):
        with refused(S + "BadRecipient", account):
            world.settlement.depositFor(account, 5, by=payer)
        with refused(S + "BadRecipient", account):
            world.settlement.depositFrom(payer, account, 5, by=GRID)


def test_deposit_for__nothing__is_refused(world: SettlementWorld, payer: str) -> None:
    with refused(S + "ZeroAmount"):
        world.settlement.depositFor(STRANGER, 0, by=payer)
    with refused(S + "ZeroAmount"):
        world.settlement.depositFrom(payer, STRANGER, 0, by=GRID)


def test_deposit_for__somebody_new__opens_the_account_and_the_payer_gets_none(
    world: SettlementWorld, payer: str
) -> None:
    settlement = world.settlement
    assert settlement.depositFor(STRANGER, 4, by=payer) == 4
    assert logged(world, "AccountOpened") == [(STRANGER, 4)]
    assert logged(world, "Deposited") == [(payer, STRANGER, 4)]
    assert settlement.depositFrom(payer, STRANGER, 3, by=GRID) == 3
    assert logged(world, "Deposited") == [(payer, STRANGER, 3)]
    assert (settlement.balanceOf(STRANGER), settlement.numberOf(payer)) == (7, 0)
    assert world.token.balanceOf(payer) == 10**6 - 7


def test_deposit_for__in_debt__pays_the_debt_first(world: SettlementWorld, payer: str) -> None:
    poor, debt = indebted(world)
    world.settlement.depositFor(poor, debt - 1, by=payer)
    assert world.settlement.debtOf(poor) == 1
    world.settlement.depositFrom(payer, poor, 3, by=GRID)
    assert (world.settlement.debtOf(poor), world.settlement.balanceOf(poor)) == (0, 2)


def test_deposit_from__without_an_allowance__is_refused_by_the_token(
    world: SettlementWorld,
) -> None:
    settlement = world.settlement
    with refused("ERC20InsufficientAllowance", settlement.address, 0, 5):
        settlement.depositFrom(STRANGER, at(world, "north"), 5, by=GRID)
