"""PeerToPeerTrading.createEnergyOffer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from energy_grid.contracts import errors
from energy_grid.domain.enums import OfferStatus
from tests.support.examples import rewound
from tests.support.market import MONDAY, Market
from tests.support.settlement import incur_debt
from tests.unit.contracts.spot.traders import (
    AMOUNT,
    CREDITS,
    FOREVER,
    PRICE,
    Offer,
    SpotTraders,
    give_credits,
)

MOST = 2**64 - 1


def test_create_energy_offer__of_nothing__is_refused(traders: SpotTraders) -> None:
    with traders.refuses(errors.PeerToPeerTrading_ZeroAmount):
        traders.offer(amount=0)


@pytest.mark.parametrize("amount", [2**64, 2**64 + 1, 2**255])
def test_create_energy_offer__of_more_than_64_bits__is_refused(
    traders: SpotTraders, amount: int
) -> None:
    give_credits(traders.market, traders.seller, amount - CREDITS)
    with traders.refuses(errors.SafeCastOverflowedUintDowncast, bits=64, value=amount):
        traders.offer(amount=amount)


def test_create_energy_offer__for_nothing__is_refused(traders: SpotTraders) -> None:
    with traders.refuses(errors.PeerToPeerTrading_ZeroPrice):
        traders.offer(price=0)


@pytest.mark.parametrize("price", [2**64, 2**64 + 1, FOREVER])
def test_create_energy_offer__at_a_price_of_more_than_64_bits__is_refused(
    traders: SpotTraders, price: int
) -> None:
    with traders.refuses(errors.SafeCastOverflowedUintDowncast, bits=64, value=price):
        traders.offer(price=price)


def test_create_energy_offer__by_nobody_registered__is_refused(traders: SpotTraders) -> None:
    give_credits(traders.market, traders.stranger, AMOUNT)
    seller = traders.stranger.address
    with traders.refuses(errors.PeerToPeerTrading_Inactive, account=seller, buying=False):
        traders.offer(seller=traders.stranger)


def test_create_energy_offer__by_a_deactivated_producer__is_refused(traders: SpotTraders) -> None:
    """The rival is still an active consumer, who may buy; the seller is nothing any more."""
    for seller in (traders.seller, traders.rival):
        traders.deactivate(seller, producer=True)
        with traders.refuses(
            errors.PeerToPeerTrading_Inactive, account=seller.address, buying=False
        ):
            traders.offer(seller=seller)
        traders.reactivate(seller, producer=True)
        traders.offer(seller=seller)


def test_create_energy_offer__by_a_deactivated_consumer_who_produces__is_taken(
    traders: SpotTraders,
) -> None:
    traders.deactivate(traders.rival, producer=False)
    assert traders.offer(seller=traders.rival) == 1


def test_create_energy_offer__by_a_consumer__is_taken(traders: SpotTraders) -> None:
    give_credits(traders.market, traders.buyer, AMOUNT)
    assert traders.offer(seller=traders.buyer) == 1


def test_create_energy_offer__in_debt__is_taken(traders: SpotTraders) -> None:
    traders.market.go_to(MONDAY + 86_400)
    assert incur_debt(traders.market, traders.seller, consumed=2 * CREDITS) > 0
    give_credits(traders.market, traders.seller, AMOUNT)
    assert traders.offer() == 1


def test_create_energy_offer__with_several_faults__names_the_first(traders: SpotTraders) -> None:
    """Amount, price, participant, energy."""
    give_credits(traders.market, traders.stranger, AMOUNT)
    steps = [
        ((0, 0), errors.PeerToPeerTrading_ZeroAmount, {}),
        ((2**64, 0), errors.SafeCastOverflowedUintDowncast, {"bits": 64, "value": 2**64}),
        ((MOST, 0), errors.PeerToPeerTrading_ZeroPrice, {}),
        ((MOST, 2**65), errors.SafeCastOverflowedUintDowncast, {"bits": 64, "value": 2**65}),
        (
            (MOST, MOST),
            errors.PeerToPeerTrading_Inactive,
            {"account": traders.stranger.address, "buying": False},
        ),
    ]
    for terms, error, values in steps:
        with traders.refuses(error, **values):
            traders.offer(*terms, seller=traders.stranger)


def test_create_energy_offer__of_more_than_the_balance__is_refused(traders: SpotTraders) -> None:
    with traders.refuses(
        errors.ERC20InsufficientBalance,
        sender=traders.seller.address,
        balance=CREDITS,
        needed=CREDITS + 1,
    ):
        traders.offer(amount=CREDITS + 1)
    traders.offer(amount=CREDITS)
    with traders.refuses(
        errors.ERC20InsufficientBalance, sender=traders.seller.address, balance=0, needed=1
    ):
        traders.offer(amount=1)


def test_create_energy_offer__above_the_allowance__is_refused(traders: SpotTraders) -> None:
    market = traders.market
    market.do(traders.seller, market.energy_token, "approve", market.spot.address, AMOUNT - 1)
    with traders.refuses(
        errors.ERC20InsufficientAllowance,
        spender=market.spot.address,
        allowance=AMOUNT - 1,
        needed=AMOUNT,
    ):
        traders.offer()
    assert traders.offer(amount=AMOUNT - 1) == 1


def test_create_energy_offer__taken__holds_the_energy(traders: SpotTraders) -> None:
    traders.market.at(MONDAY + 500)
    receipt = traders.do(traders.seller, "createEnergyOffer", AMOUNT, PRICE)

    seller = traders.seller.address
    assert traders.emitted(receipt) == ["Transfer", "EnergyOfferCreated"]
    assert traders.logged(receipt, "EnergyOfferCreated") == [
        {"offer_id": 1, "seller": seller, "amount": AMOUNT, "price": PRICE}
    ]
    assert traders.offered(1) == Offer(
        seller, AMOUNT, AMOUNT, PRICE, MONDAY + 500, OfferStatus.OPEN
    )
    assert traders.offered(1).status is OfferStatus.OPEN
    assert (traders.held, traders.energy(traders.seller)) == (AMOUNT, CREDITS - AMOUNT)


def test_create_energy_offer__by_anyone__is_numbered_from_1(traders: SpotTraders) -> None:
    sellers = (traders.seller, traders.rival, traders.seller)
    assert [
        traders.offer(amount=part, seller=seller) for part, seller in enumerate(sellers, 1)
    ] == [*(1, 2, 3)]
    assert traders.spot.call("createEnergyOffer", 1, 1, sender=traders.rival.address) == 4
    assert traders.spot.call("offerCount") == 3
    assert traders.spot.call("tradeCount") == 0
    assert [traders.offered(number).seller for number in (1, 2, 3)] == [
        seller.address for seller in sellers
    ]
    assert traders.held == 1 + 2 + 3


@pytest.mark.parametrize("amount", [1, MOST])
@pytest.mark.parametrize("price", [1, MOST])
def test_create_energy_offer__at_the_bounds__is_kept_whole(
    traders: SpotTraders, amount: int, price: int
) -> None:
    give_credits(traders.market, traders.seller, amount)
    offer = traders.offered(traders.offer(amount, price))
    assert (offer.amount, offer.remaining, offer.price) == (amount, amount, price)
    assert traders.held == amount


def test_create_energy_offer__with_ether__is_refused(traders: SpotTraders) -> None:
    call = traders.spot.prepare("createEnergyOffer", AMOUNT, PRICE)
    with traders.refuses(errors.UnknownRevert, data=b""):
        traders.market.send(traders.seller, replace(call, value=1))


@pytest.mark.anvil
def test_create_energy_offer__after_many__costs_the_same_gas(
    market: Market, traders: SpotTraders
) -> None:
    def cost(before: int) -> int:
        with rewound(market):
            for _ in range(before):
                traders.offer(amount=1, seller=traders.rival)
            traders.offer(amount=1)
            return traders.do(traders.seller, "createEnergyOffer", 1, PRICE).gas_used

    assert cost(1) == cost(60)
