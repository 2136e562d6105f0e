"""GridOperatorVerification.revokeOperator."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from tests.support.market import Market, Receipt
from tests.support.refusals import refused
from tests.unit.contracts.operators.operators import (
    NORTH,
    Status,
    as_authority,
    assert_status,
    logged,
    operator_fields,
    operator_in,
    set_authorization,
)


def revoke(market: Market, operator: LocalAccount) -> Receipt:
    return as_authority(market, "revokeOperator", operator.address)


@pytest.mark.parametrize("suspended", [True, False])
def test_revoke_operator__verified__may_do_nothing(
    market: Market, operator: LocalAccount, *, suspended: bool
) -> None:
    set_authorization(market, operator, allowed=not suspended)
    before = operator_fields(market, operator)

    receipt = revoke(market, operator)

    assert logged(market, receipt) == [
        ("OperatorRevoked", {"operator": operator.address, "region": NORTH})
    ]
    assert operator_fields(market, operator) == {
        **before,
        "status": Status.REVOKED,
        "authorized": False,
    }
    assert_status(market, operator, Status.REVOKED, authorized=False)


def test_revoke_operator__one_of_two__the_other_stays(
    market: Market, operator: LocalAccount, applicant: LocalAccount
) -> None:
    as_authority(market, "verifyOperator", applicant.address)

    revoke(market, operator)

    assert_status(market, applicant, Status.VERIFIED, authorized=True)


@pytest.mark.parametrize("status", [Status.NONE, Status.REGISTERED, Status.REVOKED])
def test_revoke_operator__not_verified__refused(market: Market, status: Status) -> None:
    operator = operator_in(market, status)

    with refused(
        errors.GridOperatorVerification_WrongStatus, operator=operator.address, status=status
    ):
        revoke(market, operator)
