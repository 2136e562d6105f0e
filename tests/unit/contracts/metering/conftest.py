"""A meter, registered for a prosumer one minute into the day."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from tests.support.market import MONDAY, Market, actor


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
