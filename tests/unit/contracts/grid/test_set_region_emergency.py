"""GridManagement.setRegionEmergency, by StabilityMaintenance."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.grid_suite import ADMIN, TARIFF, GridWorld, name
from tests.unit.contracts.grid.participants import log

HOME = name("home")


def test_set_region_emergency__on__triples_and_ends_by_itself(world: GridWorld) -> None:
    until, begun = world.now + 7_200, world.running
    world.stabilize("home", True)
    assert log(world, "RegionEmergencySet") == {"region": HOME, "until": until}
    assert world.grid.isRegionInEmergency(HOME)
    # The running slot keeps its price.
    assert world.grid.call("getDynamicPrice()") == 300_000
    world.chain.set_time((begun + 1) * 900)
    assert world.grid.call("getDynamicPrice()") == 900_000
    world.chain.set_time(world.now + 7_200)
    assert not world.grid.isRegionInEmergency(HOME)
    assert world.grid.call("getDynamicPrice()") == 300_000


def test_set_region_emergency__beside_other_reasons__until_the_last_ends(world: GridWorld) -> None:
    world.add_region("north", TARIFF)
    for region in ("home", "north"):
        world.implement(region, 1)
        for on in (True, False):
            world.stabilize(region, on)
            world.compare(region)
        number = world.tariffs.regionId(name(region))
        assert world.tariffs.factorOf(number, world.running + 1) == 30_000
        world.implement(region, 0)
        assert not world.grid.isRegionInEmergency(name(region))
        world.compare(region)


def test_set_region_emergency__by_others__refused(world: GridWorld) -> None:
    with refused("GridManagement_OnlyStability", ADMIN):
        world.grid.setRegionEmergency(HOME, True, by=ADMIN)
