"""GridOperatorVerification's views of an operator."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.domain.grid_levels import PermissionLevel
from tests.model.grid_levels import permission_level
from tests.support.market import Market, actor
from tests.unit.contracts.operators.operators import (
    NORTH,
    SOUTH,
    Status,
    assert_status,
    operator_fields,
    operator_in,
    set_authorization,
    set_score,
    verified_operator,
)


def is_authorized(market: Market, operator: LocalAccount, region: bytes) -> bool:
    return bool(market.operators.call("isAuthorizedOperator", operator.address, region))


def level_of(market: Market, operator: LocalAccount) -> PermissionLevel:
    return PermissionLevel(market.operators.call("permissionLevelOf", operator.address))


def test_get_operator__never_registered__empty(market: Market) -> None:
    stranger = actor("stranger")

    assert operator_fields(market, stranger) == {
        "name": "",
        "region": bytes(32),
        "capacity": 0,
        "score": 0,
        "registered_at": 0,
        "status": Status.NONE,
        "authorized": False,
    }
    assert market.operators.call("isVerifiedOperator", stranger.address) is False
    assert not is_authorized(market, stranger, bytes(32))
    assert level_of(market, stranger) is PermissionLevel.NONE


def test_is_verified_operator__suspended__still_verified(
    market: Market, operator: LocalAccount
) -> None:
    set_authorization(market, operator, allowed=False)

    assert_status(market, operator, Status.VERIFIED, authorized=False)


def test_is_authorized_operator__of_its_region_alone(
    market: Market, operator: LocalAccount
) -> None:
    southern = verified_operator(market, "southern", "SOUTH")

    assert is_authorized(market, operator, NORTH)
    assert is_authorized(market, southern, SOUTH)
    for region in (SOUTH, bytes(32), b"NORTH".rjust(32, b"\0")):
        assert not is_authorized(market, operator, region)
    assert not is_authorized(market, southern, NORTH)


@pytest.mark.parametrize("score", [0, 49, 50, 79, 80, 100])
def test_permission_level_of__authorized__follows_the_score(
    market: Market, operator: LocalAccount, score: int
) -> None:
    set_score(market, operator, score)

    assert level_of(market, operator) is permission_level(score)


@pytest.mark.parametrize("status", [Status.REGISTERED, Status.VERIFIED, Status.REVOKED])
def test_permission_level_of__not_authorized__none(market: Market, status: Status) -> None:
    operator = operator_in(market, status)
    if status is Status.VERIFIED:
        set_authorization(market, operator, allowed=False)
    set_score(market, operator, 100)

    assert level_of(market, operator) is PermissionLevel.NONE
