"""CarbonCredits.energyOf: whose energy counts, and of which days."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.grid_suite import ADMIN
from tests.unit.contracts.carbon.world import (
    BATTERY,
    FACTOR,
    GRID_METER,
    PLANT,
    PRODUCER,
    UNREAD,
    CarbonWorld,
)


def test_energy_of__day_between_read_midnights__net_export(world: CarbonWorld) -> None:
    first, second = world.today + 1, world.today + 2
    for day, energy in ((first, (9_000, 3_999)), (second, (5_000, 6_000))):
        world.double.setDay(GRID_METER, day, *energy)
        world.read_midnights(day)
    # What a battery stores and gives back does not count.
    world.double.setDay(BATTERY, first, 4_000, 5_000)
    assert world.carbon.energyOf(PRODUCER, first) == 5_001
    assert world.issue(first, second, first) == 5_001 * FACTOR // 1_000
    assert world.carbon.isCredited(PRODUCER, first)
    assert not world.carbon.isCredited(PRODUCER, second)
    assert tuple(world.carbon.cleanProducer(PRODUCER)) == (first, 0, 5_001 * FACTOR % 1_000)
    with refused("CarbonCredits_NothingToIssue", PRODUCER):
        world.issue(first, second)


def test_energy_of__midnight_not_read__refused(world: CarbonWorld) -> None:
    day = world.today + 1
    world.double.setDay(GRID_METER, day, 9_000, 0)
    for slot in (day * 96 - 1, day * 96 + 95):
        world.read_midnights(day)
        world.double.setNet(4, slot, UNREAD)
        with refused("CarbonCredits_DayNotRead", PRODUCER, day):
            world.issue(day)


def test_energy_of__first_day_of_the_meter_or_none__refused(world: CarbonWorld) -> None:
    day = world.today + 1
    world.read_midnights(day)
    info = (3, PRODUCER, bytes(32), 10_000, True, day, 65_535, 0, True)
    world.double.setMeter(GRID_METER, info)
    with refused("CarbonCredits_DayNotRead", PRODUCER, day):
        world.issue(day)
    world.double.setMetersOf(PRODUCER, [PLANT])
    with refused("CarbonCredits_DayNotRead", PRODUCER, day):
        world.issue(day)


def test_energy_of__production_meters__count_alone_with_a_storage(world: CarbonWorld) -> None:
    day = world.today + 1
    world.double.setDay(PLANT, day, 7_000, 50)
    world.double.setDay(GRID_METER, day, 1, 9_000)
    world.grid.registerStorage(1, 1, 1, by=PRODUCER)
    assert not world.carbon.isCleanEnergyProducer(PRODUCER)
    with refused("CarbonCredits_IsStorage", PRODUCER):
        world.issue(day)
    world.carbon.setProductionMeters(PRODUCER, [1], by=ADMIN)
    assert world.carbon.isCleanEnergyProducer(PRODUCER)
    assert world.carbon.productionMeters(PRODUCER) == (1,)
    assert world.issue(day) == 7 * FACTOR


def test_energy_of__production_meter_not_read_to_the_end__refused(world: CarbonWorld) -> None:
    day = world.today + 1
    world.carbon.setProductionMeters(PRODUCER, [1], by=ADMIN)
    world.set_meter(1, PLANT, read_to=(day + 1) * 96 - 1)
    with refused("CarbonCredits_DayNotRead", PRODUCER, day):
        world.issue(day)
