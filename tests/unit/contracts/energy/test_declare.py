"""EnergyAccounts.declare."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.energy_suite import (
    EnergyWorld,
)
from tests.unit.contracts.energy.suite import (
    HIGHEST,
    first,
)


def test_declare__of_accounts_without_a_meter__is_import(world: EnergyWorld) -> None:
    world.open("trader", 10**9)
    slot, declare = world.slot, world.as_settlement.declare
    declare(2, slot, 5)
    declare(2, slot, 6)
    assert world.energy.netOf(2, slot) == (True, -11)
    with refused("EnergyAccounts_DeclaredTooMuch", slot, HIGHEST - 10, 11):
        declare(2, slot, HIGHEST - 10)
    declare(2, slot, HIGHEST - 11)
    declare(1, first(world), 5)
    assert world.energy.netOf(1, first(world)) == (False, 0)
