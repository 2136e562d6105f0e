"""A verified operator of the NORTH and one that nobody has verified yet."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from tests.support.market import Market
from tests.unit.contracts.operators.operators import registered_operator, verified_operator


@pytest.fixture
def operator(market: Market) -> LocalAccount:
    """Verified for the NORTH, 1000 kW, score 100."""
    return verified_operator(market)


@pytest.fixture
def applicant(market: Market) -> LocalAccount:
    """Registered for the NORTH, 1000 kW."""
    return registered_operator(market, "applicant")
