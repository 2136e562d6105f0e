"""EnergyTrading.settleBatch: the most that a stolen keeper's key is good for, to the unit. It is
what SECURITY.md warns of, and never more than what the orders of others say."""

from __future__ import annotations

from energy_grid.domain.batch import BATCH_IDS
from energy_grid.domain.orders import OrderType
from energy_grid.domain.periods import Period, PeriodKind
from tests.support.market import MONDAY
from tests.unit.contracts.trading.auction import Auction
from tests.unit.contracts.trading.traders import FUNDS, WEEK

BUY, SELL = OrderType.BUY, OrderType.SELL


def transaction_of(auction: Auction) -> int:
    """The first one of the latest batch."""
    return int(auction.trading.call("batchCount")) * BATCH_IDS


def test_settle_batch__own_bid_at_the_end_of_the_hour__earns_a_seller_s_collateral(
    auction: Auction,
) -> None:
    traders = auction.traders
    thief = traders.rival
    # The seller's order is good until the hour's last second, and nothing was produced.
    ask = auction.ask()
    traders.market.go_to(traders.end - 10)
    auction.trade((auction.bid(thief), ask, 2000))
    traders.market.go_to(traders.market.final_at(traders.slot))
    traders.settle(transaction_of(auction))
    assert traders.money(thief) == (FUNDS + auction.secured(2000), 0)
    assert traders.money(traders.seller) == (FUNDS - auction.secured(2000), 0)


def test_settle_batch__own_late_ask__holds_a_buyer_s_money_at_no_cost(auction: Auction) -> None:
    traders = auction.traders
    thief = traders.rival
    week = Period(kind=PeriodKind.WEEKLY, start=MONDAY)
    bid = auction.bid(amount=1_000_000, period=week)
    traders.market.go_to(traders.market.closable_at(traders.market.slot(MONDAY)))
    ask = auction.ask(thief, amount=1_000_000, period=week)
    auction.trade((bid, ask, 1_000_000), period=week)
    held = auction.paid(1_000_000)
    assert traders.money(traders.buyer) == (FUNDS - held, held)
    assert traders.money(thief) == (FUNDS, 0)
    traders.market.go_to(traders.market.final_at(traders.market.slot(MONDAY + WEEK) - 1))
    assert traders.money(traders.buyer) == (FUNDS - held, held)
    traders.settle(transaction_of(auction), WEEK // traders.market.slot_length)
    assert (traders.money(traders.buyer), traders.money(thief)) == ((FUNDS, 0), (FUNDS, 0))
