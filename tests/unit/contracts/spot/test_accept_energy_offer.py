"""PeerToPeerTrading.acceptEnergyOffer."""

from __future__ import annotations

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.roles import Role
from energy_grid.contracts import errors
from energy_grid.domain.costs import cost_up
from energy_grid.domain.enums import OfferStatus
from tests.support.examples import rewound
from tests.support.market import MONDAY, Market
from tests.support.settlement import holdings, incur_debt, liabilities
from tests.support.stacks import deploy_stack
from tests.unit.contracts.spot.traders import (
    AMOUNT,
    CREDITS,
    FOREVER,
    FUNDS,
    PRICE,
    SpotTraders,
    fund,
    give_credits,
    open_spot_traders,
)
from tests.unit.contracts.trading.traders import together

MOST = 2**64 - 1


# What is refused


@pytest.mark.parametrize("offer", [0, 2, FOREVER])
def test_accept_energy_offer__that_does_not_exist__is_refused(
    traders: SpotTraders, offer: int
) -> None:
    traders.offer()
    with traders.refuses(errors.PeerToPeerTrading_NoSuchOffer, offer_id=offer):
        traders.accept(offer)


def test_accept_energy_offer__sold__is_refused(traders: SpotTraders) -> None:
    offer = traders.offer()
    traders.accept(offer)
    with traders.refuses(
        errors.PeerToPeerTrading_OfferNotOpen, offer_id=offer, status=OfferStatus.SOLD
    ):
        traders.accept(offer, 1)


def test_accept_energy_offer__cancelled__is_refused(traders: SpotTraders) -> None:
    offer = traders.offer()
    traders.do(traders.seller, "cancelEnergyOffer", offer)
    with traders.refuses(
        errors.PeerToPeerTrading_OfferNotOpen, offer_id=offer, status=OfferStatus.CANCELLED
    ):
        traders.accept(offer, 1)


def test_accept_energy_offer__of_nothing__is_refused(traders: SpotTraders) -> None:
    offer = traders.offer()
    with traders.refuses(errors.PeerToPeerTrading_ZeroAmount):
        traders.accept(offer, 0)


@pytest.mark.parametrize("amount", [AMOUNT - 499, AMOUNT, 2**64 + 1, FOREVER])
def test_accept_energy_offer__of_more_than_remains__is_refused(
    traders: SpotTraders, amount: int
) -> None:
    offer = traders.offer()
    traders.accept(offer, 500)
    with traders.refuses(
        errors.PeerToPeerTrading_AboveRemaining,
        offer_id=offer,
        amount=amount,
        remaining=AMOUNT - 500,
    ):
        traders.accept(offer, amount)


def test_accept_energy_offer__ones_own__is_refused(traders: SpotTraders) -> None:
    offer = traders.offer(seller=traders.rival)
    with traders.refuses(errors.PeerToPeerTrading_SelfTrade, account=traders.rival.address):
        traders.accept(offer, buyer=traders.rival)


def test_accept_energy_offer__by_nobody_registered__is_refused(traders: SpotTraders) -> None:
    offer = traders.offer()
    fund(traders.market, traders.stranger, FUNDS)
    buyer = traders.stranger.address
    with traders.refuses(errors.PeerToPeerTrading_Inactive, account=buyer, buying=True):
        traders.accept(offer, buyer=traders.stranger)


def test_accept_energy_offer__by_a_deactivated_consumer__is_refused(traders: SpotTraders) -> None:
    """The rival is still an active producer, who may sell; the buyer is nothing any more."""
    offer = traders.offer()
    for buyer in (traders.buyer, traders.rival):
        traders.deactivate(buyer, producer=False)
        with traders.refuses(errors.PeerToPeerTrading_Inactive, account=buyer.address, buying=True):
            traders.accept(offer, 1, buyer=buyer)
        traders.reactivate(buyer, producer=False)
        traders.accept(offer, 1, buyer=buyer)


def test_accept_energy_offer__of_a_seller_deactivated_since__is_refused(
    traders: SpotTraders,
) -> None:
    for seller in (traders.seller, traders.rival):
        offer = traders.offer(seller=seller)
        traders.deactivate(seller, producer=True)
        with traders.refuses(
            errors.PeerToPeerTrading_Inactive, account=seller.address, buying=False
        ):
            traders.accept(offer)
        traders.reactivate(seller, producer=True)
        traders.accept(offer)


