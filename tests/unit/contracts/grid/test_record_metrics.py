"""GridManagement.recordMetrics and getMetrics."""

from __future__ import annotations

import pytest

from tests.support.core.chain import refused
from tests.support.core.grid_suite import ADMIN, GridWorld
from tests.unit.contracts.grid.participants import LARGEST, STRANGER, log


def test_record_metrics__several__numbered_from_one(world: GridWorld) -> None:
    recorded = [(5, 4, 3, 0), (LARGEST, LARGEST, LARGEST, 10_000)]
    for number, values in enumerate(recorded, start=1):
        assert world.grid.recordMetrics(*values, by=ADMIN) == number
        names = "id", "production", "consumption", "peak_load", "efficiency"
        expected = dict(zip(names, (number, *values), strict=True))
        assert log(world, "MetricsRecorded") == expected
    for number, values in enumerate(recorded, start=1):
        assert tuple(world.grid.getMetrics(number)) == (*values, world.now)
    for number in (0, 3, 2**256 - 1):
        with refused("GridManagement_NoSuchMetrics", number):
            world.grid.getMetrics(number)


@pytest.mark.parametrize("place", range(3))
def test_record_metrics__amount_too_large__refused(world: GridWorld, place: int) -> None:
    amounts = [LARGEST + 1 if at == place else 0 for at in range(3)]
    with refused("SafeCastOverflowedUintDowncast", 64, LARGEST + 1):
        world.grid.recordMetrics(*amounts, 0, by=ADMIN)


def test_record_metrics__efficiency_too_high_or_by_others__refused(world: GridWorld) -> None:
    with refused("GridManagement_BadEfficiency", 10_001):
        world.grid.recordMetrics(5, 4, 3, 10_001, by=ADMIN)
    with refused("AccessManagedUnauthorized", STRANGER):
        world.grid.recordMetrics(1, 1, 1, 1, by=STRANGER)


def test_record_metrics__time_of_33_bits__refused(world: GridWorld) -> None:
    world.chain.set_time(2**32)
    with refused("SafeCastOverflowedUintDowncast", 32, 2**32):
        world.grid.recordMetrics(1, 1, 1, 1, by=ADMIN)
