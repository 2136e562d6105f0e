"""BalancingCoordination.cancelBalancingAction."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
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
from tests.unit.contracts.operators.operators import (
    NORTH,
    operator_fields,
    set_score,
    verified_operator,
)


@pytest.mark.parametrize("kind", UNFIT)
def test_cancel_balancing_action__by_no_operator_of_the_region__refused(
    market: Market, north: LocalAccount, kind: str
) -> None:
    action = initiate(market, north)
    caller = unfit_operator(market, kind)

    with refused(
        errors.GridOperatorVerification_NotAuthorized, operator=caller.address, region=NORTH
    ):
        cancel(market, caller, action)


def test_cancel_balancing_action__level__operate_is_needed(
    market: Market, north: LocalAccount
) -> None:
    action = initiate(market, north)
    set_score(market, north, 49)
    with refused(
        errors.GridOperatorVerification_LevelTooLow, operator=north.address, level=1, needed=2
    ):
        cancel(market, north, action)
    set_score(market, north, 50)
    cancel(market, north, action)


@pytest.mark.parametrize("action", [0, 2])
def test_cancel_balancing_action__no_such_action__refused(
    market: Market, north: LocalAccount, action: int
) -> None:
    initiate(market, north)

    with refused(errors.BalancingCoordination_NoSuchAction, id=action):
        cancel(market, north, action)


def test_cancel_balancing_action__closed_already__refused(
    market: Market, north: LocalAccount
) -> None:
    actions = [initiate(market, north) for _ in range(3)]
    complete(market, north, actions[0])
    cancel(market, north, actions[1])
    market.go_to(record(market, actions[2]).deadline)
    expire(market, actions[2])

    for action, status in zip(actions, (1, 2, 3), strict=True):
        with refused(errors.BalancingCoordination_NotOpen, id=action, status=status):
            cancel(market, north, action)


@pytest.mark.parametrize("action_type", [one for one in ActionType if one != 3])
def test_cancel_balancing_action__of_each_type__frees_what_it_committed(
    market: Market, north: LocalAccount, action_type: ActionType
) -> None:
    before = capacity_of(market)
    power = available(market, action_type)
    other = initiate(market, north, action_type, 1)
    action = initiate(market, north, action_type, power - 1)

    receipt = cancel(market, north, action)

    assert closed(market, receipt) == [(action, ActionStatus.CANCELLED)]
    assert record(market, action).status == ActionStatus.CANCELLED
    assert available(market, action_type) == power - 1
    assert open_ids(market) == [other]
    assert capacity_of(market) == before


def test_cancel_balancing_action__restoration__load_stays_shed(
    market: Market, north: LocalAccount
) -> None:
    complete(market, north, initiate(market, north, ActionType.SHED_LOAD, 20))
    action = initiate(market, north, ActionType.RESTORE_LOAD, 20)

    cancel(market, north, action)

    assert available(market, ActionType.RESTORE_LOAD) == capacity_of(market).shed == 20


def test_cancel_balancing_action__at_the_deadline_by_a_colleague__costs_the_colleague(
    market: Market, north: LocalAccount
) -> None:
    action = initiate(market, north)
    colleague = verified_operator(market, "colleague")
    deadline = record(market, action).deadline

    receipt = cancel(market.at(deadline), colleague, action)

    assert receipt.time == deadline
    assert closed(market, receipt) == [(action, ActionStatus.CANCELLED)]
    assert operator_fields(market, north)["score"] == 100
    assert operator_fields(market, colleague)["score"] == 95


def test_cancel_balancing_action__automated__costs_who_cancels_it(
    market: Market, north: LocalAccount
) -> None:
    market.do(
        *(market.stability.address, market.balancing, "initiateAutomatedAction"),
        *(NORTH, ActionType.INCREASE_GENERATION, 10, 1, north.address),
    )
    colleague = verified_operator(market, "colleague")

    cancel(market, colleague, 1)

    assert operator_fields(market, north)["score"] == 100
    assert operator_fields(market, colleague)["score"] == 95


@pytest.mark.parametrize("caller", ["its operator", "colleague"])
def test_cancel_balancing_action__a_second_later__refused_and_it_can_only_expire(
    market: Market, north: LocalAccount, caller: str
) -> None:
    """Who missed an action could otherwise keep its points, or have them kept."""
    action = initiate(market, north)
    sender = north if caller == "its operator" else verified_operator(market, caller)
    deadline = record(market, action).deadline

    with refused(errors.BalancingCoordination_PastDeadline, id=action, deadline=deadline):
        cancel(market.at(deadline + 1), sender, action)

    assert record(market, action).status == ActionStatus.OPEN
    expire(market, action)
    assert operator_fields(market, north)["score"] == 95


def test_cancel_balancing_action__of_a_report_past_its_deadline__refused_too(
    market: Market, north: LocalAccount
) -> None:
    market.do(
        *(market.stability.address, market.balancing, "initiateAutomatedAction"),
        *(NORTH, ActionType.INCREASE_GENERATION, 10, 1, north.address),
    )
    deadline = record(market, 1).deadline

    with refused(errors.BalancingCoordination_PastDeadline, id=1, deadline=deadline):
        cancel(market.at(deadline + 1), north, 1)
