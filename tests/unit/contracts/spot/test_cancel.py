"""PeerToPeerTrading.cancelEnergyOffer and cancelTrade."""

from __future__ import annotations

import pytest

from tests.support.core.chain import refused
from tests.unit.contracts.spot.suite import AMOUNT, CREDITS, EVER, P, SpotTraders

CLOSED, CANCELLED = 1, 2


@pytest.mark.parametrize("sold", [0, 500])
def test_cancel_energy_offer__by_its_seller__gives_the_rest_back(
    traders: SpotTraders, sold: int
) -> None:
    offer, other = traders.offer(), traders.offer(7)
    if sold:
        traders.accept(offer, sold)
    traders.spot.cancelEnergyOffer(offer, by=traders.at("seller"))
    assert traders.logged("EnergyOfferCancelled") == [(offer, AMOUNT - sold)]
    assert tuple(traders.spot.getEnergyOffer(offer))[2::3] == (0, CANCELLED)
    assert traders.held == tuple(traders.spot.getEnergyOffer(other))[2] == 7
    assert traders.energy("seller") == CREDITS - sold - 7


def test_cancel_energy_offer__what_cannot_be__is_refused(traders: SpotTraders) -> None:
    offer, sold = traders.offer(), traders.offer(1)
    traders.accept(sold, 1)
    cancel = traders.spot.cancelEnergyOffer
    for number in (0, 3, EVER):
        with refused(P + "NoSuchOffer", number):
            cancel(number, by=traders.at("seller"))
    with refused(P + "OfferNotOpen", sold, CLOSED):
        cancel(sold, by=traders.at("seller"))
    for name in ("buyer", "rival", "stranger"):
        with refused(P + "NotSeller", offer, traders.at(name)):
            cancel(offer, by=traders.at(name))
    cancel(offer, by=traders.at("seller"))
    with refused(P + "OfferNotOpen", offer, CANCELLED):
        cancel(offer, by=traders.at("seller"))


@pytest.mark.parametrize("party", ["seller", "buyer"])
def test_cancel_trade__by_seller_or_buyer__gives_the_energy_back(
    traders: SpotTraders, party: str
) -> None:
    trade = traders.trade()
    traders.trade(7)
    traders.spot.cancelTrade(trade, by=traders.at(party))
    assert traders.logged("TradeCancelled") == [(trade, traders.at(party))]
    assert tuple(traders.spot.getTradeInfo(trade))[5] == CANCELLED
    assert (traders.held, traders.energy("seller")) == (7, CREDITS - 7)


def test_cancel_trade__what_cannot_be__is_refused(traders: SpotTraders) -> None:
    trade, done = traders.trade(), traders.trade(1)
    traders.complete(done)
    cancel = traders.spot.cancelTrade
    for number in (0, 3, EVER):
        with refused(P + "NoSuchTrade", number):
            cancel(number, by=traders.at("seller"))
    with refused(P + "TradeNotPending", done, CLOSED):
        cancel(done, by=traders.at("buyer"))
    for name in ("rival", "stranger"):
        with refused(P + "NotParty", trade, traders.at(name)):
            cancel(trade, by=traders.at(name))
    cancel(trade, by=traders.at("buyer"))
    with refused(P + "TradeNotPending", trade, CANCELLED):
        cancel(trade, by=traders.at("seller"))


@pytest.mark.parametrize("stop", ["pause", "shutdown"])
def test_cancel__while_stopped_deactivated_and_in_debt__gives_everything_back(
    traders: SpotTraders, stop: str
) -> None:
    """What is new is refused, whatever else is wrong with it."""
    offer, trade, other = traders.offer(), traders.trade(), traders.trade(5)
    level, spot = ("pause", "shutdown").index(stop) + 1, traders.spot
    for name in ("PeerToPeerTrading", "Settlement"):
        traders[name].call(stop, by=traders.key(name, stop))
    for call in (
        lambda: traders.offer(0, 0, seller="stranger"),
        lambda: traders.trade(0, 0, seller="stranger"),
        lambda: traders.accept(9, 0),
        lambda: spot.acceptEnergyOfferAtMost(offer, 1, 1, by=traders.at("buyer")),
        lambda: traders.complete(9),
        lambda: spot.completeTradeAtMost(trade, 1, by=traders.at("buyer")),
    ):
        with refused("EmergencyStop_Stopped", level):
            call()
    traders.deactivate("seller", producer=True)
    traders.deactivate("buyer", producer=False)
    traders.spot.cancelEnergyOffer(offer, by=traders.at("seller"))
    traders.spot.cancelTrade(trade, by=traders.at("seller"))
    traders.spot.cancelTrade(other, by=traders.at("buyer"))
    assert (traders.held, traders.energy("seller")) == (0, CREDITS)
