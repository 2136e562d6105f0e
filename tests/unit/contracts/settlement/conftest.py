"""Fixtures of these tests."""

from __future__ import annotations

import pytest

from tests.support.core.settlement_suite import (
    SettlementWorld,
)
from tests.unit.contracts.settlement.suite import (
    NAMES,
    TARIFF,
)


@pytest.fixture
def world() -> SettlementWorld:
    world = SettlementWorld(TARIFF, 60, slot=3600, outflow=1000, allowance=50, cap=80)
    for name in NAMES:
        world.open(name, 10**6)
    return world
