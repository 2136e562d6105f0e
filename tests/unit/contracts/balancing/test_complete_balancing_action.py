"""BalancingCoordination.completeBalancingAction."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from energy_grid.contracts.balancing_coordination import RegionCapacity
from energy_grid.domain.balancing import ActionStatus, ActionType
from tests.support.market import Market
from tests.support.refusals import refused
from tests.unit.contracts.balancing.actions import (
    UNFIT,
    available,
    cancel,
    capacity_of,
    closed,
    complete,
    expire,
    initiate,
    open_ids,
    record,
    unfit_operator,
)
from tests.unit.contracts.operators.operators import NORTH, set_score, verified_operator


@pytest.mark.parametrize("kind", UNFIT)
def test_complete_balancing_action__by_no_operator_of_the_region__refused(
    market: Market, north: LocalAccount, kind: str
) -> None:
    action = initiate(market, north)
    caller = unfit_operator(market, kind)

    with refused(
        errors.GridOperatorVerification_NotAuthorized, operator=caller.address, region=NORTH
    ):
        complete(market, caller, action)


def test_complete_balancing_action__level__operate_is_needed(
    market: Market, north: LocalAccount
) -> None:
    action = initiate(market, north)
    set_score(market, north, 49)
    with refused(
        errors.GridOperatorVerification_LevelTooLow, operator=north.address, level=1, needed=2
    ):
        complete(market, north, action)
    set_score(market, north, 50)
    complete(market, north, action)


@pytest.mark.parametrize("action", [0, 2, 2**256 - 1])
def test_complete_balancing_action__no_such_action__refused(
    market: Market, north: LocalAccount, action: int
) -> None:
    initiate(market, north)

    with refused(errors.BalancingCoordination_NoSuchAction, id=action):
        complete(market, north, action)


def test_complete_balancing_action__closed_already__refused(
    market: Market, north: LocalAccount
) -> None:
    actions = [initiate(market, north) for _ in range(3)]
    complete(market, north, actions[0])
    cancel(market, north, actions[1])
    market.go_to(record(market, actions[2]).deadline)
    expire(market, actions[2])

    for action, status in zip(actions, (1, 2, 3), strict=True):
        with refused(errors.BalancingCoordination_NotOpen, id=action, status=status):
            complete(market, north, action)


def test_complete_balancing_action__another_operator_of_the_region__may_say_so(
    market: Market, north: LocalAccount
) -> None:
    action = initiate(market, north)

    complete(market, verified_operator(market, "colleague"), action)

    assert record(market, action).status is not ActionStatus.OPEN
    assert record(market, action).operator == north.address


def test_complete_balancing_action__at_the_deadline__done(
    market: Market, north: LocalAccount
) -> None:
    action = initiate(market, north)
    deadline = record(market, action).deadline

    receipt = complete(market.at(deadline), north, action)

    assert receipt.time == deadline
    assert closed(market, receipt) == [(action, ActionStatus.COMPLETED)]


def test_complete_balancing_action__a_second_later__refused(
    market: Market, north: LocalAccount
) -> None:
    action = initiate(market, north)
    deadline = record(market, action).deadline

    with refused(errors.BalancingCoordination_PastDeadline, id=action, deadline=deadline):
        complete(market.at(deadline + 1), north, action)
    assert record(market, action).status == ActionStatus.OPEN


# max, current, reserve, shed after 20 kW of it, from 1000, 600, 100 and 50.
AFTER = {
    ActionType.INCREASE_GENERATION: (1000, 620, 100, 50),
    ActionType.DECREASE_GENERATION: (1000, 580, 100, 50),
    ActionType.SHED_LOAD: (1000, 600, 100, 70),
    ActionType.RESTORE_LOAD: (1000, 600, 100, 30),
    ActionType.RESERVE_ACTIVATION: (1000, 620, 80, 50),
}
# What is available then: of increasing, decreasing, shedding, restoring, reserve.
LEFT = {
    ActionType.INCREASE_GENERATION: (280, 620, 450, 50, 100),
    ActionType.DECREASE_GENERATION: (320, 580, 450, 50, 100),
    ActionType.SHED_LOAD: (300, 600, 430, 70, 100),
    ActionType.RESTORE_LOAD: (300, 600, 470, 30, 100),
    ActionType.RESERVE_ACTIVATION: (300, 620, 450, 50, 80),
}


@pytest.mark.parametrize("action_type", ActionType)
def test_complete_balancing_action__of_each_type__moves_what_the_region_runs(
    market: Market, north: LocalAccount, action_type: ActionType
) -> None:
    complete(market, north, initiate(market, north, ActionType.SHED_LOAD, 50))
    action = initiate(market, north, action_type, 20)
    # While it is open, only its own kind has less.
    untouched = dict(zip(ActionType, (300, 600, 450, 50, 100), strict=True))
    committed = untouched | {action_type: untouched[action_type] - 20}
    assert {one: available(market, one) for one in ActionType} == committed

    receipt = complete(market, north, action)

    assert closed(market, receipt) == [(action, ActionStatus.COMPLETED)]
    (event,) = market.events(receipt, market.balancing, "BalancingActionClosed")
    assert event["region"] == NORTH
    maximum, current, reserve, shed = AFTER[action_type]
    assert capacity_of(market) == RegionCapacity(
        max_generation=maximum, current_generation=current, reserve=reserve, shed=shed
    )
    assert tuple(available(market, one) for one in ActionType) == LEFT[action_type]
    assert record(market, action).status == ActionStatus.COMPLETED
    assert open_ids(market) == []


def test_complete_balancing_action__all_that_was_committed__can_be_completed_in_any_order(
    market: Market, north: LocalAccount
) -> None:
    """Every type to its bound; none of them can take from another."""
    complete(market, north, initiate(market, north, ActionType.SHED_LOAD, 50))
    actions = [
        initiate(market, north, one, available(market, one))
        for one in (*ActionType,)
        if available(market, one)
    ]
    assert [available(market, one) for one in ActionType] == [0] * 5

    for action in reversed(actions):
        complete(market, north, action)

    assert capacity_of(market) == RegionCapacity(
        max_generation=1000, current_generation=400, reserve=0, shed=450
    )
