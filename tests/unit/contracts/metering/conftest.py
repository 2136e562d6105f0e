"""A meter, or a gateway, registered for a prosumer one minute into the day."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from tests.support.market import MONDAY, Market, actor
from tests.unit.contracts.metering.gateways import assign, register_gateway


@pytest.fixture
def prosumer() -> LocalAccount:
    return actor("prosumer")


@pytest.fixture
def since() -> int:
    """When the meter was registered: its energy counts from here."""
    return MONDAY + 60


@pytest.fixture
def meter(market: Market, prosumer: LocalAccount, since: int) -> LocalAccount:
    """A meter of 1 MW."""
    return market.at(since).register_meter(prosumer)


@pytest.fixture
def gateway(market: Market, prosumer: LocalAccount, since: int) -> LocalAccount:
    """The key of the first gateway, which reads the prosumer."""
    market.at(since)
    register_gateway(market, actor("gateway"))
    assign(market, prosumer)
    return actor("gateway")
