"""Settlement.setSideBlocked and openAccount."""

from __future__ import annotations

import pytest

from tests.support.core.chain import refused
from tests.support.core.energy_suite import METER
from tests.support.core.settlement_suite import GRID, SPOT, SettlementWorld
from tests.unit.contracts.settlement.suite import STRANGER, S, at, free, logged

NOBODY = "0x" + 40 * "0"


@pytest.mark.parametrize("buying", [False, True])
def test_set_side_blocked__one_side__leaves_the_other_and_the_money(
    world: SettlementWorld, buying: bool
) -> None:
    settlement, north = world.settlement, at(world, "north")
    settlement.setSideBlocked(north, buying, True, by=GRID)
    assert logged(world, "SideBlocked") == [(north, buying, True)]
    assert settlement.isSideBlocked(north, buying)
    assert not settlement.isSideBlocked(north, not buying)
    settlement.setSideBlocked(north, not buying, True, by=GRID)
    settlement.setSideBlocked(north, buying, False, by=GRID)
    assert not settlement.isSideBlocked(north, buying)
    assert settlement.isSideBlocked(north, not buying)
    assert free(world, "north") == 10**9
    settlement.withdraw(5, STRANGER, by=north)


def test_set_side_blocked__somebody_new__gets_a_number(world: SettlementWorld) -> None:
    settlement = world.settlement
    assert not settlement.isSideBlocked(STRANGER, True)
    settlement.setSideBlocked(STRANGER, True, True, by=GRID)
    assert logged(world, "AccountOpened") == [(STRANGER, 4)]
    assert settlement.openAccount(STRANGER, by=METER) == 4
    assert logged(world, "AccountOpened") == []


def test_open_account__new_ones__are_numbered_from_one(world: SettlementWorld) -> None:
    settlement = world.settlement
    numbers = [settlement.openAccount(at(world, name), by=METER) for name in world.numbers]
    assert numbers == [1, 2, 3]
    assert settlement.openAccount(STRANGER, by=METER) == settlement.accountCount() == 4
    assert settlement.accountAt(4) == STRANGER


def test_open_account__nobody_or_settlement__is_refused(world: SettlementWorld) -> None:
    settlement = world.settlement
    for account in (NOBODY, settlement.address):
        with refused(S + "BadRecipient", account):
            settlement.openAccount(account, by=METER)
        with refused(S + "BadRecipient", account):
            settlement.setSideBlocked(account, True, True, by=GRID)
        with refused(S + "BadRecipient", account):
            settlement.payOnTheSpot(at(world, "north"), account, 1, 1, by=SPOT)
