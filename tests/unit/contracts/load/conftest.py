"""Operators of two regions."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from tests.support.market import Market
from tests.unit.contracts.operators.operators import verified_operator


@pytest.fixture
def operator(market: Market) -> LocalAccount:
    """Verified for the NORTH."""
    return verified_operator(market)


@pytest.fixture
def southern(market: Market) -> LocalAccount:
    """Verified for the SOUTH."""
    return verified_operator(market, "southern", "SOUTH")
