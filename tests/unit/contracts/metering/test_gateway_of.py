"""SmartMeter.gatewayOf: who reads an account in which slot."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from tests.support.market import MONDAY, Market, actor
from tests.unit.contracts.metering.gateways import (
    POWER,
    assign,
    gateway_of,
    register_gateway,
    replace_gateway,
)

HOUR = 3600
SLOT = MONDAY // HOUR


def test_gateway_of__strangers_and_accounts_with_meters__none(
    market: Market, meter: LocalAccount, prosumer: LocalAccount
) -> None:
    assert gateway_of(market, actor("stranger"), SLOT) == (0, 0)
    assert gateway_of(market, prosumer, SLOT) == (0, 0)


def test_gateway_of__assigned_again_and_again__by_slot(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount
) -> None:
    register_gateway(market, actor("second gateway"))
    changes = {3: (2, 5), 4: (0, 0), 9: (1, 2**31 - 1), 10: (1, 7)}
    for later, (number, power) in changes.items():
        assign(market.at(MONDAY + later * HOUR), prosumer, number, power)

    expected, now = [], (1, POWER)
    for later in range(13):
        now = changes.get(later, now)
        expected.append(now)
    assert [gateway_of(market, prosumer, SLOT + later) for later in range(13)] == expected
    assert gateway_of(market, prosumer, SLOT - 1) == (0, 0)
    assert gateway_of(market, prosumer, 0) == (0, 0)


@pytest.mark.parametrize("slot", [SLOT, SLOT + 1, 2**32 - 1, 2**32, 2**32 + 1, 2**256 - 1])
def test_gateway_of__slots_to_come__who_reads_it_now(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount, slot: int
) -> None:
    """No number is cut down to that of an earlier slot."""
    assert gateway_of(market, prosumer, slot) == (1, POWER)


def test_gateway_of__key_replaced__the_same_number(
    market: Market, gateway: LocalAccount, prosumer: LocalAccount
) -> None:
    replace_gateway(market, 1, actor("new key"))

    assert gateway_of(market, prosumer, SLOT) == (1, POWER)
