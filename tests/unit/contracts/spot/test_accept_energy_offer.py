"""PeerToPeerTrading.acceptEnergyOffer and acceptEnergyOfferAtMost."""

from __future__ import annotations

import pytest

from tests.model.market import DAY
from tests.support.core.attack_suite import BUY, START
from tests.support.core.chain import refused
from tests.unit.contracts.spot.suite import (
    AMOUNT,
    CREDITS,
    EVER,
    FUNDS,
    MOST,
    PRICE,
    P,
    SpotTraders,
    up,
)

PROTOCOL, NETWORK = 7_000, 20_000
OPEN, SOLD, CANCELLED = range(3)


def test_accept_energy_offer__with_several_faults__names_the_first(traders: SpotTraders) -> None:
    """Offer, status, amount, what remains, seller, self-trade, buyer, money."""
    offer, gone, sold = traders.offer(10, MOST), traders.offer(), traders.offer(1)
    traders.spot.cancelEnergyOffer(gone, by=traders.at("seller"))
    traders.accept(sold, 1)
    for name in ("seller", "rival"):
        traders.deactivate(name, producer=True)
    traders.deactivate("buyer", producer=False)
    for number in (0, 4, EVER):
        with refused(P + "NoSuchOffer", number):
            traders.accept(number, 0)
    for number, status in ((gone, CANCELLED), (sold, SOLD)):
        with refused(P + "OfferNotOpen", number, status):
            traders.accept(number, 0)
    with refused(P + "ZeroAmount"):
        traders.accept(offer, 0)
    for amount in (11, 2**64 + 10, EVER):
        with refused(P + "AboveRemaining", offer, amount, 10):
            traders.accept(offer, amount, buyer="seller")
    seller, buyer = traders.at("seller"), traders.at("buyer")
    for name in ("seller", "buyer"):
        with refused(P + "Inactive", seller, False):
            traders.accept(offer, 10, buyer=name)
    traders.reactivate("seller", producer=True)
    with refused(P + "SelfTrade", seller):
        traders.accept(offer, 10, buyer="seller")
    with refused(P + "Inactive", buyer, True):
        traders.accept(offer, 10)
    traders.reactivate("buyer", producer=False)
    with refused("Settlement_InsufficientBalance", buyer, FUNDS - PRICE // 1000, up(10 * MOST)):
        traders.accept(offer, 10)


@pytest.mark.parametrize("buyer", ["buyer", "rival"])
def test_accept_energy_offer__by_a_deactivated_consumer__is_refused(
    traders: SpotTraders, buyer: str
) -> None:
    """The rival is still an active producer, who may sell; the buyer is nothing any more."""
    offer = traders.offer()
    traders.deactivate(buyer, producer=False)
    with refused(P + "Inactive", traders.at(buyer), True):
        traders.accept(offer, 1, buyer=buyer)
    traders.reactivate(buyer, producer=False)
    traders.accept(offer, 1, buyer=buyer)


def test_accept_energy_offer__without_account_or_debt_free_money__is_refused(
    traders: SpotTraders,
) -> None:
    offer = traders.offer()
    traders.register("stranger", producer=False)
    with refused("Settlement_UnknownAccount", traders.at("stranger")):
        traders.accept(offer, buyer="stranger")
    debt = traders.incur_debt("buyer", 10**6)
    with refused("Settlement_InDebt", traders.at("buyer"), debt):
        traders.accept(offer, 1)


def test_accept_energy_offer__with_locked_money__is_refused(traders: SpotTraders) -> None:
    """Money in the wallet, or locked for an order, does not count."""
    offer = traders.offer(AMOUNT, PRICE + 1)
    cost, buyer = up(1_999 * (PRICE + 1)), traders.at("buyer")
    traders.order("buyer", BUY, 1000, FUNDS - cost + 1, START + DAY)
    traders.give(buyer, cost)
    with refused("Settlement_InsufficientBalance", buyer, cost - 1, cost):
        traders.accept(offer, 1_999)
    traders["Settlement"].deposit(1, by=buyer)
    assert traders.accept(offer, 1_999) == cost


def test_accept_energy_offer__in_parts__moves_energy_and_money(traders: SpotTraders) -> None:
    offer, seller = traders.offer(), traders.at("seller")
    cash, _, fees, _, _ = traders["Settlement"].gridAccount()
    assert traders.accept(offer, 500) == 125_000
    assert traders.logged("AccountOpened") == [(seller, 3)]
    paid, network, protocol = 500 * PRICE, 500 * NETWORK, 500 * PROTOCOL
    buyer = traders.at("buyer")
    assert traders.logged("SpotPaid") == [(seller, buyer, paid, protocol, network)]
    assert traders.logged("EnergyOfferAccepted") == [(offer, buyer, 500, 125_000, AMOUNT - 500)]
    assert tuple(traders.spot.getEnergyOffer(offer))[1:] == (
        *(AMOUNT, AMOUNT - 500, PRICE, traders.now, OPEN),
    )
    assert (traders.held, traders.energy("buyer")) == (AMOUNT - 500, 500)
    assert traders.money("buyer") == FUNDS * 1000 - paid
    assert traders.money("seller") == paid - network - protocol
    assert traders["Settlement"].gridAccount()[:3] == (cash + network, 0, fees + protocol)
    traders.accept(offer, AMOUNT - 501, buyer="rival")
    traders.accept(offer, 1)
    assert tuple(traders.spot.getEnergyOffer(offer))[2] == traders.held == 0
    assert tuple(traders.spot.getEnergyOffer(offer))[5] == SOLD
    assert (traders.energy("buyer"), traders.energy("rival")) == (501, CREDITS + AMOUNT - 501)
    traders.assert_solvent()


@pytest.mark.parametrize(
    ("amount", "price", "paid"),
    [
        *((1, 1, 1), (999, 1, 1), (1000, 1, 1), (1001, 1, 2)),
        *((1, 999, 1), (1, 1001, 2), (1, 2000, 2), (1999, 250_001, 499_752)),
    ],
)
def test_accept_energy_offer__price_with_fractions__is_exact_and_said_rounded_up(
    traders: SpotTraders, amount: int, price: int, paid: int
) -> None:
    """A price below the fees leaves the seller nothing."""
    assert traders.accept(traders.offer(amount, price), amount) == paid
    assert traders.money("buyer") == FUNDS * 1000 - amount * price
    assert traders.money("seller") == max(0, amount * (price - PROTOCOL - NETWORK))


def test_accept_energy_offer__of_a_seller_in_debt__pays_the_debt_first(
    traders: SpotTraders,
) -> None:
    offer = traders.offer(seller="rival")
    debt = traders.incur_debt("rival", 10**6)
    traders.accept(offer)
    got = up(AMOUNT * (PRICE - PROTOCOL - NETWORK))
    assert traders["Settlement"].debtOf(traders.at("rival")) == debt - got
    assert traders.money("rival") == 0


def test_accept_energy_offer__with_settlement_stopped__goes_on(traders: SpotTraders) -> None:
    """Each contract has its own stop."""
    offer = traders.offer()
    traders["Settlement"].shutdown(by=traders.key("Settlement", "shutdown"))
    traders.accept(offer)
    assert traders.energy("buyer") == AMOUNT


def test_accept_energy_offer__energy_sent_here_from_outside__is_nobodys(
    traders: SpotTraders,
) -> None:
    offer = traders.offer(10)
    traders.energy_token.transfer(traders.spot.address, 7, by=traders.at("rival"))
    with refused(P + "AboveRemaining", offer, 11, 10):
        traders.accept(offer, 11)
    traders.accept(offer, 10)
    assert traders.held == 7


def test_accept_energy_offer_at_most__a_unit_below__is_refused(traders: SpotTraders) -> None:
    """After a reorganisation the number can be that of a dearer offer."""
    offer, buyer = traders.offer(AMOUNT, PRICE + 1), traders.at("buyer")
    cost = up(1_999 * (PRICE + 1))
    with refused(P + "AboveLimit", cost, cost - 1):
        traders.spot.acceptEnergyOfferAtMost(offer, 1_999, cost - 1, by=buyer)
    assert traders.spot.acceptEnergyOfferAtMost(offer, 1_999, cost, by=buyer) == cost
    assert traders.logged("EnergyOfferAccepted") == [(offer, buyer, 1_999, cost, 1)]
