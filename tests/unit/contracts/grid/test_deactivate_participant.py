"""GridManagement.deactivateParticipant."""

from __future__ import annotations

import pytest

from tests.support.core.chain import Chain, refused
from tests.support.core.full_market import FullMarket
from tests.support.core.grid_suite import ADMIN, TARIFF, GridWorld
from tests.support.core.tariff_suite import START
from tests.unit.contracts.grid.participants import CONSUMER, PRODUCER, STRANGER, log

SIDES = [(PRODUCER, True), (CONSUMER, False), (STRANGER, True), (STRANGER, False)]


@pytest.mark.parametrize(("account", "is_producer"), SIDES)
def test_deactivate_participant__anybody__one_side_of_its_orders_is_blocked(
    world: GridWorld, account: str, is_producer: bool
) -> None:
    world.grid.deactivateParticipant(account, is_producer, by=ADMIN)
    changed = {"participant": account, "is_producer": is_producer, "active": False}
    assert log(world, "ParticipantActiveSet") == changed
    told = {"account": account, "buying": not is_producer, "blocked": True}
    assert log(world, "SideBlocked") == told
    with refused("GridManagement_Inactive", account):
        world.grid.deactivateParticipant(account, is_producer, by=ADMIN)


def test_deactivate_participant__before_it_registers__stays_blocked(world: GridWorld) -> None:
    world.grid.deactivateParticipant(STRANGER, True, by=ADMIN)
    world.grid.registerProducer(1, 1, by=STRANGER)
    with refused("GridManagement_Inactive", STRANGER):
        world.grid.reportProduction(1, by=STRANGER)
    world.grid.confirmParticipant(STRANGER, True, by=ADMIN)
    assert not world.grid.isActiveParticipant(STRANGER)


def test_deactivate_participant__confirmed_as_both__still_takes_part_as_the_other(
    world: GridWorld,
) -> None:
    world.grid.registerConsumer(1, by=PRODUCER)
    for is_producer in (True, False):
        world.grid.confirmParticipant(PRODUCER, is_producer, by=ADMIN)
    for is_producer in (True, False):
        assert world.grid.isActiveParticipant(PRODUCER)
        world.grid.deactivateParticipant(PRODUCER, is_producer, by=ADMIN)
    assert not world.grid.isActiveParticipant(PRODUCER)


def test_deactivate_participant__by_others__refused(world: GridWorld) -> None:
    with refused("AccessManagedUnauthorized", PRODUCER):
        world.grid.deactivateParticipant(PRODUCER, True, by=PRODUCER)


def test_deactivate_participant__in_the_real_market__settlement_knows_it() -> None:
    market = FullMarket(Chain(START), TARIFF)
    grid, settlement = market["GridManagement"], market["Settlement"]
    grid.deactivateParticipant(STRANGER, True, by=ADMIN)
    assert settlement.isSideBlocked(STRANGER, False)
    assert not settlement.isSideBlocked(STRANGER, True)
    grid.reactivateParticipant(STRANGER, True, by=ADMIN)
    assert not settlement.isSideBlocked(STRANGER, False)
