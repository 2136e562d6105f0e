"""PeerToPeerTrading.createEnergyOffer and createTrade, which check the same."""

from __future__ import annotations

import pytest

from tests.support.core.chain import refused
from tests.unit.contracts.spot.suite import (
    AMOUNT,
    CREDITS,
    EVER,
    MOST,
    NOBODY,
    PRICE,
    P,
    SpotTraders,
)

KINDS = pytest.mark.parametrize("kind", ["offer", "trade"])
TOO_LARGE = "SafeCastOverflowedUintDowncast"
LAST = 2**32 - 1


def create(
    traders: SpotTraders,
    kind: str,
    amount: int = AMOUNT,
    price: int = PRICE,
    *,
    seller: str = "seller",
) -> int:
    """One or the other."""
    place = traders.offer if kind == "offer" else traders.trade
    return place(amount, price, seller=seller)


@KINDS
def test_create__with_several_faults__names_the_first(traders: SpotTraders, kind: str) -> None:
    """Amount, price, seller, energy."""
    stranger = traders.at("stranger")
    steps = [
        ((0, 0), P + "ZeroAmount", ()),
        ((2**64, 0), TOO_LARGE, (64, 2**64)),
        ((EVER, 0), TOO_LARGE, (64, EVER)),
        ((MOST, 0), P + "ZeroPrice", ()),
        ((MOST, 2**64), TOO_LARGE, (64, 2**64)),
        ((MOST, EVER), TOO_LARGE, (64, EVER)),
        ((MOST, MOST), P + "Inactive", (stranger, False)),
    ]
    for (amount, price), error, values in steps:
        with refused(error, *values):
            create(traders, kind, amount, price, seller="stranger")
    with refused("ERC20InsufficientBalance", traders.at("seller"), CREDITS, CREDITS + 1):
        create(traders, kind, CREDITS + 1)
    traders.energy_token.approve(traders.spot.address, AMOUNT - 1, by=traders.at("seller"))
    with refused("ERC20InsufficientAllowance", traders.spot.address, AMOUNT - 1, AMOUNT):
        create(traders, kind)


@KINDS
@pytest.mark.parametrize("seller", ["seller", "rival"])
def test_create__by_a_deactivated_producer__is_refused(
    traders: SpotTraders, kind: str, seller: str
) -> None:
    """The rival is still an active consumer, who may buy; the seller is nothing any more."""
    traders.deactivate(seller, producer=True)
    with refused(P + "Inactive", traders.at(seller), False):
        create(traders, kind, seller=seller)
    traders.reactivate(seller, producer=True)
    create(traders, kind, seller=seller)


@KINDS
def test_create__before_the_authority_has_confirmed_the_seller__is_refused(
    traders: SpotTraders, kind: str
) -> None:
    traders.conjure("stranger", AMOUNT)
    traders["GridManagement"].registerProducer(1, 0, by=traders.at("stranger"))
    with refused(P + "Inactive", traders.at("stranger"), False):
        create(traders, kind, seller="stranger")


@KINDS
def test_create__by_a_consumer_or_a_deactivated_one_who_produces__is_taken(
    traders: SpotTraders, kind: str
) -> None:
    traders.deactivate("rival", producer=False)
    create(traders, kind, seller="rival")
    traders.conjure("buyer", AMOUNT)
    assert traders.offer(seller="buyer")


def test_create_energy_offer__taken__holds_the_energy(traders: SpotTraders) -> None:
    seller = traders.at("seller")
    assert [traders.offer(), traders.offer(5, MOST, seller="rival")] == [1, 2]
    assert traders.logged("EnergyOfferCreated") == [(2, traders.at("rival"), 5, MOST)]
    offer = tuple(traders.spot.getEnergyOffer(1))
    assert offer == (seller, AMOUNT, AMOUNT, PRICE, traders.now, 0)
    assert traders.held == AMOUNT + 5
    assert traders.energy("seller") == CREDITS - AMOUNT
    assert (traders.spot.offerCount(), traders.spot.tradeCount()) == (2, 0)


def test_create_trade__taken__holds_the_energy(traders: SpotTraders) -> None:
    seller, buyer = traders.at("seller"), traders.at("buyer")
    assert [traders.trade(), traders.trade(5, 1, buyer="rival")] == [1, 2]
    assert traders.logged("TradeCreated") == [(2, seller, traders.at("rival"), 5, 1)]
    assert tuple(traders.spot.getTradeInfo(1)) == (seller, buyer, AMOUNT, PRICE, traders.now, 0)
    assert traders.held == AMOUNT + 5
    assert (traders.spot.offerCount(), traders.spot.tradeCount()) == (0, 2)


@KINDS
@pytest.mark.parametrize(("amount", "price"), [(1, 1), (1, MOST), (MOST, 1), (MOST, MOST)])
def test_create__at_the_bounds__is_kept_whole(
    traders: SpotTraders, kind: str, amount: int, price: int
) -> None:
    traders.conjure("seller", MOST)
    number = create(traders, kind, amount, price)
    if kind == "offer":
        assert tuple(traders.spot.getEnergyOffer(number))[1:4] == (amount, amount, price)
    else:
        assert tuple(traders.spot.getTradeInfo(number))[2:4] == (amount, price)
    assert traders.held == amount


def test_create_trade__with_oneself_or_nobody__is_refused(traders: SpotTraders) -> None:
    rival = traders.at("rival")
    with refused(P + "SelfTrade", rival):
        traders.trade(seller="rival", buyer="rival")
    for nobody in (NOBODY, traders.at("stranger"), traders.spot.address):
        with refused(P + "Inactive", nobody, True):
            traders.spot.createTrade(nobody, AMOUNT, PRICE, by=traders.at("seller"))
    traders.deactivate("buyer", producer=False)
    with refused(P + "Inactive", traders.at("buyer"), True):
        traders.trade()


def test_create_trade__with_a_buyer_in_debt__is_taken(traders: SpotTraders) -> None:
    """It can come by the money until it completes."""
    traders.incur_debt("buyer", 10**6)
    assert traders.trade(price=MOST) == 1


def test_create_trade__after_the_last_second_of_32_bits__is_refused(traders: SpotTraders) -> None:
    traders.chain.set_time(LAST)
    assert tuple(traders.spot.getTradeInfo(traders.trade()))[4] == LAST
    traders.chain.set_time(LAST + 1)
    with refused(TOO_LARGE, 32, LAST + 1):
        traders.trade()
