"""GridOperatorVerification.requireOperator and regionOfOperator: what the modules ask."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from energy_grid.domain.grid_levels import PermissionLevel
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.operators.operators import (
    NORTH,
    SOUTH,
    Status,
    operator_in,
    set_authorization,
    set_score,
)

NONE, REPORT, OPERATE, COMMAND = PermissionLevel
NO_REGION = bytes(32)

# Scores at the bounds of each level.
SCORES = [
    (0, REPORT),
    (49, REPORT),
    (50, OPERATE),
    (79, OPERATE),
    (80, COMMAND),
    (100, COMMAND),
]


def require(market: Market, operator: LocalAccount, region: bytes, needed: PermissionLevel) -> None:
    market.operators.call("requireOperator", operator.address, region, needed)


def region_of(market: Market, operator: LocalAccount, needed: PermissionLevel) -> bytes:
    region: bytes = market.operators.call("regionOfOperator", operator.address, needed)
    return region


@pytest.mark.parametrize(("score", "level"), SCORES)
def test_require_operator__each_level__passes_up_to_its_own(
    market: Market, operator: LocalAccount, score: int, level: PermissionLevel
) -> None:
    set_score(market, operator, score)

    for needed in PermissionLevel:
        if needed <= level:
            require(market, operator, NORTH, needed)
            assert region_of(market, operator, needed) == NORTH
            continue
        values = {"operator": operator.address, "level": level, "needed": needed}
        with refused(errors.GridOperatorVerification_LevelTooLow, **values):
            require(market, operator, NORTH, needed)
        with refused(errors.GridOperatorVerification_LevelTooLow, **values):
            region_of(market, operator, needed)


@pytest.mark.parametrize("region", [SOUTH, NO_REGION, b"NORTH".rjust(32, b"\0")])
@pytest.mark.parametrize("needed", PermissionLevel)
def test_require_operator__of_another_region__refused_whatever_its_level(
    market: Market, operator: LocalAccount, region: bytes, needed: PermissionLevel
) -> None:
    set_score(market, operator, 0)

    with refused(
        errors.GridOperatorVerification_NotAuthorized, operator=operator.address, region=region
    ):
        require(market, operator, region, needed)


@pytest.mark.parametrize("status", [Status.REGISTERED, Status.VERIFIED, Status.REVOKED])
@pytest.mark.parametrize("needed", PermissionLevel)
def test_require_operator__not_authorized__refused(
    market: Market, status: Status, needed: PermissionLevel
) -> None:
    operator = operator_in(market, status)
    if status is Status.VERIFIED:
        set_authorization(market, operator, allowed=False)
    values = {"operator": operator.address, "region": NORTH}

    with refused(errors.GridOperatorVerification_NotAuthorized, **values):
        require(market, operator, NORTH, needed)
    with refused(errors.GridOperatorVerification_NotAuthorized, **values):
        region_of(market, operator, needed)


@pytest.mark.parametrize("needed", PermissionLevel)
def test_require_operator__never_registered__refused(
    market: Market, needed: PermissionLevel
) -> None:
    stranger = actor("stranger")
    values = {"operator": stranger.address, "region": NO_REGION}

    # The region of nobody is the empty one: it must not pass for that.
    with refused(errors.GridOperatorVerification_NotAuthorized, **values):
        require(market, stranger, NO_REGION, needed)
    with refused(errors.GridOperatorVerification_NotAuthorized, **values):
        region_of(market, stranger, needed)
