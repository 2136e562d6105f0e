"""GridManagement.dischargeStorage."""

from __future__ import annotations

import pytest

from tests.support.core.chain import refused
from tests.support.core.grid_suite import GridWorld
from tests.unit.contracts.grid.participants import CONSUMER, STRANGER, log


@pytest.fixture
def charged(world: GridWorld) -> GridWorld:
    """5,000 Wh are stored, 2,000 of them since this slot began."""
    world.grid.chargeStorage(3_000, by=CONSUMER)
    world.chain.set_time(world.now + 900)
    world.grid.chargeStorage(2_000, by=CONSUMER)
    return world


def test_discharge_storage__in_parts__up_to_the_rate_of_a_slot(charged: GridWorld) -> None:
    for stored in (4_000, 3_000):
        charged.grid.dischargeStorage(1_000, by=CONSUMER)
        event = {"owner": CONSUMER, "slot": charged.running, "amount": 1_000, "stored": stored}
        assert log(charged, "StorageDischarged") == event
    with refused("GridManagement_AboveLimit", 1, 0):
        charged.grid.dischargeStorage(1, by=CONSUMER)
    charged.chain.set_time(charged.now + 900)
    charged.grid.dischargeStorage(2_000, by=CONSUMER)
    assert charged.grid.getStorageInfo(CONSUMER)[1] == 1_000


def test_discharge_storage__more_than_is_stored__refused(charged: GridWorld) -> None:
    for _ in range(2):
        charged.grid.dischargeStorage(2_000, by=CONSUMER)
        charged.chain.set_time(charged.now + 900)
    with refused("GridManagement_StorageBounds", 1_001, 1_000):
        charged.grid.dischargeStorage(1_001, by=CONSUMER)
    charged.grid.dischargeStorage(1_000, by=CONSUMER)


def test_discharge_storage__without_storage_or_nothing__refused(world: GridWorld) -> None:
    with refused("GridManagement_NotRegistered", STRANGER):
        world.grid.dischargeStorage(0, by=STRANGER)
    with refused("GridManagement_ZeroAmount"):
        world.grid.dischargeStorage(0, by=CONSUMER)
    with refused("GridManagement_AboveLimit", 2_001, 2_000):
        world.grid.dischargeStorage(2_001, by=CONSUMER)
