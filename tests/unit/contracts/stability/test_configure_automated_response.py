"""StabilityMaintenance.configureAutomatedResponse."""

from __future__ import annotations

from itertools import product

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from energy_grid.contracts.stability_maintenance import AutomatedResponse
from energy_grid.domain.balancing import ActionType
from energy_grid.domain.enums import Trigger
from tests.support.market import Market
from tests.support.refusals import refused
from tests.unit.contracts.balancing.actions import LARGEST, UNFIT, opened, unfit_operator
from tests.unit.contracts.operators.operators import NORTH, SOUTH, set_score, verified_operator
from tests.unit.contracts.stability.reports import configure, logged, report, responses


@pytest.mark.parametrize("kind", [one for one in UNFIT if one != "of another region"])
def test_configure_automated_response__by_no_operator__refused(market: Market, kind: str) -> None:
    caller = unfit_operator(market, kind)
    region = bytes(32) if kind == "nobody" else NORTH

    with refused(
        errors.GridOperatorVerification_NotAuthorized, operator=caller.address, region=region
    ):
        configure(market, caller, 0, 0)


@pytest.mark.parametrize(("score", "level"), [(0, 1), (49, 1), (50, 2), (79, 2)])
def test_configure_automated_response__level__command_is_needed(
    market: Market, operator: LocalAccount, score: int, level: int
) -> None:
    set_score(market, operator, score)
    with refused(
        errors.GridOperatorVerification_LevelTooLow,
        operator=operator.address,
        level=level,
        needed=3,
    ):
        configure(market, operator, 0, 0)
    set_score(market, operator, 80)
    configure(market, operator, 0, 0)


@pytest.mark.parametrize("condition", Trigger)
@pytest.mark.parametrize("action_type", ActionType)
def test_configure_automated_response__of_each_kind__configured(
    market: Market, operator: LocalAccount, condition: Trigger, action_type: ActionType
) -> None:
    receipt = configure(market, operator, condition, action_type, 70, 5)

    assert logged(market, receipt, "AutomatedResponseConfigured") == [
        {
            "region": NORTH,
            "trigger": condition,
            "action_type": action_type,
            "adjustment": 70,
            "priority": 5,
        }
    ]
    assert responses(market) == [
        AutomatedResponse(
            trigger=condition, action_type=action_type, adjustment=70, priority=5, action_id=0
        )
    ]


@pytest.mark.parametrize(("condition", "action_type"), [(5, 0), (255, 0), (0, 5), (0, 255)])
def test_configure_automated_response__of_no_kind__refused(
    market: Market, operator: LocalAccount, condition: int, action_type: int
) -> None:
    with refused(errors.UnknownRevert, data=b""):
        configure(market, operator, condition, action_type)


@pytest.mark.parametrize("priority", [0, 6, 255])
@pytest.mark.parametrize("adjustment", [0, 50, LARGEST + 1])
def test_configure_automated_response__priority_out_of_range__refused(
    market: Market, operator: LocalAccount, priority: int, adjustment: int
) -> None:
    with refused(errors.StabilityMaintenance_BadPriority, priority=priority):
        configure(market, operator, 0, 0, adjustment, priority)


@pytest.mark.parametrize("adjustment", [LARGEST + 1, 2**256 - 1])
def test_configure_automated_response__adjustment_too_large__refused(
    market: Market, operator: LocalAccount, adjustment: int
) -> None:
    with refused(errors.StabilityMaintenance_BadAdjustment, adjustment=adjustment):
        configure(market, operator, 0, 0, adjustment)


@pytest.mark.parametrize("adjustment", [1, LARGEST])
@pytest.mark.parametrize("priority", [1, 5])
def test_configure_automated_response__at_the_bounds__configured(
    market: Market, operator: LocalAccount, adjustment: int, priority: int
) -> None:
    configure(market, operator, 3, 4, adjustment, priority)

    (found,) = responses(market)
    assert (found.adjustment, found.priority) == (adjustment, priority)


def test_configure_automated_response__again__in_place_of_the_first(
    market: Market, operator: LocalAccount
) -> None:
    configure(market, operator, 0, 0, 50, 1)
    configure(market, verified_operator(market, "colleague"), 0, 0, 60, 2)

    (found,) = responses(market)
    assert (found.adjustment, found.priority) == (60, 2)


def test_configure_automated_response__adjustment_0__removed(
    market: Market, operator: LocalAccount
) -> None:
    configure(market, operator, 0, 0)
    configure(market, operator, 1, 2)

    receipt = configure(market, operator, 0, 0, 0)

    assert logged(market, receipt, "AutomatedResponseConfigured")[0]["adjustment"] == 0
    assert [(one.trigger, one.action_type) for one in responses(market)] == [(1, 2)]
    # It is no error to remove what is not there.
    configure(market, operator, 0, 0, 0)
    configure(market, operator, 1, 2, 0)
    assert responses(market) == []


@pytest.mark.parametrize("removed_first", [True, False])
def test_configure_automated_response__while_its_action_is_open__action_is_not_repeated(
    market: Market, north: LocalAccount, *, removed_first: bool
) -> None:
    configure(market, north, Trigger.LOW_FREQUENCY, ActionType.INCREASE_GENERATION)
    report(market, north, 4949)
    if removed_first:
        configure(market, north, Trigger.LOW_FREQUENCY, ActionType.INCREASE_GENERATION, 0)

    configure(market, north, Trigger.LOW_FREQUENCY, ActionType.INCREASE_GENERATION, 70)

    assert [(one.adjustment, one.action_id) for one in responses(market)] == [(70, 1)]
    assert opened(market, report(market, north, 4949)) == []


def test_configure_automated_response__all_there_are__by_trigger_and_type(
    market: Market, operator: LocalAccount
) -> None:
    kinds = list(product(Trigger, ActionType))
    for condition, action_type in reversed(kinds):
        configure(market, operator, condition, action_type)

    assert [(one.trigger, one.action_type) for one in responses(market)] == kinds


def test_configure_automated_response__of_another_region__each_has_its_own(
    market: Market, operator: LocalAccount
) -> None:
    south = verified_operator(market, "of the south", region="SOUTH")
    configure(market, operator, 0, 0, 10)

    receipt = configure(market, south, 0, 0, 20)

    assert logged(market, receipt, "AutomatedResponseConfigured")[0]["region"] == SOUTH
    assert [one.adjustment for one in responses(market)] == [10]
    assert [one.adjustment for one in responses(market, SOUTH)] == [20]
