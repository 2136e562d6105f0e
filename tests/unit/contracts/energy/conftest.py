"""Fixtures of these tests."""

from __future__ import annotations

import pytest

from tests.support.core.chain import Chain
from tests.support.core.energy_suite import (
    EnergyWorld,
)
from tests.support.core.gateway_street import GatewayStreet
from tests.support.core.tariff_suite import START
from tests.unit.contracts.energy.suite import (
    TARIFF,
)


@pytest.fixture
def world() -> EnergyWorld:
    world = EnergyWorld(TARIFF, 80, slot=900)
    world.add_region("south", TARIFF)
    world.metered("north")
    world.found("street", 5000)
    return world


@pytest.fixture
def street() -> GatewayStreet:
    """Two homes whose days a gateway reads, with all contracts of the market."""
    return GatewayStreet(Chain(START), TARIFF, homes=2)
