"""EnergyAccounts' constructor."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.energy_suite import (
    DAY,
    METER,
    EnergyWorld,
)
from tests.support.core.tariff_suite import TariffWorld
from tests.unit.contracts.energy.suite import (
    STRANGER,
    TARIFF,
)


def test_constructor__bad_parameters__are_refused(world: EnergyWorld) -> None:
    chain = world.chain
    modules = [world.settlement.address, METER, STRANGER, STRANGER, world.tariffs.address]
    with refused("EnergyAccounts_BadParameter", "grace", DAY + 1):
        chain.deploy("EnergyAccounts", world.manager.address, tuple(modules), DAY + 1)
    short = TariffWorld(TARIFF, 80, slot=300)
    modules[4] = short.tariffs.address
    with refused("EnergyAccounts_BadParameter", "slotLength", 300):
        short.chain.deploy("EnergyAccounts", world.manager.address, tuple(modules), 900)
