"""Fixtures of these tests."""

from __future__ import annotations

import pytest

from tests.support.core.trading_world import (
    TradingWorld,
)


@pytest.fixture(scope="module")
def fresh() -> TradingWorld:
    """Three accounts with money."""
    world = TradingWorld()
    for name in ("buyer", "seller", "third"):
        world.open(name, 10**7)
    return world


@pytest.fixture
def world(fresh: TradingWorld) -> TradingWorld:
    """As `fresh`, again for each test."""
    mark = fresh.chain.snapshot()
    fresh.orders, fresh.signed = [], []
    yield fresh
    fresh.chain.revert(mark)
