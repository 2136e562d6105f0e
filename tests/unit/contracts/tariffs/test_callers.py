"""Who may call what of Tariffs."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.tariff_suite import TariffWorld, name, packed
from tests.unit.contracts.tariffs.suite import FIRST, NOWHERE, STRANGER


def test_callers__strangers__are_refused(world: TariffWorld) -> None:
    unauthorized = "AccessManagedUnauthorized"
    with refused(unauthorized, STRANGER):
        world.tariffs.addRegion(NOWHERE, packed(FIRST), by=STRANGER)
    with refused(unauthorized, STRANGER):
        world.tariffs.setTariff(name("home"), packed(FIRST), 30_000, by=STRANGER)
    with refused(unauthorized, STRANGER):
        world.tariffs.setCreditValue(0, 30_000, by=STRANGER)
    for stranger in (STRANGER, world.authority):
        with refused("Tariffs_OnlyGrid", stranger):
            world.tariffs.setBuyPrice(bytes(32), 1, by=stranger)
        with refused("Tariffs_OnlyGrid", stranger):
            world.tariffs.writeFactors(1, 0, 0, 1, by=stranger)
