"""GridOperatorVerification's constructor."""

from __future__ import annotations

from tests.support.market import Market, actor


def test_constructor__deployed__knows_its_authority_and_balancing(market: Market) -> None:
    balancing = actor("balancing").address

    operators = market.deploy("GridOperatorVerification", market.access.address, balancing)

    assert operators.call("BALANCING") == balancing
    assert operators.call("authority") == market.access.address


def test_constructor__of_the_market__names_its_neighbours(market: Market) -> None:
    assert market.operators.call("BALANCING") == market.balancing.address
    assert market.operators.call("authority") == market.access.address
    assert market.operators.call("isConsumingScheduledOp") == bytes(4)
