"""GridManagement.reactivateParticipant."""

from __future__ import annotations

import pytest

from tests.support.core.chain import refused
from tests.support.core.grid_suite import ADMIN, GridWorld
from tests.unit.contracts.grid.participants import CONSUMER, PRODUCER, STRANGER, log


@pytest.mark.parametrize(("account", "is_producer"), [(PRODUCER, True), (CONSUMER, False)])
def test_reactivate_participant__deactivated__may_do_all_it_could(
    world: GridWorld, account: str, is_producer: bool
) -> None:
    function = "reportProduction" if is_producer else "consumeEnergy(uint256)"
    world.grid.deactivateParticipant(account, is_producer, by=ADMIN)
    with refused("GridManagement_Inactive", account):
        world.grid.call(function, 1, by=account)
    world.grid.reactivateParticipant(account, is_producer, by=ADMIN)
    changed = {"participant": account, "is_producer": is_producer, "active": True}
    assert log(world, "ParticipantActiveSet") == changed
    told = {"account": account, "buying": not is_producer, "blocked": False}
    assert log(world, "SideBlocked") == told
    world.grid.call(function, 1, by=account)


def test_reactivate_participant__active_or_by_others__refused(world: GridWorld) -> None:
    for account, is_producer in ((PRODUCER, True), (CONSUMER, False), (STRANGER, True)):
        with refused("GridManagement_AlreadyActive", account):
            world.grid.reactivateParticipant(account, is_producer, by=ADMIN)
    with refused("AccessManagedUnauthorized", PRODUCER):
        world.grid.reactivateParticipant(PRODUCER, True, by=PRODUCER)


def test_reactivate_participant__confirmed_meanwhile__capacity_counts_once(
    world: GridWorld,
) -> None:
    steps = (
        ("deactivateParticipant", 0),
        ("confirmParticipant", 0),
        ("reactivateParticipant", 10_000),
        ("deactivateParticipant", 0),
        ("reactivateParticipant", 10_000),
    )
    for function, capacity in steps:
        world.grid.call(function, PRODUCER, True, by=ADMIN)
        assert world.grid.capacityOf(0) == capacity
