"""PeerToPeerTrading.cancelTrade."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from energy_grid.domain.spot import TradeStatus
from tests.support.market import MONDAY
from tests.support.settlement import incur_debt
from tests.unit.contracts.spot.floor import AMOUNT, BANKED, FOREVER, Floor

by_either = pytest.mark.parametrize("party", ["seller", "buyer"])


@pytest.mark.parametrize("trade", [0, 2, FOREVER])
def test_cancel_trade__that_does_not_exist__is_refused(floor: Floor, trade: int) -> None:
    floor.trade()
    with floor.refuses(errors.PeerToPeerTrading_NoSuchTrade, trade_id=trade):
        floor.do(floor.seller, "cancelTrade", trade)


@by_either
def test_cancel_trade__completed__is_refused(floor: Floor, party: str) -> None:
    trade = floor.trade()
    floor.trade()
    floor.complete(trade)
    with floor.refuses(
        errors.PeerToPeerTrading_TradeNotPending, trade_id=trade, status=TradeStatus.COMPLETED
    ):
        floor.do(getattr(floor, party), "cancelTrade", trade)


@by_either
def test_cancel_trade__cancelled__is_refused(floor: Floor, party: str) -> None:
    trade = floor.trade()
    floor.trade()
    floor.do(floor.buyer, "cancelTrade", trade)
    with floor.refuses(
        errors.PeerToPeerTrading_TradeNotPending, trade_id=trade, status=TradeStatus.CANCELLED
    ):
        floor.do(getattr(floor, party), "cancelTrade", trade)


def test_cancel_trade__by_another__is_refused(floor: Floor) -> None:
    trade = floor.trade()
    roles = set(floor.market.roles.values())
    for caller in (floor.rival.address, floor.stranger.address, *roles):
        with floor.refuses(errors.PeerToPeerTrading_NotParty, trade_id=trade, caller=caller):
            floor.do(caller, "cancelTrade", trade)


@by_either
def test_cancel_trade__by_a_party__gives_the_energy_back(floor: Floor, party: str) -> None:
    caller = getattr(floor, party)
    trade = floor.trade()
    floor.offer(amount=5)
    before = floor.agreed(trade)
    receipt = floor.do(caller, "cancelTrade", trade)

    assert floor.emitted(receipt) == ["Transfer", "TradeCancelled"]
    assert floor.logged(receipt, "TradeCancelled") == [{"trade_id": trade, "by": caller.address}]
    assert floor.agreed(trade) == before._replace(status=TradeStatus.CANCELLED)
    assert (floor.held, floor.energy(floor.seller), floor.energy(floor.buyer)) == (
        *(5, BANKED - 5, 0),
    )


@by_either
def test_cancel_trade__both_deactivated_since__gives_the_energy_back(
    floor: Floor, party: str
) -> None:
    trade = floor.trade()
    floor.deactivate(floor.seller, producer=True)
    floor.deactivate(floor.buyer, producer=False)
    floor.do(getattr(floor, party), "cancelTrade", trade)
    assert floor.energy(floor.seller) == BANKED


@by_either
def test_cancel_trade__both_in_debt__gives_the_energy_back(floor: Floor, party: str) -> None:
    trade = floor.trade()
    floor.market.go_to(MONDAY + 86_400)
    for account in (floor.seller, floor.buyer):
        assert incur_debt(floor.market, account, consumed=10**12) > 0
    floor.do(getattr(floor, party), "cancelTrade", trade)
    assert (floor.held, floor.energy(floor.seller)) == (0, AMOUNT)
