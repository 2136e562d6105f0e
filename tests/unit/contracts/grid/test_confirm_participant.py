"""GridManagement.confirmParticipant: only what the authority confirms counts as capacity."""

from __future__ import annotations

from energy_grid.domain.enums import EnergyType
from tests.support.core.chain import refused
from tests.support.core.grid_suite import ADMIN, GridWorld
from tests.unit.contracts.grid.participants import CONSUMER, LARGEST, PRODUCER, STRANGER, log


def test_confirm_participant__producer__counts_its_capacity(world: GridWorld) -> None:
    assert not world.grid.isActiveParticipant(PRODUCER)
    assert world.grid.capacityOf(0) == 0
    world.grid.confirmParticipant(PRODUCER, True, by=ADMIN)
    event = {"participant": PRODUCER, "is_producer": True, "confirmation": 2}
    assert log(world, "ParticipantConfirmed") == event
    assert world.grid.isActiveParticipant(PRODUCER)
    assert world.grid.capacityOf(0) == 10_000
    with refused("GridManagement_AlreadyConfirmed", PRODUCER, 2):
        world.grid.confirmParticipant(PRODUCER, True, by=ADMIN)


def test_confirm_participant__consumer__takes_part(world: GridWorld) -> None:
    world.grid.confirmParticipant(CONSUMER, False, by=ADMIN)
    assert world.grid.isActiveParticipant(CONSUMER)
    assert world.grid.getConsumerInfo(CONSUMER)[5] == 2
    assert [world.grid.capacityOf(kind) for kind in EnergyType] == [0] * len(EnergyType)


def test_confirm_participant__not_registered_as_that__refused(world: GridWorld) -> None:
    for account, is_producer in ((STRANGER, True), (CONSUMER, True), (PRODUCER, False)):
        with refused("GridManagement_NotRegistered", account):
            world.grid.confirmParticipant(account, is_producer, by=ADMIN)
    with refused("AccessManagedUnauthorized", STRANGER):
        world.grid.confirmParticipant(PRODUCER, True, by=STRANGER)


def test_confirm_participant__the_largest__capacities_of_a_type_add_up(world: GridWorld) -> None:
    for number in range(20, 23):
        account = f"0x{number:040x}"
        world.grid.registerProducer(LARGEST, EnergyType.HYDRO, by=account)
        world.grid.confirmParticipant(account, True, by=ADMIN)
    found = {kind: world.grid.capacityOf(kind) for kind in EnergyType}
    assert found == {**dict.fromkeys(EnergyType, 0), EnergyType.HYDRO: 3 * LARGEST}
