"""GridManagement.capacityOf."""

from __future__ import annotations

import random

from energy_grid.domain.enums import EnergyType
from tests.support.market import Market, actor
from tests.unit.contracts.grid.operations import (
    as_authority,
    consume,
    produce,
    register_producer,
    register_storage,
    status,
)


def capacities(market: Market) -> dict[EnergyType, int]:
    """Of the types that have any."""
    every = {kind: market.grid.call("capacityOf", kind) for kind in EnergyType}
    return {kind: wh for kind, wh in every.items() if wh > 0}


def test_capacity_of__nobody_registered__nothing(market: Market) -> None:
    assert capacities(market) == {}


def test_capacity_of__producers_of_every_type__sum_of_each(market: Market) -> None:
    for kind in EnergyType:
        for number in (1, 2):
            account = actor(f"{kind.name} plant {number}")
            register_producer(market, account, 10**kind * number, kind)

    assert capacities(market) == {kind: 3 * 10**kind for kind in EnergyType}


def test_capacity_of__the_largest_producers__no_overflow(market: Market) -> None:
    for number in range(3):
        register_producer(market, actor(f"plant {number}"), 2**64 - 1, EnergyType.WIND)

    assert capacities(market) == {EnergyType.WIND: 3 * (2**64 - 1)}


def test_capacity_of__production_consumption_and_storage__do_not_enter(market: Market) -> None:
    register_producer(market, actor("plant"), 1_000, EnergyType.HYDRO)
    register_storage(market, actor("storage owner"), 5_000, 5_000, 5_000)
    market.deposit(actor("consumer"), 10**9)
    market.do(actor("consumer"), market.grid, "registerConsumer", 7_000)
    produce(market, actor("plant"), 900)
    consume(market, actor("consumer"), 500)

    assert capacities(market) == {EnergyType.HYDRO: 1_000}


def test_capacity_of__consumer_deactivated__unchanged(market: Market) -> None:
    prosumer = actor("prosumer")
    register_producer(market, prosumer, 1_000, EnergyType.SOLAR)
    market.do(prosumer, market.grid, "registerConsumer", 7_000)

    as_authority(market, "deactivateParticipant", prosumer.address, False)

    assert capacities(market) == {EnergyType.SOLAR: 1_000}


def test_capacity_of__deactivated_and_reactivated__of_the_active_ones(market: Market) -> None:
    plants = {actor(f"plant {number}"): (number % 3, 10**number) for number in range(7)}
    for plant, (kind, capacity) in plants.items():
        register_producer(market, plant, capacity, kind)
    active = dict.fromkeys(plants, True)
    dice = random.Random(1)
    for _ in range(20):
        plant = dice.choice(list(plants))
        active[plant] = not active[plant]
        function = "reactivateParticipant" if active[plant] else "deactivateParticipant"
        as_authority(market, function, plant.address, True)

        expected: dict[EnergyType, int] = {}
        for one, (kind, capacity) in plants.items():
            if active[one]:
                expected[EnergyType(kind)] = expected.get(EnergyType(kind), 0) + capacity
        assert capacities(market) == expected
        assert status(market).capacity == sum(expected.values())