def test_accept_energy_offer__in_debt__is_refused(traders: SpotTraders) -> None:
    offer = traders.offer()
    traders.market.go_to(MONDAY + 86_400)
    debt = incur_debt(traders.market, traders.buyer, consumed=FUNDS)
    assert debt > 0
    with traders.refuses(errors.Settlement_InDebt, account=traders.buyer.address, debt=debt):
        traders.accept(offer, 1)


def test_accept_energy_offer__without_the_money__is_refused(traders: SpotTraders) -> None:
    """Money in the wallet, or locked, does not count."""
    offer = traders.offer(amount=4_000, price=PRICE + 1)
    cost = cost_up(3_999, PRICE + 1)
    market, buyer = traders.market, traders.buyer
    market.buy(buyer, 1000, FUNDS - cost + 1, start=MONDAY + 3600)
    market.give_money(buyer, cost)
    assert traders.money(buyer) == cost - 1
    with traders.refuses(
        errors.Settlement_InsufficientBalance,
        account=buyer.address,
        available=cost - 1,
        needed=cost,
    ):
        traders.accept(offer, 3_999)
    market.do(buyer, market.settlement, "deposit", 1)
    traders.accept(offer, 3_999)
    assert traders.money(buyer) == 0


def test_accept_energy_offer__without_an_account__is_refused(traders: SpotTraders) -> None:
    offer = traders.offer()
    traders.market.do(traders.stranger, traders.market.grid, "registerConsumer", 1)
    with traders.refuses(errors.Settlement_UnknownAccount, account=traders.stranger.address):
        traders.accept(offer, buyer=traders.stranger)


def test_accept_energy_offer__with_several_faults__names_the_first(traders: SpotTraders) -> None:
    """Offer, status, amount, what remains, seller, self-trade, buyer, money."""
    offer = traders.offer(amount=10, price=MOST)
    traders.do(traders.seller, "cancelEnergyOffer", traders.offer())
    for account in (traders.seller, traders.rival):
        traders.deactivate(account, producer=True)
    traders.deactivate(traders.buyer, producer=False)

    with traders.refuses(errors.PeerToPeerTrading_NoSuchOffer, offer_id=3):
        traders.accept(3, 0)
    with traders.refuses(
        errors.PeerToPeerTrading_OfferNotOpen, offer_id=2, status=OfferStatus.CANCELLED
    ):
        traders.accept(2, 0)
    with traders.refuses(errors.PeerToPeerTrading_ZeroAmount):
        traders.accept(offer, 0)
    above = {"offer_id": offer, "amount": 11, "remaining": 10}
    with traders.refuses(errors.PeerToPeerTrading_AboveRemaining, **above):
        traders.accept(offer, 11, buyer=traders.seller)
    seller = traders.seller.address
    for buyer in (traders.seller, traders.buyer):
        with traders.refuses(errors.PeerToPeerTrading_Inactive, account=seller, buying=False):
            traders.accept(offer, 10, buyer=buyer)
    traders.reactivate(traders.seller, producer=True)
    with traders.refuses(errors.PeerToPeerTrading_SelfTrade, account=seller):
        traders.accept(offer, 10, buyer=traders.seller)
    buyer_address = traders.buyer.address
    with traders.refuses(errors.PeerToPeerTrading_Inactive, account=buyer_address, buying=True):
        traders.accept(offer, 10)
    traders.reactivate(traders.buyer, producer=False)
    with traders.refuses(
        errors.Settlement_InsufficientBalance,
        account=buyer_address,
        available=FUNDS,
        needed=cost_up(10, MOST),
    ):
        traders.accept(offer, 10)


# What happens


def test_accept_energy_offer__in_part__moves_energy_and_money(traders: SpotTraders) -> None:
    offer = traders.offer()
    before = traders.offered(offer)
    receipt = traders.accept(offer, 500)

    assert traders.emitted(receipt) == [
        # The seller's account is opened by its first sale.
        *("AccountOpened", "SpotPaid", "Transfer", "EnergyOfferAccepted")
    ]
    assert traders.logged(receipt, "EnergyOfferAccepted") == [
        {
            "offer_id": offer,
            "buyer": traders.buyer.address,
            "amount": 500,
            "paid": 125_000,
            "remaining": AMOUNT - 500,
        }
    ]
    assert traders.offered(offer) == before._replace(remaining=AMOUNT - 500)
    assert (traders.held, traders.energy(traders.buyer)) == (AMOUNT - 500, 500)
    assert traders.energy(traders.seller) == CREDITS - AMOUNT
    assert traders.money(traders.buyer) == FUNDS - 125_000
    assert traders.money(traders.seller) == 125_000


