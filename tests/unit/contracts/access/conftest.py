"""Who there is after the deployment, and what it guards."""

from __future__ import annotations

import pytest

from tests.support.guarded import Guarded, guarded_functions
from tests.support.market import Market
from tests.support.parties import Parties, parties_of


@pytest.fixture(scope="session")
def parties(hourly_market: Market) -> Parties:
    return parties_of(hourly_market)


@pytest.fixture(scope="session")
def guarded(hourly_market: Market, parties: Parties) -> list[Guarded]:
    """Every restricted function, found by asking; nothing changes by that."""
    return list(guarded_functions(hourly_market, parties))
