"""EnergyTrading.settleBatch: orders that are left out, and what becomes of those they were to
trade with."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_grid.contracts import errors
from energy_grid.domain.batch import Refusal
from energy_grid.domain.costs import collateral, cost_down, cost_up
from energy_grid.domain.orders import OrderStatus, OrderType
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.signed_orders import NonceState
from tests.support.examples import on_chain, rewound
from tests.support.market import MONDAY, actor
from tests.support.settlement import holdings, incur_debt, liabilities
from tests.unit.contracts.trading.auction import BID, CLEARING, Auction
from tests.unit.contracts.trading.tested_order import TESTED, WH, leave
from tests.unit.contracts.trading.traders import AMOUNT, FUNDS, of_batch, refuses

BUY, SELL = OrderType.BUY, OrderType.SELL
NEIGHBOURS = [actor(f"neighbour {number}") for number in range(6)]


@pytest.fixture(autouse=True)
def tested(auction: Auction) -> None:
    """One more trader with money."""
    auction.traders.market.deposit(TESTED, FUNDS)


@pytest.mark.parametrize("skip", [False, True])
def test_settle_batch__nothing_refused__does_the_same_either_way(
    auction: Auction, skip: bool
) -> None:
    traders = auction.traders
    stored = traders.sell(500, CLEARING, trader=traders.rival)
    bid = auction.bid()
    batch = auction.batch((bid, auction.ask(), 777), (bid, stored, 333))
    receipt = auction.settle(batch, skip=skip)
    assert traders.emitted(receipt) == ["OrdersMatched"] * 2 + ["BatchSettled"]
    assert traders.money(traders.buyer)[1] == auction.paid(777, 333)


@pytest.mark.parametrize("places", [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)])
def test_settle_batch__sellers_that_cannot_pay__leave_the_buyer_the_cost_of_the_others(
    auction: Auction, places: tuple[int, ...]
) -> None:
    # Whichever of three sellers cannot pay: rounding never leaves a unit locked or loose.
    traders, market = auction.traders, auction.traders.market
    amounts = (333, 777, 555)
    for place, seller in enumerate(NEIGHBOURS[:3]):
        needed = auction.secured(amounts[place])
        market.deposit(seller, needed - 1 if place in places else needed)
    bid = auction.bid()
    asks = [auction.ask(seller) for seller in NEIGHBOURS[:3]]
    fills = [(bid, ask, wh) for ask, wh in zip(asks, amounts, strict=True)]
    receipt = auction.settle(auction.batch(*fills), skip=True)

    traded = [wh for place, wh in enumerate(amounts) if place not in places]
    assert [wh for _, _, wh, _ in auction.fills()] == traded
    paid = auction.paid(*traded)
    assert traders.money(traders.buyer) == (FUNDS - paid, paid)
    left_out = {auction.name(asks[place]) for place in places}
    assert dict(auction.skipped(receipt)) == dict.fromkeys(left_out, Refusal.INSUFFICIENT_BALANCE)
    logged = traders.logged(receipt, auction.trading, "BatchSettled")
    sums = [(log["batch_id"], log["amount"], log["matched"]) for log in logged]
    assert sums == ([(1, sum(traded), len(traded))] if traded else [])
    state = NonceState.PARTIAL if traded else NonceState.OPEN
    assert auction.status(bid) == (state, sum(traded))


def test_settle_batch__buyer_that_cannot_pay__leaves_its_stored_seller_as_it_was(
    auction: Auction,
) -> None:
    traders = auction.traders
    leave(auction, 0)
    stored = traders.sell(AMOUNT, 1)
    before = traders.money(traders.seller)
    fills = ((auction.bid(TESTED), stored, WH), (auction.bid(), stored, 200))
    auction.settle(auction.batch(*fills), skip=True)
    assert traders.terms(stored).remaining == AMOUNT - 200
    locked = cost_up(AMOUNT - 200, traders.collateral) + auction.secured(200)
    assert traders.money(traders.seller) == (FUNDS - locked, locked)
    assert before == (
        FUNDS - cost_up(AMOUNT, traders.collateral),
        cost_up(AMOUNT, traders.collateral),
    )

    # And all of it, if nobody else buys.
    fills = ((auction.bid(TESTED, nonce=1), stored, WH),)
    auction.settle(auction.batch(*fills), skip=True)
    assert traders.terms(stored).remaining == AMOUNT - 200
    assert traders.money(traders.seller) == (FUNDS - locked, locked)
    assert traders.order(stored).status is OrderStatus.ACTIVE


def test_settle_batch__both_sides_cannot_pay__both_are_reported(auction: Auction) -> None:
    traders = auction.traders
    leave(auction, 0)
    bid, ask = auction.bid(traders.stranger), auction.ask(TESTED)
    traders.market.deposit(traders.stranger, 1)
    receipt = auction.settle(auction.batch((bid, ask, WH)), skip=True)
    assert dict(auction.skipped(receipt)) == {
        auction.name(bid): Refusal.INSUFFICIENT_BALANCE,
        auction.name(ask): Refusal.INSUFFICIENT_BALANCE,
    }
    assert traders.money(traders.stranger) == (1, 0)
    assert auction.state(bid) is auction.state(ask) is NonceState.OPEN


def test_settle_batch__money_short_of_all_fills__the_order_is_out_with_all_of_them(
    auction: Auction,
) -> None:
    # It could pay each by itself; which one is not the chain's to choose.
    traders = auction.traders
    leave(auction, auction.paid(777, 555) - 1)
    bid = auction.bid(TESTED)
    fills = ((bid, auction.ask(), 777), (bid, auction.ask(traders.rival), 555))
    before = traders.money(TESTED)
    receipt = auction.settle(auction.batch(*fills), skip=True)
    assert auction.skipped(receipt) == [(auction.name(bid), Refusal.INSUFFICIENT_BALANCE)]
    assert auction.count() == 0
    assert traders.money(TESTED) == before
    assert traders.money(traders.seller) == traders.money(traders.rival) == (FUNDS, 0)


def test_settle_batch__two_orders_of_a_trader_with_money_for_one__the_first_trades(
    auction: Auction,
) -> None:
    traders = auction.traders
    leave(auction, auction.paid(777))
    bids = [auction.bid(TESTED, nonce=nonce) for nonce in (1, 2)]
    fills = ((bids[1], auction.ask(), 777), (bids[0], auction.ask(traders.rival), 777))
    refusal = {"order_id": auction.name(bids[1]), "reason": Refusal.INSUFFICIENT_BALANCE}
    with refuses(traders.market, errors.EnergyTrading_Refused, **refusal):
        auction.trade(*fills)
    auction.settle(auction.batch(*fills), skip=True)
    assert [seller for _, seller, _, _ in auction.fills()] == [traders.rival.address]
    assert traders.money(TESTED) == (0, auction.paid(777))
    assert traders.money(traders.seller) == (FUNDS, 0)


def test_settle_batch__wrong_and_poor_orders_in_a_chain__only_whole_pairs_trade(
    auction: Auction,
) -> None:
    traders = auction.traders
    leave(auction, 0)
    expired = auction.ask(traders.rival, expiry=1)
    poor = auction.bid(TESTED)
    bid, ask = auction.bid(), auction.ask()
    fills = ((bid, expired, 100), (poor, expired, 200), (poor, ask, 300), (bid, ask, 401))
    receipt = auction.settle(auction.batch(*fills), skip=True)
    # What is out with its first reason is not asked for its money.
    assert sorted(auction.skipped(receipt)) == sorted(
        [
            (auction.name(expired), Refusal.EXPIRED),
            (auction.name(poor), Refusal.INSUFFICIENT_BALANCE),
        ]
    )
    assert auction.fills() == [(traders.buyer.address, traders.seller.address, 401, CLEARING)]
    assert traders.money(traders.buyer) == (FUNDS - auction.paid(401), auction.paid(401))
    assert traders.money(traders.seller) == (FUNDS - auction.secured(401), auction.secured(401))


def test_settle_batch__fill_whose_orders_are_both_out__is_reported_for_each_order_once(
    auction: Auction,
) -> None:
    bid, ask = auction.bid(expiry=1), auction.ask(expiry=1)
    receipt = auction.settle(auction.batch((bid, ask, 0), (ask, bid, 5)), skip=True)
    assert dict(auction.skipped(receipt)) == {
        auction.name(bid): Refusal.EXPIRED,
        auction.name(ask): Refusal.EXPIRED,
    }
    assert len(auction.skipped(receipt)) == 2


def test_settle_batch__everything_refused__makes_nothing_and_costs_nobody(
    auction: Auction,
) -> None:
    traders = auction.traders
    batch = auction.batch((auction.bid(expiry=1), auction.ask(), WH))
    receipt = auction.settle(batch, skip=True)
    assert traders.emitted(receipt) == ["OrderSkipped"]
    assert traders.money(traders.buyer) == traders.money(traders.seller) == (FUNDS, 0)
    assert auction.count() == 0
    # There is no batch of nothing.
    assert auction.trading.call("batchCount") == 0
    # The next one is none the worse for it.
    auction.trade((auction.bid(), auction.ask(), WH))
    assert traders.transaction(of_batch(1)).amount == WH
    assert auction.count() == 1


def test_settle_batch__debtor_whose_other_seller_is_out__pays_the_debt_with_what_is_freed(
    auction: Auction,
) -> None:
    # The debt is made after the money was put into a on-chain order, whose fill frees a little.
    traders, market = auction.traders, auction.traders.market
    market.deposit(traders.stranger, cost_up(1500, 2 * BID))
    stored = traders.buy(1500, 2 * BID, trader=traders.stranger)
    debt = incur_debt(market, traders.stranger, consumed=100)
    leave(auction, 0)
    fills = ((stored, auction.ask(), 300), (stored, auction.ask(TESTED), 301))
    receipt = auction.settle(auction.batch(*fills), skip=True)
    freed = cost_up(1500, 2 * BID) - cost_up(1200, 2 * BID) - auction.paid(300)
    repaid = min(debt, freed)
    assert traders.logged(receipt, market.settlement, "DebtRepaid") == [
        {"account": traders.stranger.address, "amount": repaid, "debt": debt - repaid}
    ]
    locked = cost_up(1200, 2 * BID) + auction.paid(300)
    assert traders.money(traders.stranger) == (freed - repaid, locked)


def test_settle_batch__late_and_a_buyer_without_money__leaves_the_seller_without_a_lock(
    auction: Auction,
) -> None:
    traders, market = auction.traders, auction.traders.market
    leave(auction, 0)
    day = Period(kind=PeriodKind.DAILY, start=MONDAY)
    ask, poor, rich = (
        auction.ask(period=day),
        auction.bid(TESTED, period=day),
        auction.bid(period=day),
    )
    market.go_to(market.closable_at(market.slot(MONDAY)))
    batch = auction.batch((poor, ask, 700), (rich, ask, 100), period=day)
    auction.settle(batch, skip=True)
    assert traders.transaction(of_batch(1)).late
    assert traders.money(traders.seller) == (FUNDS, 0)
    assert auction.status(ask) == (NonceState.PARTIAL, 100)


@settings(on_chain, max_examples=8)
@given(
    fills=st.lists(
        st.tuples(st.integers(0, 2), st.integers(3, 5), st.integers(1, 500)), min_size=1, max_size=8
    ),
    poor=st.sets(st.integers(0, 5), min_size=1, max_size=3),
    stored=st.sets(st.integers(0, 5)),
    price=st.integers(1_000, 10**6),
)
def test_settle_batch__any_traders_without_money__all_others_hold_exactly_their_fills(
    auction: Auction,
    fills: list[tuple[int, int, int]],
    poor: set[int],
    stored: set[int],
    price: int,
) -> None:
    traders = auction.traders
    stored = stored - poor
    with rewound(traders.market):
        orders = []
        for number, trader in enumerate(NEIGHBOURS):
            # A unit, so that it is known: less than anything costs here, collateral of 1 Wh too.
            traders.market.deposit(trader, 1 if number in poor else FUNDS * 10)
            side = BUY if number < 3 else SELL
            if number in stored:
                orders.append(traders.market.order(trader, side, 5000, price, start=traders.start))
            else:
                orders.append(auction.order(trader, side, 5000, price))
        # Fills of few Wh can cost the one unit that they have: those are not for this test.
        costly = [
            (buy, sell, wh)
            for buy, sell, wh in fills
            if cost_down(wh, price) > 1 and collateral(wh, traders.collateral) > 1
        ]
        if not costly:
            return
        spoken = [(orders[buy], orders[sell], wh) for buy, sell, wh in costly]
        auction.settle(auction.batch(*spoken, price=price), skip=True)

        traded = [one for one in costly if not poor & set(one[:2])]
        assert [wh for _, _, wh, _ in auction.fills()] == [wh for _, _, wh in traded]
        for number, trader in enumerate(NEIGHBOURS):
            mine = [wh for buy, sell, wh in traded if number in (buy, sell)]
            rate = price if number < 3 else traders.collateral
            locked = sum(cost_down(wh, rate) for wh in mine)
            if number in stored:
                locked += cost_up(5000 - sum(mine), rate)
            funds = 1 if number in poor else FUNDS * 10
            assert traders.money(trader) == (funds - locked, locked)
        assert liabilities(traders.market) == holdings(traders.market)
