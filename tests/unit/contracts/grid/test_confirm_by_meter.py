"""GridManagement.confirmByMeter: a settlement meter of enough power speaks for its account."""

from __future__ import annotations

import pytest

from tests.support.core.chain import refused
from tests.support.core.grid_suite import ADMIN, GridWorld
from tests.unit.contracts.grid.participants import (
    CONSUMER,
    METER,
    PRODUCER,
    STRANGER,
    log,
    set_meter,
)


def test_confirm_by_meter__of_enough_power__takes_part_and_counts_no_capacity(
    world: GridWorld,
) -> None:
    set_meter(world, PRODUCER, 40_000)
    world.grid.confirmByMeter(METER, True, by=STRANGER)
    event = {"participant": PRODUCER, "is_producer": True, "confirmation": 1}
    assert log(world, "ParticipantConfirmed") == event
    assert world.grid.isActiveParticipant(PRODUCER)
    assert world.grid.capacityOf(0) == 0
    with refused("GridManagement_AlreadyConfirmed", PRODUCER, 1):
        world.grid.confirmByMeter(METER, True, by=STRANGER)
    world.grid.confirmParticipant(PRODUCER, True, by=ADMIN)
    assert world.grid.capacityOf(0) == 10_000
    with refused("GridManagement_AlreadyConfirmed", PRODUCER, 2):
        world.grid.confirmByMeter(METER, True, by=STRANGER)


def test_confirm_by_meter__consumer__takes_part(world: GridWorld) -> None:
    set_meter(world, CONSUMER, 20_000)
    world.grid.confirmByMeter(METER, False, by=STRANGER)
    assert world.grid.isActiveParticipant(CONSUMER)


def test_confirm_by_meter__of_too_little_power__refused(world: GridWorld) -> None:
    """39,996 W give 9,999 Wh in a quarter of an hour."""
    set_meter(world, PRODUCER, 39_996)
    with refused("GridManagement_AboveMeter", 10_000, 9_999):
        world.grid.confirmByMeter(METER, True, by=STRANGER)


@pytest.mark.parametrize("flags", [{"settlement": False}, {"active": False}])
def test_confirm_by_meter__no_active_settlement_meter__refused(
    world: GridWorld, flags: dict[str, bool]
) -> None:
    set_meter(world, PRODUCER, 40_000, **flags)
    with refused("GridManagement_NoMeter", PRODUCER, METER):
        world.grid.confirmByMeter(METER, True, by=STRANGER)


def test_confirm_by_meter__of_an_account_not_registered_as_that__refused(world: GridWorld) -> None:
    set_meter(world, PRODUCER, 40_000)
    with refused("GridManagement_NotRegistered", PRODUCER):
        world.grid.confirmByMeter(METER, False, by=STRANGER)
