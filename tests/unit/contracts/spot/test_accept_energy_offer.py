"""PeerToPeerTrading.acceptEnergyOffer."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.costs import cost_up
from energy_grid.domain.spot import OfferStatus
from tests.support.examples import rewound
from tests.support.market import MONDAY, Market
from tests.support.settlement import holdings, incur_debt, liabilities
from tests.support.stacks import deploy_stack
from tests.unit.contracts.spot.floor import (
    AMOUNT,
    BANKED,
    FOREVER,
    FUNDS,
    PRICE,
    Floor,
    bank,
    fund,
    open_floor,
)
from tests.unit.contracts.trading.desk import together

MOST = 2**64 - 1


# What is refused


@pytest.mark.parametrize("offer", [0, 2, FOREVER])
def test_accept_energy_offer__that_does_not_exist__is_refused(floor: Floor, offer: int) -> None:
    floor.offer()
    with floor.refuses(errors.PeerToPeerTrading_NoSuchOffer, offer_id=offer):
        floor.accept(offer)


def test_accept_energy_offer__sold__is_refused(floor: Floor) -> None:
    offer = floor.offer()
    floor.accept(offer)
    with floor.refuses(
        errors.PeerToPeerTrading_OfferNotOpen, offer_id=offer, status=OfferStatus.SOLD
    ):
        floor.accept(offer, 1)


def test_accept_energy_offer__cancelled__is_refused(floor: Floor) -> None:
    offer = floor.offer()
    floor.do(floor.seller, "cancelEnergyOffer", offer)
    with floor.refuses(
        errors.PeerToPeerTrading_OfferNotOpen, offer_id=offer, status=OfferStatus.CANCELLED
    ):
        floor.accept(offer, 1)


def test_accept_energy_offer__of_nothing__is_refused(floor: Floor) -> None:
    offer = floor.offer()
    with floor.refuses(errors.PeerToPeerTrading_ZeroAmount):
        floor.accept(offer, 0)


@pytest.mark.parametrize("amount", [AMOUNT - 499, AMOUNT, 2**64 + 1, FOREVER])
def test_accept_energy_offer__of_more_than_remains__is_refused(floor: Floor, amount: int) -> None:
    offer = floor.offer()
    floor.accept(offer, 500)
    with floor.refuses(
        errors.PeerToPeerTrading_AboveRemaining,
        offer_id=offer,
        amount=amount,
        remaining=AMOUNT - 500,
    ):
        floor.accept(offer, amount)


def test_accept_energy_offer__ones_own__is_refused(floor: Floor) -> None:
    offer = floor.offer(seller=floor.rival)
    with floor.refuses(errors.PeerToPeerTrading_SelfTrade, account=floor.rival.address):
        floor.accept(offer, buyer=floor.rival)


def test_accept_energy_offer__by_nobody_registered__is_refused(floor: Floor) -> None:
    offer = floor.offer()
    fund(floor.market, floor.stranger, FUNDS)
    buyer = floor.stranger.address
    with floor.refuses(errors.PeerToPeerTrading_Inactive, account=buyer, buying=True):
        floor.accept(offer, buyer=floor.stranger)


def test_accept_energy_offer__by_a_deactivated_consumer__is_refused(floor: Floor) -> None:
    """The rival is still an active producer, who may sell; the buyer is nothing any more."""
    offer = floor.offer()
    for buyer in (floor.buyer, floor.rival):
        floor.deactivate(buyer, producer=False)
        with floor.refuses(errors.PeerToPeerTrading_Inactive, account=buyer.address, buying=True):
            floor.accept(offer, 1, buyer=buyer)
        floor.reactivate(buyer, producer=False)
        floor.accept(offer, 1, buyer=buyer)


def test_accept_energy_offer__of_a_seller_deactivated_since__is_refused(floor: Floor) -> None:
    for seller in (floor.seller, floor.rival):
        offer = floor.offer(seller=seller)
        floor.deactivate(seller, producer=True)
        with floor.refuses(errors.PeerToPeerTrading_Inactive, account=seller.address, buying=False):
            floor.accept(offer)
        floor.reactivate(seller, producer=True)
        floor.accept(offer)


def test_accept_energy_offer__in_debt__is_refused(floor: Floor) -> None:
    offer = floor.offer()
    floor.market.go_to(MONDAY + 86_400)
    debt = incur_debt(floor.market, floor.buyer, consumed=FUNDS)
    assert debt > 0
    with floor.refuses(errors.Settlement_InDebt, account=floor.buyer.address, debt=debt):
        floor.accept(offer, 1)


def test_accept_energy_offer__without_the_money__is_refused(floor: Floor) -> None:
    """Money in the wallet, or locked, does not count."""
    offer = floor.offer(amount=4_000, price=PRICE + 1)
    cost = cost_up(3_999, PRICE + 1)
    market, buyer = floor.market, floor.buyer
    market.buy(buyer, 1000, FUNDS - cost + 1, start=MONDAY + 3600)
    market.give_money(buyer, cost)
    assert floor.money(buyer) == cost - 1
    with floor.refuses(
        errors.Settlement_InsufficientBalance,
        account=buyer.address,
        available=cost - 1,
        needed=cost,
    ):
        floor.accept(offer, 3_999)
    market.do(buyer, market.settlement, "deposit", 1)
    floor.accept(offer, 3_999)
    assert floor.money(buyer) == 0


def test_accept_energy_offer__without_an_account__is_refused(floor: Floor) -> None:
    offer = floor.offer()
    floor.market.do(floor.stranger, floor.market.grid, "registerConsumer", 1)
    with floor.refuses(errors.Settlement_UnknownAccount, account=floor.stranger.address):
        floor.accept(offer, buyer=floor.stranger)


def test_accept_energy_offer__with_several_faults__names_the_first(floor: Floor) -> None:
    """Offer, status, amount, what remains, seller, self-trade, buyer, money."""
    offer = floor.offer(amount=10, price=MOST)
    floor.do(floor.seller, "cancelEnergyOffer", floor.offer())
    for account in (floor.seller, floor.rival):
        floor.deactivate(account, producer=True)
    floor.deactivate(floor.buyer, producer=False)

    with floor.refuses(errors.PeerToPeerTrading_NoSuchOffer, offer_id=3):
        floor.accept(3, 0)
    with floor.refuses(
        errors.PeerToPeerTrading_OfferNotOpen, offer_id=2, status=OfferStatus.CANCELLED
    ):
        floor.accept(2, 0)
    with floor.refuses(errors.PeerToPeerTrading_ZeroAmount):
        floor.accept(offer, 0)
    above = {"offer_id": offer, "amount": 11, "remaining": 10}
    with floor.refuses(errors.PeerToPeerTrading_AboveRemaining, **above):
        floor.accept(offer, 11, buyer=floor.seller)
    seller = floor.seller.address
    for buyer in (floor.seller, floor.buyer):
        with floor.refuses(errors.PeerToPeerTrading_Inactive, account=seller, buying=False):
            floor.accept(offer, 10, buyer=buyer)
    floor.reactivate(floor.seller, producer=True)
    with floor.refuses(errors.PeerToPeerTrading_SelfTrade, account=seller):
        floor.accept(offer, 10, buyer=floor.seller)
    buyer_address = floor.buyer.address
    with floor.refuses(errors.PeerToPeerTrading_Inactive, account=buyer_address, buying=True):
        floor.accept(offer, 10)
    floor.reactivate(floor.buyer, producer=False)
    with floor.refuses(
        errors.Settlement_InsufficientBalance,
        account=buyer_address,
        available=FUNDS,
        needed=cost_up(10, MOST),
    ):
        floor.accept(offer, 10)


# What happens


def test_accept_energy_offer__in_part__moves_energy_and_money(floor: Floor) -> None:
    offer = floor.offer()
    before = floor.offered(offer)
    receipt = floor.accept(offer, 500)

    assert floor.emitted(receipt) == [
        # The seller's account is opened by its first sale.
        *("AccountOpened", "SpotPaid", "Transfer", "EnergyOfferAccepted")
    ]
    assert floor.logged(receipt, "EnergyOfferAccepted") == [
        {
            "offer_id": offer,
            "buyer": floor.buyer.address,
            "amount": 500,
            "paid": 125_000,
            "remaining": AMOUNT - 500,
        }
    ]
    assert floor.offered(offer) == before._replace(remaining=AMOUNT - 500)
    assert (floor.held, floor.energy(floor.buyer)) == (AMOUNT - 500, 500)
    assert floor.energy(floor.seller) == BANKED - AMOUNT
    assert floor.money(floor.buyer) == FUNDS - 125_000
    assert floor.money(floor.seller) == 125_000


def test_accept_energy_offer__in_whole__is_sold(floor: Floor) -> None:
    offer = floor.offer()
    before = floor.offered(offer)
    receipt = floor.accept(offer)
    (event,) = floor.logged(receipt, "EnergyOfferAccepted")
    assert (event["paid"], event["remaining"]) == (500_000, 0)
    assert floor.offered(offer) == before._replace(remaining=0, status=OfferStatus.SOLD)
    assert (floor.held, floor.energy(floor.buyer)) == (0, AMOUNT)


def test_accept_energy_offer__by_several__is_sold_to_the_last_wh(floor: Floor) -> None:
    offer = floor.offer(amount=1001)
    for buyer, part, remaining in (
        (floor.buyer, 500, 501),
        (floor.rival, 500, 1),
        (floor.buyer, 1, 0),
    ):
        (event,) = floor.logged(floor.accept(offer, part, buyer=buyer), "EnergyOfferAccepted")
        assert event["remaining"] == floor.offered(offer).remaining == floor.held == remaining
    assert floor.offered(offer).status is OfferStatus.SOLD
    assert floor.offered(offer).amount == 1001
    assert (floor.energy(floor.buyer), floor.energy(floor.rival)) == (501, BANKED + 500)


def test_accept_energy_offer__answer__is_what_is_paid(floor: Floor) -> None:
    offer = floor.offer(amount=4_000, price=333_333)
    answer = floor.spot.call("acceptEnergyOffer", offer, 3_001, sender=floor.buyer.address)
    floor.accept(offer, 3_001)
    assert answer == FUNDS - floor.money(floor.buyer) == cost_up(3_001, 333_333)


@pytest.mark.parametrize(
    ("amount", "price", "paid"),
    [
        *((1, 1, 1), (999, 1, 1), (1000, 1, 1), (1001, 1, 2)),
        *((1, 999, 1), (1, 1000, 1), (1, 1001, 2), (1, 2000, 2)),
        *((1999, 250_001, 499_752), (2000, 250_001, 500_002)),
    ],
)
def test_accept_energy_offer__price_with_fractions__is_rounded_up(
    floor: Floor, amount: int, price: int, paid: int
) -> None:
    receipt = floor.accept(floor.offer(amount, price), amount)
    assert floor.logged(receipt, "EnergyOfferAccepted")[0]["paid"] == paid
    assert floor.money(floor.buyer) == FUNDS - paid
    assert floor.money(floor.seller) == paid


@pytest.mark.parametrize(
    ("protocol_bps", "grid_per_kwh", "price", "paid", "protocol", "grid"),
    [
        (100, 0, 250_000, 375_000, 3_750, 0),
        (0, 10_000, 250_000, 375_000, 0, 15_000),
        (25, 10_001, 99_999, 149_999, 374, 15_001),
        # The network charge takes what the share leaves, and no more: the seller gets nothing.
        (100, 100_000, 100_000, 150_000, 1_500, 148_500),
    ],
)
def test_accept_energy_offer__with_fees__they_are_the_sellers(
    floor: Floor,
    protocol_bps: int,
    grid_per_kwh: int,
    price: int,
    paid: int,
    protocol: int,
    grid: int,
) -> None:
    floor.set_fees(protocol_bps, grid_per_kwh)
    market = floor.market
    receipt = floor.accept(floor.offer(1500, price), 1500)
    (event,) = market.events(receipt, market.settlement, "SpotPaid")
    assert event.arguments == {
        "seller": floor.seller.address,
        "buyer": floor.buyer.address,
        "paid": paid,
        "protocol_fee": protocol,
        "grid_fee": grid,
    }
    assert floor.money(floor.buyer) == FUNDS - paid
    assert floor.money(floor.seller) == paid - protocol - grid
    assert market.settlement.call("treasuryOwed") == (protocol + grid, 0)
    assert holdings(market) == liabilities(market)


@pytest.mark.parametrize(("amount", "price"), [(MOST, 1), (1, MOST), (MOST, MOST)])
def test_accept_energy_offer__at_the_bounds__loses_no_unit(
    floor: Floor, amount: int, price: int
) -> None:
    # All the money that an account of the ledger can hold: not enough for the largest purchase.
    funds = 2**104 - 1 - FUNDS
    fund(floor.market, floor.buyer, funds)
    bank(floor.market, floor.seller, amount)
    offer, cost = floor.offer(amount, price), cost_up(amount, price)
    if cost > 2**104 - 1:
        with floor.refuses(
            errors.Settlement_InsufficientBalance,
            account=floor.buyer.address,
            available=2**104 - 1,
            needed=cost,
        ):
            floor.accept(offer, amount)
        return
    floor.accept(offer, amount)
    assert floor.energy(floor.buyer) == amount
    assert floor.money(floor.buyer) == 2**104 - 1 - cost
    assert floor.money(floor.seller) == cost


def test_accept_energy_offer__of_a_seller_in_debt__pays_the_debt_first(floor: Floor) -> None:
    offer = floor.offer()
    market = floor.market
    market.go_to(MONDAY + 86_400)
    debt = incur_debt(market, floor.seller, consumed=BANKED)
    assert debt == cost_up(AMOUNT, 300_000)
    receipt = floor.accept(offer)

    assert "DebtRepaid" in floor.emitted(receipt)
    assert market.settlement.call("debtOf", floor.seller.address) == debt - 500_000
    assert floor.money(floor.seller) == 0
    assert floor.energy(floor.buyer) == AMOUNT


def test_accept_energy_offer__settlement_stopped__has_more(floor: Floor) -> None:
    """Each contract has its own stop."""
    offer = floor.offer()
    market = floor.market
    market.do(market.roles[Role.ADMIN], market.settlement, "shutdown")
    floor.accept(offer)
    assert floor.energy(floor.buyer) == AMOUNT


def test_accept_energy_offer__of_a_payee_whom_the_token_refuses__is_paid_in_the_ledger(
    market: Market,
) -> None:
    """Its money waits for it; nobody is held up."""
    floor = open_floor(deploy_stack(market, market.deploy("BlacklistToken")))
    token, seller = floor.market.dollar, floor.seller
    floor.market.do(floor.stranger, token, "setListed", seller.address, True)
    floor.accept(floor.offer())
    assert floor.money(seller) == 500_000
    withdraw = ("withdraw", 500_000, seller.address)
    with pytest.raises(errors.UnknownRefusal):
        floor.market.do(seller, floor.market.settlement, *withdraw)
    floor.market.do(floor.stranger, token, "setListed", seller.address, False)
    floor.market.do(seller, floor.market.settlement, *withdraw)
    assert token.call("balanceOf", seller.address) == 500_000


def test_accept_energy_offer__energy_sent_here_from_outside__is_nobodys(floor: Floor) -> None:
    offer = floor.offer(amount=10)
    market = floor.market
    market.do(floor.rival, market.energy_token, "transfer", market.spot.address, 7)
    with floor.refuses(
        errors.PeerToPeerTrading_AboveRemaining, offer_id=offer, amount=11, remaining=10
    ):
        floor.accept(offer, 11)
    floor.accept(offer, 10)
    assert floor.held == 7


# In one block


def first_of(floor: Floor, offer: int, buyers: list[LocalAccount], amount: int) -> list[bool]:
    call = floor.spot.prepare("acceptEnergyOffer", offer, amount)
    return together(floor.market, *((buyer, call) for buyer in buyers))


def test_accept_energy_offer__twice_in_one_block__sells_nothing_twice(floor: Floor) -> None:
    offer = floor.offer()
    assert first_of(floor, offer, [floor.rival, floor.buyer], AMOUNT) == [True, False]
    assert floor.energy(floor.rival) == BANKED + AMOUNT
    assert (floor.energy(floor.buyer), floor.money(floor.buyer)) == (0, FUNDS)


def test_accept_energy_offer__parts_in_one_block__sell_no_more_than_there_is(
    floor: Floor,
) -> None:
    offer = floor.offer(amount=1000)
    buyers = [floor.rival, floor.buyer]
    assert first_of(floor, offer, buyers, 501) == [True, False]
    assert first_of(floor, offer, buyers[::-1], 249) == [True, True]
    assert floor.offered(offer).remaining == floor.held == 1
    assert floor.energy(floor.buyer) == 249


@pytest.mark.anvil
def test_accept_energy_offer__after_many__costs_the_same_gas(market: Market, floor: Floor) -> None:
    def cost(before: int) -> int:
        with rewound(market):
            offers = [floor.offer(amount=2) for _ in range(before)]
            floor.accept(offers[0], 1)
            return floor.accept(offers[-1], 1).gas_used

    assert cost(2) == cost(60)
