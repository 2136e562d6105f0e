"""GridManagement.toggleEmergencyMode."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.contracts import errors
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.grid.operations import (
    BASE,
    as_authority,
    consume,
    logged,
    produce,
    status,
)


@pytest.mark.parametrize("caller", ["stranger", "producer"])
def test_toggle_emergency_mode__by_others__refused(market: Market, caller: str) -> None:
    with refused(errors.AccessManagedUnauthorized, caller=actor(caller).address):
        market.do(actor(caller), market.grid, "toggleEmergencyMode")


def test_toggle_emergency_mode__back_and_forth__price_follows(
    market: Market, producer: LocalAccount, consumer: LocalAccount
) -> None:
    produce(market, producer, 1_000_000)
    consume(market, consumer, 400_000)
    normal = BASE + BASE // 5
    for on in (True, False, True, False):
        receipt = as_authority(market, "toggleEmergencyMode")

        assert logged(market, receipt, "EmergencyModeSet") == [{"on": on}]
        grid = status(market)
        assert grid.emergency is on
        assert grid.price == (3 * BASE if on else normal)
        assert market.grid.call("getDynamicPrice") == grid.price


def test_toggle_emergency_mode__with_a_protocol_in_force__emergency_has_more(
    market: Market,
) -> None:
    region = b"NORTH".ljust(32, b"\0")
    as_authority(market, "implementEmergencyProtocol", region, 1)
    for on in (True, False):
        receipt = as_authority(market, "toggleEmergencyMode")
        assert logged(market, receipt, "EmergencyModeSet") == [{"on": on}]
        assert status(market).emergency
    as_authority(market, "implementEmergencyProtocol", region, 0)
    assert not status(market).emergency
