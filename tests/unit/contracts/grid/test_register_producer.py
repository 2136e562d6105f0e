"""GridManagement.registerProducer."""

from __future__ import annotations

import pytest

from energy_grid.domain.enums import EnergyType
from tests.support.core.chain import refused
from tests.support.core.grid_suite import ADMIN, GridWorld
from tests.unit.contracts.grid.participants import (
    CONSUMER,
    FAULTLESS,
    LARGEST,
    PRODUCER,
    STRANGER,
    log,
)


@pytest.mark.parametrize("capacity", [1, LARGEST])
@pytest.mark.parametrize("kind", EnergyType)
def test_register_producer__new__has_full_reputation_and_waits_for_confirmation(
    world: GridWorld, capacity: int, kind: EnergyType
) -> None:
    world.grid.registerProducer(capacity, kind, by=STRANGER)
    event = {"producer": STRANGER, "capacity": capacity, "energy_type": kind}
    assert log(world, "ProducerRegistered") == event
    found = capacity, 0, 0, kind, True, FAULTLESS, 0
    assert world.grid.getProducerInfo(STRANGER) == found
    assert not world.grid.isActiveParticipant(STRANGER)
    assert world.grid.capacityOf(kind) == 0


def test_register_producer__consumer__is_both(world: GridWorld) -> None:
    world.grid.registerProducer(7, 1, by=CONSUMER)
    assert world.grid.getProducerInfo(CONSUMER)[0] == 7
    assert world.grid.getConsumerInfo(CONSUMER)[0] == 5_000


def test_register_producer__again__refused(world: GridWorld) -> None:
    with refused("GridManagement_ZeroAmount"):
        world.grid.registerProducer(0, 0, by=PRODUCER)
    for _ in range(2):
        with refused("GridManagement_AlreadyRegistered", PRODUCER):
            world.grid.registerProducer(1, 0, by=PRODUCER)
        if world.grid.getProducerInfo(PRODUCER)[4]:
            world.grid.deactivateParticipant(PRODUCER, True, by=ADMIN)


@pytest.mark.parametrize("capacity", [LARGEST + 1, 2**256 - 1])
def test_register_producer__too_large__refused(world: GridWorld, capacity: int) -> None:
    with refused("SafeCastOverflowedUintDowncast", 64, capacity):
        world.grid.registerProducer(capacity, 0, by=STRANGER)


@pytest.mark.parametrize("kind", [len(EnergyType), 255])
def test_register_producer__of_no_energy_type__refused(world: GridWorld, kind: int) -> None:
    with refused("0x"):
        world.grid.registerProducer(1, kind, by=STRANGER)
