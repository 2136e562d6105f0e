"""SmartMeter.gatewayAt: from a gateway's number to its present key."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from tests.support.market import MONDAY, Market, actor
from tests.unit.contracts.metering.gateways import (
    Leaf,
    anchor,
    dispute,
    gateway_at,
    register_gateway,
    replace_gateway,
)
from tests.unit.contracts.metering.signatures import NOBODY


@pytest.mark.parametrize("number", [0, 2, 2**32 + 1, 2**256 - 1])
def test_gateway_at__no_such_number__nobody(
    market: Market, gateway: LocalAccount, number: int
) -> None:
    assert gateway_at(market, number) == NOBODY


def test_gateway_at__registered__by_number(market: Market, gateway: LocalAccount) -> None:
    register_gateway(market, actor("second gateway"))

    assert gateway_at(market, 1) == gateway.address
    assert gateway_at(market, 2) == actor("second gateway").address


def test_gateway_at__replaced__the_new_key(market: Market, gateway: LocalAccount) -> None:
    replace_gateway(market, 1, actor("new key"))

    assert gateway_at(market, 1) == actor("new key").address


def test_gateway_at__suspended__nobody_until_it_is_replaced(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount
) -> None:
    leaf = Leaf(account=prosumer.address, slot=MONDAY // 3600)
    other = leaf.but(produced=1)
    dispute(market, anchor(market, gateway, leaf, other), leaf, other)
    assert gateway_at(market, 1) == NOBODY

    replace_gateway(market, 1, actor("new key"))
    assert gateway_at(market, 1) == actor("new key").address
