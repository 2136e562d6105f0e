"""Operators of NORTH, and the region as most tests want it."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from tests.support.market import Market
from tests.unit.contracts.balancing.actions import report_load, set_capacity
from tests.unit.contracts.operators.operators import NORTH, set_score, verified_operator


@pytest.fixture
def operator(market: Market) -> LocalAccount:
    """Verified, of NORTH, of which only the tariff is known yet; it may do everything."""
    market.add_region(NORTH)
    return verified_operator(market)


@pytest.fixture
def reporter(market: Market) -> LocalAccount:
    """Of NORTH, too; its score of 0 lets it report, and nothing else."""
    account = verified_operator(market, "reporter")
    set_score(market, account, 0)
    return account


@pytest.fixture
def north(market: Market, operator: LocalAccount) -> LocalAccount:
    """NORTH has 1000 kW, runs 600, keeps 100 in reserve and is asked for 500; its operator."""
    set_capacity(market, operator, 1000, 600, 100)
    report_load(market, operator, 500)
    return operator
