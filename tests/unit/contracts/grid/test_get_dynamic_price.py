"""GridManagement.getDynamicPrice: the chain and `tests.model.pricing` agree."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.domain.costs import cost_up
from tests.model.pricing import dynamic_price
from tests.support.examples import on_chain, rewound
from tests.support.market import MONDAY, Market, actor
from tests.unit.contracts.grid.operations import (
    BASE,
    HOUR,
    SLOT,
    as_authority,
    charge_in_circles,
    consume,
    give,
    price_of,
    produce,
    register_producer,
    status,
)

HIGHEST = (2**64 - 1) // 3
# What a slot of one account holds at most.
MOST = 2**56 - 1

prices = st.one_of(st.integers(1, 10**6), st.integers(1, HIGHEST), st.just(HIGHEST))
amounts = st.one_of(st.integers(2, 5000), st.integers(2, MOST), st.just(MOST))


def test_get_dynamic_price__nothing_drawn__base_price(
    market: Market, producer: LocalAccount
) -> None:
    assert market.grid.call("getDynamicPrice") == BASE
    produce(market, producer, 1_000_000)
    assert market.grid.call("getDynamicPrice") == BASE


@pytest.mark.parametrize("circles", [1, 2, 5, 8])
def test_get_dynamic_price__more_drawn_than_the_capacity__price_of_a_full_grid(
    market: Market, producer: LocalAccount, circles: int
) -> None:
    produce(market, producer, 1_000_000)
    charge_in_circles(market, 1_000_000, circles)

    assert status(market).utilization == 10_000 * circles
    assert market.grid.call("getDynamicPrice") == BASE + BASE // 2


@pytest.mark.parametrize(("load", "expected"), [(999_999, 449_999), (1_000_000, 450_000)])
def test_get_dynamic_price__at_the_capacity__half_as_much_again(
    market: Market, producer: LocalAccount, load: int, expected: int
) -> None:
    produce(market, producer, 1_000_000)
    charge_in_circles(market, load, 1)

    assert market.grid.call("getDynamicPrice") == expected


@pytest.mark.parametrize(("load", "expected"), [(6, BASE), (7, BASE + 1), (13, BASE + 1)])
def test_get_dynamic_price__not_divisible__rounded_down(
    market: Market, load: int, expected: int
) -> None:
    """300,000 * 7 / (2 * 1,000,001) = 1.05."""
    plant = actor("plant")
    register_producer(market, plant, 1_000_001)
    produce(market, plant, 1000)
    charge_in_circles(market, load, 1)

    assert market.grid.call("getDynamicPrice") == expected


def test_get_dynamic_price__base_price_set__follows_at_once(
    market: Market, producer: LocalAccount, consumer: LocalAccount
) -> None:
    """What grid energy costs whoever buys it knowingly; metered deficits have a slot's price."""
    produce(market, producer, 1_000_000)
    consume(market, consumer, 400_000)

    as_authority(market, "setBasePrice", 1_000)

    assert market.grid.call("getDynamicPrice") == status(market).price == 1_200
    before = market.balance(consumer)
    market.go_to(MONDAY + HOUR)
    produce(market, producer, 1_000_000)
    consume(market, consumer, 1_000)
    assert before - market.balance(consumer) == 1_000


def test_get_dynamic_price__slot_not_opened_yet__price_of_no_load(
    market: Market, producer: LocalAccount, consumer: LocalAccount
) -> None:
    produce(market, producer, 1_000_000)
    consume(market, consumer, 400_000)
    market.go_to(MONDAY + HOUR - 1)
    assert market.grid.call("getDynamicPrice") == BASE + BASE // 5

    market.go_to(MONDAY + HOUR)
    assert market.grid.call("getDynamicPrice") == BASE


@on_chain
@given(
    base=prices,
    capacity=amounts,
    share=st.integers(0, 1000),
    circles=st.integers(1, 6),
    bought=st.integers(1, 5000),
    emergency=st.booleans(),
)
def test_get_dynamic_price__any_state__as_the_domain_says(
    market: Market,
    *,
    base: int,
    capacity: int,
    share: int,
    circles: int,
    bought: int,
    emergency: bool,
) -> None:
    with rewound(market):
        plant, city = actor("plant"), actor("city")
        register_producer(market, plant, capacity)
        produce(market, plant, capacity)
        market.do(city, market.grid, "registerConsumer", capacity)
        give(market, city, 2**100)
        as_authority(market, "setBasePrice", base)
        if emergency:
            as_authority(market, "toggleEmergencyMode")
        load = 0
        if drawn := capacity // 2 * share // 1000:
            charge_in_circles(market, drawn, circles)
            load = drawn * circles
        expected = dynamic_price(base, load, capacity, emergency)

        assert market.grid.call("getDynamicPrice") == expected
        grid = status(market)
        assert (grid.price, grid.load) == (expected, load)
        assert grid.utilization == load * 10_000 // capacity

        bought = min(bought, grid.available)
        before = market.balance(city)
        consume(market, city, bought)
        assert before - market.balance(city) == cost_up(bought, expected)

        market.at(MONDAY + HOUR).do(actor("keeper"), market.grid, "recordSlotPrice")
        next_price = dynamic_price(base, load + bought, capacity, emergency)
        assert price_of(market, SLOT + 1) == next_price
