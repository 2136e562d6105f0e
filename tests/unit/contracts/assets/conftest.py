"""An asset of its owner, and a meter that is linked to nothing."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from tests.support.market import Market, actor
from tests.unit.contracts.assets.operations import mint, new_meter


@pytest.fixture
def owner() -> LocalAccount:
    return actor("owner")


@pytest.fixture
def asset(market: Market, owner: LocalAccount) -> int:
    """The owner's, of `TERMS`."""
    return mint(market, owner)


@pytest.fixture
def meter(market: Market) -> LocalAccount:
    """Of a plant of 100 kW."""
    return new_meter(market)
