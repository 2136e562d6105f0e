"""Tariffs.setCreditValue."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.tariff_suite import TariffWorld


def test_set_credit_value__that_rises__is_refused(world: TariffWorld) -> None:
    world.tariffs.setCreditValue(50_000, world.today + 20, by=world.authority)
    with refused("Tariffs_CreditValueRises", 50_001, 50_000):
        world.tariffs.setCreditValue(50_001, world.today + 16, by=world.authority)
    world.tariffs.setCreditValue(50_000, world.today + 16, by=world.authority)
    assert world.chain.logs[0][1:] == ("CreditValueSet", {"day": world.today + 16, "value": 50_000})
    assert world.tariffs.creditValueAt(world.today + 15) == 60_000
    assert world.tariffs.creditValueAt(world.today + 16) == 50_000
