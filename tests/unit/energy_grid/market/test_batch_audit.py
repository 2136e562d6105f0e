"""The audit of batches on a chain in memory: honest keepers pass, each other one is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_grid.domain.batch import Refusal
from energy_grid.domain.batch_clearing import OpenOrder, Pair, clear_orders
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.market.batch_audit import BatchAudit, audit, written_id
from energy_grid.market.batches import GasBound, batches_of
from energy_grid.market.order_sets import Dropped, OrderSet, Seed, root_of
from tests.unit.energy_grid.market.batch_chain import (
    BUY,
    HOUR,
    SEED,
    SELL,
    SET_SEED,
    MemoryChain,
    signed,
    stored,
)

BOOK = [
    signed(1, 1, BUY, 100, 9000),
    signed(2, 2, BUY, 100, 8000),
    stored(3, 3, BUY, 100, 4000),
    signed(4, 4, SELL, 100, 1000),
    stored(5, 5, SELL, 100, 2000),
]


def order_set(book: Sequence[OpenOrder], dropped: Sequence[Dropped] = ()) -> OrderSet:
    return OrderSet(
        period=HOUR,
        price=6000,
        root=root_of(book),
        seed=SET_SEED,
        orders=tuple(book),
        dropped=tuple(dropped),
    )


def trade(chain: MemoryChain, pairs: Sequence[Pair], root: bytes, price: int = 6000) -> None:
    """Carry out these pairs, whatever would have been better."""
    bound = GasBound()
    for batch in batches_of(
        pairs, chain.orders, period=HOUR, price=price, order_set=root, bound=bound
    ):
        chain.send_batch(batch, True)


def judge(chain: MemoryChain, published: OrderSet) -> BatchAudit:
    return audit(published, chain.parts, chain, money=str, price=str)


def test_audit__best_clearing__nothing_is_found() -> None:
    chain = MemoryChain.of(BOOK)
    trade(chain, clear_orders(BOOK, 1, SEED).pairs, root_of(BOOK))
    found = judge(chain, order_set(BOOK))
    assert (found.findings, found.is_optimal, found.left_out, found.excused) == ((), True, (), ())
    assert (found.volume, found.best_volume) == (200, 200)
    assert found.welfare == found.optimum == 100 * (9000 + 8000 - 1000 - 2000)
    assert (found.low, found.high, found.prices) == (4000, 8000, (6000,))
    assert (found.root, found.orders, found.parts) == (root_of(BOOK), 5, 1)


@pytest.mark.parametrize(("price", "fine"), [(3999, 0), (4000, 1), (8000, 1), (8001, 0)])
def test_audit__price__must_be_in_the_marginal_interval(price: int, fine: int) -> None:
    chain = MemoryChain.of(BOOK)
    trade(chain, clear_orders(BOOK, 1, SEED).pairs[:1], root_of(BOOK), price)
    lines = judge(chain, order_set(BOOK)).findings
    reply = f"the price {price} is outside the marginal interval, 4000 to 8000"
    assert (reply not in lines) == bool(fine)


def test_audit__one_wh_less__is_found_to_the_unit() -> None:
    chain = MemoryChain.of(BOOK)
    first, second = clear_orders(BOOK, 1, SEED).pairs
    trade(chain, [first, replace(second, wh=99)], root_of(BOOK))
    found = judge(chain, order_set(BOOK))
    assert found.welfare == found.optimum - 6000
    assert not found.is_optimal
    assert found.findings[0] == (
        "welfare of 6 was left: the best clearing makes 0.2 kWh trade, and the batch realised"
        " 99.57 % of it"
    )
    assert [(one.order.id, one.wh) for one in found.left_out] == [(BOOK[1].id, 1), (5, 1)]


def test_audit__order_that_could_not_trade__is_no_fault() -> None:
    chain = MemoryChain.of(BOOK)
    chain.bad = {BOOK[0].id: Refusal.NONCE_SPENT}
    rest = clear_orders(BOOK[1:], 1, SEED)
    trade(chain, rest.pairs, root_of(BOOK), rest.price or 0)
    found = judge(chain, order_set(BOOK))
    assert found.findings == ()
    assert [(one.order.id, one.reason) for one in found.excused] == [
        (BOOK[0].id, Refusal.NONCE_SPENT)
    ]


def test_audit__excuse_for_one__does_not_hide_another() -> None:
    chain = MemoryChain.of(BOOK)
    chain.bad = {BOOK[0].id: Refusal.NONCE_SPENT}
    trade(chain, [Pair(buy=3, sell=5, wh=100)], root_of(BOOK), 3000)
    found = judge(chain, order_set(BOOK))
    assert BOOK[1].id in [one.order.id for one in found.left_out]
    assert not found.is_optimal


def test_audit__excuse_that_came_after_its_turn__counts_for_nothing() -> None:
    chain = MemoryChain.of(BOOK)
    chain.bad = {BOOK[0].id: Refusal.EXPIRED}
    chain.bad_from = {BOOK[0].id: 2}
    # The best bid is passed over for two worse ones; it expires, and a little batch follows.
    trade(chain, [Pair(buy=BOOK[1].id, sell=BOOK[3].id, wh=100)], root_of(BOOK), 4000)
    trade(chain, [Pair(buy=3, sell=5, wh=100)], root_of(BOOK), 4000)
    found = judge(chain, order_set(BOOK))
    assert found.excused == ()
    assert [one.order.id for one in found.left_out] == [BOOK[0].id]
    # Had it expired before its turn, nothing would be wrong.
    chain.bad_from = {}
    assert judge(chain, order_set(BOOK)).is_optimal


def test_audit__bids_that_never_had_money__do_not_move_the_price() -> None:
    # What the keeper sells is dear only beside its own bid, which nobody could ever have filled.
    phantom = signed(9, 9, BUY, 400, 2**64 - 1)
    asks = [signed(4, 4, SELL, 200, 1000), stored(5, 5, SELL, 200, 1000)]
    book = [signed(1, 1, BUY, 100, 9000), *asks, phantom]
    chain = MemoryChain.of(book)
    chain.bad = {phantom.id: Refusal.INSUFFICIENT_BALANCE}
    trade(chain, [Pair(buy=book[0].id, sell=asks[0].id, wh=100)], root_of(book), 9000)
    assert judge(chain, order_set(book)).findings == (
        "the price 9000 is outside the marginal interval, 1000 to 1000",
    )


def test_audit__money_that_went_before_its_turn__leaves_the_price_of_the_clearing() -> None:
    bid = signed(9, 9, BUY, 400, 9500)
    asks = [signed(4, 4, SELL, 200, 1000), stored(5, 5, SELL, 200, 1000)]
    book = [signed(1, 1, BUY, 100, 9000), *asks, bid]
    chain = MemoryChain.of(book)
    chain.bad = {bid.id: Refusal.INSUFFICIENT_BALANCE}
    # The block of the first batch is 1: it had its money in the one before.
    chain.bad_from = {bid.id: 1}
    trade(chain, [Pair(buy=book[0].id, sell=asks[0].id, wh=100)], root_of(book), 9000)
    assert judge(chain, order_set(book)).findings == ()


def test_audit__bids_that_never_had_money_together__do_not_move_the_price() -> None:
    # Each can be paid alone; one trades, and after it there is no money for the others.
    bids = [signed(at, 9, BUY, 100, 9000) for at in range(1, 5)]
    asks = [signed(6, 6, SELL, 200, 1000), signed(7, 7, SELL, 200, 1000)]
    chain = MemoryChain.of([*bids, *asks])
    chain.money_before = {bids[0].trader: 900_000}
    chain.bad = dict.fromkeys([one.id for one in bids[1:]], Refusal.INSUFFICIENT_BALANCE)
    chain.bad_from = dict.fromkeys(chain.bad, 1)
    trade(chain, [Pair(buy=bids[0].id, sell=6 + (1 << 255), wh=100)], root_of([*bids, *asks]), 9000)
    assert judge(chain, order_set([*bids, *asks])).findings == (
        "the price 9000 is outside the marginal interval, 1000 to 1000",
    )


@pytest.mark.parametrize("nonce", [1, None])
def test_audit__order_twice_or_two_of_one_nonce__do_not_move_the_price(nonce: int | None) -> None:
    bid = signed(1, 1, BUY, 100, 9000)
    same_nonce = bid if nonce is None else signed(2, 1, BUY, 100, 9000, nonce=nonce)
    book = [bid, signed(6, 6, SELL, 200, 1000), same_nonce]
    chain = MemoryChain.of(book)
    trade(chain, [Pair(buy=bid.id, sell=book[1].id, wh=100)], root_of(book), 9000)
    chain.bad = {bid.id: Refusal.NONCE_SPENT, same_nonce.id: Refusal.NONCE_SPENT}
    chain.bad_from = dict.fromkeys(chain.bad, 1)
    reply = (
        "an order is in the set more than once"
        if nonce is None
        else f"of several orders with one nonce only one could trade: {written_id(same_nonce.id)}"
    )
    assert judge(chain, order_set(book)).findings == (
        reply,
        "the price 9000 is outside the marginal interval, 1000 to 1000",
    )


def test_audit__more_in_the_set_than_was_open__is_no_excuse_for_leaving_it_out() -> None:
    chain = MemoryChain.of(BOOK)
    book = [replace(BOOK[0], open_wh=10**9), *BOOK[1:]]
    chain.too_poor = {BOOK[0].id: 100}
    rest = clear_orders(BOOK[1:], 1, SEED)
    trade(chain, rest.pairs, root_of(book), rest.price or 0)
    found = judge(chain, order_set(book))
    assert found.excused == ()
    assert [one.order.id for one in found.left_out] == [BOOK[0].id]


def test_audit__other_period_or_root__is_found() -> None:
    chain = MemoryChain.of(BOOK)
    trade(chain, clear_orders(BOOK, 1, SEED).pairs, root_of(BOOK))
    day = Period(kind=PeriodKind.DAILY, start=0)
    (line,) = judge(chain, replace(order_set(BOOK), period=day)).findings
    assert line.startswith("the file is about")
    # What the first line of a file says of the root is not believed.
    lines = judge(chain, replace(order_set(BOOK[:4]), root=root_of(BOOK))).findings
    assert "this is not the set that was cleared" in lines[0]
    assert "traded, but not in the set: 5" in lines
    assert (
        "the orders of the file have the root"
        in judge(chain, replace(order_set(BOOK), orders=())).findings[0]
    )


def test_audit__dropped__only_for_a_reason_that_the_chain_knows() -> None:
    chain = MemoryChain.of(BOOK)
    cancelled, kept_out = signed(6, 6, BUY, 10, 9500), signed(7, 7, BUY, 10, 9500)
    same_nonce = signed(8, 1, BUY, 10, 9500, nonce=1)
    chain.bad = {cancelled.id: Refusal.NONCE_SPENT}
    trade(chain, clear_orders(BOOK, 1, SEED).pairs, root_of(BOOK))
    dropped = [
        Dropped(order=one, reason=Refusal.NONCE_SPENT) for one in (cancelled, kept_out, same_nonce)
    ]
    assert judge(chain, order_set(BOOK, dropped)).findings == (
        f"dropped, though the chain shows no reason: {written_id(kept_out.id)}",
    )


def test_audit__many_of_a_kind__the_first_are_named() -> None:
    book = [*BOOK, *(signed(10 + at, 10 + at, BUY, 1, 1000 * at) for at in range(5))]
    chain = MemoryChain.of(BOOK)
    trade(chain, clear_orders(BOOK, 1, SEED).pairs, root_of(book))
    (line,) = judge(chain, order_set(book)).findings
    assert line.startswith("orders of the set without a valid signature: 0x8")
    assert line.endswith(" and 2 more")


books = st.lists(
    st.tuples(
        st.integers(1, 9),
        st.sampled_from([BUY, SELL]),
        st.integers(1, 30),
        st.integers(1, 6).map(lambda price: price * 1000),
    ),
    min_size=1,
    max_size=12,
).map(lambda rows: [signed(at, *row) for at, row in enumerate(rows, 1)])


@settings(max_examples=60)
@given(books, st.data())
def test_audit__any_part_of_the_best__is_optimal_only_if_nothing_of_worth_is_missing(
    book: list[OpenOrder], data: st.DataObject
) -> None:
    best = clear_orders(book, 1, SEED)
    if best.price is None:
        return
    pairs = [replace(pair, wh=data.draw(st.integers(0, pair.wh))) for pair in best.pairs]
    done = [pair for pair in pairs if pair.wh]
    if not done:
        return
    chain = MemoryChain.of(book)
    trade(chain, done, root_of(book), best.price)
    found = judge(chain, order_set(book))
    assert found.welfare <= found.optimum == best.welfare
    assert found.is_optimal == (found.welfare == best.welfare)


EQUAL = [
    signed(1, 1, BUY, 100, 9000),
    signed(2, 2, BUY, 100, 9000),
    signed(3, 3, SELL, 100, 9000),
    stored(4, 4, SELL, 101, 1000),
]


def test_audit__equal_limits_served_otherwise__is_found() -> None:
    chain = MemoryChain.of(EQUAL)
    pairs = [Pair(buy=EQUAL[0].id, sell=4, wh=100), Pair(buy=EQUAL[1].id, sell=4, wh=1)]
    pairs.append(Pair(buy=EQUAL[1].id, sell=EQUAL[2].id, wh=99))
    assert sorted(clear_orders(EQUAL, 1, SEED).fills.values()) == [99, 100, 100, 101]
    trade(chain, pairs, root_of(EQUAL), 9000)
    assert judge(chain, order_set(EQUAL)).findings == ()

    fewer = [EQUAL[0], EQUAL[1], EQUAL[3]]
    chain = MemoryChain.of(fewer)
    trade(chain, pairs[:2], root_of(fewer), 9000)
    (line,) = judge(chain, order_set(fewer)).findings
    assert line.startswith("got less than the seed gives them among equal limits: 0x8")


def test_audit__equal_limits_but_one_could_not_trade__is_no_fault() -> None:
    fewer = [EQUAL[0], EQUAL[1], EQUAL[3]]
    chain = MemoryChain.of(fewer)
    chain.too_poor = {EQUAL[1].id: 1}
    pairs = [Pair(buy=EQUAL[0].id, sell=4, wh=100), Pair(buy=EQUAL[1].id, sell=4, wh=1)]
    trade(chain, pairs, root_of(fewer), 9000)
    assert judge(chain, order_set(fewer)).findings == ()


@pytest.mark.parametrize(
    ("seed", "age", "line"),
    [
        (Seed(block=1, hash=SEED), 0, "the seed is of block 1, and the batch is in block 1"),
        (
            Seed(block=0, hash=b"t" * 32),
            0,
            f"the seed is 0x{'74' * 32}, and block 0 has the hash 0x{'73' * 32}",
        ),
        (
            SET_SEED,
            3601,
            "the seed's block is 3601 s older than the batch: more than 3600 s let a keeper choose",
        ),
    ],
)
def test_audit__seed_that_the_keeper_could_choose__is_found(
    seed: Seed, age: int, line: str
) -> None:
    chain = replace(MemoryChain.of(BOOK), seed_age=age)
    trade(chain, clear_orders(BOOK, 1, seed.hash).pairs, root_of(BOOK))
    assert judge(chain, replace(order_set(BOOK), seed=seed)).findings == (line,)
