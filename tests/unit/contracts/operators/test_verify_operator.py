"""GridOperatorVerification.verifyOperator."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from tests.support.market import Market, Receipt, actor
from tests.support.refusals import refused
from tests.unit.contracts.operators.operators import (
    NORTH,
    Status,
    as_authority,
    assert_status,
    logged,
    operator_fields,
    revoked_operator,
    set_authorization,
    set_score,
)


def verify(market: Market, operator: LocalAccount) -> Receipt:
    return as_authority(market, "verifyOperator", operator.address)


def test_verify_operator__registered__verified_and_authorized(
    market: Market, applicant: LocalAccount
) -> None:
    before = operator_fields(market, applicant)

    receipt = verify(market, applicant)

    assert logged(market, receipt) == [
        ("OperatorVerified", {"operator": applicant.address, "region": NORTH})
    ]
    assert operator_fields(market, applicant) == {
        **before,
        "status": Status.VERIFIED,
        "authorized": True,
    }
    assert_status(market, applicant, Status.VERIFIED, authorized=True)


def test_verify_operator__revoked__verified_again_with_its_score(market: Market) -> None:
    operator = revoked_operator(market)
    set_score(market, operator, 42)

    receipt = verify(market, operator)

    assert logged(market, receipt) == [
        ("OperatorVerified", {"operator": operator.address, "region": NORTH})
    ]
    assert_status(market, operator, Status.VERIFIED, authorized=True)
    assert operator_fields(market, operator)["score"] == 42


def test_verify_operator__suspended_and_then_revoked__authorized_anew(
    market: Market, operator: LocalAccount
) -> None:
    set_authorization(market, operator, allowed=False)
    as_authority(market, "revokeOperator", operator.address)

    verify(market, operator)

    assert_status(market, operator, Status.VERIFIED, authorized=True)


@pytest.mark.parametrize("suspended", [True, False])
def test_verify_operator__verified__refused(
    market: Market, operator: LocalAccount, *, suspended: bool
) -> None:
    set_authorization(market, operator, allowed=not suspended)

    with refused(
        errors.GridOperatorVerification_WrongStatus,
        operator=operator.address,
        status=Status.VERIFIED,
    ):
        verify(market, operator)

    assert_status(market, operator, Status.VERIFIED, authorized=not suspended)


def test_verify_operator__never_registered__refused(market: Market) -> None:
    stranger = actor("stranger")

    with refused(
        errors.GridOperatorVerification_WrongStatus, operator=stranger.address, status=Status.NONE
    ):
        verify(market, stranger)
