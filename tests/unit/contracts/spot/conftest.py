"""Fixtures of these tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.contracts.spot.suite import SpotTraders


@pytest.fixture(scope="module")
def fresh() -> SpotTraders:
    """On the eve of the first day with meters."""
    return SpotTraders()


@pytest.fixture
def traders(fresh: SpotTraders) -> Iterator[SpotTraders]:
    """As `fresh`, again for each test."""
    mark = fresh.chain.snapshot()
    devices = dict(fresh.devices)
    yield fresh
    fresh.chain.revert(mark)
    fresh.devices = devices
