"""SmartMeter.anchorOf: what is anchored for a slot. By several: test_anchor_readings.py."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from tests.support.market import MONDAY, Market, actor
from tests.unit.contracts.metering.gateways import (
    ROOT,
    Leaf,
    anchor,
    anchor_root,
    dispute,
    replace_gateway,
)

HOUR = 3600
SLOT = MONDAY // HOUR


def test_anchor_of__nothing_anchored__zero(market: Market, gateway: LocalAccount) -> None:
    assert market.meters.call("anchorOf", 1, SLOT) == bytes(32)


@pytest.mark.parametrize("slot", [SLOT - 1, SLOT + 1, SLOT + 2**32, SLOT + 2**48, 2**256 - 1])
def test_anchor_of__anchored__that_slot_alone(
    market: Market, gateway: LocalAccount, slot: int
) -> None:
    anchor_root(market.at(MONDAY + HOUR), gateway, SLOT)

    assert market.meters.call("anchorOf", 1, SLOT) == ROOT
    assert market.meters.call("anchorOf", 1, slot) == bytes(32)
    assert market.meters.call("anchorOf", 1 + 2**32, SLOT) == bytes(32)


def test_anchor_of__replaced_or_suspended__stays(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount
) -> None:
    leaf = Leaf(account=prosumer.address, slot=SLOT)
    other = leaf.but(produced=1)
    tree = anchor(market, gateway, leaf, other)
    dispute(market, tree, leaf, other)
    assert market.meters.call("anchorOf", 1, SLOT) == tree.root

    replace_gateway(market, 1, actor("new key"))
    assert market.meters.call("anchorOf", 1, SLOT) == tree.root
