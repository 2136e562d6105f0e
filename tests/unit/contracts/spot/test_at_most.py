"""PeerToPeerTrading.acceptEnergyOfferAtMost and completeTradeAtMost: a limit that is signed."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from energy_grid.domain.costs import cost_up
from tests.unit.contracts.spot.floor import AMOUNT, FUNDS, PRICE, Floor

# Rounded up: 1,999 Wh at 250,001 a kWh cost 499,751.999.
ODD_AMOUNT, ODD_PRICE = AMOUNT - 1, PRICE + 1
COST = cost_up(ODD_AMOUNT, ODD_PRICE)


def test_accept_energy_offer_at_most__a_unit_below__is_refused(floor: Floor) -> None:
    offer = floor.offer(AMOUNT, ODD_PRICE)
    with floor.refuses(errors.PeerToPeerTrading_AboveLimit, paid=COST, max_paid=COST - 1):
        floor.do(floor.buyer, "acceptEnergyOfferAtMost", offer, ODD_AMOUNT, COST - 1)


def test_accept_energy_offer_at_most__exactly__buys(floor: Floor) -> None:
    offer = floor.offer(AMOUNT, ODD_PRICE)
    accept = ("acceptEnergyOfferAtMost", offer, ODD_AMOUNT, COST)
    assert floor.spot.call(*accept, sender=floor.buyer.address) == COST
    receipt = floor.do(floor.buyer, *accept)
    (bought,) = floor.market.events(receipt, floor.spot, "EnergyOfferAccepted")
    assert (bought["amount"], bought["paid"], bought["remaining"]) == (ODD_AMOUNT, COST, 1)
    assert floor.market.balance(floor.buyer) == FUNDS - COST


def test_complete_trade_at_most__a_unit_below__is_refused(floor: Floor) -> None:
    trade = floor.trade(ODD_AMOUNT, ODD_PRICE)
    with floor.refuses(errors.PeerToPeerTrading_AboveLimit, paid=COST, max_paid=COST - 1):
        floor.do(floor.buyer, "completeTradeAtMost", trade, COST - 1)


def test_complete_trade_at_most__exactly__buys(floor: Floor) -> None:
    trade = floor.trade(ODD_AMOUNT, ODD_PRICE)
    complete = ("completeTradeAtMost", trade, COST)
    assert floor.spot.call(*complete, sender=floor.buyer.address) == COST
    receipt = floor.do(floor.buyer, *complete)
    (completed,) = floor.market.events(receipt, floor.spot, "TradeCompleted")
    assert completed["paid"] == COST
    assert floor.market.balance(floor.buyer) == FUNDS - COST


@pytest.mark.parametrize("kind", ["offer", "trade"])
def test_at_most__the_number_is_anothers_after_a_reorganisation__is_refused(
    floor: Floor, kind: str
) -> None:
    """What the buyer has signed is sent again on a chain on which a rival came first."""
    node = floor.market.node
    before = node.snapshot()
    if kind == "offer":
        number = floor.offer(AMOUNT, PRICE)
        signed = ("acceptEnergyOfferAtMost", number, AMOUNT, cost_up(AMOUNT, PRICE))
    else:
        number = floor.trade(AMOUNT, PRICE)
        signed = ("completeTradeAtMost", number, cost_up(AMOUNT, PRICE))
    node.revert(before)
    dear = 1000 * PRICE
    place = floor.offer if kind == "offer" else floor.trade
    assert place(AMOUNT, dear, seller=floor.rival) == number
    limits = {"paid": cost_up(AMOUNT, dear), "max_paid": cost_up(AMOUNT, PRICE)}
    with floor.refuses(errors.PeerToPeerTrading_AboveLimit, **limits):
        floor.do(floor.buyer, *signed)
