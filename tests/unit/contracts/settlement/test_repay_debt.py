"""Settlement.repayDebt."""

from __future__ import annotations

import pytest

from tests.support.core.chain import refused
from tests.support.core.energy_suite import METER
from tests.support.core.settlement_suite import SettlementWorld
from tests.unit.contracts.settlement.suite import STRANGER, S, at, free, indebted, logged


def test_repay_debt__what_cannot_be__is_refused(world: SettlementWorld) -> None:
    settlement, north = world.settlement, at(world, "north")
    with refused(S + "UnknownAccount", STRANGER):
        settlement.repayDebt(5, by=STRANGER)
    with refused(S + "NoDebt", north):
        settlement.repayDebt(5, by=north)
    poor, debt = indebted(world)
    with refused(S + "ZeroAmount"):
        settlement.repayDebt(0, by=poor)
    world.token.faucet(debt, by=poor)
    world.token.approve(settlement.address, 4, by=poor)
    with refused("ERC20InsufficientAllowance", settlement.address, 4, 5):
        settlement.repayDebt(5, by=poor)


@pytest.mark.parametrize("stop", ["", "pause", "shutdown"])
def test_repay_debt__in_parts__ends_with_the_last(world: SettlementWorld, stop: str) -> None:
    """Also while stopped, because a debt blocks withdrawals."""
    poor, debt = indebted(world)
    settlement = world.settlement
    if stop:
        getattr(settlement, stop)(by=world.authority)
    world.pay(poor, 2 * debt)
    assert settlement.repayDebt(100, by=poor) == 100
    assert logged(world, "DebtRepaid") == [(poor, 100_000, (debt - 100) * 1000)]
    assert logged(world, "Deposited") == [(poor, poor, 100)]
    assert settlement.repayDebt(2**256 - 1, by=poor) == debt - 100
    assert (settlement.debtOf(poor), free(world, "poor")) == (0, 0)
    with refused(S + "NoDebt", poor):
        settlement.repayDebt(1, by=poor)
    assert world.token.balanceOf(poor) == debt


def test_repay_debt__with_a_part_of_a_unit__is_rounded_up(world: SettlementWorld) -> None:
    """What the last unit holds beyond the debt is free money."""
    settlement, south = world.settlement, at(world, "south")
    world.open("poor", 1)
    world.attach("poor", 0, (0, 0))
    day = world.today + 1
    slot = day * 24
    world.chain.set_time((slot + 24) * 3600 + 1000)
    number, poor = world.numbers["poor"], at(world, "poor")
    world.energy.recordSpan(number, slot, slot + 24, 3, 0, by=METER)
    settlement.closeThrough([poor, south], day)
    assert (settlement.accountOf(poor)[2], settlement.debtOf(poor)) == (900, 1)
    world.pay(poor, 9)
    assert settlement.repayDebt(9, by=poor) == 1
    assert (settlement.debtOf(poor), free(world, "poor")) == (0, 100)
