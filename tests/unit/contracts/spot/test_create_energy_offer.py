"""PeerToPeerTrading.createEnergyOffer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from energy_grid.contracts import errors
from energy_grid.domain.spot import OfferStatus
from tests.support.examples import rewound
from tests.support.market import MONDAY, Market
from tests.support.settlement import incur_debt
from tests.unit.contracts.spot.floor import (
    AMOUNT,
    BANKED,
    FOREVER,
    PRICE,
    Floor,
    Offer,
    bank,
)

MOST = 2**64 - 1


def test_create_energy_offer__of_nothing__is_refused(floor: Floor) -> None:
    with floor.refuses(errors.PeerToPeerTrading_ZeroAmount):
        floor.offer(amount=0)


@pytest.mark.parametrize("amount", [2**64, 2**64 + 1, 2**255])
def test_create_energy_offer__of_more_than_64_bits__is_refused(floor: Floor, amount: int) -> None:
    bank(floor.market, floor.seller, amount - BANKED)
    with floor.refuses(errors.SafeCastOverflowedUintDowncast, bits=64, value=amount):
        floor.offer(amount=amount)


def test_create_energy_offer__for_nothing__is_refused(floor: Floor) -> None:
    with floor.refuses(errors.PeerToPeerTrading_ZeroPrice):
        floor.offer(price=0)


@pytest.mark.parametrize("price", [2**64, 2**64 + 1, FOREVER])
def test_create_energy_offer__at_a_price_of_more_than_64_bits__is_refused(
    floor: Floor, price: int
) -> None:
    with floor.refuses(errors.SafeCastOverflowedUintDowncast, bits=64, value=price):
        floor.offer(price=price)


def test_create_energy_offer__by_nobody_registered__is_refused(floor: Floor) -> None:
    bank(floor.market, floor.stranger, AMOUNT)
    seller = floor.stranger.address
    with floor.refuses(errors.PeerToPeerTrading_Inactive, account=seller, buying=False):
        floor.offer(seller=floor.stranger)


def test_create_energy_offer__by_a_deactivated_producer__is_refused(floor: Floor) -> None:
    """The rival is still an active consumer, who may buy; the seller is nothing any more."""
    for seller in (floor.seller, floor.rival):
        floor.deactivate(seller, producer=True)
        with floor.refuses(errors.PeerToPeerTrading_Inactive, account=seller.address, buying=False):
            floor.offer(seller=seller)
        floor.reactivate(seller, producer=True)
        floor.offer(seller=seller)


def test_create_energy_offer__by_a_deactivated_consumer_who_produces__is_taken(
    floor: Floor,
) -> None:
    floor.deactivate(floor.rival, producer=False)
    assert floor.offer(seller=floor.rival) == 1


def test_create_energy_offer__by_a_consumer__is_taken(floor: Floor) -> None:
    bank(floor.market, floor.buyer, AMOUNT)
    assert floor.offer(seller=floor.buyer) == 1


def test_create_energy_offer__in_debt__is_taken(floor: Floor) -> None:
    floor.market.go_to(MONDAY + 86_400)
    assert incur_debt(floor.market, floor.seller, consumed=2 * BANKED) > 0
    bank(floor.market, floor.seller, AMOUNT)
    assert floor.offer() == 1


def test_create_energy_offer__with_several_faults__names_the_first(floor: Floor) -> None:
    """Amount, price, participant, energy."""
    bank(floor.market, floor.stranger, AMOUNT)
    steps = [
        ((0, 0), errors.PeerToPeerTrading_ZeroAmount, {}),
        ((2**64, 0), errors.SafeCastOverflowedUintDowncast, {"bits": 64, "value": 2**64}),
        ((MOST, 0), errors.PeerToPeerTrading_ZeroPrice, {}),
        ((MOST, 2**65), errors.SafeCastOverflowedUintDowncast, {"bits": 64, "value": 2**65}),
        (
            (MOST, MOST),
            errors.PeerToPeerTrading_Inactive,
            {"account": floor.stranger.address, "buying": False},
        ),
    ]
    for terms, error, values in steps:
        with floor.refuses(error, **values):
            floor.offer(*terms, seller=floor.stranger)


def test_create_energy_offer__of_more_than_is_banked__is_refused(floor: Floor) -> None:
    with floor.refuses(
        errors.ERC20InsufficientBalance,
        sender=floor.seller.address,
        balance=BANKED,
        needed=BANKED + 1,
    ):
        floor.offer(amount=BANKED + 1)
    floor.offer(amount=BANKED)
    with floor.refuses(
        errors.ERC20InsufficientBalance, sender=floor.seller.address, balance=0, needed=1
    ):
        floor.offer(amount=1)


def test_create_energy_offer__above_the_allowance__is_refused(floor: Floor) -> None:
    market = floor.market
    market.do(floor.seller, market.energy_token, "approve", market.spot.address, AMOUNT - 1)
    with floor.refuses(
        errors.ERC20InsufficientAllowance,
        spender=market.spot.address,
        allowance=AMOUNT - 1,
        needed=AMOUNT,
    ):
        floor.offer()
    assert floor.offer(amount=AMOUNT - 1) == 1


def test_create_energy_offer__taken__holds_the_energy(floor: Floor) -> None:
    floor.market.at(MONDAY + 500)
    receipt = floor.do(floor.seller, "createEnergyOffer", AMOUNT, PRICE)

    seller = floor.seller.address
    assert floor.emitted(receipt) == ["Transfer", "EnergyOfferCreated"]
    assert floor.logged(receipt, "EnergyOfferCreated") == [
        {"offer_id": 1, "seller": seller, "amount": AMOUNT, "price": PRICE}
    ]
    assert floor.offered(1) == Offer(seller, AMOUNT, AMOUNT, PRICE, MONDAY + 500, OfferStatus.OPEN)
    assert floor.offered(1).status is OfferStatus.OPEN
    assert (floor.held, floor.energy(floor.seller)) == (AMOUNT, BANKED - AMOUNT)


def test_create_energy_offer__by_anyone__is_numbered_from_1(floor: Floor) -> None:
    sellers = (floor.seller, floor.rival, floor.seller)
    assert [floor.offer(amount=part, seller=seller) for part, seller in enumerate(sellers, 1)] == [
        *(1, 2, 3)
    ]
    assert floor.spot.call("createEnergyOffer", 1, 1, sender=floor.rival.address) == 4
    assert floor.spot.call("offerCount") == 3
    assert floor.spot.call("tradeCount") == 0
    assert [floor.offered(number).seller for number in (1, 2, 3)] == [
        seller.address for seller in sellers
    ]
    assert floor.held == 1 + 2 + 3


@pytest.mark.parametrize("amount", [1, MOST])
@pytest.mark.parametrize("price", [1, MOST])
def test_create_energy_offer__at_the_bounds__is_kept_whole(
    floor: Floor, amount: int, price: int
) -> None:
    bank(floor.market, floor.seller, amount)
    offer = floor.offered(floor.offer(amount, price))
    assert (offer.amount, offer.remaining, offer.price) == (amount, amount, price)
    assert floor.held == amount


def test_create_energy_offer__with_ether__is_refused(floor: Floor) -> None:
    call = floor.spot.prepare("createEnergyOffer", AMOUNT, PRICE)
    with floor.refuses(errors.UnknownRefusal, data=b""):
        floor.market.send(floor.seller, replace(call, value=1))


@pytest.mark.anvil
def test_create_energy_offer__after_many__costs_the_same_gas(market: Market, floor: Floor) -> None:
    def cost(before: int) -> int:
        with rewound(market):
            for _ in range(before):
                floor.offer(amount=1, seller=floor.rival)
            floor.offer(amount=1)
            return floor.do(floor.seller, "createEnergyOffer", 1, PRICE).gas_used

    assert cost(1) == cost(60)
