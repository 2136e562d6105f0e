"""BalancingCoordination.expireBalancingAction."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from energy_grid.domain.balancing import ActionStatus, ActionType
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.balancing.actions import (
    available,
    cancel,
    capacity_of,
    closed,
    complete,
    expire,
    initiate,
    open_ids,
    record,
)
from tests.unit.contracts.operators.operators import (
    NORTH,
    as_authority,
    operator_fields,
    set_score,
    verified_operator,
)


@pytest.mark.parametrize("action", [0, 2])
def test_expire_balancing_action__no_such_action__refused(
    market: Market, north: LocalAccount, action: int
) -> None:
    initiate(market, north)

    with refused(errors.BalancingCoordination_NoSuchAction, id=action):
        expire(market, action)


def test_expire_balancing_action__closed_already__refused(
    market: Market, north: LocalAccount
) -> None:
    actions = [initiate(market, north) for _ in range(3)]
    complete(market, north, actions[0])
    cancel(market, north, actions[1])
    market.go_to(record(market, actions[2]).deadline)
    expire(market, actions[2])

    for action, status in zip(actions, (1, 2, 3), strict=True):
        with refused(errors.BalancingCoordination_NotOpen, id=action, status=status):
            expire(market, action)
    assert operator_fields(market, north)["score"] == 90


def test_expire_balancing_action__at_the_deadline__refused(
    market: Market, north: LocalAccount
) -> None:
    action = initiate(market, north)
    deadline = record(market, action).deadline

    with refused(errors.BalancingCoordination_NotDue, id=action, deadline=deadline):
        expire(market.at(deadline), action)


@pytest.mark.parametrize("caller", ["stranger", "operator"])
def test_expire_balancing_action__a_second_later__by_anyone(
    market: Market, north: LocalAccount, caller: str
) -> None:
    before = capacity_of(market)
    action = initiate(market, north, ActionType.INCREASE_GENERATION, 300)
    deadline = record(market, action).deadline

    receipt = expire(market.at(deadline + 1), action, sender=actor(caller))

    assert receipt.time == deadline + 1
    assert closed(market, receipt) == [(action, ActionStatus.EXPIRED)]
    assert record(market, action).status == ActionStatus.EXPIRED
    assert available(market, ActionType.INCREASE_GENERATION) == 300
    assert open_ids(market) == []
    assert capacity_of(market) == before


def test_expire_balancing_action__missed__costs_its_operator_and_nobody_else(
    market: Market, north: LocalAccount
) -> None:
    colleague = verified_operator(market, "colleague")
    action = initiate(market, north)
    market.go_to(record(market, action).deadline)

    receipt = expire(market, action, sender=colleague)

    events = market.events(receipt, market.operators, "OperatorScoreSet")
    assert [dict(one.arguments) for one in events] == [{"operator": north.address, "score": 95}]
    assert operator_fields(market, north)["score"] == 95
    assert operator_fields(market, colleague)["score"] == 100


@pytest.mark.parametrize("kind", ["revoked", "without score"])
def test_expire_balancing_action__whatever_became_of_its_operator__expires(
    market: Market, north: LocalAccount, kind: str
) -> None:
    action = initiate(market, north)
    if kind == "revoked":
        as_authority(market, "revokeOperator", north.address)
    else:
        set_score(market, north, 0)
    market.go_to(record(market, action).deadline)

    expire(market, action)

    assert record(market, action).status == ActionStatus.EXPIRED
    assert operator_fields(market, north)["score"] == (95 if kind == "revoked" else 0)


def test_expire_balancing_action__of_a_report__costs_nobody_anything(
    market: Market, north: LocalAccount
) -> None:
    """Who measures is not to be punished for what the measurement set off."""
    market.do(
        *(market.stability.address, market.balancing, "initiateAutomatedAction"),
        *(NORTH, ActionType.INCREASE_GENERATION, 10, 1, north.address),
    )
    market.go_to(record(market, 1).deadline)

    receipt = expire(market, 1)

    assert closed(market, receipt) == [(1, ActionStatus.EXPIRED)]
    assert operator_fields(market, north)["score"] == 100
