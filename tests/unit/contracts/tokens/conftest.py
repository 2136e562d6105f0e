"""The tokens of the market: banked energy, and the dollars of test networks."""

from __future__ import annotations

import pytest

from energy_grid.adapters.chain.contract import Contract
from tests.support.market import Market, actor

# What the holder has, in base units.
SUPPLY = 1000


@pytest.fixture(params=["EnergyToken", "TestDollar"])
def token(market: Market, request: pytest.FixtureRequest) -> Contract:
    """Each token in turn; `holder` has all 1000 base units of it."""
    contract = market.contracts[request.param]
    holder = actor("holder").address
    if contract is market.energy_token:
        market.do(market.settlement.address, contract, "mint", holder, SUPPLY)
    else:
        market.do(holder, contract, "faucet", SUPPLY)
    return contract
