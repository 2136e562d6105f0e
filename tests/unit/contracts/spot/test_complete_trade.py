"""PeerToPeerTrading.completeTrade."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from energy_grid.domain.costs import cost_up
from energy_grid.domain.enums import TradeStatus
from tests.support.market import MONDAY
from tests.support.settlement import holdings, incur_debt, liabilities
from tests.unit.contracts.spot.traders import (
    AMOUNT,
    CREDITS,
    FOREVER,
    FUNDS,
    PRICE,
    SpotTraders,
    fund,
)
from tests.unit.contracts.trading.traders import together


@pytest.mark.parametrize("trade", [0, 2, FOREVER])
def test_complete_trade__that_does_not_exist__is_refused(traders: SpotTraders, trade: int) -> None:
    traders.trade()
    with traders.refuses(errors.PeerToPeerTrading_NoSuchTrade, trade_id=trade):
        traders.complete(trade)


def test_complete_trade__completed__is_refused(traders: SpotTraders) -> None:
    trade = traders.trade()
    traders.trade()
    traders.complete(trade)
    with traders.refuses(
        errors.PeerToPeerTrading_TradeNotPending, trade_id=trade, status=TradeStatus.COMPLETED
    ):
        traders.complete(trade)


def test_complete_trade__cancelled__is_refused(traders: SpotTraders) -> None:
    trade = traders.trade()
    traders.trade()
    traders.do(traders.seller, "cancelTrade", trade)
    with traders.refuses(
        errors.PeerToPeerTrading_TradeNotPending, trade_id=trade, status=TradeStatus.CANCELLED
    ):
        traders.complete(trade)


def test_complete_trade__by_another__is_refused(traders: SpotTraders) -> None:
    trade = traders.trade()
    for caller in (traders.seller, traders.rival, traders.stranger):
        with traders.refuses(
            errors.PeerToPeerTrading_NotParty, trade_id=trade, caller=caller.address
        ):
            traders.complete(trade, buyer=caller)


def test_complete_trade__of_a_seller_deactivated_since__is_refused(traders: SpotTraders) -> None:
    for seller in (traders.seller, traders.rival):
        trade = traders.trade(seller=seller)
        traders.deactivate(seller, producer=True)
        with traders.refuses(
            errors.PeerToPeerTrading_Inactive, account=seller.address, buying=False
        ):
            traders.complete(trade)
        traders.reactivate(seller, producer=True)
        traders.complete(trade)


def test_complete_trade__by_a_buyer_deactivated_since__is_refused(traders: SpotTraders) -> None:
    for buyer in (traders.buyer, traders.rival):
        trade = traders.trade(buyer=buyer)
        traders.deactivate(buyer, producer=False)
        with traders.refuses(errors.PeerToPeerTrading_Inactive, account=buyer.address, buying=True):
            traders.complete(trade, buyer=buyer)
        traders.reactivate(buyer, producer=False)
        traders.complete(trade, buyer=buyer)


def test_complete_trade__in_debt__is_refused(traders: SpotTraders) -> None:
    trade = traders.trade()
    traders.market.go_to(MONDAY + 86_400)
    debt = incur_debt(traders.market, traders.buyer, consumed=FUNDS)
    with traders.refuses(errors.Settlement_InDebt, account=traders.buyer.address, debt=debt):
        traders.complete(trade)
    fund(traders.market, traders.buyer, debt + FUNDS)
    traders.complete(trade)
    assert traders.money(traders.buyer) == FUNDS - 500_000


def test_complete_trade__without_the_money__is_refused(traders: SpotTraders) -> None:
    price = 1_000 * FUNDS // AMOUNT
    dear = traders.trade(price=price + 1)
    with traders.refuses(
        errors.Settlement_InsufficientBalance,
        account=traders.buyer.address,
        available=FUNDS,
        needed=FUNDS + 2,
    ):
        traders.complete(dear)
    traders.complete(traders.trade(price=price))
    assert traders.money(traders.buyer) == 0


def test_complete_trade__without_an_account__is_refused(traders: SpotTraders) -> None:
    trade = traders.trade(buyer=traders.seller, seller=traders.rival)
    with traders.refuses(errors.Settlement_UnknownAccount, account=traders.seller.address):
        traders.complete(trade, buyer=traders.seller)


def test_complete_trade__with_several_faults__names_the_first(traders: SpotTraders) -> None:
    """Trade, status, caller, seller, buyer."""
    trade = traders.trade()
    traders.do(traders.seller, "cancelTrade", traders.trade())
    traders.deactivate(traders.seller, producer=True)
    traders.deactivate(traders.buyer, producer=False)
    with traders.refuses(errors.PeerToPeerTrading_NoSuchTrade, trade_id=3):
        traders.complete(3, buyer=traders.stranger)
    with traders.refuses(
        errors.PeerToPeerTrading_TradeNotPending, trade_id=2, status=TradeStatus.CANCELLED
    ):
        traders.complete(2, buyer=traders.stranger)
    with traders.refuses(
        errors.PeerToPeerTrading_NotParty, trade_id=trade, caller=traders.stranger.address
    ):
        traders.complete(trade, buyer=traders.stranger)
    with traders.refuses(
        errors.PeerToPeerTrading_Inactive, account=traders.seller.address, buying=False
    ):
        traders.complete(trade)


def test_complete_trade__by_its_buyer__moves_energy_and_money(traders: SpotTraders) -> None:
    trade = traders.trade()
    before = traders.agreed(trade)
    answer = traders.spot.call("completeTrade", trade, sender=traders.buyer.address)
    receipt = traders.complete(trade)

    assert traders.emitted(receipt) == ["AccountOpened", "SpotPaid", "Transfer", "TradeCompleted"]
    assert traders.logged(receipt, "TradeCompleted") == [{"trade_id": trade, "paid": 500_000}]
    assert answer == 500_000
    assert traders.agreed(trade) == before._replace(status=TradeStatus.COMPLETED)
    assert (traders.held, traders.energy(traders.buyer)) == (0, AMOUNT)
    assert traders.energy(traders.seller) == CREDITS - AMOUNT
    assert traders.money(traders.buyer) == FUNDS - 500_000
    assert traders.money(traders.seller) == 500_000


@pytest.mark.parametrize(
    ("amount", "price", "paid"), [(1, 1, 1), (1000, 1, 1), (1001, 1, 2), (1999, 250_001, 499_752)]
)
def test_complete_trade__price_with_fractions__is_rounded_up(
    traders: SpotTraders, amount: int, price: int, paid: int
) -> None:
    traders.complete(traders.trade(amount, price))
    assert traders.money(traders.seller) == FUNDS - traders.money(traders.buyer) == paid


def test_complete_trade__with_fees__they_are_the_sellers(traders: SpotTraders) -> None:
    traders.set_fees(25, 10_001)
    traders.complete(traders.trade(1500, 99_999))
    assert FUNDS - traders.money(traders.buyer) == cost_up(1500, 99_999) == 149_999
    assert traders.money(traders.seller) == 149_999 - 374 - 15_001
    assert traders.market.settlement.call("treasuryOwed") == (374 + 15_001, 0)
    assert holdings(traders.market) == liabilities(traders.market)


def test_complete_trade__beside_others__leaves_theirs(traders: SpotTraders) -> None:
    offer, other = traders.offer(amount=5), traders.trade(amount=7)
    traders.complete(traders.trade())
    assert traders.held == 5 + 7
    traders.accept(offer, 5)
    traders.complete(other)
    assert traders.held == 0


# In one block


@pytest.mark.parametrize("canceller", ["seller", "buyer"])
def test_complete_trade__after_a_cancel_in_one_block__loses(
    traders: SpotTraders, canceller: str
) -> None:
    trade = traders.trade()
    assert together(
        traders.market,
        (getattr(traders, canceller), traders.spot.prepare("cancelTrade", trade)),
        (traders.buyer, traders.spot.prepare("completeTrade", trade)),
    ) == [True, False]
    assert (traders.held, traders.energy(traders.seller), traders.money(traders.buyer)) == (
        0,
        CREDITS,
        FUNDS,
    )


def test_complete_trade__before_a_cancel_in_one_block__wins(traders: SpotTraders) -> None:
    trade = traders.trade(price=PRICE)
    assert together(
        traders.market,
        (traders.buyer, traders.spot.prepare("completeTrade", trade)),
        (traders.seller, traders.spot.prepare("cancelTrade", trade)),
        (traders.buyer, traders.spot.prepare("cancelTrade", trade)),
    ) == [True, False, False]
    assert (traders.held, traders.energy(traders.buyer)) == (0, AMOUNT)
    assert traders.money(traders.seller) == 500_000


def test_complete_trade__twice_in_one_block__happens_once(traders: SpotTraders) -> None:
    trade = traders.trade()
    traders.trade()
    call = traders.spot.prepare("completeTrade", trade)
    assert together(traders.market, (traders.buyer, call), (traders.buyer, call)) == [True, False]
    assert (traders.held, traders.energy(traders.buyer)) == (AMOUNT, AMOUNT)
    assert traders.money(traders.buyer) == FUNDS - 500_000
