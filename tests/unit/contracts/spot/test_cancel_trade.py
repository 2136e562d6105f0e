"""PeerToPeerTrading.cancelTrade."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from energy_grid.domain.enums import TradeStatus
from tests.support.market import MONDAY
from tests.support.settlement import incur_debt
from tests.unit.contracts.spot.traders import AMOUNT, CREDITS, FOREVER, SpotTraders

by_either = pytest.mark.parametrize("trader", ["seller", "buyer"])


@pytest.mark.parametrize("trade", [0, 2, FOREVER])
def test_cancel_trade__that_does_not_exist__is_refused(traders: SpotTraders, trade: int) -> None:
    traders.trade()
    with traders.refuses(errors.PeerToPeerTrading_NoSuchTrade, trade_id=trade):
        traders.do(traders.seller, "cancelTrade", trade)


@by_either
def test_cancel_trade__completed__is_refused(traders: SpotTraders, trader: str) -> None:
    trade = traders.trade()
    traders.trade()
    traders.complete(trade)
    with traders.refuses(
        errors.PeerToPeerTrading_TradeNotPending, trade_id=trade, status=TradeStatus.COMPLETED
    ):
        traders.do(getattr(traders, trader), "cancelTrade", trade)


@by_either
def test_cancel_trade__cancelled__is_refused(traders: SpotTraders, trader: str) -> None:
    trade = traders.trade()
    traders.trade()
    traders.do(traders.buyer, "cancelTrade", trade)
    with traders.refuses(
        errors.PeerToPeerTrading_TradeNotPending, trade_id=trade, status=TradeStatus.CANCELLED
    ):
        traders.do(getattr(traders, trader), "cancelTrade", trade)


def test_cancel_trade__by_another__is_refused(traders: SpotTraders) -> None:
    trade = traders.trade()
    roles = set(traders.market.roles.values())
    for caller in (traders.rival.address, traders.stranger.address, *roles):
        with traders.refuses(errors.PeerToPeerTrading_NotParty, trade_id=trade, caller=caller):
            traders.do(caller, "cancelTrade", trade)


@by_either
def test_cancel_trade__by_seller_or_buyer__gives_the_energy_back(
    traders: SpotTraders, trader: str
) -> None:
    caller = getattr(traders, trader)
    trade = traders.trade()
    traders.offer(amount=5)
    before = traders.agreed(trade)
    receipt = traders.do(caller, "cancelTrade", trade)

    assert traders.emitted(receipt) == ["Transfer", "TradeCancelled"]
    assert traders.logged(receipt, "TradeCancelled") == [{"trade_id": trade, "by": caller.address}]
    assert traders.agreed(trade) == before._replace(status=TradeStatus.CANCELLED)
    assert (traders.held, traders.energy(traders.seller), traders.energy(traders.buyer)) == (
        *(5, CREDITS - 5, 0),
    )


@by_either
def test_cancel_trade__both_deactivated_since__gives_the_energy_back(
    traders: SpotTraders, trader: str
) -> None:
    trade = traders.trade()
    traders.deactivate(traders.seller, producer=True)
    traders.deactivate(traders.buyer, producer=False)
    traders.do(getattr(traders, trader), "cancelTrade", trade)
    assert traders.energy(traders.seller) == CREDITS


@by_either
def test_cancel_trade__both_in_debt__gives_the_energy_back(
    traders: SpotTraders, trader: str
) -> None:
    trade = traders.trade()
    traders.market.go_to(MONDAY + 86_400)
    for account in (traders.seller, traders.buyer):
        assert incur_debt(traders.market, account, consumed=10**12) > 0
    traders.do(getattr(traders, trader), "cancelTrade", trade)
    assert (traders.held, traders.energy(traders.seller)) == (0, AMOUNT)
