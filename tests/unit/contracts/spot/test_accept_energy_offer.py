"""PeerToPeerTrading.acceptEnergyOffer."""

from __future__ import annotations

from tests.unit.contracts.spot.floor import AMOUNT, BANKED, FUNDS, Floor


def test_accept_energy_offer__in_part__moves_energy_and_money(floor: Floor) -> None:
    offer = floor.offer()
    floor.accept(offer, 500)
    assert floor.held == AMOUNT - 500
    assert floor.energy(floor.seller) == BANKED - AMOUNT
    assert floor.energy(floor.buyer) == 500
    assert floor.money(floor.buyer) == FUNDS - 125_000
    assert floor.money(floor.seller) == 125_000
    floor.do(floor.seller, "cancelEnergyOffer", offer)
    trade = floor.trade()
    floor.complete(trade)
    assert floor.held == 0
