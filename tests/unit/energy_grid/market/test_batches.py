"""Keepers on a chain in memory: what they build, drop, send and publish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from eth_abi import encode
from eth_utils.crypto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_grid.domain.batch import Batch, Fill, Refusal, Refused
from energy_grid.domain.batch_clearing import OpenOrder, clear_orders
from energy_grid.domain.orders import OrderType
from energy_grid.market.batch_audit import audit
from energy_grid.market.batches import (
    BatchSession,
    GasBound,
    Keeper,
    UnexpectedRefusalError,
    batches_of,
    deduplicate,
    unaffordable,
)
from energy_grid.market.order_sets import Dropped, OrderSet, root_of
from tests.support.keeping import settle as carry_out
from tests.unit.energy_grid.market.batch_chain import (
    BUY,
    HOUR,
    SEED,
    SELL,
    SET_SEED,
    MemoryChain,
    balances_of,
    signed,
    stored,
)

rows = st.tuples(
    st.integers(1, 12),
    st.sampled_from(OrderType),
    st.integers(1, 50),
    st.integers(1, 9).map(lambda price: price * 1000),
    st.booleans(),
)
books = st.lists(rows, max_size=16).map(
    lambda rows: [
        signed(at, *row[:4]) if row[4] else stored(at, *row[:4]) for at, row in enumerate(rows, 1)
    ]
)
bounds = st.sampled_from([GasBound(), GasBound(max_gas=400_000), GasBound(max_gas=0)])


def settle(
    chain: MemoryChain, book: Sequence[OpenOrder], **options: object
) -> tuple[BatchSession, list[OrderSet]]:
    published: list[OrderSet] = []
    keeper = Keeper(chain, publish=published.append, **options)  # type: ignore[arg-type]
    return carry_out(keeper, book, HOUR, SET_SEED, chain.send_batch), published


def findings(chain: MemoryChain, published: OrderSet) -> tuple[str, ...]:
    return audit(published, chain.parts, chain, money=str, price=str).findings


@settings(max_examples=40)
@given(books, bounds)
def test_settle__any_book__fills_and_welfare_are_the_clearing_s(
    book: list[OpenOrder], bound: GasBound
) -> None:
    chain = MemoryChain.of(book)
    session, published = settle(chain, book, bound=bound)
    cleared = clear_orders(book, 1, SEED)
    assert session.dropped == []
    assert session.matched_wh == chain.filled == cleared.fills
    assert {match.price for match in session.matches} <= {cleared.price}
    by_id = {order.id: order for order in book}
    assert cleared.welfare == sum(
        (by_id[match.buy].price - by_id[match.sell].price) * match.wh for match in session.matches
    )
    if not cleared.pairs:
        assert (chain.settled, published, session.order_set) == ([], [], None)
        return
    assert [one.root for one in published] == [root_of(book)]
    assert {batch.order_set for batch, _ in chain.settled} == {root_of(book)}
    assert findings(chain, published[0]) == ()


@settings(max_examples=40)
@given(books, bounds, st.data())
def test_settle__some_orders_bad_or_soon_bad__the_rest_is_cleared(
    book: list[OpenOrder], bound: GasBound, data: st.DataObject
) -> None:
    chain = MemoryChain.of(book)
    ids = st.sets(st.sampled_from([order.id for order in book])) if book else st.just(set())
    chain.bad = dict.fromkeys(data.draw(ids), Refusal.INSUFFICIENT_BALANCE)
    soon = data.draw(ids) - chain.bad.keys()
    chain.soon_bad = {
        one: (data.draw(st.integers(1, 4)), Refusal.NONCE_SPENT) for one in sorted(soon)
    }
    session, published = settle(chain, book, bound=bound)
    assert session.matched_wh == chain.filled
    assert {each.order.id for each in session.dropped} <= chain.bad.keys()
    # Nothing more can trade between those that are good, but what somebody would with himself.
    left = [
        order.without(chain.filled.get(order.id, 0)) for order in book if order.id not in chain.bad
    ]
    assert session.cleared is not None
    assert clear_orders(left, 1, SEED).pairs == () or session.cleared.self_wh
    if chain.settled:
        assert session.order_set == published[-1]
        assert published[-1].dropped == tuple(session.dropped)
        assert {batch.order_set for batch, _ in chain.settled} == {published[-1].root}
    else:
        assert session.order_set is None


@settings(max_examples=40)
@given(books, st.data())
def test_settle__impatient__passes_over_what_is_bad(
    book: list[OpenOrder], data: st.DataObject
) -> None:
    chain = MemoryChain.of(book)
    ids = st.sets(st.sampled_from([order.id for order in book])) if book else st.just(set())
    chain.bad = dict.fromkeys(data.draw(ids), Refusal.WRONG_SIGNATURE)
    session, _ = settle(chain, book, max_refusals=0)
    assert chain.simulated == []
    assert chain.sendings <= 1
    assert session.matched_wh == chain.filled
    assert {each.order.id for each in session.dropped} <= chain.bad.keys()


def test_settle__flood_of_bids_that_nobody_can_pay__makes_no_price_and_takes_no_turn() -> None:
    bid, ask = signed(1, 1, BUY, 100, 9000), signed(2, 2, SELL, 400, 1000)
    flood = [signed(at, 9, BUY, 400, 9500) for at in range(10, 30)]
    chain = MemoryChain.of([bid, ask, *flood])
    chain.money = {flood[0].trader: 1}
    session, published = settle(chain, [bid, ask, *flood], max_refusals=3)
    assert [(match.buy, match.wh, match.price) for match in session.matches] == [
        (bid.id, 100, 1000)
    ]
    assert {each.order.id for each in session.dropped} == {order.id for order in flood}
    assert {each.reason for each in session.dropped} == {Refusal.INSUFFICIENT_BALANCE}
    assert (len(chain.simulated), published[-1].root) == (1, root_of([bid, ask]))


# The price is 3500, the dearest deficit 10,000: 6500 a Wh of cover, in thousandths.
@pytest.mark.parametrize(("money", "kept"), [(13_000_000, 2), (12_999_999, 1)])
def test_settle__money_for_some_orders__best_limits_first(money: int, kept: int) -> None:
    asks = [signed(1, 1, SELL, 1000, 2000), signed(2, 1, SELL, 1000, 1000)]
    book = [signed(3, 3, BUY, 2000, 5000), *asks]
    chain = MemoryChain.of(book)
    chain.money = {asks[0].trader: money}
    session, _ = settle(chain, book)
    assert {match.sell for match in session.matches} == {one.id for one in asks[-kept:]}
    assert [each.order.id for each in session.dropped] == [asks[0].id][: 2 - kept]


@settings(max_examples=30)
@given(books)
def test_settle__hour_of_four_slots__the_same_wh_in_each(book: list[OpenOrder]) -> None:
    chain = MemoryChain.of(book)
    chain.slot_length = 900
    session, published = settle(chain, book)
    assert all(match.wh % 4 == 0 for match in session.matches)
    if published:
        assert findings(chain, published[0]) == ()


def test_unaffordable__on_chain_order__frees_what_it_has_locked() -> None:
    bid, ask = stored(3, 3, BUY, 100, 5000), signed(1, 1, SELL, 100, 2000)
    book = {order.id: order for order in (bid, ask)}
    cleared = replace(clear_orders([bid, ask], 1, SEED), price=4999)
    # It frees 1 for each of 100 Wh, which pays what the trader's open days may cost beyond its
    # money.
    for money, is_poor in ((-100, False), (-101, True)):
        balances = balances_of({bid.trader: money}, (bid.trader, ask.trader))
        assert unaffordable(cleared, book, balances) == ([bid] if is_poor else [])


def test_settle__one_cannot_pay__others_lose_only_what_they_could_not_pay_alone() -> None:
    ask = signed(1, 1, SELL, 1000, 1000)
    flood = [signed(at, 9, BUY, 1000, 9500) for at in (10, 11)]
    # 500 are enough for the first of its orders or for the second, never for the third.
    steady = [signed(2, 2, BUY, 500, 1000), signed(3, 2, BUY, 500, 1000)]
    hopeless = signed(4, 2, BUY, 501, 1000)
    book = [ask, *flood, *steady, hopeless]
    balances = balances_of(
        {flood[0].trader: 1, steady[0].trader: 500_000}, (order.trader for order in book)
    )
    cleared = replace(clear_orders(book, 1, SEED), price=1000)
    found = unaffordable(cleared, {order.id: order for order in book}, balances)
    assert [order.id for order in found] == [flood[0].id, flood[1].id, hopeless.id]


@settings(max_examples=40)
@given(books, bounds, st.dictionaries(st.integers(1, 12), st.integers(-1, 300_000)))
def test_settle__little_money__whoever_is_left_can_pay(
    book: list[OpenOrder], bound: GasBound, balances: dict[int, int]
) -> None:
    chain = MemoryChain.of(book)
    chain.money = {f"0x{trader:040x}": money for trader, money in balances.items()}
    session, _ = settle(chain, book, bound=bound)
    assert chain.sendings == len(session.settled)
    assert all(money >= -1 for money in chain.money.values())
    assert {each.reason for each in session.dropped} <= {Refusal.INSUFFICIENT_BALANCE}


def test_settle__bad_order__is_dropped_with_its_reason_and_in_no_leaf() -> None:
    book = [
        signed(1, 1, BUY, 100, 9000),
        signed(2, 2, BUY, 100, 5000),
        signed(3, 3, SELL, 100, 2000),
    ]
    chain = MemoryChain.of(book)
    chain.bad = {book[0].id: Refusal.IN_DEBT}
    session, published = settle(chain, book)
    assert session.dropped == [Dropped(order=book[0], reason=Refusal.IN_DEBT)]
    assert session.matched_wh == {book[1].id: 100, book[2].id: 100}
    (one,) = published
    assert (one.root, one.dropped) == (root_of(book[1:]), tuple(session.dropped))


def test_settle__refused_after_all__is_not_matched_before_it_is_in_a_block() -> None:
    book = [signed(1, 1, BUY, 100, 9000), signed(2, 2, SELL, 100, 2000)]
    chain = MemoryChain.of(book)
    chain.soon_bad = {book[0].id: (1, Refusal.NONCE_SPENT)}
    session, published = settle(chain, book)
    assert len(chain.simulated) == 1
    assert chain.sendings == 1
    assert (session.matches, session.matched_wh, session.settled) == ([], {}, [])
    assert session.dropped == [Dropped(order=book[0], reason=Refusal.NONCE_SPENT)]
    # What was published had nothing come of it: no root of it is on the chain.
    assert len(published) == 1
    assert session.order_set is None


def test_settle__disturbed_between_parts__same_root_and_new_price_for_the_rest() -> None:
    book = [
        signed(1, 1, BUY, 100, 9000),
        signed(2, 2, BUY, 100, 8000),
        signed(3, 3, BUY, 100, 4000),
        signed(4, 4, SELL, 100, 1000),
        signed(5, 5, SELL, 100, 2000),
    ]
    chain = MemoryChain.of(book)
    chain.soon_bad = {book[1].id: (2, Refusal.NONCE_SPENT)}
    session, published = settle(chain, book, bound=GasBound(max_gas=0))
    assert [(one.price, [match.wh for match in one.matches]) for one in session.settled] == [
        (6000, [100]),
        (3000, [100]),
    ]
    assert [len(one.dropped) for one in published] == [0, 1]
    assert published[0].root == published[1].root == root_of(book)
    assert findings(chain, published[1]) == ()


def test_settle__less_open_than_thought__is_looked_at_again_and_kept() -> None:
    book = [signed(1, 1, BUY, 100, 9000), signed(2, 2, SELL, 100, 2000)]
    chain = MemoryChain.of(book)
    chain.filled = {book[0].id: 40}
    session, published = settle(chain, book)
    assert session.dropped == []
    assert session.matched_wh == {book[0].id: 60, book[1].id: 60}
    assert [order.open_wh for order in published[0].orders] == [60, 100]


def test_settle__bad_orders_in_several_batches__found_in_one_round() -> None:
    book = [signed(at, at, BUY, 10, 9000) for at in range(1, 5)]
    book.append(signed(5, 5, SELL, 40, 2000))
    book.append(signed(6, 6, BUY, 40, 5000))
    chain = MemoryChain.of(book)
    chain.bad = {order.id: Refusal.IN_DEBT for order in book[:2]}
    session, _ = settle(chain, book, bound=GasBound(max_gas=0))
    assert [each.order.id for each in session.dropped] == [book[0].id, book[1].id]
    # Four single pairs, then three of what is left.
    assert [batch.price for batch in chain.simulated] == [7000] * 4 + [5000] * 3


def test_settle__set_is_published_before_its_root_is_sent() -> None:
    book = [signed(1, 1, BUY, 100, 9000), signed(2, 2, SELL, 100, 2000)]
    chain, sendings = MemoryChain.of(book), list[int]()
    keeper = Keeper(chain, publish=lambda _: sendings.append(chain.sendings))
    carry_out(keeper, book, HOUR, SET_SEED, chain.send_batch)
    assert (sendings, chain.sendings) == ([0], 1)


def test_settle__refusal_of_another_order__stops_loudly() -> None:
    book = [signed(1, 1, BUY, 100, 9000), signed(2, 2, SELL, 100, 2000)]

    class Confused(MemoryChain):
        def simulate(self, batch: Batch) -> Refused | None:
            return Refused(order_id=77, reason=Refusal.EXPIRED)

    with pytest.raises(UnexpectedRefusalError, match="0x4d"):
        settle(Confused.of(book), book)


def test_plan__nothing_is_sent_and_progress_is_logged() -> None:
    book = [signed(1, 1, BUY, 100, 9000), signed(2, 2, SELL, 100, 2000)]
    chain, output = MemoryChain.of(book), list[str]()
    keeper = Keeper(chain, log=output.append)
    (batch,) = keeper.plan(book, HOUR, SET_SEED)
    session = keeper.session
    assert chain.sendings == 0
    assert batch.fills == (Fill(buy=0, sell=1, amount=100),)
    assert session.cleared is not None
    assert output == ["clearing 2 orders", "simulating batch 1 of 1: 1 fills"]


def test_deduplicate__one_order_a_nonce_and_each_once() -> None:
    first = signed(1, 1, BUY, 100, 9000, nonce=7)
    second = signed(2, 1, BUY, 100, 8000, nonce=7)
    other = signed(3, 2, BUY, 100, 8000, nonce=7)
    placed = stored(4, 1, SELL, 1, 1)
    kept, dropped = deduplicate([first, second, first, other, placed, placed])
    assert kept == [first, other, placed]
    assert dropped == [Dropped(order=second, reason=Refusal.NONCE_SPENT)]


def test_batches_of__order_of_the_contract__by_trader_then_nonce_then_stored() -> None:
    book = [
        signed(1, 9, BUY, 10, 9000, nonce=1),
        signed(2, 9, BUY, 10, 9000, nonce=0),
        signed(3, 2, BUY, 10, 9000, nonce=5),
        stored(12, 3, SELL, 15, 2000),
        stored(11, 3, SELL, 15, 2000),
    ]
    cleared = clear_orders(book, 1, SEED)
    (batch,) = batches_of(
        cleared.pairs,
        {order.id: order for order in book},
        period=HOUR,
        price=5000,
        order_set=b"r" * 32,
        bound=GasBound(),
    )
    assert [order.sorting_key for order in batch.signed_orders] == [(2, 5), (9, 0), (9, 1)]
    assert batch.stored_orders == (11, 12)
    assert (batch.price, batch.order_set) == (5000, b"r" * 32)
    assert sum(fill.amount for fill in batch.fills) == 30


def test_gas_bound__no_batch_above_it_but_of_a_single_pair() -> None:
    book = [signed(at, at, BUY, 10, 9000) for at in range(1, 41)]
    book += [signed(at, at, SELL, 10, 2000) for at in range(41, 81)]
    bound = GasBound(max_gas=1_000_000)
    chain = MemoryChain.of(book)
    settle(chain, book, bound=bound)
    sizes = [len(batch.fills) for batch, _ in chain.settled]
    each = 2 * bound.signed + bound.sold + bound.fill
    assert sizes[0] == (bound.max_gas - bound.base) // each
    assert sum(sizes) == 40
    assert all(size <= sizes[0] for size in sizes)


def test_gas_bound__contract_wallets_cost_by_their_signature() -> None:
    order = signed(1, 1, BUY, 10, 9000)
    assert order.signed is not None
    wallet = replace(order, signed=replace(order.signed, by_contract=True, signature=b"s" * 100))
    bound = GasBound()
    assert bound.of(wallet) == bound.of(order) + bound.confirmed + 100 * bound.byte


def test_root_of__leaf_of_each_order__shows_that_it_was_considered() -> None:
    book = [signed(1, 1, BUY, 100, 9000), stored(7, 2, SELL, 50, 2000)]
    leaves = sorted(
        keccak(keccak(encode(("bytes32", "uint256"), (order.id.to_bytes(32), order.open_wh))))
        for order in book
    )
    assert root_of(book) == keccak(b"".join(leaves))
    assert root_of(book) == root_of(book[::-1])
    assert root_of(book) != root_of([book[0], replace(book[1], open_wh=49)])
