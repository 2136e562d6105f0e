"""GridManagement.reviewReputation: it falls with debt and unread meters."""

from __future__ import annotations

import pytest

from tests.support.core.chain import Chain, refused
from tests.support.core.full_market import FullMarket
from tests.support.core.grid_suite import ADMIN, DAY, TARIFF, GridWorld
from tests.support.core.tariff_suite import START
from tests.unit.contracts.grid.participants import PRODUCER, STRANGER, log


@pytest.mark.parametrize(("debt", "unread", "points"), [(1, 0, 1), (0, 3, 1), (5, 1, 2)])
def test_review_reputation__debt_or_unread_days__a_point_each_once_a_day(
    world: GridWorld, debt: int, unread: int, points: int
) -> None:
    world.double.setAccount(PRODUCER, 7, 0, debt, unread)
    for passed in (1, 2):
        world.grid.reviewReputation(PRODUCER, by=STRANGER)
        event = {"producer": PRODUCER, "reputation": 100 - passed * points}
        assert log(world, "ReputationSet") == event
        with refused("GridManagement_ReviewedToday", PRODUCER, world.now // DAY):
            world.grid.reviewReputation(PRODUCER, by=STRANGER)
        world.chain.set_time(world.now // DAY * DAY + DAY)


def test_review_reputation__of_one_point__falls_to_none_and_no_further(world: GridWorld) -> None:
    world.double.setAccount(PRODUCER, 7, 0, 1, 1)
    world.grid.updateProducerReputation(PRODUCER, 1, by=ADMIN)
    for _ in range(2):
        world.grid.reviewReputation(PRODUCER, by=STRANGER)
        assert tuple(world.grid.getProducerInfo(PRODUCER))[5] == 0
        world.chain.set_time(world.now + DAY)


def test_review_reputation__without_a_fault_or_producer__refused(world: GridWorld) -> None:
    with refused("GridManagement_NotRegistered", STRANGER):
        world.grid.reviewReputation(STRANGER, by=STRANGER)
    # Unread days are of an account, which the second has none of.
    for number, unread in ((7, 0), (0, 1)):
        world.double.setAccount(PRODUCER, number, 0, 0, unread)
        with refused("GridManagement_NoFault", PRODUCER):
            world.grid.reviewReputation(PRODUCER, by=STRANGER)


def test_review_reputation__in_the_real_market__is_of_its_accounts() -> None:
    market = FullMarket(Chain(START), TARIFF)
    grid = market["GridManagement"]
    for register in ("registerProducer", "registerConsumer"):
        grid.call(register, *((1, 0) if "Producer" in register else (1,)), by=PRODUCER)
    for _ in range(2):
        with refused("GridManagement_NoFault", PRODUCER):
            grid.reviewReputation(PRODUCER, by=STRANGER)
        market.deposit(PRODUCER, 1_000_000)
