"""A clean producer, at the first slot of the day."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from tests.support.market import Market
from tests.unit.contracts.carbon.credits import clean_producer


@pytest.fixture
def producer(market: Market) -> LocalAccount:
    """Solar; its slots count from the second one of the day on."""
    return clean_producer(market)
