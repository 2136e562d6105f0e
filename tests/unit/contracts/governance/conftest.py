"""The voters of the local deployment and the owners of its Safe, with their keys."""

from __future__ import annotations

import pytest

from energy_grid.chain.contract import Contract
from energy_grid.chain.roles import Role
from tests.support.market import Market
from tests.unit.contracts.governance.proposals import VOTERS, Proposals, local_key


@pytest.fixture
def token(market: Market) -> Contract:
    return market.contracts["GovernanceToken"]


@pytest.fixture
def governance(market: Market) -> str:
    """The timelock."""
    return market.roles[Role.ADMIN]


@pytest.fixture
def proposals(market: Market) -> Proposals:
    """The voters vote with their own from the deployment on."""
    return Proposals(market, tuple(local_key(number) for number in VOTERS))
