"""GridManagement.reportProduction: declared, shown, and of no effect on prices."""

from __future__ import annotations

from random import Random

from tests.support.core.chain import refused
from tests.support.core.grid_suite import ADMIN, GridWorld
from tests.unit.contracts.grid.participants import LARGEST, PRODUCER, STRANGER, log


def test_report_production__again_in_a_slot__replaces_what_was_declared(world: GridWorld) -> None:
    price = world.grid.call("getDynamicPrice()")
    for amount in (9_000, 4_000):
        world.grid.reportProduction(amount, by=PRODUCER)
    event = {"producer": PRODUCER, "slot": world.running, "amount": 4_000}
    assert log(world, "ProductionReported") == event
    assert tuple(world.grid.getProducerInfo(PRODUCER)) == (10_000, 4_000, 4_000, 0, True, 100, 0)
    assert world.grid.call("getGridStatus()")[1] == 4_000
    assert world.grid.call("getDynamicPrice()") == price


def test_report_production__in_the_next_slot__counts_anew(world: GridWorld) -> None:
    world.grid.reportProduction(4_000, by=PRODUCER)
    world.chain.set_time(world.now + 900)
    assert world.grid.call("getGridStatus()")[1] == 0
    assert tuple(world.grid.getProducerInfo(PRODUCER))[1:3] == (0, 4_000)
    world.grid.reportProduction(1_000, by=PRODUCER)
    assert tuple(world.grid.getProducerInfo(PRODUCER))[1:3] == (1_000, 5_000)


def test_report_production__by_several_at_random__adds_up(world: GridWorld) -> None:
    draws, names = Random(5), [f"0x{number:040x}" for number in range(20, 25)]
    for name in names:
        world.grid.registerProducer(1_000, 1, by=name)
    of_slot: dict[str, int] = {}
    for _ in range(200):
        if draws.random() < 0.2:
            world.chain.set_time(world.now + 900)
            of_slot = {}
        name = draws.choice(names)
        of_slot[name] = draws.randint(0, 1_000)
        world.grid.reportProduction(of_slot[name], by=name)
        assert world.grid.call("getGridStatus()")[1] == sum(of_slot.values())


def test_report_production__by_no_producer_or_a_blocked_one__refused(world: GridWorld) -> None:
    with refused("GridManagement_NotRegistered", STRANGER):
        world.grid.reportProduction(1, by=STRANGER)
    world.grid.deactivateParticipant(PRODUCER, True, by=ADMIN)
    with refused("GridManagement_Inactive", PRODUCER):
        world.grid.reportProduction(10_001, by=PRODUCER)
    world.grid.reactivateParticipant(PRODUCER, True, by=ADMIN)
    with refused("GridManagement_AboveLimit", 10_001, 10_000):
        world.grid.reportProduction(10_001, by=PRODUCER)
    world.grid.reportProduction(10_000, by=PRODUCER)


def test_report_production__total_of_a_life_too_large__refused(world: GridWorld) -> None:
    world.grid.registerProducer(LARGEST, 0, by=STRANGER)
    world.grid.reportProduction(LARGEST, by=STRANGER)
    world.grid.reportProduction(LARGEST, by=STRANGER)
    world.chain.set_time(world.now + 900)
    with refused("SafeCastOverflowedUintDowncast", 64, LARGEST + 1):
        world.grid.reportProduction(1, by=STRANGER)
    world.grid.reportProduction(0, by=STRANGER)
