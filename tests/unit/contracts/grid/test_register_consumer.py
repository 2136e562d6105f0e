"""GridManagement.registerConsumer."""

from __future__ import annotations

import pytest

from tests.support.core.chain import refused
from tests.support.core.grid_suite import ADMIN, GridWorld
from tests.unit.contracts.grid.participants import CONSUMER, LARGEST, PRODUCER, STRANGER, log


@pytest.mark.parametrize("account", [STRANGER, PRODUCER])
@pytest.mark.parametrize("limit", [1, LARGEST])
def test_register_consumer__new__waits_for_confirmation(
    world: GridWorld, limit: int, account: str
) -> None:
    world.grid.registerConsumer(limit, by=account)
    event = {"consumer": account, "consumption_limit": limit}
    assert log(world, "ConsumerRegistered") == event
    assert world.grid.getConsumerInfo(account) == (limit, 0, 0, 0, True, 0)
    assert not world.grid.isActiveParticipant(account)


def test_register_consumer__again__refused(world: GridWorld) -> None:
    with refused("GridManagement_ZeroAmount"):
        world.grid.registerConsumer(0, by=CONSUMER)
    for _ in range(2):
        with refused("GridManagement_AlreadyRegistered", CONSUMER):
            world.grid.registerConsumer(1, by=CONSUMER)
        if world.grid.getConsumerInfo(CONSUMER)[4]:
            world.grid.deactivateParticipant(CONSUMER, False, by=ADMIN)


@pytest.mark.parametrize("limit", [LARGEST + 1, 2**256 - 1])
def test_register_consumer__limit_too_large__refused(world: GridWorld, limit: int) -> None:
    with refused("SafeCastOverflowedUintDowncast", 64, limit):
        world.grid.registerConsumer(limit, by=STRANGER)
