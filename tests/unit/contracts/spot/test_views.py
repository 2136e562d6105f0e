"""Views of PeerToPeerTrading, where no test of a function has them, and its constructor."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from energy_grid.domain.enums import StopLevel
from tests.support.market import Market, actor
from tests.support.refusals import refused
from tests.unit.contracts.spot.traders import AMOUNT, CREDITS, FOREVER, SpotTraders


@pytest.mark.parametrize("number", [0, 2, FOREVER])
def test_views__number_of_nothing__is_refused(traders: SpotTraders, number: int) -> None:
    traders.offer()
    traders.trade()
    with refused(errors.PeerToPeerTrading_NoSuchOffer, offer_id=number):
        traders.offered(number)
    with refused(errors.PeerToPeerTrading_NoSuchTrade, trade_id=number):
        traders.agreed(number)


def test_get_energy_balance__what_is_on_offer__is_not_in_it(traders: SpotTraders) -> None:
    assert traders.energy(traders.stranger) == 0
    assert traders.energy(traders.seller) == CREDITS
    offer = traders.offer()
    trade = traders.trade(amount=5)
    assert traders.energy(traders.seller) == CREDITS - AMOUNT - 5
    traders.accept(offer)
    assert traders.energy(traders.buyer) == AMOUNT
    traders.do(traders.buyer, "cancelTrade", trade)
    assert traders.energy(traders.seller) == CREDITS - AMOUNT


def test_views__deployment__is_wired_together(market: Market) -> None:
    wiring = {
        "SETTLEMENT": market.settlement.address,
        "GRID": market.grid.address,
        "ENERGY_TOKEN": market.energy_token.address,
        "authority": market.access.address,
        "isConsumingScheduledOp": bytes(4),
        "stopLevel": StopLevel.RUNNING,
        "offerCount": 0,
        "tradeCount": 0,
    }
    assert {view: market.spot.call(view) for view in wiring} == wiring


@pytest.mark.parametrize("settlement", ["nobody", "token"])
def test_constructor__settlement_that_is_none__is_refused(market: Market, settlement: str) -> None:
    address = actor("nobody").address if settlement == "nobody" else market.dollar.address
    with refused(errors.UnknownRevert, data=b""):
        market.deploy("PeerToPeerTrading", market.access.address, address)
