"""CarbonCredits.setProductionMeters."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.grid_suite import ADMIN
from tests.unit.contracts.carbon.world import BATTERY, PLANT, PRODUCER, CarbonWorld


def test_set_production_meters__of_the_producer__what_they_count_adds_up(
    world: CarbonWorld,
) -> None:
    day = world.today + 1
    for meter, energy in ((PLANT, 7_000), (BATTERY, 500)):
        world.double.setDay(meter, day, energy, 9)
    for numbers, wh in (((1,), 7_000), ((1, 2), 7_500), ((2,), 500)):
        world.carbon.setProductionMeters(PRODUCER, list(numbers), by=ADMIN)
        event = {"producer": PRODUCER, "numbers": numbers}
        assert world.chain.logs[0][1:] == ("ProductionMetersSet", event)
        assert world.carbon.productionMeters(PRODUCER) == numbers
        assert world.carbon.energyOf(PRODUCER, day) == wh
    world.carbon.setProductionMeters(PRODUCER, [], by=ADMIN)
    assert world.carbon.productionMeters(PRODUCER) == ()


def test_set_production_meters__of_others_twice_or_too_many__refused(world: CarbonWorld) -> None:
    for numbers, last in (([1, 1], 1), ([2, 1], 2)):
        with refused("CarbonCredits_MetersUnordered", last, numbers[1]):
            world.carbon.setProductionMeters(PRODUCER, numbers, by=ADMIN)
    for number in (3, 9):
        with refused("CarbonCredits_NoSubMeter", PRODUCER, number):
            world.carbon.setProductionMeters(PRODUCER, [number], by=ADMIN)
    with refused("CarbonCredits_TooManyMeters", 9, 8):
        world.carbon.setProductionMeters(PRODUCER, list(range(1, 10)), by=ADMIN)
    with refused("AccessManagedUnauthorized", PLANT):
        world.carbon.setProductionMeters(PRODUCER, [], by=PLANT)
