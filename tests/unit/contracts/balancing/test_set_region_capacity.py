"""BalancingCoordination.setRegionCapacity."""

from __future__ import annotations

from typing import Any

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from energy_grid.contracts.balancing_coordination import RegionCapacity
from energy_grid.domain.balancing import ActionType
from tests.support.market import Market
from tests.support.refusals import refused
from tests.unit.contracts.balancing.actions import (
    LARGEST,
    UNFIT,
    available,
    capacity_of,
    complete,
    initiate,
    set_capacity,
    unfit_operator,
)
from tests.unit.contracts.operators.operators import NORTH, SOUTH, set_score


@pytest.mark.parametrize("kind", UNFIT)
def test_set_region_capacity__by_no_operator_of_the_region__refused(
    market: Market, kind: str
) -> None:
    caller = unfit_operator(market, kind)

    with refused(
        errors.GridOperatorVerification_NotAuthorized, operator=caller.address, region=NORTH
    ):
        set_capacity(market, caller, 1000, 600, 100)


def test_set_region_capacity__level__operate_is_needed(
    market: Market, operator: LocalAccount
) -> None:
    set_score(market, operator, 49)
    with refused(
        errors.GridOperatorVerification_LevelTooLow, operator=operator.address, level=1, needed=2
    ):
        set_capacity(market, operator, 1000, 600, 100)
    set_score(market, operator, 50)
    set_capacity(market, operator, 1000, 600, 100)


def test_set_region_capacity__all_well__is_what_the_region_has(
    market: Market, operator: LocalAccount
) -> None:
    receipt = set_capacity(market, operator, 1000, 600, 100)

    (event,) = market.events(receipt, market.balancing, "RegionCapacitySet")
    assert dict(event.arguments) == {
        "region": NORTH,
        "operator": operator.address,
        "max_generation": 1000,
        "current_generation": 600,
        "reserve": 100,
    }
    assert capacity_of(market) == RegionCapacity(
        max_generation=1000, current_generation=600, reserve=100, shed=0
    )
    assert capacity_of(market, SOUTH).max_generation == 0


@pytest.mark.parametrize(
    "capacity",
    [
        (1000, 900, 101),
        (1000, 901, 100),
        (1000, 1001, 0),
        (1000, 0, 1001),
        (0, 1, 0),
        (0, 0, 1),
        (LARGEST + 1, 0, 0),
        (2**256 - 1, 2**256 - 1, 0),
        (LARGEST, 2**256 - 1, 1),
        (LARGEST, 1, 2**256 - 1),
        (LARGEST, LARGEST, 1),
    ],
)
def test_set_region_capacity__more_than_the_maximum__refused(
    market: Market, operator: LocalAccount, capacity: tuple[int, int, int]
) -> None:
    maximum, current, reserve = capacity
    with refused(
        errors.BalancingCoordination_BadCapacity,
        max_generation=maximum,
        current_generation=current,
        reserve=reserve,
    ):
        set_capacity(market, operator, *capacity)


@pytest.mark.parametrize(
    "capacity",
    [(0, 0, 0), (1000, 900, 100), (1000, 0, 1000), (LARGEST, LARGEST, 0), (LARGEST, 0, LARGEST)],
)
def test_set_region_capacity__at_the_bounds__set(
    market: Market, operator: LocalAccount, capacity: tuple[int, int, int]
) -> None:
    set_capacity(market, operator, *capacity)

    maximum, current, reserve = capacity
    assert capacity_of(market) == RegionCapacity(
        max_generation=maximum, current_generation=current, reserve=reserve, shed=0
    )
    assert available(market, ActionType.INCREASE_GENERATION) == maximum - current - reserve


@pytest.mark.parametrize(
    ("action_type", "possible", "too_little"),
    [
        (ActionType.INCREASE_GENERATION, (700, 500, 100), (700, 501, 100)),
        (ActionType.INCREASE_GENERATION, (700, 500, 100), (699, 500, 100)),
        (ActionType.INCREASE_GENERATION, (700, 500, 100), (700, 500, 101)),
        (ActionType.DECREASE_GENERATION, (1000, 100, 0), (1000, 99, 0)),
        (ActionType.RESERVE_ACTIVATION, (1000, 600, 100), (1000, 600, 99)),
    ],
)
def test_set_region_capacity__with_actions_open__they_stay_possible(
    market: Market,
    north: LocalAccount,
    action_type: ActionType,
    possible: tuple[int, int, int],
    too_little: tuple[int, int, int],
) -> None:
    """100 kW of each are open, in two actions."""
    actions = [initiate(market, north, action_type, target) for target in (60, 40)]
    left = {
        ActionType.INCREASE_GENERATION: too_little[0] - too_little[1] - too_little[2],
        ActionType.DECREASE_GENERATION: too_little[1],
        ActionType.RESERVE_ACTIVATION: too_little[2],
    }
    refusal: dict[str, Any] = {"region": NORTH, "action_type": action_type, "committed": 100}

    with refused(errors.BalancingCoordination_Committed, **refusal, possible=left[action_type]):
        set_capacity(market, north, *too_little)
    set_capacity(market, north, *possible)

    assert available(market, action_type) == 0
    for action in actions:
        complete(market, north, action)


def test_set_region_capacity__with_load_shed__it_stays_shed(
    market: Market, north: LocalAccount
) -> None:
    complete(market, north, initiate(market, north, ActionType.SHED_LOAD, 70))
    initiate(market, north, ActionType.SHED_LOAD, 30)
    initiate(market, north, ActionType.RESTORE_LOAD, 70)

    set_capacity(market, north, 0, 0, 0)

    assert capacity_of(market).shed == 70
    assert available(market, ActionType.SHED_LOAD) == 400
    initiate(market, north, ActionType.SHED_LOAD, 400)
