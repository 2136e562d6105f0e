"""What only the grid authority may do with operators, tried by everybody else."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from tests.support.callers import outsiders
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.operators.operators import operator_fields

# With arguments that the grid authority would succeed with.
RESTRICTED = {
    "verifyOperator": ("applicant",),
    "revokeOperator": ("operator",),
    "setOperatorAuthorization": ("operator", False),
    "setOperatorScore": ("operator", 1),
}


@pytest.mark.parametrize("function", RESTRICTED)
def test_restricted__by_each_other_caller__refused(
    market: Market, operator: LocalAccount, applicant: LocalAccount, function: str
) -> None:
    who, *rest = RESTRICTED[function]
    arguments = (actor(who).address, *rest)
    callers = outsiders(market, Role.GRID_AUTHORITY)
    callers += [operator.address, applicant.address, actor("stranger").address]
    callers += [market.balancing.address, market.operators.address]
    before = operator_fields(market, operator), operator_fields(market, applicant)

    for caller in callers:
        with refused(errors.AccessManagedUnauthorized, caller=caller):
            market.do(caller, market.operators, function, *arguments)

    assert (operator_fields(market, operator), operator_fields(market, applicant)) == before
    market.do(market.roles[Role.GRID_AUTHORITY], market.operators, function, *arguments)