def test_accept_energy_offer__in_whole__is_sold(traders: SpotTraders) -> None:
    offer = traders.offer()
    before = traders.offered(offer)
    receipt = traders.accept(offer)
    (event,) = traders.logged(receipt, "EnergyOfferAccepted")
    assert (event["paid"], event["remaining"]) == (500_000, 0)
    assert traders.offered(offer) == before._replace(remaining=0, status=OfferStatus.SOLD)
    assert (traders.held, traders.energy(traders.buyer)) == (0, AMOUNT)


def test_accept_energy_offer__by_several__is_sold_to_the_last_wh(traders: SpotTraders) -> None:
    offer = traders.offer(amount=1001)
    for buyer, part, remaining in (
        (traders.buyer, 500, 501),
        (traders.rival, 500, 1),
        (traders.buyer, 1, 0),
    ):
        (event,) = traders.logged(traders.accept(offer, part, buyer=buyer), "EnergyOfferAccepted")
        assert event["remaining"] == traders.offered(offer).remaining == traders.held == remaining
    assert traders.offered(offer).status is OfferStatus.SOLD
    assert traders.offered(offer).amount == 1001
    assert (traders.energy(traders.buyer), traders.energy(traders.rival)) == (501, CREDITS + 500)


def test_accept_energy_offer__answer__is_what_is_paid(traders: SpotTraders) -> None:
    offer = traders.offer(amount=4_000, price=333_333)
    answer = traders.spot.call("acceptEnergyOffer", offer, 3_001, sender=traders.buyer.address)
    traders.accept(offer, 3_001)
    assert answer == FUNDS - traders.money(traders.buyer) == cost_up(3_001, 333_333)


@pytest.mark.parametrize(
    ("amount", "price", "paid"),
    [
        *((1, 1, 1), (999, 1, 1), (1000, 1, 1), (1001, 1, 2)),
        *((1, 999, 1), (1, 1000, 1), (1, 1001, 2), (1, 2000, 2)),
        *((1999, 250_001, 499_752), (2000, 250_001, 500_002)),
    ],
)
def test_accept_energy_offer__price_with_fractions__is_rounded_up(
    traders: SpotTraders, amount: int, price: int, paid: int
) -> None:
    receipt = traders.accept(traders.offer(amount, price), amount)
    assert traders.logged(receipt, "EnergyOfferAccepted")[0]["paid"] == paid
    assert traders.money(traders.buyer) == FUNDS - paid
    assert traders.money(traders.seller) == paid


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
    traders: SpotTraders,
    protocol_bps: int,
    grid_per_kwh: int,
    price: int,
    paid: int,
    protocol: int,
    grid: int,
) -> None:
    traders.set_fees(protocol_bps, grid_per_kwh)
    market = traders.market
    receipt = traders.accept(traders.offer(1500, price), 1500)
    (event,) = market.events(receipt, market.settlement, "SpotPaid")
    assert event.arguments == {
        "seller": traders.seller.address,
        "buyer": traders.buyer.address,
        "paid": paid,
        "protocol_fee": protocol,
        "grid_fee": grid,
    }
    assert traders.money(traders.buyer) == FUNDS - paid
    assert traders.money(traders.seller) == paid - protocol - grid
    assert market.settlement.call("treasuryOwed") == (protocol + grid, 0)
    assert holdings(market) == liabilities(market)


@pytest.mark.parametrize(("amount", "price"), [(MOST, 1), (1, MOST), (MOST, MOST)])
def test_accept_energy_offer__at_the_bounds__loses_no_unit(
    traders: SpotTraders, amount: int, price: int
) -> None:
    # All the money that an account of Settlement can hold: not enough for the largest purchase.
    funds = 2**104 - 1 - FUNDS
    fund(traders.market, traders.buyer, funds)
    give_credits(traders.market, traders.seller, amount)
    offer, cost = traders.offer(amount, price), cost_up(amount, price)
    if cost > 2**104 - 1:
        with traders.refuses(
            errors.Settlement_InsufficientBalance,
            account=traders.buyer.address,
            available=2**104 - 1,
            needed=cost,
        ):
            traders.accept(offer, amount)
        return
    traders.accept(offer, amount)
    assert traders.energy(traders.buyer) == amount
    assert traders.money(traders.buyer) == 2**104 - 1 - cost
    assert traders.money(traders.seller) == cost


