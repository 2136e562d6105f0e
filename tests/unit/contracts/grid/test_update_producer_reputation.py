"""GridManagement.updateProducerReputation."""

from __future__ import annotations

import pytest

from tests.support.core.chain import refused
from tests.support.core.grid_suite import ADMIN, GridWorld
from tests.unit.contracts.grid.participants import CONSUMER, PRODUCER, log


@pytest.mark.parametrize("score", [0, 57, 100])
def test_update_producer_reputation__in_range__set(world: GridWorld, score: int) -> None:
    world.grid.updateProducerReputation(PRODUCER, score, by=ADMIN)
    assert log(world, "ReputationSet") == {"producer": PRODUCER, "reputation": score}
    assert tuple(world.grid.getProducerInfo(PRODUCER))[5] == score


def test_update_producer_reputation__too_high_or_of_no_producer__refused(world: GridWorld) -> None:
    for score in (101, 2**256 - 1):
        with refused("GridManagement_BadScore", score):
            world.grid.updateProducerReputation(CONSUMER, score, by=ADMIN)
    with refused("GridManagement_NotRegistered", CONSUMER):
        world.grid.updateProducerReputation(CONSUMER, 1, by=ADMIN)
    with refused("AccessManagedUnauthorized", PRODUCER):
        world.grid.updateProducerReputation(PRODUCER, 100, by=PRODUCER)
