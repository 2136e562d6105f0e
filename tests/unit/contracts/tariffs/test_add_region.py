"""Tariffs.addRegion."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.tariff_suite import GRID, TariffWorld, name, packed
from tests.unit.contracts.tariffs.suite import FIRST, NOWHERE


def test_add_region__twice__is_refused(world: TariffWorld) -> None:
    tariffs = world.tariffs
    for taken in (name("home"), bytes(32)):
        with refused("Tariffs_RegionTaken", taken):
            tariffs.addRegion(taken, packed(FIRST), by=world.authority)
    assert tariffs.addRegion(name("north"), packed(FIRST), by=world.authority) == 2
    assert (tariffs.regionId(name("north")), tariffs.regionAt(2)) == (2, name("north"))
    assert tariffs.regionCount() == 2
    found = [tariffs.findRegion(region) for region in (name("home"), name("north"), NOWHERE)]
    assert found == [1, 2, 0]
    day = world.today
    with refused("Tariffs_UnknownRegion", NOWHERE):
        tariffs.setTariff(NOWHERE, packed(FIRST), day, by=world.authority)
    with refused("Tariffs_UnknownRegion", NOWHERE):
        tariffs.setBuyPrice(NOWHERE, 300_000, by=GRID)
    for view in (tariffs.regionId, lambda region: tariffs.tariffOf(region, day)):
        with refused("Tariffs_UnknownRegion", NOWHERE):
            view(NOWHERE)
    with refused("Tariffs_UnknownRegion", NOWHERE):
        tariffs.priceOf(NOWHERE, 1)
    slot = world.now // 900 + 1
    for number in (0, 3):
        for view, arguments in (
            ("regionAt", ()),
            ("dayOf", (day,)),
            ("termsOf", (day, day)),
            ("deficitPrice", (slot,)),
            ("factorOf", (slot,)),
            ("lowestAndDearest", (slot, slot + 1)),
            ("writeFactors", (slot, slot + 1, 10_000)),
        ):
            with refused("Tariffs_NoSuchRegion", number):
                tariffs.call(view, number, *arguments, by=GRID)
