"""Fixtures of these tests."""

from __future__ import annotations

import pytest

from tests.support.core.tariff_suite import TariffWorld
from tests.unit.contracts.tariffs.suite import FIRST


@pytest.fixture
def world() -> TariffWorld:
    return TariffWorld(FIRST, 60_000)
