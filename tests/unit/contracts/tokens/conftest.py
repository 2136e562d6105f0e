"""The tokens of the market: energy credits, votes, and the dollars of test networks."""

from __future__ import annotations

import pytest

from energy_grid.chain.contract import Contract
from energy_grid.chain.roles import Role
from tests.support.market import Market, actor

# What the holder has, in base units.
SUPPLY = 1000


@pytest.fixture(params=["EnergyToken", "GovernanceToken", "TestDollar"])
def token(market: Market, request: pytest.FixtureRequest) -> Contract:
    """Each token in turn; `holder` has 1000 base units of it, all that there are but of votes."""
    contract = market.contracts[request.param]
    holder = actor("holder").address
    if contract is market.energy_token:
        market.do(market.settlement.address, contract, "mint", holder, SUPPLY)
    elif request.param == "GovernanceToken":
        market.do(market.roles[Role.ADMIN], contract, "mint", holder, SUPPLY)
    else:
        market.do(holder, contract, "faucet", SUPPLY)
    return contract
