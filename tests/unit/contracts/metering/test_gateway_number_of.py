"""SmartMeter.gatewayNumberOf: from a key to the gateway whose it is."""

from __future__ import annotations

from eth_account.signers.local import LocalAccount

from tests.support.market import MONDAY, Market, actor
from tests.unit.contracts.metering.gateways import (
    Leaf,
    anchor,
    dispute,
    number_of,
    register_gateway,
    replace_gateway,
)
from tests.unit.contracts.metering.signatures import NOBODY

NEW = actor("new key")


def test_gateway_number_of__strangers__none(market: Market, gateway: LocalAccount) -> None:
    assert [number_of(market, who) for who in (actor("stranger"), actor("prosumer"))] == [0, 0]
    assert number_of(market, NOBODY) == 0


def test_gateway_number_of__registered__its_number(market: Market, gateway: LocalAccount) -> None:
    register_gateway(market, NEW)

    assert [number_of(market, key) for key in (gateway, NEW)] == [1, 2]


def test_gateway_number_of__replaced__the_new_key_alone(
    market: Market, gateway: LocalAccount
) -> None:
    replace_gateway(market, 1, NEW)

    assert [number_of(market, key) for key in (gateway, NEW)] == [0, 1]


def test_gateway_number_of__suspended__none(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount
) -> None:
    leaf = Leaf(account=prosumer.address, slot=MONDAY // 3600)
    other = leaf.but(produced=1)
    dispute(market, anchor(market, gateway, leaf, other), leaf, other)
    assert [number_of(market, key) for key in (gateway, NOBODY)] == [0, 0]

    replace_gateway(market, 1, NEW)
    assert [number_of(market, key) for key in (gateway, NEW, NOBODY)] == [0, 1, 0]
