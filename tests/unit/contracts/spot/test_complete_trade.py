"""PeerToPeerTrading.completeTrade."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from energy_grid.domain.costs import cost_up
from energy_grid.domain.spot import TradeStatus
from tests.support.market import MONDAY
from tests.support.settlement import holdings, incur_debt, liabilities
from tests.unit.contracts.spot.floor import AMOUNT, BANKED, FOREVER, FUNDS, PRICE, Floor, fund
from tests.unit.contracts.trading.desk import together


@pytest.mark.parametrize("trade", [0, 2, FOREVER])
def test_complete_trade__that_does_not_exist__is_refused(floor: Floor, trade: int) -> None:
    floor.trade()
    with floor.refuses(errors.PeerToPeerTrading_NoSuchTrade, trade_id=trade):
        floor.complete(trade)


def test_complete_trade__completed__is_refused(floor: Floor) -> None:
    trade = floor.trade()
    floor.trade()
    floor.complete(trade)
    with floor.refuses(
        errors.PeerToPeerTrading_TradeNotPending, trade_id=trade, status=TradeStatus.COMPLETED
    ):
        floor.complete(trade)


def test_complete_trade__cancelled__is_refused(floor: Floor) -> None:
    trade = floor.trade()
    floor.trade()
    floor.do(floor.seller, "cancelTrade", trade)
    with floor.refuses(
        errors.PeerToPeerTrading_TradeNotPending, trade_id=trade, status=TradeStatus.CANCELLED
    ):
        floor.complete(trade)


def test_complete_trade__by_another__is_refused(floor: Floor) -> None:
    trade = floor.trade()
    for caller in (floor.seller, floor.rival, floor.stranger):
        with floor.refuses(
            errors.PeerToPeerTrading_NotParty, trade_id=trade, caller=caller.address
        ):
            floor.complete(trade, buyer=caller)


def test_complete_trade__of_a_seller_deactivated_since__is_refused(floor: Floor) -> None:
    for seller in (floor.seller, floor.rival):
        trade = floor.trade(seller=seller)
        floor.deactivate(seller, producer=True)
        with floor.refuses(errors.PeerToPeerTrading_Inactive, account=seller.address, buying=False):
            floor.complete(trade)
        floor.reactivate(seller, producer=True)
        floor.complete(trade)


def test_complete_trade__by_a_buyer_deactivated_since__is_refused(floor: Floor) -> None:
    for buyer in (floor.buyer, floor.rival):
        trade = floor.trade(buyer=buyer)
        floor.deactivate(buyer, producer=False)
        with floor.refuses(errors.PeerToPeerTrading_Inactive, account=buyer.address, buying=True):
            floor.complete(trade, buyer=buyer)
        floor.reactivate(buyer, producer=False)
        floor.complete(trade, buyer=buyer)


def test_complete_trade__in_debt__is_refused(floor: Floor) -> None:
    trade = floor.trade()
    floor.market.go_to(MONDAY + 86_400)
    debt = incur_debt(floor.market, floor.buyer, consumed=FUNDS)
    with floor.refuses(errors.Settlement_InDebt, account=floor.buyer.address, debt=debt):
        floor.complete(trade)
    fund(floor.market, floor.buyer, debt + FUNDS)
    floor.complete(trade)
    assert floor.money(floor.buyer) == FUNDS - 500_000


def test_complete_trade__without_the_money__is_refused(floor: Floor) -> None:
    price = 1_000 * FUNDS // AMOUNT
    dear = floor.trade(price=price + 1)
    with floor.refuses(
        errors.Settlement_InsufficientBalance,
        account=floor.buyer.address,
        available=FUNDS,
        needed=FUNDS + 2,
    ):
        floor.complete(dear)
    floor.complete(floor.trade(price=price))
    assert floor.money(floor.buyer) == 0


def test_complete_trade__without_an_account__is_refused(floor: Floor) -> None:
    trade = floor.trade(buyer=floor.seller, seller=floor.rival)
    with floor.refuses(errors.Settlement_UnknownAccount, account=floor.seller.address):
        floor.complete(trade, buyer=floor.seller)


def test_complete_trade__with_several_faults__names_the_first(floor: Floor) -> None:
    """Trade, status, caller, seller, buyer."""
    trade = floor.trade()
    floor.do(floor.seller, "cancelTrade", floor.trade())
    floor.deactivate(floor.seller, producer=True)
    floor.deactivate(floor.buyer, producer=False)
    with floor.refuses(errors.PeerToPeerTrading_NoSuchTrade, trade_id=3):
        floor.complete(3, buyer=floor.stranger)
    with floor.refuses(
        errors.PeerToPeerTrading_TradeNotPending, trade_id=2, status=TradeStatus.CANCELLED
    ):
        floor.complete(2, buyer=floor.stranger)
    with floor.refuses(
        errors.PeerToPeerTrading_NotParty, trade_id=trade, caller=floor.stranger.address
    ):
        floor.complete(trade, buyer=floor.stranger)
    with floor.refuses(
        errors.PeerToPeerTrading_Inactive, account=floor.seller.address, buying=False
    ):
        floor.complete(trade)


def test_complete_trade__by_its_buyer__moves_energy_and_money(floor: Floor) -> None:
    trade = floor.trade()
    before = floor.agreed(trade)
    answer = floor.spot.call("completeTrade", trade, sender=floor.buyer.address)
    receipt = floor.complete(trade)

    assert floor.emitted(receipt) == ["AccountOpened", "SpotPaid", "Transfer", "TradeCompleted"]
    assert floor.logged(receipt, "TradeCompleted") == [{"trade_id": trade, "paid": 500_000}]
    assert answer == 500_000
    assert floor.agreed(trade) == before._replace(status=TradeStatus.COMPLETED)
    assert (floor.held, floor.energy(floor.buyer)) == (0, AMOUNT)
    assert floor.energy(floor.seller) == BANKED - AMOUNT
    assert floor.money(floor.buyer) == FUNDS - 500_000
    assert floor.money(floor.seller) == 500_000


@pytest.mark.parametrize(
    ("amount", "price", "paid"), [(1, 1, 1), (1000, 1, 1), (1001, 1, 2), (1999, 250_001, 499_752)]
)
def test_complete_trade__price_with_fractions__is_rounded_up(
    floor: Floor, amount: int, price: int, paid: int
) -> None:
    floor.complete(floor.trade(amount, price))
    assert floor.money(floor.seller) == FUNDS - floor.money(floor.buyer) == paid


def test_complete_trade__with_fees__they_are_the_sellers(floor: Floor) -> None:
    floor.set_fees(25, 10_001)
    floor.complete(floor.trade(1500, 99_999))
    assert FUNDS - floor.money(floor.buyer) == cost_up(1500, 99_999) == 149_999
    assert floor.money(floor.seller) == 149_999 - 374 - 15_001
    assert floor.market.settlement.call("treasuryOwed") == (374 + 15_001, 0)
    assert holdings(floor.market) == liabilities(floor.market)


def test_complete_trade__beside_others__leaves_theirs(floor: Floor) -> None:
    offer, other = floor.offer(amount=5), floor.trade(amount=7)
    floor.complete(floor.trade())
    assert floor.held == 5 + 7
    floor.accept(offer, 5)
    floor.complete(other)
    assert floor.held == 0


# In one block


@pytest.mark.parametrize("canceller", ["seller", "buyer"])
def test_complete_trade__after_a_cancel_in_one_block__loses(floor: Floor, canceller: str) -> None:
    trade = floor.trade()
    assert together(
        floor.market,
        (getattr(floor, canceller), floor.spot.prepare("cancelTrade", trade)),
        (floor.buyer, floor.spot.prepare("completeTrade", trade)),
    ) == [True, False]
    assert (floor.held, floor.energy(floor.seller), floor.money(floor.buyer)) == (0, BANKED, FUNDS)


def test_complete_trade__before_a_cancel_in_one_block__wins(floor: Floor) -> None:
    trade = floor.trade(price=PRICE)
    assert together(
        floor.market,
        (floor.buyer, floor.spot.prepare("completeTrade", trade)),
        (floor.seller, floor.spot.prepare("cancelTrade", trade)),
        (floor.buyer, floor.spot.prepare("cancelTrade", trade)),
    ) == [True, False, False]
    assert (floor.held, floor.energy(floor.buyer)) == (0, AMOUNT)
    assert floor.money(floor.seller) == 500_000


def test_complete_trade__twice_in_one_block__happens_once(floor: Floor) -> None:
    trade = floor.trade()
    floor.trade()
    call = floor.spot.prepare("completeTrade", trade)
    assert together(floor.market, (floor.buyer, call), (floor.buyer, call)) == [True, False]
    assert (floor.held, floor.energy(floor.buyer)) == (AMOUNT, AMOUNT)
    assert floor.money(floor.buyer) == FUNDS - 500_000
