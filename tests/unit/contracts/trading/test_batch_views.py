"""EnergyTrading's views of batches and of their transactions."""

from __future__ import annotations

import pytest

from energy_grid.contracts import errors
from energy_grid.domain.batch import Refusal
from energy_grid.domain.orders import TransactionStatus
from energy_grid.domain.periods import Period, PeriodKind
from tests.support.market import MONDAY, Market, Receipt
from tests.support.refusals import refused
from tests.support.settlement import record
from tests.unit.contracts.trading.auction import ASK, BID, CLEARING, Auction
from tests.unit.contracts.trading.traders import (
    DAY,
    FOREVER,
    PRICE,
    Traders,
    Transaction,
    of_batch,
    refuses,
)

HOURLY, DAILY, WEEKLY = PeriodKind.HOURLY, PeriodKind.DAILY, PeriodKind.WEEKLY
MATCHED, SETTLED = TransactionStatus
# How many transactions the batches of `begin` have.
COUNTS = (3, 4, 1)
# Numbers that stand for no transaction after `begin`, which also agrees two pairs.
NONE = [
    *(0, 3, of_batch(1) - 1),
    *(of_batch(batch, count) for batch, count in enumerate(COUNTS, start=1)),
    *(of_batch(1, 4), of_batch(1, 5), of_batch(2) - 1, of_batch(4), of_batch(2**224 - 1)),
    *(of_batch(3, 1), FOREVER),
]


def begin(auction: Auction) -> None:
    """Two pairs, batches of three of one slot, four of a day, one; of nothing there is none."""
    traders = auction.traders
    traders.agree(11)
    day = Period(kind=DAILY, start=MONDAY + DAY)
    bid, ask = auction.bid(), auction.ask()
    auction.trade(*((bid, ask, 100 + place) for place in range(3)))
    days = auction.bid(nonce=1, period=day), auction.ask(nonce=1, period=day)
    auction.trade(*((*days, 200 + place) for place in range(4)), period=day, price=BID)
    traders.agree(12)
    auction.settle(auction.batch((bid, ask, 0)), skip=True)
    auction.trade((bid, ask, 400), price=ASK)


def info(market: Market, batch: int) -> tuple[object, ...]:
    return tuple(market.trading.call("getBatch", batch))


def page(market: Market, first: int, count: int) -> list[Transaction]:
    found = market.trading.call("getTransactions", first, count)
    return [Transaction(*values) for values in found]


def settle_many(traders: Traders, *numbers: int) -> Receipt:
    return traders.market.do(traders.keeper, traders.market.trading, "settleMany", numbers, FOREVER)


# getBatch, batchCount


def test_batch_count__with_each_batch__is_one_more(auction: Auction) -> None:
    trading = auction.trading
    assert trading.call("batchCount") == 0
    auction.traders.agree()
    assert trading.call("batchCount") == 0
    for count in (1, 2):
        auction.trade((auction.bid(nonce=count), auction.ask(nonce=count), 100))
        assert trading.call("batchCount") == count
    # Transactions of batches are not counted with those of pairs.
    assert trading.call("transactionCount") == 1


def test_get_batch__of_each__is_what_its_transactions_share(auction: Auction) -> None:
    begin(auction)
    start = auction.traders.start
    assert [info(auction.traders.market, batch) for batch in range(1, 4)] == [
        (HOURLY, start, CLEARING, False, of_batch(1), 3),
        (DAILY, MONDAY + DAY, BID, False, of_batch(2), 4),
        (HOURLY, start, ASK, False, of_batch(3), 1),
    ]


@pytest.mark.parametrize("late", [False, True])
def test_get_batch__made_when_slots_can_be_closed__is_late(auction: Auction, late: bool) -> None:
    market = auction.traders.market
    week = Period(kind=WEEKLY, start=MONDAY)
    batch = auction.batch((auction.bid(period=week), auction.ask(period=week), 100), period=week)
    market.at(market.closable_at(market.slot(MONDAY)) - (0 if late else 1))
    auction.settle(batch)
    assert info(market, 1) == (WEEKLY, MONDAY, CLEARING, late, of_batch(1), 1)
    assert auction.traders.transaction(of_batch(1)).late is late


