"""Fixtures of EnergyTrading's tests."""

from __future__ import annotations

import pytest

from tests.support.market import Market
from tests.unit.contracts.trading.auction import Auction
from tests.unit.contracts.trading.desk import Desk, open_desk


@pytest.fixture
def desk(market: Market) -> Desk:
    """Traders at a market of hourly slots, an hour before their usual period."""
    return open_desk(market)


@pytest.fixture
def quarter_desk(quarter_hours: Market) -> Desk:
    """As `desk`, at a market of quarter hours."""
    return open_desk(quarter_hours)


@pytest.fixture
def auction(desk: Desk) -> Auction:
    """The desk's traders, who sign orders off the chain."""
    return Auction(desk=desk)
