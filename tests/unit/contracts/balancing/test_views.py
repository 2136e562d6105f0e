"""The views of BalancingCoordination."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.contracts import errors
from energy_grid.contracts.balancing_coordination import RegionCapacity
from energy_grid.domain.balancing import MAX_HELD, ActionType
from tests.support.examples import on_chain, rewound
from tests.support.market import Market
from tests.support.refusals import refused
from tests.unit.contracts.balancing.actions import (
    available,
    cancel,
    capacity_of,
    complete,
    initiate,
    open_ids,
    record,
    report_load,
    set_capacity,
)
from tests.unit.contracts.operators.operators import NORTH, SOUTH, verified_operator


def page_ids(market: Market, offset: int, limit: int, region: bytes = NORTH) -> list[int]:
    page = market.balancing.call("getBalancingActions", region, offset, limit)
    return [one[0] for one in page]


@pytest.fixture
def seven(market: Market, north: LocalAccount) -> LocalAccount:
    """Seven actions in two regions: 1, 3, 4, 6 and 7 are of NORTH, 2 and 5 of SOUTH."""
    south = verified_operator(market, "of the south", region="SOUTH")
    set_capacity(market, south, 1000, 0, 0, region=SOUTH)
    for number in range(1, 8):
        if number in (2, 5):
            initiate(market, south, target=number, region=SOUTH)
        else:
            initiate(market, north, target=number, priority=1 + number % 3)
    return north


def test_views__nothing_yet__nothing(market: Market) -> None:
    assert market.balancing.call("actionCount") == 0
    assert open_ids(market) == page_ids(market, 0, 100) == []
    assert [available(market, one) for one in ActionType] == [0] * 5
    assert capacity_of(market) == RegionCapacity(
        max_generation=0, current_generation=0, reserve=0, shed=0
    )
    for action in (0, 1, 2**256 - 1):
        with refused(errors.BalancingCoordination_NoSuchAction, id=action):
            record(market, action)


def test_views__wired__to_the_deployed_modules(market: Market) -> None:
    balancing = market.balancing

    assert balancing.call("OPERATORS") == market.operators.address
    assert balancing.call("LOAD") == market.load.address
    assert balancing.call("STABILITY") == market.stability.address
    assert market.operators.call("BALANCING") == balancing.address


def test_get_open_actions__several__most_urgent_first_then_the_older(
    market: Market, seven: LocalAccount
) -> None:
    # Priorities: 1 has 2, 3 has 1, 4 has 2, 6 has 1, 7 has 2.
    assert open_ids(market) == [3, 6, 1, 4, 7]
    assert open_ids(market, SOUTH) == [2, 5]
    full = list(market.balancing.call("getOpenActions", NORTH))
    assert full == [market.balancing.call("getBalancingAction", one[0]) for one in full]


def test_get_open_actions__some_closed__they_are_gone(market: Market, seven: LocalAccount) -> None:
    complete(market, seven, 1)
    assert open_ids(market) == [3, 6, 4, 7]
    cancel(market, seven, 3)
    assert open_ids(market) == [6, 4, 7]
    initiate(market, seven, priority=1)
    assert open_ids(market) == [6, 8, 4, 7]


def test_get_open_actions__as_many_as_can_be__sorted(market: Market, north: LocalAccount) -> None:
    priorities = [5 - number % 5 for number in range(MAX_HELD)]
    for priority in priorities:
        initiate(market, north, target=1, priority=priority)

    expected = sorted(range(1, MAX_HELD + 1), key=lambda one: (priorities[one - 1], one))
    assert open_ids(market) == expected


@on_chain
@given(
    priorities=st.lists(st.integers(1, 5), min_size=1, max_size=8),
    closing=st.lists(st.integers(0, 7), max_size=4, unique=True),
)
def test_get_open_actions__in_any_order__sorted(
    market: Market, north: LocalAccount, priorities: list[int], closing: list[int]
) -> None:
    with rewound(market):
        actions = {initiate(market, north, priority=one, target=1): one for one in priorities}
        for place in closing:
            if place < len(priorities):
                cancel(market, north, place + 1)
                del actions[place + 1]

        assert open_ids(market) == sorted(actions, key=lambda one: (actions[one], one))


@pytest.mark.parametrize(
    ("offset", "limit", "expected"),
    [
        (0, 100, [7, 6, 4, 3, 1]),
        (0, 5, [7, 6, 4, 3, 1]),
        (0, 1, [7]),
        (1, 2, [6, 4]),
        (4, 100, [1]),
        (5, 1, []),
        (6, 1, []),
        (2**256 - 1, 100, []),
    ],
)
def test_get_balancing_actions__a_page__newest_first(
    market: Market, seven: LocalAccount, offset: int, limit: int, expected: list[int]
) -> None:
    assert page_ids(market, offset, limit) == expected


def test_get_balancing_actions__closed_ones__stay(market: Market, seven: LocalAccount) -> None:
    complete(market, seven, 7)
    cancel(market, seven, 1)

    assert page_ids(market, 0, 100) == [7, 6, 4, 3, 1]
    assert page_ids(market, 0, 100, SOUTH) == [5, 2]
    page = list(market.balancing.call("getBalancingActions", NORTH, 0, 1))
    assert page == [market.balancing.call("getBalancingAction", 7)]


@pytest.mark.parametrize("limit", [0, 101, 2**256 - 1])
def test_get_balancing_actions__page_out_of_range__refused(market: Market, limit: int) -> None:
    with refused(errors.BalancingCoordination_BadPage, limit=limit, maximum=100):
        page_ids(market, 0, limit)


def test_action_count__of_all_regions__grows(market: Market, seven: LocalAccount) -> None:
    cancel(market, seven, 1)

    assert market.balancing.call("actionCount") == 7


def test_available_for__region__each_has_its_own(market: Market, seven: LocalAccount) -> None:
    assert available(market, ActionType.INCREASE_GENERATION) == 300 - 1 - 3 - 4 - 6 - 7
    assert available(market, ActionType.INCREASE_GENERATION, SOUTH) == 1000 - 2 - 5
    assert available(market, ActionType.SHED_LOAD, SOUTH) == 0


@pytest.mark.parametrize("demand", [0, 1, 2**64 - 1])
def test_available_for__shedding__what_is_asked_for(
    market: Market, north: LocalAccount, demand: int
) -> None:
    report_load(market, north, demand)

    assert available(market, ActionType.SHED_LOAD) == demand
