"""PeerToPeerTrading.createTrade."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from energy_grid.domain.enums import TradeStatus
from tests.support.examples import rewound
from tests.support.market import MONDAY, Market
from tests.support.settlement import incur_debt
from tests.unit.contracts.spot.traders import (
    AMOUNT,
    CREDITS,
    FOREVER,
    PRICE,
    SpotTraders,
    Trade,
    give_credits,
)

MOST = 2**64 - 1
NOBODY = "0x" + "00" * 20


def test_create_trade__of_nothing__is_refused(traders: SpotTraders) -> None:
    with traders.refuses(errors.PeerToPeerTrading_ZeroAmount):
        traders.trade(amount=0)


@pytest.mark.parametrize("amount", [2**64, 2**255])
def test_create_trade__of_more_than_64_bits__is_refused(traders: SpotTraders, amount: int) -> None:
    give_credits(traders.market, traders.seller, amount - CREDITS)
    with traders.refuses(errors.SafeCastOverflowedUintDowncast, bits=64, value=amount):
        traders.trade(amount=amount)


def test_create_trade__for_nothing__is_refused(traders: SpotTraders) -> None:
    with traders.refuses(errors.PeerToPeerTrading_ZeroPrice):
        traders.trade(price=0)


@pytest.mark.parametrize("price", [2**64, FOREVER])
def test_create_trade__at_a_price_of_more_than_64_bits__is_refused(
    traders: SpotTraders, price: int
) -> None:
    with traders.refuses(errors.SafeCastOverflowedUintDowncast, bits=64, value=price):
        traders.trade(price=price)


def test_create_trade__by_nobody_registered__is_refused(traders: SpotTraders) -> None:
    give_credits(traders.market, traders.stranger, AMOUNT)
    seller = traders.stranger.address
    with traders.refuses(errors.PeerToPeerTrading_Inactive, account=seller, buying=False):
        traders.trade(seller=traders.stranger)


def test_create_trade__by_a_deactivated_producer__is_refused(traders: SpotTraders) -> None:
    for seller in (traders.seller, traders.rival):
        traders.deactivate(seller, producer=True)
        with traders.refuses(
            errors.PeerToPeerTrading_Inactive, account=seller.address, buying=False
        ):
            traders.trade(seller=seller)
        traders.reactivate(seller, producer=True)
        traders.trade(seller=seller)


def test_create_trade__with_oneself__is_refused(traders: SpotTraders) -> None:
    with traders.refuses(errors.PeerToPeerTrading_SelfTrade, account=traders.rival.address):
        traders.trade(seller=traders.rival, buyer=traders.rival)


def test_create_trade__with_nobody__is_refused(traders: SpotTraders) -> None:
    for nobody in (NOBODY, traders.stranger.address, traders.spot.address):
        with traders.refuses(errors.PeerToPeerTrading_Inactive, account=nobody, buying=True):
            traders.do(traders.seller, "createTrade", nobody, AMOUNT, PRICE)


def test_create_trade__with_a_deactivated_consumer__is_refused(traders: SpotTraders) -> None:
    for buyer in (traders.buyer, traders.rival):
        traders.deactivate(buyer, producer=False)
        with traders.refuses(errors.PeerToPeerTrading_Inactive, account=buyer.address, buying=True):
            traders.trade(buyer=buyer)
        traders.reactivate(buyer, producer=False)
        traders.trade(buyer=buyer)


def test_create_trade__with_a_buyer_in_debt_or_without_money__is_taken(
    traders: SpotTraders,
) -> None:
    """It can come by the money until it completes."""
    traders.market.go_to(MONDAY + 86_400)
    assert incur_debt(traders.market, traders.buyer, consumed=10 * CREDITS) > 0
    assert traders.trade(price=MOST) == 1


def test_create_trade__with_several_faults__names_the_first(traders: SpotTraders) -> None:
    """Amount, price, seller, self-trade, buyer."""
    seller, buyer = traders.seller, traders.buyer
    traders.deactivate(seller, producer=True)
    traders.deactivate(buyer, producer=False)
    with traders.refuses(errors.PeerToPeerTrading_ZeroAmount):
        traders.trade(0, 0)
    with traders.refuses(errors.PeerToPeerTrading_ZeroPrice):
        traders.trade(AMOUNT, 0)
    for other in (seller, buyer):
        with traders.refuses(
            errors.PeerToPeerTrading_Inactive, account=seller.address, buying=False
        ):
            traders.trade(buyer=other)
    traders.reactivate(seller, producer=True)
    with traders.refuses(errors.PeerToPeerTrading_SelfTrade, account=seller.address):
        traders.trade(CREDITS + 1, buyer=seller)
    with traders.refuses(errors.PeerToPeerTrading_Inactive, account=buyer.address, buying=True):
        traders.trade(CREDITS + 1)


def test_create_trade__of_more_than_the_balance__is_refused(traders: SpotTraders) -> None:
    with traders.refuses(
        errors.ERC20InsufficientBalance,
        sender=traders.seller.address,
        balance=CREDITS,
        needed=CREDITS + 1,
    ):
        traders.trade(amount=CREDITS + 1)
    assert traders.trade(amount=CREDITS) == 1


def test_create_trade__above_the_allowance__is_refused(traders: SpotTraders) -> None:
    market = traders.market
    market.do(traders.seller, market.energy_token, "approve", market.spot.address, AMOUNT - 1)
    with traders.refuses(
        errors.ERC20InsufficientAllowance,
        spender=market.spot.address,
        allowance=AMOUNT - 1,
        needed=AMOUNT,
    ):
        traders.trade()


def test_create_trade__taken__holds_the_energy(traders: SpotTraders) -> None:
    traders.market.at(MONDAY + 500)
    seller, buyer = traders.seller.address, traders.buyer.address
    receipt = traders.do(traders.seller, "createTrade", buyer, AMOUNT, PRICE)

    assert traders.emitted(receipt) == ["Transfer", "TradeCreated"]
    assert traders.logged(receipt, "TradeCreated") == [
        {"trade_id": 1, "seller": seller, "buyer": buyer, "amount": AMOUNT, "price": PRICE}
    ]
    assert traders.agreed(1) == Trade(
        seller, buyer, AMOUNT, PRICE, MONDAY + 500, TradeStatus.PENDING
    )
    assert traders.agreed(1).status is TradeStatus.PENDING
    assert (traders.held, traders.energy(traders.seller)) == (AMOUNT, CREDITS - AMOUNT)


def test_create_trade__by_anyone__is_numbered_from_1_apart_from_offers(
    traders: SpotTraders,
) -> None:
    traders.offer()
    assert traders.trade() == 1
    assert traders.trade(seller=traders.rival, buyer=traders.seller) == 2
    another = ("createTrade", traders.buyer.address, 1, 1)
    assert traders.spot.call(*another, sender=traders.seller.address) == 3
    assert (traders.spot.call("offerCount"), traders.spot.call("tradeCount")) == (1, 2)
    assert traders.agreed(2).buyer == traders.seller.address


@pytest.mark.parametrize("amount", [1, MOST])
@pytest.mark.parametrize("price", [1, MOST])
def test_create_trade__at_the_bounds__is_kept_whole(
    traders: SpotTraders, amount: int, price: int
) -> None:
    give_credits(traders.market, traders.seller, amount)
    trade = traders.agreed(traders.trade(amount, price))
    assert (trade.amount, trade.price, traders.held) == (amount, price, amount)


# As of the orders: a time of 32 bits.
LAST = 2**32 - 1


def test_create_trade__in_the_last_second_of_32_bits__is_taken(traders: SpotTraders) -> None:
    traders.market.at(LAST)
    assert traders.agreed(traders.trade()).created_at == LAST
    with traders.refuses(errors.SafeCastOverflowedUintDowncast, bits=32, value=LAST + 1):
        traders.market.at(LAST + 1)
        traders.trade()


@pytest.mark.anvil
def test_create_trade__after_many__costs_the_same_gas(market: Market, traders: SpotTraders) -> None:
    arguments = (traders.buyer.address, 1, PRICE)

    def cost(before: int) -> int:
        with rewound(market):
            for _ in range(before):
                traders.trade(amount=1)
            return traders.do(traders.seller, "createTrade", *arguments).gas_used

    assert cost(1) == cost(60)
