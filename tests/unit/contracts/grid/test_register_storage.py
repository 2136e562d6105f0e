"""GridManagement.registerStorage."""

from __future__ import annotations

import pytest

from tests.support.core.chain import refused
from tests.support.core.grid_suite import GridWorld
from tests.unit.contracts.grid.participants import CONSUMER, LARGEST, PRODUCER, STRANGER, log


@pytest.mark.parametrize("account", [STRANGER, PRODUCER])
@pytest.mark.parametrize("sizes", [(1, 2, 3), (LARGEST, LARGEST, LARGEST)])
def test_register_storage__new__empty(
    world: GridWorld, account: str, sizes: tuple[int, int, int]
) -> None:
    world.grid.registerStorage(*sizes, by=account)
    names = "owner", "capacity", "charge_rate", "discharge_rate"
    assert log(world, "StorageRegistered") == dict(zip(names, (account, *sizes), strict=True))
    assert world.grid.getStorageInfo(account) == (sizes[0], 0, *sizes[1:])


@pytest.mark.parametrize("place", range(3))
def test_register_storage__one_of_them_zero_or_too_large__refused(
    world: GridWorld, place: int
) -> None:
    def sizes(one: int) -> list[int]:
        return [one if at == place else 1 for at in range(3)]

    with refused("GridManagement_ZeroAmount"):
        world.grid.registerStorage(*sizes(0), by=STRANGER)
    with refused("SafeCastOverflowedUintDowncast", 64, LARGEST + 1):
        world.grid.registerStorage(*sizes(LARGEST + 1), by=STRANGER)


def test_register_storage__again__refused(world: GridWorld) -> None:
    with refused("GridManagement_AlreadyRegistered", CONSUMER):
        world.grid.registerStorage(1, 1, 1, by=CONSUMER)