def test_get_batch__of_settled_transactions__stays(auction: Auction) -> None:
    begin(auction)
    traders, market = auction.traders, auction.traders.market
    before = [info(market, batch) for batch in (1, 2)]
    market.go_to(MONDAY + 3 * DAY)
    settle_many(traders, *(of_batch(1, place) for place in range(3)))
    settle_many(traders, *(of_batch(2, place) for place in range(4)))
    assert {one.status for one in page(market, of_batch(1), 9)} == {SETTLED}
    assert [info(market, batch) for batch in (1, 2)] == before


@pytest.mark.parametrize("batch", [0, 4, 2**32, 2**224, FOREVER])
def test_get_batch__of_none__is_refused(auction: Auction, batch: int) -> None:
    begin(auction)
    with refused(errors.EnergyTrading_NoSuchBatch, batch_id=batch):
        info(auction.traders.market, batch)


# getTransaction, getTransactions


def test_get_transaction__of_a_batch__is_each_of_it(auction: Auction) -> None:
    begin(auction)
    traders = auction.traders
    sides = (traders.buyer.address, traders.seller.address)
    for place in range(3):
        assert traders.transaction(of_batch(1, place)) == Transaction(
            *(*sides, 100 + place, 0, CLEARING, HOURLY, traders.start, traders.end, 0, MATCHED)
        )
    for place in range(4):
        assert traders.transaction(of_batch(2, place)) == Transaction(
            *(*sides, 200 + place, 0, BID, DAILY, MONDAY + DAY, MONDAY + 2 * DAY, 0, MATCHED)
        )
    assert traders.transaction(of_batch(3)).amount == 400
    assert [traders.transaction(number).amount for number in (1, 2)] == [11, 12]
    assert [traders.transaction(number).price for number in (1, 2)] == [PRICE, PRICE]


@pytest.mark.parametrize("number", NONE)
def test_get_transaction__of_none__is_refused(auction: Auction, number: int) -> None:
    begin(auction)
    with refused(errors.EnergyTrading_NoSuchTransaction, transaction_id=number):
        auction.traders.transaction(number)


@pytest.mark.parametrize(
    ("first", "count", "amounts"),
    [
        # One slot, an odd number of them.
        (of_batch(1), 3, [100, 101, 102]),
        (of_batch(1), FOREVER, [100, 101, 102]),
        (of_batch(1), 1, [100]),
        (of_batch(1), 0, []),
        (of_batch(1, 1), 1, [101]),
        (of_batch(1, 1), 2, [101, 102]),
        (of_batch(1, 2), 5, [102]),
        (of_batch(1, 3), 5, []),
        (of_batch(1, 2**32 - 1), FOREVER, []),
        # Several slots, an even number.
        (of_batch(2), 4, [200, 201, 202, 203]),
        (of_batch(2, 1), 2, [201, 202]),
        (of_batch(2, 3), FOREVER, [203]),
        (of_batch(2, 4), FOREVER, []),
        # One of one, none.
        (of_batch(3), FOREVER, [400]),
        (of_batch(3, 1), FOREVER, []),
        (of_batch(4), FOREVER, []),
        (of_batch(2**224 - 1), FOREVER, []),
        (FOREVER, FOREVER, []),
        # Pairs do not run on into the batches.
        (1, FOREVER, [11, 12]),
        (2, FOREVER, [12]),
        (3, FOREVER, []),
        (of_batch(1) - 1, FOREVER, []),
    ],
)
def test_get_transactions__page_of_a_batch__ends_with_it(
    auction: Auction, first: int, count: int, amounts: list[int]
) -> None:
    begin(auction)
    found = page(auction.traders.market, first, count)
    assert [one.amount for one in found] == amounts
    assert found == [auction.traders.transaction(first + place) for place in range(len(amounts))]


# Settling by numbers


@pytest.mark.parametrize("number", NONE)
def test_settle_transaction__number_beside_those_of_batches__is_refused(
    auction: Auction, number: int
) -> None:
    begin(auction)
    traders = auction.traders
    error, values = errors.EnergyTrading_NoSuchTransaction, {"transaction_id": number}
    with refuses(traders.market, error, **values):
        traders.settle(number)
    with refuses(traders.market, error, **values):
        traders.settle(number, 1)
    with refuses(traders.market, error, **values):
        settle_many(traders, 1, of_batch(1), number)


