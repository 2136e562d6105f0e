"""SmartMeter.gatewayCount: how many gateways there ever were."""

from __future__ import annotations

from eth_account.signers.local import LocalAccount

from tests.support.market import MONDAY, Market, actor
from tests.unit.contracts.metering.gateways import (
    Leaf,
    anchor,
    dispute,
    register_gateway,
    replace_gateway,
)


def count(market: Market) -> int:
    return int(market.meters.call("gatewayCount"))


def test_gateway_count__registered__one_more_each(market: Market) -> None:
    assert count(market) == 0
    for number in range(1, 4):
        assert register_gateway(market, actor(f"gateway {number}")) == number
        assert count(market) == number


def test_gateway_count__replaced_or_suspended__the_same(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount
) -> None:
    replace_gateway(market, 1, actor("new key"))
    assert count(market) == 1

    leaf = Leaf(account=prosumer.address, slot=MONDAY // 3600)
    other = leaf.but(produced=1)
    dispute(market, anchor(market, actor("new key"), leaf, other), leaf, other)
    assert count(market) == 1
