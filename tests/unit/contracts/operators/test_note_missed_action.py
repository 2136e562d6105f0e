"""GridOperatorVerification.noteMissedAction, called by the address of BalancingCoordination."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.market import Market, Receipt, actor
from tests.support.refusals import refused
from tests.unit.contracts.operators.operators import (
    Status,
    assert_status,
    logged,
    operator_fields,
    operator_in,
    set_score,
)


def note(market: Market, operator: LocalAccount) -> Receipt:
    return market.do(
        market.balancing.address, market.operators, "noteMissedAction", operator.address
    )


@pytest.mark.parametrize("caller", ["stranger", "operator", "stability", "itself", *Role])
def test_note_missed_action__not_by_balancing__refused(
    market: Market, operator: LocalAccount, caller: str | Role
) -> None:
    contracts = {"stability": market.stability, "itself": market.operators}
    if isinstance(caller, Role):
        sender = market.roles[caller]
    elif caller in contracts:
        sender = contracts[caller].address
    else:
        sender = actor(caller).address

    with refused(errors.GridOperatorVerification_OnlyBalancing, caller=sender):
        market.do(sender, market.operators, "noteMissedAction", operator.address)

    assert operator_fields(market, operator)["score"] == 100


@pytest.mark.parametrize(
    ("before", "after"), [(100, 95), (84, 79), (80, 75), (54, 49), (6, 1), (5, 0), (4, 0), (1, 0)]
)
def test_note_missed_action__of_an_operator__5_points_less_and_not_below_0(
    market: Market, operator: LocalAccount, before: int, after: int
) -> None:
    set_score(market, operator, before)
    fields = operator_fields(market, operator)

    receipt = note(market, operator)

    assert logged(market, receipt) == [
        ("OperatorScoreSet", {"operator": operator.address, "score": after})
    ]
    assert operator_fields(market, operator) == {**fields, "score": after}


@pytest.mark.parametrize("status", [Status.REGISTERED, Status.VERIFIED, Status.REVOKED])
def test_note_missed_action__registered_in_any_status__5_points_less(
    market: Market, status: Status
) -> None:
    operator = operator_in(market, status)
    set_score(market, operator, 100)

    note(market, operator)

    assert operator_fields(market, operator)["score"] == 95


def test_note_missed_action__score_0__nothing_happens(
    market: Market, operator: LocalAccount
) -> None:
    set_score(market, operator, 0)

    receipt = note(market, operator)

    assert logged(market, receipt) == []
    assert operator_fields(market, operator)["score"] == 0
    assert_status(market, operator, Status.VERIFIED, authorized=True)


def test_note_missed_action__never_registered__nothing_happens(market: Market) -> None:
    stranger = actor("stranger")

    receipt = note(market, stranger)

    assert logged(market, receipt) == []
    assert_status(market, stranger, Status.NONE, authorized=False)
