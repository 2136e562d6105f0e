"""GridManagement.setBasePrice: the buy price, beyond the horizon."""

from __future__ import annotations

import pytest

from tests.support.core.chain import refused
from tests.support.core.grid_suite import ADMIN, DAY, TARIFF, GridWorld, name
from tests.unit.contracts.grid.participants import STRANGER, log

OF_HOME, OF_ANY = "setBasePrice(uint256)", "setBasePrice(bytes32,uint256)"
HIGHEST = 600_000_000


def test_set_base_price__of_home__from_the_first_day_that_is_not_tradable(
    world: GridWorld,
) -> None:
    day = world.now // DAY + 16
    world.grid.call(OF_HOME, 350_000, by=ADMIN)
    event = {"region": name("home"), "price": 350_000, "day": day}
    assert log(world, "BasePriceSet") == event
    rest = world.tariffs.tariffOf(name("home"), day)[1:]
    assert (world.tariffs.tariffOf(name("home"), day)[0], rest) == (
        350_000,
        world.tariffs.tariffOf(name("home"), day - 1)[1:],
    )
    assert world.tariffs.tariffOf(name("home"), day - 1)[0] == 300_000


def test_set_base_price__of_a_region__is_its_own(world: GridWorld) -> None:
    world.add_region("north", TARIFF)
    day = world.now // DAY + 16
    for price in (360_000, HIGHEST):
        world.grid.call(OF_ANY, name("north"), price, by=ADMIN)
        assert world.tariffs.tariffOf(name("north"), day)[0] == price
    assert world.tariffs.tariffOf(name("home"), day)[0] == 300_000


def test_set_base_price__above_the_ceiling_or_of_no_region__refused(world: GridWorld) -> None:
    with refused("Tariffs_BuyAbove", HIGHEST + 1, HIGHEST):
        world.grid.call(OF_HOME, HIGHEST + 1, by=ADMIN)
    least = TARIFF.feed_in + TARIFF.network_fee
    with refused("Tariffs_FeedInAbove", TARIFF.feed_in, TARIFF.network_fee, least - 1):
        world.grid.call(OF_HOME, least - 1, by=ADMIN)
    with refused("Tariffs_UnknownRegion", name("nowhere")):
        world.grid.call(OF_ANY, name("nowhere"), 360_000, by=ADMIN)


@pytest.mark.parametrize(("function", "arguments"), [(OF_HOME, (1,)), (OF_ANY, (bytes(32), 1))])
def test_set_base_price__by_others__refused(
    world: GridWorld, function: str, arguments: tuple[object, ...]
) -> None:
    with refused("AccessManagedUnauthorized", STRANGER):
        world.grid.call(function, *arguments, by=STRANGER)
