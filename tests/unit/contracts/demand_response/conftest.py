"""A scheme at the first slot of the day, with one consumer registered in it."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from tests.support.market import Market
from tests.unit.contracts.demand_response.scheme import Scheme, open_scheme


@pytest.fixture
def scheme(market: Market) -> Scheme:
    """The operator of the NORTH is registered and has money."""
    return open_scheme(market)


@pytest.fixture
def consumer(scheme: Scheme) -> LocalAccount:
    return scheme.consumer("consumer")