def test_settle_many__pairs_and_batches_mixed__are_settled_in_the_order_given(
    auction: Auction,
) -> None:
    begin(auction)
    traders, market = auction.traders, auction.traders.market
    market.go_to(traders.start + 60)
    record(market, traders.seller, traders.slot, produced=600)
    # The day has not begun; the last has what the others leave of the 600 Wh.
    sequence = [of_batch(1, 2), 1, of_batch(2, 1), of_batch(1), of_batch(3), 2, of_batch(1, 1)]
    receipt = settle_many(traders, *sequence)
    expected = {of_batch(1, 2): 102, 1: 11, of_batch(1): 100, of_batch(3): 387}
    emitted = traders.logged(receipt, market.trading, "TransactionDelivered")
    assert {log["transaction_id"]: log["amount"] for log in emitted} == expected
    assert [log["transaction_id"] for log in emitted] == list(expected)
    ended = traders.logged(receipt, market.trading, "TransactionSettled")
    assert [log["transaction_id"] for log in ended] == [of_batch(1, 2), 1, of_batch(1)]
    for number in (of_batch(1, 2), of_batch(1), 1):
        assert traders.transaction(number).status is SETTLED
        with refuses(market, errors.EnergyTrading_AlreadySettled, transaction_id=number):
            traders.settle(number)
    # Those that have ended are passed over, whatever their numbers.
    market.go_to(market.final_at(traders.slot))
    ended = traders.logged(settle_many(traders, *sequence), market.trading, "TransactionSettled")
    assert [log["transaction_id"] for log in ended] == [of_batch(3), 2, of_batch(1, 1)]
    assert [traders.transaction(of_batch(2, place)).status for place in range(4)] == [MATCHED] * 4


def test_settle_many__two_of_a_word_and_one_of_them_twice__is_each_once(auction: Auction) -> None:
    begin(auction)
    traders, market = auction.traders, auction.traders.market
    market.go_to(traders.start + 60)
    record(market, traders.seller, traders.slot, produced=5000)
    receipt = settle_many(traders, of_batch(1, 1), of_batch(1), of_batch(1, 1))
    emitted = traders.logged(receipt, market.trading, "TransactionDelivered")
    assert [(log["transaction_id"], log["amount"]) for log in emitted] == [
        (of_batch(1, 1), 101),
        (of_batch(1), 100),
    ]
    assert traders.energy(traders.seller).sold == 201


# A batch of which nothing is left


@pytest.mark.parametrize("kind", [HOURLY, DAILY])
@pytest.mark.parametrize("price", [0, CLEARING])
def test_settle_batch__of_which_everything_is_refused__is_none_and_harms_no_other(
    auction: Auction, kind: PeriodKind, price: int
) -> None:
    traders, market = auction.traders, auction.traders.market
    period = Period(kind=kind, start=MONDAY + DAY)
    bid = auction.bid(period=period)
    ask = auction.ask(price=0, period=period)
    auction.trade((bid, ask, 300), period=period)
    before = page(market, of_batch(1), FOREVER)
    empty = auction.batch((bid, ask, 0), period=period, price=price)
    receipt = auction.settle(empty, skip=True)
    assert auction.skipped(receipt) == [(auction.name(bid), Refusal.DUST)]
    auction.trade((bid, ask, 301), (bid, ask, 302), (bid, ask, 303), period=period)

    assert market.trading.call("batchCount") == 2
    for number in (of_batch(2) - 1, of_batch(2, 3), of_batch(3)):
        with refused(errors.EnergyTrading_NoSuchTransaction, transaction_id=number):
            traders.transaction(number)
        with refuses(market, errors.EnergyTrading_NoSuchTransaction, transaction_id=number):
            traders.settle(number)
    assert page(market, of_batch(1), FOREVER) == before
    assert [one.amount for one in page(market, of_batch(2), FOREVER)] == [301, 302, 303]
