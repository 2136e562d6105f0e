"""CarbonCredits of the second edition: whose energy counts, of which days, and new refusals."""

from __future__ import annotations

from random import Random

import pytest

from tests.support.core.chain import Deployed, refused
from tests.support.core.grid_suite import ADMIN, DAY, GridWorld

PRODUCER = "0x" + 39 * "0" + "2"
STRANGER = "0x" + 39 * "0" + "9"
PLANT, BATTERY, GRID_METER = ("0x" + 39 * "0" + digit for digit in "567")
FACTOR = 400
UNREAD = -(2**255)


class CarbonWorld(GridWorld):
    """A confirmed producer with a plant, a battery and a settlement meter, registered as clean."""

    def __init__(self) -> None:
        super().__init__()
        self.double.setModules(self.grid.address, self.tariffs.address)
        manager = self.chain.deploy("AccessManager", ADMIN).address
        self.carbon: Deployed = self.chain.deploy(
            "CarbonCredits", manager, self.double.address, FACTOR
        )
        self.today = self.now // DAY
        self.grid.registerProducer(10_000, 0, by=PRODUCER)
        self.grid.confirmParticipant(PRODUCER, True, by=ADMIN)
        self.double.setAccount(PRODUCER, 4, 0, 0, 0)
        for number, meter in ((1, PLANT), (2, BATTERY), (3, GRID_METER)):
            self.set_meter(number, meter)
        self.double.setMetersOf(PRODUCER, [PLANT, BATTERY, GRID_METER])
        self.carbon.registerCleanEnergyProducer(PRODUCER, by=ADMIN)
        self.chain.set_time(self.now + 10 * DAY)

    def set_meter(self, number: int, meter: str, *, read_to: int | None = None) -> None:
        """Read to the end of the tenth day, if nothing else is said."""
        read_to = (self.today + 10) * 96 if read_to is None else read_to
        settlement = meter == GRID_METER
        info = (number, PRODUCER, bytes(32), 10_000, settlement, self.today, 65_535, read_to, True)
        self.double.setMeter(meter, info)

    def read_midnights(self, day: int) -> None:
        """Both of a day."""
        for slot in (day * 96 - 1, day * 96 + 95):
            self.double.setNet(4, slot, 0)

    def issue(self, *days: int) -> int:
        """In grams."""
        grams: int = self.carbon.issueCarbonCredits(PRODUCER, list(days), by=STRANGER)
        return grams


@pytest.fixture
def world() -> CarbonWorld:
    return CarbonWorld()


def test_net_export__of_a_day_between_read_midnights__earns(world: CarbonWorld) -> None:
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


def test_net_export__with_a_midnight_that_is_not_read__is_refused(world: CarbonWorld) -> None:
    day = world.today + 1
    world.double.setDay(GRID_METER, day, 9_000, 0)
    for slot in (day * 96 - 1, day * 96 + 95):
        world.read_midnights(day)
        world.double.setNet(4, slot, UNREAD)
        with refused("CarbonCredits_DayNotRead", PRODUCER, day):
            world.issue(day)


def test_net_export__of_the_meters_first_day_or_without_one__is_refused(world: CarbonWorld) -> None:
    day = world.today + 1
    world.read_midnights(day)
    info = (3, PRODUCER, bytes(32), 10_000, True, day, 65_535, 0, True)
    world.double.setMeter(GRID_METER, info)
    with refused("CarbonCredits_DayNotRead", PRODUCER, day):
        world.issue(day)
    world.double.setMetersOf(PRODUCER, [PLANT])
    with refused("CarbonCredits_DayNotRead", PRODUCER, day):
        world.issue(day)


def test_production_meters__count_alone_and_allow_a_storage(world: CarbonWorld) -> None:
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


def test_production_meter__not_read_to_the_end__is_refused(world: CarbonWorld) -> None:
    day = world.today + 1
    world.carbon.setProductionMeters(PRODUCER, [1], by=ADMIN)
    world.set_meter(1, PLANT, read_to=(day + 1) * 96 - 1)
    with refused("CarbonCredits_DayNotRead", PRODUCER, day):
        world.issue(day)


def test_production_meters__of_others_or_twice__are_refused(world: CarbonWorld) -> None:
    for numbers, last in (([1, 1], 1), ([2, 1], 2)):
        with refused("CarbonCredits_MetersUnordered", last, numbers[1]):
            world.carbon.setProductionMeters(PRODUCER, numbers, by=ADMIN)
    for number in (3, 9):
        with refused("CarbonCredits_NoSubMeter", PRODUCER, number):
            world.carbon.setProductionMeters(PRODUCER, [number], by=ADMIN)
    with refused("CarbonCredits_TooManyMeters", 9, 8):
        world.carbon.setProductionMeters(PRODUCER, list(range(1, 10)), by=ADMIN)
    with refused("AccessManagedUnauthorized", STRANGER):
        world.carbon.setProductionMeters(PRODUCER, [], by=STRANGER)


def test_days__outside_the_registration_or_not_over__are_refused(world: CarbonWorld) -> None:
    world.carbon.setProductionMeters(PRODUCER, [1], by=ADMIN)
    running = world.now // DAY
    for day in (world.today, running, running + 1):
        with refused("CarbonCredits_DayNotClean", PRODUCER, day):
            world.issue(day)
    world.carbon.deregisterCleanEnergyProducer(PRODUCER, by=ADMIN)
    world.chain.set_time(world.now + DAY)
    with refused("CarbonCredits_DayNotClean", PRODUCER, running):
        world.issue(running)


def test_unconfirmed_or_deactivated_producers__are_refused(world: CarbonWorld) -> None:
    world.grid.deactivateParticipant(PRODUCER, True, by=ADMIN)
    with refused("CarbonCredits_InactiveProducer", PRODUCER):
        world.issue(world.today + 1)
    world.grid.registerProducer(1, 0, by=STRANGER)
    with refused("CarbonCredits_InactiveProducer", STRANGER):
        world.carbon.registerCleanEnergyProducer(STRANGER, by=ADMIN)


@pytest.mark.parametrize("seed", range(10))
def test_any_order_and_grouping__gives_the_same_grams(seed: int) -> None:
    world, draws = CarbonWorld(), Random(seed)
    world.carbon.setProductionMeters(PRODUCER, [1, 2], by=ADMIN)
    days = list(range(world.today + 1, world.today + 9))
    produced = {day: (draws.randint(0, 5_000), draws.randint(0, 5_000)) for day in days}
    for day, (first, second) in produced.items():
        world.double.setDay(PLANT, day, first, 9)
        world.double.setDay(BATTERY, day, second, 9)
    draws.shuffle(days)
    issued = 0
    while days:
        group = [days.pop() for _ in range(min(len(days), draws.randint(1, 3)))]
        if any(sum(produced[day]) for day in group):
            issued += world.issue(*group)
    assert issued == sum(map(sum, produced.values())) * FACTOR // 1_000
    assert world.carbon.balanceOf(PRODUCER) == issued
