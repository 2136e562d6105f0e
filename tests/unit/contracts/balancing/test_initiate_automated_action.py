"""BalancingCoordination.initiateAutomatedAction; its caller is tested with StabilityMaintenance."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.balancing import ActionStatus, ActionType
from tests.support.market import Market, Receipt, actor
from tests.support.refusals import refused
from tests.unit.contracts.balancing.actions import (
    HOUR,
    available,
    initiate,
    open_ids,
    opened,
    record,
)
from tests.unit.contracts.operators.operators import NORTH, SOUTH

INCREASE = ActionType.INCREASE_GENERATION
REPORTER = actor("reporter").address


def automate(
    market: Market,
    action_type: int = INCREASE,
    target: int = 10,
    priority: int = 1,
    *,
    region: bytes = NORTH,
    sender: str | None = None,
) -> Receipt:
    return market.do(
        *(sender or market.stability.address, market.balancing, "initiateAutomatedAction"),
        *(region, action_type, target, priority, REPORTER),
    )


@pytest.mark.parametrize("caller", ["stranger", "operator", "authority", "grid"])
def test_initiate_automated_action__not_by_stability__refused(
    market: Market, north: LocalAccount, caller: str
) -> None:
    callers = {
        "authority": market.roles[Role.GRID_AUTHORITY],
        "grid": market.grid.address,
    }
    sender = callers.get(caller, actor(caller).address)

    with refused(errors.BalancingCoordination_OnlyStability, caller=sender):
        automate(market, sender=sender)


def test_initiate_automated_action__its_number__is_returned(
    market: Market, north: LocalAccount
) -> None:
    automate(market)
    call = market.balancing.prepare("initiateAutomatedAction", NORTH, INCREASE, 1, 1, REPORTER)

    assert market.balancing.simulate(call, market.stability.address) == 2


@pytest.mark.parametrize(("target", "given"), [(1, 1), (299, 299), (300, 300), (301, 300)])
def test_initiate_automated_action__what_is_wanted__or_what_is_left(
    market: Market, north: LocalAccount, target: int, given: int
) -> None:
    receipt = automate(market, INCREASE, target, 4)

    assert opened(market, receipt) == [
        {
            "id": 1,
            "region": NORTH,
            "operator": REPORTER,
            "action_type": INCREASE,
            "target": given,
            "priority": 4,
            "automated": True,
        }
    ]
    action = record(market, 1)
    assert (action.target, action.operator, action.automated) == (given, REPORTER, True)
    assert (action.status, action.deadline) == (ActionStatus.OPEN, receipt.time + HOUR)
    assert available(market, INCREASE) == 300 - given


def test_initiate_automated_action__largest_target__what_is_left(
    market: Market, north: LocalAccount
) -> None:
    automate(market, ActionType.SHED_LOAD, 2**256 - 1)

    assert record(market, 1).target == 500


def test_initiate_automated_action__nothing_left__refused(
    market: Market, north: LocalAccount
) -> None:
    initiate(market, north, INCREASE, 299)
    automate(market, INCREASE, 50)
    assert record(market, 2).target == 1

    with refused(
        errors.BalancingCoordination_AboveAvailable,
        region=NORTH,
        action_type=INCREASE,
        target=50,
        available=0,
    ):
        automate(market, INCREASE, 50)
    assert open_ids(market) == [2, 1]


def test_initiate_automated_action__as_any_action__target_priority_and_capacity(
    market: Market, north: LocalAccount
) -> None:
    with refused(errors.BalancingCoordination_ZeroTarget):
        automate(market, target=0, priority=0, region=SOUTH)
    for priority in (0, 6):
        with refused(errors.BalancingCoordination_BadPriority, priority=priority):
            automate(market, priority=priority, region=SOUTH)
    with refused(errors.BalancingCoordination_NoCapacity, region=SOUTH):
        automate(market, region=SOUTH)
