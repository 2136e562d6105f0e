"""BalancingCoordination.initiateBalancingAction."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from energy_grid.contracts.balancing_coordination import BalancingAction
from energy_grid.domain.balancing import (
    MAX_BY_HAND,
    MAX_HELD,
    MAX_ORDINARY,
    ActionStatus,
    ActionType,
)
from tests.support.market import MONDAY, Market
from tests.support.refusals import refused
from tests.unit.contracts.balancing.actions import (
    HOUR,
    LARGEST,
    UNFIT,
    available,
    cancel,
    capacity_of,
    complete,
    expire,
    initiate,
    open_ids,
    opened,
    record,
    report_load,
    set_capacity,
    unfit_operator,
)
from tests.unit.contracts.operators.operators import NORTH, SOUTH, set_score, verified_operator

# What the region of the fixture can give of each type: 1000 kW, 600 run, 100 in reserve, 500 asked.
POSSIBLE = {
    ActionType.INCREASE_GENERATION: 300,
    ActionType.DECREASE_GENERATION: 600,
    ActionType.SHED_LOAD: 500,
    ActionType.RESERVE_ACTIVATION: 100,
}


@pytest.mark.parametrize("kind", UNFIT)
def test_initiate_balancing_action__by_no_operator_of_the_region__refused(
    market: Market, north: LocalAccount, kind: str
) -> None:
    caller = unfit_operator(market, kind)

    with refused(
        errors.GridOperatorVerification_NotAuthorized, operator=caller.address, region=NORTH
    ):
        initiate(market, caller)


def test_initiate_balancing_action__level__operate_is_needed(
    market: Market, north: LocalAccount
) -> None:
    set_score(market, north, 49)
    with refused(
        errors.GridOperatorVerification_LevelTooLow, operator=north.address, level=1, needed=2
    ):
        initiate(market, north)
    set_score(market, north, 50)
    initiate(market, north)


@pytest.mark.parametrize("action_type", POSSIBLE)
@pytest.mark.parametrize("priority", [1, 5])
def test_initiate_balancing_action__all_well__open_until_its_deadline(
    market: Market, north: LocalAccount, action_type: ActionType, priority: int
) -> None:
    receipt = market.at(MONDAY + 1000).do(
        *(north, market.balancing, "initiateBalancingAction"), NORTH, action_type, 7, priority
    )

    assert opened(market, receipt) == [
        {
            "id": 1,
            "region": NORTH,
            "operator": north.address,
            "action_type": action_type,
            "target": 7,
            "priority": priority,
            "automated": False,
        }
    ]
    assert record(market, 1) == BalancingAction(
        id=1,
        region="NORTH",
        operator=north.address,
        action_type=action_type,
        status=ActionStatus.OPEN,
        priority=priority,
        automated=False,
        target=7,
        created_at=MONDAY + 1000,
        deadline=MONDAY + 1000 + HOUR,
    )
    assert open_ids(market) == [1]
    assert available(market, action_type) == POSSIBLE[action_type] - 7


def test_initiate_balancing_action__its_number__is_returned(
    market: Market, north: LocalAccount
) -> None:
    initiate(market, north)
    call = market.balancing.prepare("initiateBalancingAction", NORTH, 0, 1, 1)

    assert market.balancing.simulate(call, north.address) == 2


@pytest.mark.parametrize("action_type", [5, 255])
def test_initiate_balancing_action__of_no_type__refused(
    market: Market, north: LocalAccount, action_type: int
) -> None:
    with refused(errors.UnknownRevert, data=b""):
        initiate(market, north, action_type)


def test_initiate_balancing_action__without_target__refused(
    market: Market, north: LocalAccount
) -> None:
    with refused(errors.BalancingCoordination_ZeroTarget):
        initiate(market, north, target=0)


@pytest.mark.parametrize("priority", [0, 6, 255])
def test_initiate_balancing_action__priority_out_of_range__refused(
    market: Market, north: LocalAccount, priority: int
) -> None:
    with refused(errors.BalancingCoordination_BadPriority, priority=priority):
        initiate(market, north, priority=priority)


def test_initiate_balancing_action__capacity_unknown__refused(
    market: Market, operator: LocalAccount
) -> None:
    report_load(market, operator, 500)
    assert available(market, ActionType.SHED_LOAD) == 0

    with refused(errors.BalancingCoordination_NoCapacity, region=NORTH):
        initiate(market, operator, ActionType.SHED_LOAD)


@pytest.mark.parametrize("action_type", POSSIBLE)
def test_initiate_balancing_action__what_the_region_can_give__and_no_kw_more(
    market: Market, north: LocalAccount, action_type: ActionType
) -> None:
    possible = POSSIBLE[action_type]
    assert available(market, action_type) == possible

    with refused(
        errors.BalancingCoordination_AboveAvailable,
        region=NORTH,
        action_type=action_type,
        target=possible + 1,
        available=possible,
    ):
        initiate(market, north, action_type, possible + 1)
    initiate(market, north, action_type, possible - 1)
    with refused(
        errors.BalancingCoordination_AboveAvailable,
        region=NORTH,
        action_type=action_type,
        target=2,
        available=1,
    ):
        initiate(market, north, action_type, 2)
    initiate(market, north, action_type, 1)
    assert available(market, action_type) == 0


def test_initiate_balancing_action__restoring__what_is_shed_and_no_kw_more(
    market: Market, north: LocalAccount
) -> None:
    restore = ActionType.RESTORE_LOAD
    initiate(market, north, ActionType.SHED_LOAD, 50)
    shed = initiate(market, north, ActionType.SHED_LOAD, 20)
    assert available(market, restore) == 0
    complete(market, north, shed)

    with refused(
        errors.BalancingCoordination_AboveAvailable,
        region=NORTH,
        action_type=restore,
        target=21,
        available=20,
    ):
        initiate(market, north, restore, 21)
    initiate(market, north, restore, 20)
    assert available(market, restore) == 0


def test_initiate_balancing_action__shedding__never_below_a_demand_that_fell(
    market: Market, north: LocalAccount
) -> None:
    complete(market, north, initiate(market, north, ActionType.SHED_LOAD, 200))
    initiate(market, north, ActionType.SHED_LOAD, 100)
    assert available(market, ActionType.SHED_LOAD) == 200
    for demand, left in ((301, 1), (300, 0), (299, 0), (200, 0), (199, 0), (0, 0)):
        report_load(market, north, demand)
        assert available(market, ActionType.SHED_LOAD) == left


@pytest.mark.parametrize("age", [HOUR, HOUR + 1])
def test_initiate_balancing_action__shedding_by_an_old_report__for_an_hour(
    market: Market, north: LocalAccount, age: int
) -> None:
    reported = report_load(market, north, 300).time
    market.at(reported + age)
    if age > HOUR:
        with refused(
            errors.BalancingCoordination_AboveAvailable,
            region=NORTH,
            action_type=ActionType.SHED_LOAD,
            target=300,
            available=0,
        ):
            initiate(market, north, ActionType.SHED_LOAD, 300)
    else:
        initiate(market, north, ActionType.SHED_LOAD, 300)


def test_initiate_balancing_action__shedding_without_a_report__refused(
    market: Market, operator: LocalAccount
) -> None:
    set_capacity(market, operator, 1000, 600, 100)

    assert available(market, ActionType.SHED_LOAD) == 0
    with refused(
        errors.BalancingCoordination_AboveAvailable,
        region=NORTH,
        action_type=ActionType.SHED_LOAD,
        target=1,
        available=0,
    ):
        initiate(market, operator, ActionType.SHED_LOAD, 1)


@pytest.mark.parametrize("action_type", [0, 1, 4])
def test_initiate_balancing_action__largest_target__opened_and_completed(
    market: Market, operator: LocalAccount, action_type: int
) -> None:
    """Everything runs, or nothing, or all of it is reserve: 2^64 - 1 kW."""
    running, reserve = ((0, 0), (LARGEST, 0), (0, 0), (0, 0), (0, LARGEST))[action_type]
    set_capacity(market, operator, LARGEST, running, reserve)

    with refused(
        errors.BalancingCoordination_AboveAvailable,
        region=NORTH,
        action_type=action_type,
        target=2**256 - 1,
        available=LARGEST,
    ):
        initiate(market, operator, action_type, 2**256 - 1)
    action = initiate(market, operator, action_type, LARGEST)
    assert record(market, action).target == LARGEST
    complete(market, operator, action)
    assert capacity_of(market).current_generation == (0 if action_type == 1 else LARGEST)


def fill(market: Market, name: str, priority: int = 2) -> LocalAccount:
    """One more operator of NORTH, who has as many actions open as it can."""
    operator = verified_operator(market, name)
    for _ in range(MAX_HELD):
        initiate(market, operator, target=1, priority=priority)
    return operator


def test_initiate_balancing_action__as_many_as_an_operator_can_have__no_more_until_one_is_closed(
    market: Market, north: LocalAccount
) -> None:
    greedy = fill(market, "greedy")

    for priority in (1, 2):
        with refused(
            errors.BalancingCoordination_ShareUsed, operator=greedy.address, maximum=MAX_HELD
        ):
            initiate(market, greedy, ActionType.DECREASE_GENERATION, 1, priority)
    assert initiate(market, north, target=1) == MAX_HELD + 1
    complete(market, greedy, 1)
    initiate(market, greedy, target=1)
    market.go_to(market.now + 2 * HOUR)
    expire(market, 7)
    initiate(market, greedy, target=1)
    with refused(errors.BalancingCoordination_ShareUsed, operator=greedy.address, maximum=MAX_HELD):
        initiate(market, greedy, target=1)


def test_initiate_balancing_action__places_of_a_region__some_are_for_priority_1_alone(
    market: Market, north: LocalAccount
) -> None:
    for name in ("one", "two", "three"):
        fill(market, name)
    with refused(errors.BalancingCoordination_TooManyActions, region=NORTH, maximum=MAX_ORDINARY):
        initiate(market, north, target=1, priority=2)
    fill(market, "four", priority=1)
    with refused(errors.BalancingCoordination_TooManyActions, region=NORTH, maximum=MAX_BY_HAND):
        initiate(market, north, target=1, priority=1)

    south = verified_operator(market, "of the south", region="SOUTH")
    set_capacity(market, south, 10, 0, 0, region=SOUTH)
    initiate(market, south, region=SOUTH)
    complete(market, north, MAX_BY_HAND)
    with refused(errors.BalancingCoordination_TooManyActions, region=NORTH, maximum=MAX_ORDINARY):
        initiate(market, north, target=1, priority=5)
    initiate(market, north, target=1, priority=1)
    complete(market, north, 1)
    with refused(errors.BalancingCoordination_TooManyActions, region=NORTH, maximum=MAX_BY_HAND):
        for priority in (2, 1):
            initiate(market, north, target=1, priority=priority)


def test_initiate_balancing_action__several_things_wrong__first_in_the_documented_order(
    market: Market, operator: LocalAccount
) -> None:
    initiating = {"action_type": 0, "target": 0, "priority": 0}
    stranger = unfit_operator(market, "nobody")
    with refused(
        errors.GridOperatorVerification_NotAuthorized, operator=stranger.address, region=NORTH
    ):
        initiate(market, stranger, **initiating)
    with refused(errors.BalancingCoordination_ZeroTarget):
        initiate(market, operator, **initiating)
    initiating["target"] = 1
    with refused(errors.BalancingCoordination_BadPriority, priority=0):
        initiate(market, operator, **initiating)
    initiating["priority"] = 1
    with refused(errors.BalancingCoordination_NoCapacity, region=NORTH):
        initiate(market, operator, **initiating)
    set_capacity(market, operator, MAX_BY_HAND, 0, 0)
    for name in ("one", "two", "three"):
        fill(market, name)
    four = fill(market, "four", priority=1)
    with refused(errors.BalancingCoordination_TooManyActions, region=NORTH, maximum=MAX_BY_HAND):
        initiate(market, four, **initiating)
    cancel(market, operator, 1)
    with refused(errors.BalancingCoordination_ShareUsed, operator=four.address, maximum=MAX_HELD):
        initiate(market, four, **initiating)
    initiating["target"] = 2
    with refused(
        errors.BalancingCoordination_AboveAvailable,
        region=NORTH,
        action_type=0,
        target=2,
        available=1,
    ):
        initiate(market, operator, **initiating)
