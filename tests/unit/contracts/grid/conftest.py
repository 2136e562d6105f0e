"""A producer, a consumer with money and a storage, at the first slot of the day."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from tests.support.market import Market, actor
from tests.unit.contracts.grid.operations import register_producer, register_storage


@pytest.fixture
def producer(market: Market) -> LocalAccount:
    """Solar, 1,000,000 Wh per slot."""
    register_producer(market, actor("producer"), 1_000_000)
    return actor("producer")


@pytest.fixture
def consumer(market: Market) -> LocalAccount:
    """At most 400,000 Wh per slot, and a thousand dollars."""
    account = actor("consumer")
    market.deposit(account, 1_000_000_000)
    market.do(account, market.grid, "registerConsumer", 400_000)
    return account


@pytest.fixture
def storage(market: Market) -> LocalAccount:
    """300,000 Wh; charges 200,000 and discharges 100,000 per slot."""
    register_storage(market, actor("storage owner"), 300_000, 200_000, 100_000)
    return actor("storage owner")
