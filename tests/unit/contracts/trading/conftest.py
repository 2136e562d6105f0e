"""Fixtures of EnergyTrading's tests."""

from __future__ import annotations

import pytest

from tests.support.market import Market
from tests.unit.contracts.trading.auction import Auction
from tests.unit.contracts.trading.traders import Traders, open_traders


@pytest.fixture
def traders(market: Market) -> Traders:
    """Traders at a market of hourly slots, an hour before their usual period."""
    return open_traders(market)


@pytest.fixture
def quarter_hour_traders(quarter_hours: Market) -> Traders:
    """As `traders`, at a market of quarter hours."""
    return open_traders(quarter_hours)


@pytest.fixture
def auction(traders: Traders) -> Auction:
    """The traders, who sign orders off the chain."""
    return Auction(traders=traders)
