"""PeerToPeerTrading.completeTrade and completeTradeAtMost."""

from __future__ import annotations

from tests.support.core.chain import refused
from tests.unit.contracts.spot.suite import (
    AMOUNT,
    EVER,
    FUNDS,
    MOST,
    PRICE,
    P,
    SpotTraders,
    up,
)

PROTOCOL, NETWORK = 7_000, 20_000
COMPLETED, CANCELLED = 1, 2


def test_complete_trade__with_several_faults__names_the_first(traders: SpotTraders) -> None:
    """Trade, status, caller, seller, buyer, money."""
    trade, gone, done = traders.trade(10, MOST), traders.trade(), traders.trade(1)
    traders.spot.cancelTrade(gone, by=traders.at("seller"))
    traders.complete(done)
    traders.deactivate("seller", producer=True)
    traders.deactivate("buyer", producer=False)
    for number in (0, 4, EVER):
        with refused(P + "NoSuchTrade", number):
            traders.complete(number)
    for number, status in ((gone, CANCELLED), (done, COMPLETED)):
        with refused(P + "TradeNotPending", number, status):
            traders.complete(number, buyer="rival")
    for name in ("seller", "rival", "stranger"):
        with refused(P + "NotParty", trade, traders.at(name)):
            traders.complete(trade, buyer=name)
    with refused(P + "Inactive", traders.at("seller"), False):
        traders.complete(trade)
    traders.reactivate("seller", producer=True)
    buyer = traders.at("buyer")
    with refused(P + "Inactive", buyer, True):
        traders.complete(trade)
    traders.reactivate("buyer", producer=False)
    with refused("Settlement_InsufficientBalance", buyer, FUNDS - PRICE // 1000, up(10 * MOST)):
        traders.complete(trade)


def test_complete_trade__in_debt__is_refused(traders: SpotTraders) -> None:
    trade = traders.trade()
    debt = traders.incur_debt("buyer", 10**6)
    with refused("Settlement_InDebt", traders.at("buyer"), debt):
        traders.complete(trade)


def test_complete_trade__by_its_buyer__moves_energy_and_money(traders: SpotTraders) -> None:
    trade, other = traders.trade(1_999, PRICE + 1), traders.trade(7)
    paid = 1_999 * (PRICE + 1)
    assert traders.complete(trade) == up(paid)
    assert traders.logged("TradeCompleted") == [(trade, up(paid))]
    assert tuple(traders.spot.getTradeInfo(trade))[5] == COMPLETED
    assert tuple(traders.spot.getTradeInfo(other))[5] == 0
    assert (traders.held, traders.energy("buyer")) == (7, 1_999)
    assert traders.money("buyer") == FUNDS * 1000 - paid
    assert traders.money("seller") == paid - 1_999 * (PROTOCOL + NETWORK)
    traders.assert_solvent()


def test_complete_trade_at_most__a_unit_below__is_refused(traders: SpotTraders) -> None:
    trade, buyer = traders.trade(AMOUNT - 1, PRICE + 1), traders.at("buyer")
    cost = up((AMOUNT - 1) * (PRICE + 1))
    with refused(P + "AboveLimit", cost, cost - 1):
        traders.spot.completeTradeAtMost(trade, cost - 1, by=buyer)
    assert traders.spot.completeTradeAtMost(trade, cost, by=buyer) == cost
