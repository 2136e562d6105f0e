"""GridOperatorVerification.setOperatorScore."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import to_bytes32
from energy_grid.contracts import errors
from tests.model.grid_levels import permission_level
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.operators.operators import (
    Status,
    logged,
    operator_fields,
    operator_in,
    set_score,
)


@pytest.mark.parametrize("score", [0, 1, 49, 50, 79, 80, 99, 100])
def test_set_operator_score__in_range__set_and_the_level_follows(
    market: Market, operator: LocalAccount, score: int
) -> None:
    before = operator_fields(market, operator)

    receipt = set_score(market, operator, score)

    assert logged(market, receipt) == [
        ("OperatorScoreSet", {"operator": operator.address, "score": score})
    ]
    assert operator_fields(market, operator) == {**before, "score": score}
    level = market.operators.call("permissionLevelOf", operator.address)
    assert level == permission_level(score)


@pytest.mark.parametrize("status", [Status.REGISTERED, Status.VERIFIED, Status.REVOKED])
def test_set_operator_score__registered_in_any_status__set(market: Market, status: Status) -> None:
    operator = operator_in(market, status)
    before = operator_fields(market, operator)

    set_score(market, operator, 55)

    assert operator_fields(market, operator) == {**before, "score": 55}


@pytest.mark.parametrize("score", [101, 256, 256 + 50, 2**256 - 1])
def test_set_operator_score__too_high__refused(
    market: Market, operator: LocalAccount, score: int
) -> None:
    for account in (operator, actor("stranger")):
        with refused(
            errors.GridOperatorVerification_BadParameter, name=to_bytes32("score"), value=score
        ):
            set_score(market, account, score)


def test_set_operator_score__never_registered__refused(market: Market) -> None:
    stranger = actor("stranger")

    with refused(
        errors.GridOperatorVerification_WrongStatus, operator=stranger.address, status=Status.NONE
    ):
        set_score(market, stranger, 50)
