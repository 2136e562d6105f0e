"""GridManagement with a producer, a consumer and the owner of a storage."""

from __future__ import annotations

import pytest

from tests.support.core.grid_suite import GridWorld
from tests.unit.contracts.grid.participants import CONSUMER, PRODUCER


@pytest.fixture
def world() -> GridWorld:
    """10,000 Wh, 5,000 Wh and 8,000 Wh a slot; nobody is confirmed, and consuming costs 77."""
    world = GridWorld()
    world.grid.registerProducer(10_000, 0, by=PRODUCER)
    world.grid.registerConsumer(5_000, by=CONSUMER)
    world.grid.registerStorage(8_000, 3_000, 2_000, by=CONSUMER)
    world.double.setCost(77)
    return world
