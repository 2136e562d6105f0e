"""PeerToPeerTrading.cancelEnergyOffer."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from energy_grid.domain.enums import OfferStatus
from tests.support.market import MONDAY, Receipt
from tests.support.settlement import incur_debt
from tests.unit.contracts.spot.traders import AMOUNT, CREDITS, FOREVER, FUNDS, SpotTraders
from tests.unit.contracts.trading.traders import together


def cancel(traders: SpotTraders, offer: int) -> Receipt:
    return traders.do(traders.seller, "cancelEnergyOffer", offer)


@pytest.mark.parametrize("offer", [0, 2, FOREVER])
def test_cancel_energy_offer__that_does_not_exist__is_refused(
    traders: SpotTraders, offer: int
) -> None:
    traders.offer()
    with traders.refuses(errors.PeerToPeerTrading_NoSuchOffer, offer_id=offer):
        cancel(traders, offer)


def test_cancel_energy_offer__sold__is_refused(traders: SpotTraders) -> None:
    offer = traders.offer()
    traders.accept(offer)
    with traders.refuses(
        errors.PeerToPeerTrading_OfferNotOpen, offer_id=offer, status=OfferStatus.SOLD
    ):
        cancel(traders, offer)


def test_cancel_energy_offer__cancelled__is_refused(traders: SpotTraders) -> None:
    """Another offer's energy is there to be taken."""
    offer = traders.offer()
    traders.offer(seller=traders.rival)
    cancel(traders, offer)
    with traders.refuses(
        errors.PeerToPeerTrading_OfferNotOpen, offer_id=offer, status=OfferStatus.CANCELLED
    ):
        cancel(traders, offer)


def test_cancel_energy_offer__by_another__is_refused(traders: SpotTraders) -> None:
    offer = traders.offer()
    roles = set(traders.market.roles.values())
    for caller in (traders.buyer.address, traders.rival.address, traders.stranger.address, *roles):
        with traders.refuses(errors.PeerToPeerTrading_NotSeller, offer_id=offer, caller=caller):
            traders.do(caller, "cancelEnergyOffer", offer)


def test_cancel_energy_offer__by_its_seller__gives_the_energy_back(traders: SpotTraders) -> None:
    offer = traders.offer()
    before = traders.offered(offer)
    receipt = cancel(traders, offer)

    assert traders.emitted(receipt) == ["Transfer", "EnergyOfferCancelled"]
    assert traders.logged(receipt, "EnergyOfferCancelled") == [
        {"offer_id": offer, "returned": AMOUNT}
    ]
    assert traders.offered(offer) == before._replace(remaining=0, status=OfferStatus.CANCELLED)
    assert (traders.held, traders.energy(traders.seller)) == (0, CREDITS)


def test_cancel_energy_offer__sold_in_part__gives_the_rest_back(traders: SpotTraders) -> None:
    offer = traders.offer()
    traders.accept(offer, AMOUNT - 1)
    assert traders.logged(cancel(traders, offer), "EnergyOfferCancelled") == [
        {"offer_id": offer, "returned": 1}
    ]
    assert (traders.held, traders.energy(traders.seller)) == (0, CREDITS - AMOUNT + 1)
    assert traders.offered(offer).amount == AMOUNT


def test_cancel_energy_offer__beside_others__leaves_theirs(traders: SpotTraders) -> None:
    offer, other = traders.offer(), traders.offer(amount=5, seller=traders.rival)
    trade = traders.trade(amount=7)
    cancel(traders, offer)
    assert traders.held == 5 + 7
    traders.accept(other, 5)
    traders.complete(trade)
    assert traders.held == 0


def test_cancel_energy_offer__deactivated_since__gives_the_energy_back(
    traders: SpotTraders,
) -> None:
    offer = traders.offer()
    traders.deactivate(traders.seller, producer=True)
    cancel(traders, offer)
    assert traders.energy(traders.seller) == CREDITS


def test_cancel_energy_offer__in_debt__gives_the_energy_back(traders: SpotTraders) -> None:
    offer = traders.offer()
    traders.market.go_to(MONDAY + 86_400)
    assert incur_debt(traders.market, traders.seller, consumed=2 * CREDITS) > 0
    assert traders.energy(traders.seller) == 0
    cancel(traders, offer)
    assert traders.energy(traders.seller) == AMOUNT


# In one block


def test_cancel_energy_offer__before_a_purchase_in_one_block__wins(traders: SpotTraders) -> None:
    offer = traders.offer()
    assert together(
        traders.market,
        (traders.seller, traders.spot.prepare("cancelEnergyOffer", offer)),
        (traders.buyer, traders.spot.prepare("acceptEnergyOffer", offer, AMOUNT)),
    ) == [True, False]
    assert (traders.held, traders.energy(traders.seller), traders.energy(traders.buyer)) == (
        0,
        CREDITS,
        0,
    )
    assert traders.money(traders.buyer) == FUNDS


def test_cancel_energy_offer__after_a_purchase_in_one_block__loses(traders: SpotTraders) -> None:
    offer = traders.offer()
    assert together(
        traders.market,
        (traders.buyer, traders.spot.prepare("acceptEnergyOffer", offer, AMOUNT)),
        (traders.seller, traders.spot.prepare("cancelEnergyOffer", offer)),
    ) == [True, False]
    assert traders.energy(traders.seller) == CREDITS - AMOUNT
    assert (traders.held, traders.energy(traders.buyer)) == (0, AMOUNT)
    assert traders.money(traders.seller) == FUNDS - traders.money(traders.buyer) == 500_000


def test_cancel_energy_offer__after_a_part_in_one_block__cancels_the_rest(
    traders: SpotTraders,
) -> None:
    offer = traders.offer()
    assert together(
        traders.market,
        (traders.buyer, traders.spot.prepare("acceptEnergyOffer", offer, 1)),
        (traders.seller, traders.spot.prepare("cancelEnergyOffer", offer)),
    ) == [True, True]
    assert (traders.held, traders.energy(traders.seller), traders.energy(traders.buyer)) == (
        *(0, CREDITS - 1, 1),
    )


def test_cancel_energy_offer__twice_in_one_block__happens_once(traders: SpotTraders) -> None:
    offer = traders.offer()
    traders.offer()
    call = traders.spot.prepare("cancelEnergyOffer", offer)
    assert together(traders.market, (traders.seller, call), (traders.seller, call)) == [True, False]
    assert traders.held == AMOUNT
