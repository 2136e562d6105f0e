"""PeerToPeerTrading.cancelEnergyOffer."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from energy_grid.domain.spot import OfferStatus
from tests.support.market import MONDAY, Receipt
from tests.support.settlement import incur_debt
from tests.unit.contracts.spot.floor import AMOUNT, BANKED, FOREVER, FUNDS, Floor
from tests.unit.contracts.trading.desk import together


def cancel(floor: Floor, offer: int) -> Receipt:
    return floor.do(floor.seller, "cancelEnergyOffer", offer)


@pytest.mark.parametrize("offer", [0, 2, FOREVER])
def test_cancel_energy_offer__that_does_not_exist__is_refused(floor: Floor, offer: int) -> None:
    floor.offer()
    with floor.refuses(errors.PeerToPeerTrading_NoSuchOffer, offer_id=offer):
        cancel(floor, offer)


def test_cancel_energy_offer__sold__is_refused(floor: Floor) -> None:
    offer = floor.offer()
    floor.accept(offer)
    with floor.refuses(
        errors.PeerToPeerTrading_OfferNotOpen, offer_id=offer, status=OfferStatus.SOLD
    ):
        cancel(floor, offer)


def test_cancel_energy_offer__cancelled__is_refused(floor: Floor) -> None:
    """Another offer's energy is there to be taken."""
    offer = floor.offer()
    floor.offer(seller=floor.rival)
    cancel(floor, offer)
    with floor.refuses(
        errors.PeerToPeerTrading_OfferNotOpen, offer_id=offer, status=OfferStatus.CANCELLED
    ):
        cancel(floor, offer)


def test_cancel_energy_offer__by_another__is_refused(floor: Floor) -> None:
    offer = floor.offer()
    roles = set(floor.market.roles.values())
    for caller in (floor.buyer.address, floor.rival.address, floor.stranger.address, *roles):
        with floor.refuses(errors.PeerToPeerTrading_NotSeller, offer_id=offer, caller=caller):
            floor.do(caller, "cancelEnergyOffer", offer)


def test_cancel_energy_offer__by_its_seller__gives_the_energy_back(floor: Floor) -> None:
    offer = floor.offer()
    before = floor.offered(offer)
    receipt = cancel(floor, offer)

    assert floor.emitted(receipt) == ["Transfer", "EnergyOfferCancelled"]
    assert floor.logged(receipt, "EnergyOfferCancelled") == [
        {"offer_id": offer, "returned": AMOUNT}
    ]
    assert floor.offered(offer) == before._replace(remaining=0, status=OfferStatus.CANCELLED)
    assert (floor.held, floor.energy(floor.seller)) == (0, BANKED)


def test_cancel_energy_offer__sold_in_part__gives_the_rest_back(floor: Floor) -> None:
    offer = floor.offer()
    floor.accept(offer, AMOUNT - 1)
    assert floor.logged(cancel(floor, offer), "EnergyOfferCancelled") == [
        {"offer_id": offer, "returned": 1}
    ]
    assert (floor.held, floor.energy(floor.seller)) == (0, BANKED - AMOUNT + 1)
    assert floor.offered(offer).amount == AMOUNT


def test_cancel_energy_offer__beside_others__leaves_theirs(floor: Floor) -> None:
    offer, other = floor.offer(), floor.offer(amount=5, seller=floor.rival)
    trade = floor.trade(amount=7)
    cancel(floor, offer)
    assert floor.held == 5 + 7
    floor.accept(other, 5)
    floor.complete(trade)
    assert floor.held == 0


def test_cancel_energy_offer__deactivated_since__gives_the_energy_back(floor: Floor) -> None:
    offer = floor.offer()
    floor.deactivate(floor.seller, producer=True)
    cancel(floor, offer)
    assert floor.energy(floor.seller) == BANKED


def test_cancel_energy_offer__in_debt__gives_the_energy_back(floor: Floor) -> None:
    offer = floor.offer()
    floor.market.go_to(MONDAY + 86_400)
    assert incur_debt(floor.market, floor.seller, consumed=2 * BANKED) > 0
    assert floor.energy(floor.seller) == 0
    cancel(floor, offer)
    assert floor.energy(floor.seller) == AMOUNT


# In one block


def test_cancel_energy_offer__before_a_purchase_in_one_block__wins(floor: Floor) -> None:
    offer = floor.offer()
    assert together(
        floor.market,
        (floor.seller, floor.spot.prepare("cancelEnergyOffer", offer)),
        (floor.buyer, floor.spot.prepare("acceptEnergyOffer", offer, AMOUNT)),
    ) == [True, False]
    assert (floor.held, floor.energy(floor.seller), floor.energy(floor.buyer)) == (0, BANKED, 0)
    assert floor.money(floor.buyer) == FUNDS


def test_cancel_energy_offer__after_a_purchase_in_one_block__loses(floor: Floor) -> None:
    offer = floor.offer()
    assert together(
        floor.market,
        (floor.buyer, floor.spot.prepare("acceptEnergyOffer", offer, AMOUNT)),
        (floor.seller, floor.spot.prepare("cancelEnergyOffer", offer)),
    ) == [True, False]
    assert floor.energy(floor.seller) == BANKED - AMOUNT
    assert (floor.held, floor.energy(floor.buyer)) == (0, AMOUNT)
    assert floor.money(floor.seller) == FUNDS - floor.money(floor.buyer) == 500_000


def test_cancel_energy_offer__after_a_part_in_one_block__cancels_the_rest(floor: Floor) -> None:
    offer = floor.offer()
    assert together(
        floor.market,
        (floor.buyer, floor.spot.prepare("acceptEnergyOffer", offer, 1)),
        (floor.seller, floor.spot.prepare("cancelEnergyOffer", offer)),
    ) == [True, True]
    assert (floor.held, floor.energy(floor.seller), floor.energy(floor.buyer)) == (
        *(0, BANKED - 1, 1),
    )


def test_cancel_energy_offer__twice_in_one_block__happens_once(floor: Floor) -> None:
    offer = floor.offer()
    floor.offer()
    call = floor.spot.prepare("cancelEnergyOffer", offer)
    assert together(floor.market, (floor.seller, call), (floor.seller, call)) == [True, False]
    assert floor.held == AMOUNT
