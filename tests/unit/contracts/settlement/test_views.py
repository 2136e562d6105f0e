"""Views of Settlement, where no test of a function has them."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from energy_grid.domain.slots import SlotEnergy
from tests.support.market import MONDAY, Market, actor
from tests.support.refusals import refused
from tests.support.settlement import energy_of, number_of, read_at_end

PROSUMER, STRANGER = actor("prosumer"), actor("stranger")
NOBODY = "0x" + "00" * 20


def test_views__unknown_account__has_nothing(market: Market) -> None:
    market.deposit(PROSUMER, 5)
    assert number_of(market, STRANGER) == 0
    assert market.balance(STRANGER) == market.locked(STRANGER) == 0
    assert market.settlement.call("debtOf", STRANGER.address) == 0
    assert energy_of(market, STRANGER, MONDAY // 3600) == SlotEnergy()
    assert read_at_end(market, STRANGER, MONDAY // 3600) == 0
    assert market.settlement.call("signedFloorOf", STRANGER.address) == 0
    for buying in (True, False):
        assert not market.settlement.call("isSideBlocked", STRANGER.address, buying)


@pytest.mark.parametrize("number", [0, 2, 2**32, 2**256 - 1])
def test_account_at__nobodys_number__is_the_zero_address(market: Market, number: int) -> None:
    market.deposit(PROSUMER, 5)
    assert market.settlement.call("accountAt", 1) == PROSUMER.address
    assert market.settlement.call("accountAt", number) == NOBODY


@pytest.mark.parametrize("identifier", [0, 1, 2**256 - 1])
def test_queued_withdrawal__none__is_refused(market: Market, identifier: int) -> None:
    with refused(errors.Settlement_NoSuchWithdrawal, id=identifier):
        market.settlement.call("queuedWithdrawal", identifier)


def test_views__deployment__is_wired_together(market: Market) -> None:
    wiring = {
        "settlementToken": market.dollar,
        "energyToken": market.energy_token,
        "gridModule": market.grid,
        "tradingModule": market.trading,
        "spotModule": market.spot,
        "meterModule": market.meters,
        "authority": market.access,
    }
    for view, contract in wiring.items():
        assert market.settlement.call(view) == contract.address, view
    modules = (market.energy_token, market.grid, market.trading, market.spot, market.meters)
    for contract in modules:
        assert contract.call("SETTLEMENT") == market.settlement.address, contract.name
    assert market.settlement.call("isConsumingScheduledOp") == bytes(4)


def test_views__lengths__are_the_same_everywhere(quarter_hours: Market) -> None:
    market = quarter_hours
    assert market.settlement.call("SLOT_LENGTH") == 900
    for contract in (market.grid, market.meters):
        assert contract.call("SLOT_LENGTH") == 900, contract.name
    assert market.settlement.call("GRACE") == market.meters.call("GRACE") == market.grace
