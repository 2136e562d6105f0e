"""A clean producer on the first day, in the market and where meters are played."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from tests.support.market import Market
from tests.unit.contracts.carbon.credits import clean_producer
from tests.unit.contracts.carbon.world import CarbonWorld


@pytest.fixture
def producer(market: Market) -> LocalAccount:
    """Solar, measured by a sub-meter of its own; its days count from the second one on."""
    return clean_producer(market)


@pytest.fixture
def world() -> CarbonWorld:
    """With meters that say what they are told."""
    return CarbonWorld()
