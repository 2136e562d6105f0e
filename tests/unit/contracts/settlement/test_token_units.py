"""A settlement token of many decimals: money is its millionths; tokens move in their own units."""

from __future__ import annotations

import pytest

from tests.support.core.chain import refused
from tests.support.core.settlement_suite import EXACT, SUPPLIER, SettlementWorld
from tests.unit.contracts.settlement.suite import STRANGER, TARIFF, S

RICH = "0x" + 40 * "7"
UNITS = 10**12
OWNED = 10**9 * UNITS


@pytest.fixture
def world() -> SettlementWorld:
    """A token of 18 decimals, which somebody rich has."""
    token = ("GovernanceToken", RICH, OWNED, [RICH], [OWNED])
    world = SettlementWorld(TARIFF, 60, slot=3600, token=token)
    world.token.approve(world.settlement.address, 2**256 - 1, by=RICH)
    return world


def test_token_units__of_six_decimals__one() -> None:
    assert SettlementWorld(TARIFF, 60, slot=3600).settlement.TOKEN_UNITS() == 1


def test_token_units__in_and_out__to_the_last_unit_of_the_token(world: SettlementWorld) -> None:
    settlement, token = world.settlement, world.token
    assert settlement.TOKEN_UNITS() == UNITS
    assert settlement.deposit(5, by=RICH) == 5
    assert token.balanceOf(settlement.address) == 5 * UNITS
    assert settlement.balanceOf(RICH) == 5
    settlement.withdraw(2, STRANGER, by=RICH)
    assert (token.balanceOf(STRANGER), settlement.balanceOf(RICH)) == (2 * UNITS, 3)
    settlement.depositFor(STRANGER, 4, by=RICH)
    assert settlement.balanceOf(STRANGER) == 4
    with refused(S + "InsufficientBalance", RICH, 3, 4):
        settlement.withdraw(4, RICH, by=RICH)
    assert token.balanceOf(settlement.address) == 7 * UNITS
    assert token.balanceOf(RICH) == OWNED - 9 * UNITS


def test_token_units__of_the_grid_account__fund_and_collect(world: SettlementWorld) -> None:
    settlement, token = world.settlement, world.token
    token.transfer(SUPPLIER, 9 * UNITS, by=RICH)
    settlement.fundGrid(9, by=SUPPLIER)
    assert settlement.gridAccount()[0] == 9 * EXACT
    settlement.collect(9, STRANGER, by=world.authority)
    assert (token.balanceOf(STRANGER), token.balanceOf(settlement.address)) == (9 * UNITS, 0)


def test_token_units__allowance__is_in_the_units_of_the_token(world: SettlementWorld) -> None:
    settlement, token = world.settlement, world.token
    token.approve(settlement.address, UNITS, by=RICH)
    with refused("ERC20InsufficientAllowance", settlement.address, UNITS, 2 * UNITS):
        settlement.deposit(2, by=RICH)
    assert settlement.deposit(1, by=RICH) == 1


def test_token_units__dust_sent_plainly__is_nobodys(world: SettlementWorld) -> None:
    settlement, token = world.settlement, world.token
    token.transfer(settlement.address, UNITS - 1, by=RICH)
    settlement.deposit(3, by=RICH)
    assert settlement.balanceOf(RICH) == 3
    token.transfer(settlement.address, 1, by=RICH)
    settlement.deposit(3, by=RICH)
    assert settlement.balanceOf(RICH) == 6


def test_token_units__queued_withdrawal__pays_in_the_units_of_the_token() -> None:
    token = ("GovernanceToken", RICH, OWNED, [RICH], [OWNED])
    world = SettlementWorld(TARIFF, 60, slot=3600, token=token, outflow=1)
    settlement = world.settlement
    world.token.approve(settlement.address, 2**256 - 1, by=RICH)
    settlement.deposit(8, by=RICH)
    assert settlement.withdraw(8, STRANGER, by=RICH) == 1
    world.chain.set_time(settlement.queuedWithdrawal(1)[3])
    settlement.executeWithdrawal(1, by=STRANGER)
    assert world.token.balanceOf(STRANGER) == 8 * UNITS