def test_accept_energy_offer__of_a_seller_in_debt__pays_the_debt_first(
    traders: SpotTraders,
) -> None:
    offer = traders.offer()
    market = traders.market
    market.go_to(MONDAY + 86_400)
    debt = incur_debt(market, traders.seller, consumed=CREDITS)
    assert debt == cost_up(AMOUNT, 300_000)
    receipt = traders.accept(offer)

    assert "DebtRepaid" in traders.emitted(receipt)
    assert market.settlement.call("debtOf", traders.seller.address) == debt - 500_000
    assert traders.money(traders.seller) == 0
    assert traders.energy(traders.buyer) == AMOUNT


def test_accept_energy_offer__settlement_stopped__has_more(traders: SpotTraders) -> None:
    """Each contract has its own stop."""
    offer = traders.offer()
    market = traders.market
    market.do(market.roles[Role.ADMIN], market.settlement, "shutdown")
    traders.accept(offer)
    assert traders.energy(traders.buyer) == AMOUNT


def test_accept_energy_offer__of_a_payee_whom_the_token_refuses__is_paid_in_its_settlement_account(
    market: Market,
) -> None:
    """Its money waits for it; nobody is held up."""
    traders = open_spot_traders(deploy_stack(market, market.deploy("BlacklistToken")))
    token, seller = traders.market.dollar, traders.seller
    traders.market.do(traders.stranger, token, "setListed", seller.address, True)
    traders.accept(traders.offer())
    assert traders.money(seller) == 500_000
    withdraw = ("withdraw", 500_000, seller.address)
    with pytest.raises(errors.UnknownRevert):
        traders.market.do(seller, traders.market.settlement, *withdraw)
    traders.market.do(traders.stranger, token, "setListed", seller.address, False)
    traders.market.do(seller, traders.market.settlement, *withdraw)
    assert token.call("balanceOf", seller.address) == 500_000


def test_accept_energy_offer__energy_sent_here_from_outside__is_nobodys(
    traders: SpotTraders,
) -> None:
    offer = traders.offer(amount=10)
    market = traders.market
    market.do(traders.rival, market.energy_token, "transfer", market.spot.address, 7)
    with traders.refuses(
        errors.PeerToPeerTrading_AboveRemaining, offer_id=offer, amount=11, remaining=10
    ):
        traders.accept(offer, 11)
    traders.accept(offer, 10)
    assert traders.held == 7


# In one block


def first_of(
    traders: SpotTraders, offer: int, buyers: list[LocalAccount], amount: int
) -> list[bool]:
    call = traders.spot.prepare("acceptEnergyOffer", offer, amount)
    return together(traders.market, *((buyer, call) for buyer in buyers))


def test_accept_energy_offer__twice_in_one_block__sells_nothing_twice(traders: SpotTraders) -> None:
    offer = traders.offer()
    assert first_of(traders, offer, [traders.rival, traders.buyer], AMOUNT) == [True, False]
    assert traders.energy(traders.rival) == CREDITS + AMOUNT
    assert (traders.energy(traders.buyer), traders.money(traders.buyer)) == (0, FUNDS)


def test_accept_energy_offer__parts_in_one_block__sell_no_more_than_there_is(
    traders: SpotTraders,
) -> None:
    offer = traders.offer(amount=1000)
    buyers = [traders.rival, traders.buyer]
    assert first_of(traders, offer, buyers, 501) == [True, False]
    assert first_of(traders, offer, buyers[::-1], 249) == [True, True]
    assert traders.offered(offer).remaining == traders.held == 1
    assert traders.energy(traders.buyer) == 249


@pytest.mark.anvil
def test_accept_energy_offer__after_many__costs_the_same_gas(
    market: Market, traders: SpotTraders
) -> None:
    def cost(before: int) -> int:
        with rewound(market):
            offers = [traders.offer(amount=2) for _ in range(before)]
            traders.accept(offers[0], 1)
            return traders.accept(offers[-1], 1).gas_used

    assert cost(2) == cost(60)
