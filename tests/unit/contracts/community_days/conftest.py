"""Fixtures of these tests."""

from __future__ import annotations

import pytest

from tests.model.market import DAY, Tariff
from tests.support.core.chain import Chain
from tests.support.core.gateway_street import GatewayStreet

TARIFF = Tariff(buy=300, feed_in=100, network_fee=20)
START = 20_000 * DAY + 5_000


@pytest.fixture
def street() -> GatewayStreet:
    """Three homes on the day before the gateway's second one."""
    return GatewayStreet(Chain(START), TARIFF, homes=3)
