"""Fixtures of the spot market's tests."""

from __future__ import annotations

import pytest

from tests.support.market import Market
from tests.unit.contracts.spot.traders import SpotTraders, open_spot_traders


@pytest.fixture
def traders(market: Market) -> SpotTraders:
    """A seller with energy credits, a buyer with money, and others, on a running market."""
    return open_spot_traders(market)
