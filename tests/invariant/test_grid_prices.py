"""Random answers, emergencies and times: what is charged follows the rules, slot by slot."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from tests.support.core.grid_suite import ADMIN, DAY, REPORTERS, TARIFF, GridWorld
from tests.support.examples import Seeds, live_all


def _state(draws: Random) -> tuple[int, ...]:
    supply = draws.choice((0, draws.randint(900, 1_100), draws.randint(0, 2_000)))
    demand = draws.choice((0, draws.randint(500, 1_500), draws.randint(0, 3_000)))
    return demand, supply, draws.randint(4_950, 5_050), draws.randint(90, 110)


def _weather(draws: Random) -> tuple[int, ...]:
    return draws.randint(0, 1_000), draws.randint(-500, 3_000), draws.randint(0, 2_600), 0


def _step(world: GridWorld, draws: Random, region: str) -> None:
    reporter = REPORTERS[0]
    match draws.randrange(10):
        case 0:
            world.report_price(draws.randint(10_000_000, 60_000_000), reporter)
        case 1:
            world.report_weather(region, _weather(draws), reporter)
        case 2:
            world.confirm_grid(region)
        case 3:
            world.toggle()
        case 4:
            world.implement(region, draws.randrange(5))
        case 5:
            world.stabilize(region, draws.random() < 0.6)
        case 6:
            later = draws.choice((1, world.slot_seconds, world.max_age, DAY))
            world.chain.set_time(world.now + draws.randint(1, later))
        case _:
            world.report_grid(region, _state(draws), reporter)
            world.chain.set_time(world.now + draws.randint(0, world.slot_seconds))


def live(seed: int) -> GridWorld:
    """Forty steps in two regions, and a look at all prices after each."""
    draws = Random(seed)
    slot, max_age = draws.choice(((900, 7_200), (3_600, 7_200), (900, 1_000), (900, DAY)))
    world = GridWorld(slot=slot, max_age=max_age)
    world.add_region(
        "north", replace(TARIFF, buy=250_000, max_factor=draws.choice((10_000, 65_535)))
    )
    for index, capacity in enumerate((40_000, 20_000, 5_000)):
        producer = f"0x{index + 1:040x}"
        world.grid.registerProducer(capacity, index, by=producer)
        if draws.random() < 0.7:
            world.grid.confirmParticipant(producer, True, by=ADMIN)
            world.capacities[index] = capacity
    for _ in range(40):
        region = draws.choice(("home", "home", "north", "nowhere"))
        _step(world, draws, region)
        for each in ("home", "north"):
            world.compare(each)
    return world


@pytest.mark.parametrize("seed", range(16))
def test_random_rounds_and_emergencies__are_charged_by_the_rules(seed: int) -> None:
    assert len(set(live(seed).factors.values())) > 1


def test_other_rounds_and_emergencies__are_charged_by_the_rules(seeds: Seeds) -> None:
    """Other ones in every run; a hundred times as many in a soak."""
    live_all(seeds(4), live)
