"""Fixtures of these tests."""

from __future__ import annotations

import pytest

from tests.support.core.energy_suite import EnergyWorld
from tests.unit.contracts.communities.suite import (
    TARIFF,
)


@pytest.fixture
def world() -> EnergyWorld:
    world = EnergyWorld(TARIFF, 80, slot=3600)
    world.add_region("south", TARIFF)
    world.found("street", 5000)
    world.found("beach", 0, "south")
    world.metered("north")
    return world
