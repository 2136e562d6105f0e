"""LoadMonitoring's constructor and constants."""

from __future__ import annotations

from tests.support.market import Market, actor
from tests.unit.contracts.load.loads import HISTORY


def test_constructor__deployed__knows_who_verifies_operators(market: Market) -> None:
    operators = actor("operators").address

    load = market.deploy("LoadMonitoring", operators)

    assert load.call("OPERATORS") == operators
    assert load.call("HISTORY_LENGTH") == HISTORY


def test_constructor__of_the_market__asks_its_operators(market: Market) -> None:
    assert market.load.call("OPERATORS") == market.operators.address
