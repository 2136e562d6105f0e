"""Which plants there are, and which of them is shared."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from energy_grid.demo import simbench
from energy_grid.demo.plants import (
    SHARES,
    SHARES_EACH,
    VALUE_PER_KW,
    Plants,
    plan_plants,
)
from energy_grid.demo.profiles import Household
from energy_grid.domain.battery import Battery

BATTERY = Battery(capacity_wh=5000, power_w=2500, efficiency_percent=90)


def home(number: int, pv_peak_w: int = 0, battery: Battery | None = None) -> Household:
    return Household(
        number=number,
        name=f"LV2.101 Load {number}",
        bus="",
        connected_w=1,
        pv_peak_w=pv_peak_w,
        battery=battery,
    )


def village(seed: int = 1) -> Plants:
    return plan_plants(simbench.load("summer").households, seed)


def test_plan_plants__village__has_plants_for_the_largest_panels() -> None:
    plants = village()
    homes = [one for one in simbench.load("summer").households if one.pv_peak_w >= 32_500]
    assert len(homes) == 3
    assert [plant.household for plant in plants.plants] == homes
    assert [plant.capacity_w for plant in plants.plants] == [one.pv_peak_w for one in homes]
    for plant in plants.plants:
        assert plant.value * 1000 == plant.capacity_w * VALUE_PER_KW
        began = datetime.fromtimestamp(plant.commissioned_at, UTC)
        assert 2008 <= began.year <= 2015
        assert (began.day, began.hour) == (1, 0)
        assert plant.lifetime == 20 * 365 * 86_400


def test_plan_plants__value__is_rounded_up_to_whole_coins() -> None:
    (plant,) = plan_plants([home(1, 1001)], 1).plants
    assert plant.value == 1502


def test_plan_plants__largest_plant__is_shared_with_two_without_panels() -> None:
    plants = village()
    assert plants.sharing is not None
    assert plants.sharing.plant.number == 54
    assert len(set(plants.sharing.neighbours)) == 2
    owners = {plant.number for plant in plants.plants}
    assert not owners & set(plants.sharing.neighbours)
    assert plants.sharing.holders == (54, *plants.sharing.neighbours)
    assert plants.sharing.given == 2 * SHARES_EACH == 20 < SHARES


def test_plan_plants__seed__decides_who_shares_and_nothing_about_sizes() -> None:
    once, again, other = village(), village(), village(2)
    assert once == again
    assert once.sharing is not None
    assert other.sharing is not None
    assert once.sharing.neighbours != other.sharing.neighbours
    assert [one.capacity_w for one in once.plants] == [one.capacity_w for one in other.plants]
    assert [one.commissioned_at for one in once.plants] != [
        one.commissioned_at for one in other.plants
    ]


def test_plan_plants__two_as_large__the_first_is_shared() -> None:
    plants = plan_plants([home(3, 500), home(1, 900), home(2, 900)], 1)
    assert plants.sharing is not None
    assert plants.sharing.plant.number == 1


def test_plan_plants__largest_one_with_a_battery__is_the_shared_one() -> None:
    plants = plan_plants([home(1, 9000, BATTERY), home(2, 100), home(3)], 1)
    assert plants.sharing is not None
    assert plants.sharing.plant.number == 1
    # Household 3 comes first, since it has no panels; there is room for both.
    assert plants.sharing.neighbours == (2, 3)


def test_plan_plants__more_neighbours_than_shares__those_without_panels_come_first() -> None:
    homes = [home(0, 1000), *(home(number, 100) for number in range(1, 5))]
    sharing = plan_plants([*homes, home(5)], 1).sharing
    assert sharing is not None
    assert 5 in sharing.neighbours
    assert len(sharing.neighbours) == 2


@pytest.mark.parametrize(
    ("homes", "plants"),
    [
        ([home(1), home(2)], 0),
        ([home(1, 1000)], 1),
    ],
    ids=["no panels", "nobody to share with"],
)
def test_plan_plants__nothing_to_share__there_is_no_sharing(
    homes: list[Household], plants: int
) -> None:
    made = plan_plants(homes, 1)
    assert len(made.plants) == plants
    assert made.sharing is None
