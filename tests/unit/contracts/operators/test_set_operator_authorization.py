"""GridOperatorVerification.setOperatorAuthorization."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from tests.support.market import Market
from tests.support.refusals import refused
from tests.unit.contracts.operators.operators import (
    Status,
    assert_status,
    logged,
    operator_fields,
    operator_in,
    set_authorization,
)


@pytest.mark.parametrize("before", [True, False])
@pytest.mark.parametrize("allowed", [True, False])
def test_set_operator_authorization__verified__as_set(
    market: Market, operator: LocalAccount, *, before: bool, allowed: bool
) -> None:
    set_authorization(market, operator, allowed=before)
    fields = operator_fields(market, operator)

    receipt = set_authorization(market, operator, allowed=allowed)

    assert logged(market, receipt) == [
        ("OperatorAuthorizationSet", {"operator": operator.address, "allowed": allowed})
    ]
    assert operator_fields(market, operator) == {**fields, "authorized": allowed}
    assert_status(market, operator, Status.VERIFIED, authorized=allowed)


@pytest.mark.parametrize("allowed", [True, False])
@pytest.mark.parametrize("status", [Status.NONE, Status.REGISTERED, Status.REVOKED])
def test_set_operator_authorization__not_verified__refused(
    market: Market, status: Status, *, allowed: bool
) -> None:
    operator = operator_in(market, status)

    with refused(
        errors.GridOperatorVerification_WrongStatus, operator=operator.address, status=status
    ):
        set_authorization(market, operator, allowed=allowed)
