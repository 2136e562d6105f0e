"""Who there is after the deployment, and what it guards."""

from __future__ import annotations

import pytest

from tests.support.callers import Callers, callers_of
from tests.support.guarded import Guarded, guarded_functions
from tests.support.market import Market


@pytest.fixture(scope="session")
def callers(hourly_market: Market) -> Callers:
    return callers_of(hourly_market)


@pytest.fixture(scope="session")
def guarded(hourly_market: Market, callers: Callers) -> list[Guarded]:
    """Every restricted function, found by asking."""
    return list(guarded_functions(hourly_market, callers))
