"""A clean producer on the first day."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from tests.support.market import Market
from tests.unit.contracts.carbon.credits import clean_producer


@pytest.fixture
def producer(market: Market) -> LocalAccount:
    """Solar, measured by a sub-meter of its own; its days count from the second one on."""
    return clean_producer(market)
