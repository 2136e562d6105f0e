"""PeerToPeerTrading.createTrade."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from energy_grid.domain.spot import TradeStatus
from tests.support.examples import rewound
from tests.support.market import MONDAY, Market
from tests.support.settlement import incur_debt
from tests.unit.contracts.spot.floor import (
    AMOUNT,
    BANKED,
    FOREVER,
    PRICE,
    Floor,
    Trade,
    bank,
)

MOST = 2**64 - 1
NOBODY = "0x" + "00" * 20


def test_create_trade__of_nothing__is_refused(floor: Floor) -> None:
    with floor.refuses(errors.PeerToPeerTrading_ZeroAmount):
        floor.trade(amount=0)


@pytest.mark.parametrize("amount", [2**64, 2**255])
def test_create_trade__of_more_than_64_bits__is_refused(floor: Floor, amount: int) -> None:
    bank(floor.market, floor.seller, amount - BANKED)
    with floor.refuses(errors.SafeCastOverflowedUintDowncast, bits=64, value=amount):
        floor.trade(amount=amount)


def test_create_trade__for_nothing__is_refused(floor: Floor) -> None:
    with floor.refuses(errors.PeerToPeerTrading_ZeroPrice):
        floor.trade(price=0)


@pytest.mark.parametrize("price", [2**64, FOREVER])
def test_create_trade__at_a_price_of_more_than_64_bits__is_refused(
    floor: Floor, price: int
) -> None:
    with floor.refuses(errors.SafeCastOverflowedUintDowncast, bits=64, value=price):
        floor.trade(price=price)


def test_create_trade__by_nobody_registered__is_refused(floor: Floor) -> None:
    bank(floor.market, floor.stranger, AMOUNT)
    seller = floor.stranger.address
    with floor.refuses(errors.PeerToPeerTrading_Inactive, account=seller, buying=False):
        floor.trade(seller=floor.stranger)


def test_create_trade__by_a_deactivated_producer__is_refused(floor: Floor) -> None:
    for seller in (floor.seller, floor.rival):
        floor.deactivate(seller, producer=True)
        with floor.refuses(errors.PeerToPeerTrading_Inactive, account=seller.address, buying=False):
            floor.trade(seller=seller)
        floor.reactivate(seller, producer=True)
        floor.trade(seller=seller)


def test_create_trade__with_oneself__is_refused(floor: Floor) -> None:
    with floor.refuses(errors.PeerToPeerTrading_SelfTrade, account=floor.rival.address):
        floor.trade(seller=floor.rival, buyer=floor.rival)


def test_create_trade__with_nobody__is_refused(floor: Floor) -> None:
    for nobody in (NOBODY, floor.stranger.address, floor.spot.address):
        with floor.refuses(errors.PeerToPeerTrading_Inactive, account=nobody, buying=True):
            floor.do(floor.seller, "createTrade", nobody, AMOUNT, PRICE)


def test_create_trade__with_a_deactivated_consumer__is_refused(floor: Floor) -> None:
    for buyer in (floor.buyer, floor.rival):
        floor.deactivate(buyer, producer=False)
        with floor.refuses(errors.PeerToPeerTrading_Inactive, account=buyer.address, buying=True):
            floor.trade(buyer=buyer)
        floor.reactivate(buyer, producer=False)
        floor.trade(buyer=buyer)


def test_create_trade__with_a_buyer_in_debt_or_without_money__is_taken(floor: Floor) -> None:
    """It can come by the money until it completes."""
    floor.market.go_to(MONDAY + 86_400)
    assert incur_debt(floor.market, floor.buyer, consumed=10 * BANKED) > 0
    assert floor.trade(price=MOST) == 1


def test_create_trade__with_several_faults__names_the_first(floor: Floor) -> None:
    """Amount, price, seller, self-trade, buyer."""
    seller, buyer = floor.seller, floor.buyer
    floor.deactivate(seller, producer=True)
    floor.deactivate(buyer, producer=False)
    with floor.refuses(errors.PeerToPeerTrading_ZeroAmount):
        floor.trade(0, 0)
    with floor.refuses(errors.PeerToPeerTrading_ZeroPrice):
        floor.trade(AMOUNT, 0)
    for other in (seller, buyer):
        with floor.refuses(errors.PeerToPeerTrading_Inactive, account=seller.address, buying=False):
            floor.trade(buyer=other)
    floor.reactivate(seller, producer=True)
    with floor.refuses(errors.PeerToPeerTrading_SelfTrade, account=seller.address):
        floor.trade(BANKED + 1, buyer=seller)
    with floor.refuses(errors.PeerToPeerTrading_Inactive, account=buyer.address, buying=True):
        floor.trade(BANKED + 1)


def test_create_trade__of_more_than_is_banked__is_refused(floor: Floor) -> None:
    with floor.refuses(
        errors.ERC20InsufficientBalance,
        sender=floor.seller.address,
        balance=BANKED,
        needed=BANKED + 1,
    ):
        floor.trade(amount=BANKED + 1)
    assert floor.trade(amount=BANKED) == 1


def test_create_trade__above_the_allowance__is_refused(floor: Floor) -> None:
    market = floor.market
    market.do(floor.seller, market.energy_token, "approve", market.spot.address, AMOUNT - 1)
    with floor.refuses(
        errors.ERC20InsufficientAllowance,
        spender=market.spot.address,
        allowance=AMOUNT - 1,
        needed=AMOUNT,
    ):
        floor.trade()


def test_create_trade__taken__holds_the_energy(floor: Floor) -> None:
    floor.market.at(MONDAY + 500)
    seller, buyer = floor.seller.address, floor.buyer.address
    receipt = floor.do(floor.seller, "createTrade", buyer, AMOUNT, PRICE)

    assert floor.emitted(receipt) == ["Transfer", "TradeCreated"]
    assert floor.logged(receipt, "TradeCreated") == [
        {"trade_id": 1, "seller": seller, "buyer": buyer, "amount": AMOUNT, "price": PRICE}
    ]
    assert floor.agreed(1) == Trade(seller, buyer, AMOUNT, PRICE, MONDAY + 500, TradeStatus.PENDING)
    assert floor.agreed(1).status is TradeStatus.PENDING
    assert (floor.held, floor.energy(floor.seller)) == (AMOUNT, BANKED - AMOUNT)


def test_create_trade__by_anyone__is_numbered_from_1_apart_from_offers(floor: Floor) -> None:
    floor.offer()
    assert floor.trade() == 1
    assert floor.trade(seller=floor.rival, buyer=floor.seller) == 2
    another = ("createTrade", floor.buyer.address, 1, 1)
    assert floor.spot.call(*another, sender=floor.seller.address) == 3
    assert (floor.spot.call("offerCount"), floor.spot.call("tradeCount")) == (1, 2)
    assert floor.agreed(2).buyer == floor.seller.address


@pytest.mark.parametrize("amount", [1, MOST])
@pytest.mark.parametrize("price", [1, MOST])
def test_create_trade__at_the_bounds__is_kept_whole(floor: Floor, amount: int, price: int) -> None:
    bank(floor.market, floor.seller, amount)
    trade = floor.agreed(floor.trade(amount, price))
    assert (trade.amount, trade.price, floor.held) == (amount, price, amount)


# As of the orders: a time of 32 bits.
LAST = 2**32 - 1


def test_create_trade__in_the_last_second_of_32_bits__is_taken(floor: Floor) -> None:
    floor.market.at(LAST)
    assert floor.agreed(floor.trade()).created_at == LAST
    with floor.refuses(errors.SafeCastOverflowedUintDowncast, bits=32, value=LAST + 1):
        floor.market.at(LAST + 1)
        floor.trade()


@pytest.mark.anvil
def test_create_trade__after_many__costs_the_same_gas(market: Market, floor: Floor) -> None:
    arguments = (floor.buyer.address, 1, PRICE)

    def cost(before: int) -> int:
        with rewound(market):
            for _ in range(before):
                floor.trade(amount=1)
            return floor.do(floor.seller, "createTrade", *arguments).gas_used

    assert cost(1) == cost(60)
