"""EnergyTrading.settleBatch: what happens between two batches, and in which order within a block
(threats 13, 14 and 20)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any

import pytest
from eth_account.signers.local import LocalAccount

from energy_grid.chain.contract import Call
from energy_grid.contracts import errors
from energy_grid.domain.batch import Refusal
from energy_grid.domain.orders import OrderType
from energy_grid.domain.signed_orders import NonceState
from tests.support.examples import rewound
from tests.support.settlement import holdings, liabilities
from tests.unit.contracts.trading.auction import ASK, BID, CLEARING, Auction
from tests.unit.contracts.trading.tested_order import (
    NOW,
    TESTED,
    block,
    leave,
    order,
    run_into_debt,
)
from tests.unit.contracts.trading.traders import AMOUNT, FUNDS, refuses, together

BUY, SELL = OrderType.BUY, OrderType.SELL
FIRST, SECOND = 777, 555


@pytest.fixture(autouse=True)
def tested(auction: Auction) -> None:
    """One more trader with money."""
    auction.traders.market.deposit(TESTED, FUNDS)


# Two batches over the same order


def _cancelled(auction: Auction, side: OrderType) -> None:
    auction.cancel(TESTED, 0)


def _voided(auction: Auction, side: OrderType) -> None:
    auction.cancel_below(TESTED, 1)


def _expired(auction: Auction, side: OrderType) -> None:
    auction.traders.market.go_to(NOW)


def _spent(auction: Auction, side: OrderType) -> None:
    leave(auction, 0)


def _blocked(auction: Auction, side: OrderType) -> None:
    block(auction, side)


def _in_debt(auction: Auction, side: OrderType) -> None:
    run_into_debt(auction)


def _other_trade(auction: Auction, side: OrderType) -> None:
    """All money goes into an order that is stored."""
    traders = auction.traders
    price = traders.market.balance(TESTED) * 1000 // AMOUNT
    wh = AMOUNT if side is BUY else traders.market.balance(TESTED) * 1000 // traders.collateral
    traders.market.order(TESTED, side, wh, price, start=traders.start)


_EVENTS: list[tuple[Callable[[Auction, OrderType], None], OrderType, Refusal]] = [
    (_cancelled, BUY, Refusal.NONCE_SPENT),
    (_cancelled, SELL, Refusal.NONCE_SPENT),
    (_voided, BUY, Refusal.NONCE_SPENT),
    (_voided, SELL, Refusal.NONCE_SPENT),
    (_expired, BUY, Refusal.EXPIRED),
    (_expired, SELL, Refusal.EXPIRED),
    (_spent, BUY, Refusal.INSUFFICIENT_BALANCE),
    (_spent, SELL, Refusal.INSUFFICIENT_BALANCE),
    (_other_trade, BUY, Refusal.INSUFFICIENT_BALANCE),
    (_other_trade, SELL, Refusal.INSUFFICIENT_BALANCE),
    (_blocked, BUY, Refusal.SIDE_BLOCKED),
    (_blocked, SELL, Refusal.SIDE_BLOCKED),
    (_in_debt, BUY, Refusal.IN_DEBT),
]


@pytest.mark.parametrize(
    ("happens", "side", "reason"),
    [pytest.param(*one, id=f"{one[0].__name__[1:]}-{one[1].name}") for one in _EVENTS],
)
def test_settle_batch__what_happens_between_two_batches__counts_in_the_second(
    auction: Auction,
    happens: Callable[[Auction, OrderType], None],
    side: OrderType,
    reason: Refusal,
) -> None:
    traders = auction.traders
    made = order(auction, side, expiry=NOW - 1)
    other = auction.ask(amount=3000) if side is BUY else auction.bid(amount=3000)
    pair = (made, other) if side is BUY else (other, made)
    auction.trade((*pair, FIRST))
    locked = traders.money(TESTED)[1]
    assert locked == (auction.paid(FIRST) if side is BUY else auction.secured(FIRST))

    happens(auction, side)
    name, before = auction.name(made), traders.money(TESTED)
    with refuses(traders.market, errors.EnergyTrading_Refused, order_id=name, reason=reason):
        auction.trade((*pair, SECOND))
    receipt = auction.settle(auction.batch((*pair, SECOND)), skip=True)
    assert auction.skipped(receipt) == [(name, reason)]
    # The first trade stands, and nothing of the second is left in anybody's balance.
    assert auction.filled(made) == auction.filled(other) == FIRST
    assert traders.money(TESTED) == before
    assert auction.count() == 1
    kept = auction.secured(FIRST) if side is BUY else auction.paid(FIRST)
    trader = traders.seller if side is BUY else traders.buyer
    assert traders.money(trader) == (FUNDS - kept, kept)


@pytest.mark.parametrize("sequence", [(0, 1), (1, 0)])
def test_settle_batch__two_batches_over_the_same_orders__either_first_leaves_the_same(
    auction: Auction, sequence: tuple[int, int]
) -> None:
    traders = auction.traders
    bid, asks = auction.bid(), [auction.ask(), auction.ask(traders.rival)]
    batches = [auction.batch((bid, asks[0], FIRST)), auction.batch((bid, asks[1], SECOND))]
    for number in sequence:
        auction.settle(batches[number])
    assert auction.status(bid) == (NonceState.PARTIAL, FIRST + SECOND)
    assert [auction.filled(ask) for ask in asks] == [FIRST, SECOND]
    assert traders.money(traders.buyer)[1] == auction.paid(FIRST, SECOND)
    # Each can be sent again as long as there is something left, and then no more.
    auction.settle(auction.batch((bid, asks[0], AMOUNT - FIRST - SECOND)))
    for batch in batches:
        refusal = {"order_id": auction.name(bid), "reason": Refusal.NONCE_SPENT}
        with refuses(traders.market, errors.EnergyTrading_Refused, **refusal):
            auction.settle(batch)


@pytest.mark.parametrize("sequence", [(0, 1), (1, 0)])
def test_settle_batch__two_batches_that_ask_for_too_much__the_first_wins(
    auction: Auction, sequence: tuple[int, int]
) -> None:
    traders = auction.traders
    bid, asks = auction.bid(), [auction.ask(), auction.ask(traders.rival)]
    batches = [auction.batch((bid, ask, 1500)) for ask in asks]
    auction.settle(batches[sequence[0]])
    late = batches[sequence[1]]
    receipt = auction.settle(late, skip=True)
    assert auction.skipped(receipt) == [(auction.name(bid), Refusal.OVERFILLED)]
    assert auction.filled(bid) == 1500
    loser = (traders.seller, traders.rival)[sequence[1]]
    assert traders.money(loser) == (FUNDS, 0)


def test_settle_batch__same_batch_twice__the_second_is_refused(auction: Auction) -> None:
    batch = auction.batch((auction.bid(), auction.ask(), AMOUNT))
    auction.settle(batch)
    name = auction.name(batch.signed_orders[0])
    refusal = {"order_id": name, "reason": Refusal.NONCE_SPENT}
    with refuses(auction.traders.market, errors.EnergyTrading_Refused, **refusal):
        auction.settle(batch)
    assert len(auction.skipped(auction.settle(batch, skip=True))) == 2
    assert auction.count() == 1


def test_settle_batch__skipped_once__can_trade_in_the_next(auction: Auction) -> None:
    traders, market = auction.traders, auction.traders.market
    made, bid = order(auction, SELL), auction.bid()
    leave(auction, 0)
    batch = auction.batch((bid, made, FIRST))
    auction.settle(batch, skip=True)
    market.deposit(TESTED, auction.secured(FIRST))
    auction.settle(batch)
    assert auction.filled(made) == auction.filled(bid) == FIRST
    assert traders.money(TESTED) == (0, auction.secured(FIRST))


# Within a block


def test_settle_batch__any_order_within_a_block__passes_nobodys_limit(auction: Auction) -> None:
    """Batches at several prices, a match of on-chain orders, and a cancellation."""
    traders, market = auction.traders, auction.traders.market
    bid, ask = auction.bid(price=CLEARING), auction.ask(price=CLEARING - 2)
    stored = traders.sell(400, CLEARING - 1, trader=traders.rival)
    rival_bid = traders.buy(300, CLEARING + 5, trader=TESTED)
    spoken = ((bid, ask, 900), (bid, stored, 100))
    at = [auction.batch(*spoken, price=price) for price in range(CLEARING - 1, CLEARING + 2)]
    others = [
        (traders.stranger, auction.trading.prepare("matchOrders", rival_bid, stored)),
        (traders.seller, auction.trading.prepare("cancelSigned", [0])),
    ]

    limits = {traders.buyer.address: CLEARING, TESTED.address: CLEARING + 5}
    floors = {traders.seller.address: CLEARING - 2, traders.rival.address: CLEARING - 1}
    seen = set()
    for pair in ((0, 1), (2, 1), (1, 2)):
        batches = [(auction.keeper, auction.prepare(at[number], skip=True)) for number in pair]
        everything: list[tuple[Any, Call]] = [*batches, *others]
        for sequence in permutations(range(4)):
            # What one sender sends stays in the order of its nonces.
            if sequence.index(0) > sequence.index(1):
                continue
            with rewound(market):
                together(market, *(everything[place] for place in sequence))
                made = auction.fills()
                assert all(limits[buyer] >= price for buyer, _, _, price in made)
                assert all(floors[seller] <= price for _, seller, _, price in made)
                for trader in (traders.buyer.address, traders.seller.address):
                    assert sum(wh for *sides, wh, _ in made if trader in sides) <= AMOUNT
                sold = sum(wh for _, seller, wh, _ in made if seller == traders.rival.address)
                assert traders.terms(stored).remaining == 400 - sold
                assert liabilities(market) == holdings(market)
                seen.add(tuple(sorted(made)))
    # The order does matter to what trades: there is something to be worsened.
    assert len(seen) > 3


@pytest.mark.parametrize("cancel_first", [False, True])
@pytest.mark.parametrize("below", [False, True])
@pytest.mark.parametrize("side", OrderType)
def test_settle_batch__cancelled_in_the_same_block__one_wins_and_no_money_is_lost(
    auction: Auction, side: OrderType, below: bool, cancel_first: bool
) -> None:
    traders, market = auction.traders, auction.traders.market
    bid, ask = auction.bid(), auction.ask()
    trader: LocalAccount = traders.buyer if side is BUY else traders.seller
    arguments: tuple[str, Any] = ("cancelSignedBelow", 1) if below else ("cancelSigned", [0])
    cancel = (trader.address, auction.trading.prepare(*arguments))
    batch = (auction.keeper, auction.prepare(auction.batch((bid, ask, FIRST))))
    done = together(market, *((cancel, batch) if cancel_first else (batch, cancel)))

    assert done == ([True, False] if cancel_first else [True, True])
    assert auction.count() == (0 if cancel_first else 1)
    mine = bid if side is BUY else ask
    assert auction.state(mine) is NonceState.CANCELLED
    paid, secured = (0, 0) if cancel_first else (auction.paid(FIRST), auction.secured(FIRST))
    assert traders.money(traders.buyer) == (FUNDS - paid, paid)
    assert traders.money(traders.seller) == (FUNDS - secured, secured)


@pytest.mark.parametrize("withdraw_first", [False, True])
def test_settle_batch__money_taken_out_in_the_same_block__one_wins(
    auction: Auction, withdraw_first: bool
) -> None:
    traders, market = auction.traders, auction.traders.market
    withdraw = market.settlement.prepare("withdraw", FUNDS, traders.buyer.address)
    sent = [
        (traders.buyer.address, withdraw),
        (auction.keeper, auction.prepare(auction.batch((auction.bid(), auction.ask(), FIRST)))),
    ]
    done = together(market, *(sent if withdraw_first else reversed(sent)))
    assert done == [True, False]
    assert auction.count() == (0 if withdraw_first else 1)
    paid = auction.paid(FIRST)
    assert traders.money(traders.buyer) == ((0, 0) if withdraw_first else (FUNDS - paid, paid))


def test_settle_batch__limits__are_the_traders_whatever_the_keeper_says(auction: Auction) -> None:
    traders = auction.traders
    bid, ask = auction.bid(), auction.ask()
    for price, order_, reason in (
        (BID + 1, bid, Refusal.WORSE_THAN_LIMIT),
        (ASK - 1, ask, Refusal.WORSE_THAN_LIMIT),
    ):
        refusal = {"order_id": auction.name(order_), "reason": reason}
        with refuses(traders.market, errors.EnergyTrading_Refused, **refusal):
            auction.trade((bid, ask, FIRST), price=price)
    for price in (BID, ASK):
        auction.trade((bid, ask, 500), price=price)
