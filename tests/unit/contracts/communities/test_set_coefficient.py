"""Communities.setCoefficient."""

from __future__ import annotations

import pytest
from eth_utils.address import to_checksum_address

from tests.support.core.chain import refused
from tests.support.core.energy_suite import DAY, EnergyWorld
from tests.unit.contracts.communities.suite import STRANGER, found, table

NORTH = 1


@pytest.fixture
def static(world: EnergyWorld) -> EnergyWorld:
    """Community 3 has the static key; "north" is its member since today, with 2,000."""
    north = world.address("north")
    found(world)
    world.communities.join(3, by=north)
    world.communities.setCoefficient(3, north, 2_000, by=world.authority)
    world.communities.acceptCoefficient(2_000, by=north)
    world.chain.set_time((world.today + 1) * DAY + 5)
    world.settlement.setCursor(NORTH, world.today)
    return world


def test_set_coefficient__higher__is_an_offer(static: EnergyWorld) -> None:
    communities, north = static.communities, static.address("north")
    communities.setCoefficient(3, north, 10_000, by=static.authority)
    (log,) = static.chain.logs
    offer = {"id": 3, "account": to_checksum_address(north), "bps": 10_000}
    assert log[1:] == ("CoefficientOffered", offer)
    assert communities.offerOf(north) == 10_000
    assert table(static, NORTH, range(static.today, static.today + 30)) == [2_000] * 30
    # What it has already is no offer.
    communities.setCoefficient(3, north, 2_000, by=static.authority)
    assert static.chain.logs[0][2]["bps"] == 0
    assert communities.offerOf(north) == 0


def test_set_coefficient__lower__holds_beyond_the_horizon(static: EnergyWorld) -> None:
    communities, north = static.communities, static.address("north")
    communities.setCoefficient(3, north, 2_001, by=static.authority)
    first = static.rules.beyond_horizon(static.now)
    communities.setCoefficient(3, north, 500, by=static.authority)
    (log,) = static.chain.logs
    lower = {"id": 3, "account": to_checksum_address(north), "bps": 500, "day": first}
    assert log[1:] == ("CoefficientSet", lower)
    assert communities.offerOf(north) == 0
    days = range(first - 1, first + 1)
    assert table(static, NORTH, days) == [2_000, 500]
    assert [communities.coefficientSumOn(3, day) for day in days] == [2_000, 500]
    # On the same day it can be planned anew; what is higher than the plan is an offer.
    communities.setCoefficient(3, north, 600, by=static.authority)
    assert table(static, NORTH, days) == [2_000, 500]
    communities.setCoefficient(3, north, 0, by=static.authority)
    assert table(static, NORTH, days) == [2_000, 0]
    assert [communities.coefficientSumOn(3, day) for day in days] == [2_000, 0]
    assert communities.offerOf(north) == 0


def test_set_coefficient__lower_again__waits_until_days_before_the_first_are_closed(
    static: EnergyWorld,
) -> None:
    communities, north = static.communities, static.address("north")
    first = static.rules.beyond_horizon(static.now)
    communities.setCoefficient(3, north, 500, by=static.authority)
    static.chain.set_time(static.now + DAY)
    for cursor in (static.today, first - 1):
        static.settlement.setCursor(NORTH, cursor)
        with refused("Communities_CoefficientPending", to_checksum_address(north), cursor, first):
            communities.setCoefficient(3, north, 400, by=static.authority)
    static.settlement.setCursor(NORTH, first)
    communities.setCoefficient(3, north, 400, by=static.authority)
    assert table(static, NORTH, range(first - 1, first + 2)) == [500, 500, 400]
    static.chain.set_time((first + 100) * DAY)
    assert communities.coefficientSumOn(3, first + 100) == 400


def test_set_coefficient__what_cannot_be__is_refused(static: EnergyWorld) -> None:
    communities, manager = static.communities, static.authority
    north = to_checksum_address(static.address("north"))
    with refused("Communities_NotManager", 3, STRANGER):
        communities.setCoefficient(3, north, 1, by=STRANGER)
    with refused("Communities_NotStatic", 1):
        communities.setCoefficient(1, north, 1, by=manager)
    with refused("Communities_NotStatic", 4):
        found(static, static=False)
        communities.setCoefficient(4, north, 1, by=manager)
    with refused("Communities_CoefficientAbove", 10_001, 10_000):
        communities.setCoefficient(3, north, 10_001, by=manager)
    with refused("Communities_UnknownAccount", STRANGER):
        communities.setCoefficient(3, STRANGER, 1, by=manager)
    found(static)
    with refused("Communities_NotMember", north, 5):
        communities.setCoefficient(5, north, 1, by=manager)
    communities.leave(by=north)
    with refused("Communities_NotMember", north, 3):
        communities.setCoefficient(3, north, 1, by=manager)
