"""PeerToPeerTrading.acceptEnergyOfferAtMost and completeTradeAtMost: a limit that is signed."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from energy_grid.domain.costs import cost_up
from tests.unit.contracts.spot.traders import AMOUNT, FUNDS, PRICE, SpotTraders

# Rounded up: 1,999 Wh at 250,001 a kWh cost 499,751.999.
ODD_AMOUNT, ODD_PRICE = AMOUNT - 1, PRICE + 1
COST = cost_up(ODD_AMOUNT, ODD_PRICE)


def test_accept_energy_offer_at_most__a_unit_below__is_refused(traders: SpotTraders) -> None:
    offer = traders.offer(AMOUNT, ODD_PRICE)
    with traders.refuses(errors.PeerToPeerTrading_AboveLimit, paid=COST, max_paid=COST - 1):
        traders.do(traders.buyer, "acceptEnergyOfferAtMost", offer, ODD_AMOUNT, COST - 1)


def test_accept_energy_offer_at_most__exactly__buys(traders: SpotTraders) -> None:
    offer = traders.offer(AMOUNT, ODD_PRICE)
    accept = ("acceptEnergyOfferAtMost", offer, ODD_AMOUNT, COST)
    assert traders.spot.call(*accept, sender=traders.buyer.address) == COST
    receipt = traders.do(traders.buyer, *accept)
    (bought,) = traders.market.events(receipt, traders.spot, "EnergyOfferAccepted")
    assert (bought["amount"], bought["paid"], bought["remaining"]) == (ODD_AMOUNT, COST, 1)
    assert traders.market.balance(traders.buyer) == FUNDS - COST


def test_complete_trade_at_most__a_unit_below__is_refused(traders: SpotTraders) -> None:
    trade = traders.trade(ODD_AMOUNT, ODD_PRICE)
    with traders.refuses(errors.PeerToPeerTrading_AboveLimit, paid=COST, max_paid=COST - 1):
        traders.do(traders.buyer, "completeTradeAtMost", trade, COST - 1)


def test_complete_trade_at_most__exactly__buys(traders: SpotTraders) -> None:
    trade = traders.trade(ODD_AMOUNT, ODD_PRICE)
    complete = ("completeTradeAtMost", trade, COST)
    assert traders.spot.call(*complete, sender=traders.buyer.address) == COST
    receipt = traders.do(traders.buyer, *complete)
    (completed,) = traders.market.events(receipt, traders.spot, "TradeCompleted")
    assert completed["paid"] == COST
    assert traders.market.balance(traders.buyer) == FUNDS - COST


@pytest.mark.parametrize("kind", ["offer", "trade"])
def test_at_most__the_number_is_anothers_after_a_reorganisation__is_refused(
    traders: SpotTraders, kind: str
) -> None:
    """What the buyer has signed is sent again on a chain on which a rival came first."""
    node = traders.market.node
    before = node.snapshot()
    if kind == "offer":
        number = traders.offer(AMOUNT, PRICE)
        signed = ("acceptEnergyOfferAtMost", number, AMOUNT, cost_up(AMOUNT, PRICE))
    else:
        number = traders.trade(AMOUNT, PRICE)
        signed = ("completeTradeAtMost", number, cost_up(AMOUNT, PRICE))
    node.revert(before)
    dear = 1000 * PRICE
    place = traders.offer if kind == "offer" else traders.trade
    assert place(AMOUNT, dear, seller=traders.rival) == number
    limits = {"paid": cost_up(AMOUNT, dear), "max_paid": cost_up(AMOUNT, PRICE)}
    with traders.refuses(errors.PeerToPeerTrading_AboveLimit, **limits):
        traders.do(traders.buyer, *signed)
