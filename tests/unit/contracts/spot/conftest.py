"""Fixtures of the spot market's tests."""

from __future__ import annotations

import pytest

from tests.support.market import Market
from tests.unit.contracts.spot.floor import Floor, open_floor


@pytest.fixture
def floor(market: Market) -> Floor:
    """A seller with banked energy, a buyer with money, and others, on a running market."""
    return open_floor(market)
