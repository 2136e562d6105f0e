"""Fixtures of the tests of shares."""

from __future__ import annotations

import pytest

from tests.support.market import Market
from tests.unit.contracts.shares.division import Division, divide


@pytest.fixture
def division(market: Market) -> Division:
    """An asset of the owner, who holds all of its 300 shares."""
    return divide(market)
