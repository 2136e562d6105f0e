"""GridManagement.chargeStorage."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.support.core.grid_suite import GridWorld
from tests.unit.contracts.grid.participants import CONSUMER, LARGEST, STRANGER, log


def test_charge_storage__in_parts__up_to_the_rate_of_a_slot(world: GridWorld) -> None:
    for stored in (1_000, 2_000, 3_000):
        world.grid.chargeStorage(1_000, by=CONSUMER)
        event = {"owner": CONSUMER, "slot": world.running, "amount": 1_000, "stored": stored}
        assert log(world, "StorageCharged") == event
    with refused("GridManagement_AboveLimit", 1, 0):
        world.grid.chargeStorage(1, by=CONSUMER)
    # What is drawn again does not make up for it.
    world.grid.dischargeStorage(500, by=CONSUMER)
    with refused("GridManagement_AboveLimit", 1, 0):
        world.grid.chargeStorage(1, by=CONSUMER)
    world.chain.set_time(world.now + 900)
    world.grid.chargeStorage(3_000, by=CONSUMER)
    assert tuple(world.grid.getStorageInfo(CONSUMER)) == (8_000, 5_500, 3_000, 2_000)


def test_charge_storage__more_than_there_is_room_for__refused(world: GridWorld) -> None:
    for _ in range(3):
        world.grid.chargeStorage(2_500, by=CONSUMER)
        world.chain.set_time(world.now + 900)
    with refused("GridManagement_StorageBounds", 501, 500):
        world.grid.chargeStorage(501, by=CONSUMER)
    world.grid.chargeStorage(500, by=CONSUMER)


def test_charge_storage__without_storage_or_nothing__refused(world: GridWorld) -> None:
    with refused("GridManagement_NotRegistered", STRANGER):
        world.grid.chargeStorage(0, by=STRANGER)
    with refused("GridManagement_ZeroAmount"):
        world.grid.chargeStorage(0, by=CONSUMER)
    with refused("GridManagement_AboveLimit", 9_000, 3_000):
        world.grid.chargeStorage(9_000, by=CONSUMER)


def test_charge_storage__the_largest__filled_at_once(world: GridWorld) -> None:
    world.grid.registerStorage(LARGEST, LARGEST, LARGEST, by=STRANGER)
    world.grid.chargeStorage(LARGEST, by=STRANGER)
    world.grid.dischargeStorage(LARGEST, by=STRANGER)
    assert world.grid.getStorageInfo(STRANGER)[1] == 0
