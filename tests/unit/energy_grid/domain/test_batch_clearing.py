"""The clearing of a batch: what `clear` finds, carried out in pairs that the chain takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.domain.batch_clearing import Cleared, OpenOrder, Pair, clear_orders
from energy_grid.domain.clearing import OrderColumns, clear
from energy_grid.domain.orders import MAX_PER_SLOT, MAX_PRICE, OrderType
from energy_grid.market.welfare_bound import max_welfare

BUY, SELL = OrderType.BUY, OrderType.SELL
SEED = b"s" * 32


def order(number: int, trader: str, side: OrderType, wh: int, price: int) -> OpenOrder:
    return OpenOrder(id=number, trader=trader, order_type=side, price=price, open_wh=wh)


def books(*, traders: int, prices: st.SearchStrategy[int]) -> st.SearchStrategy[list[OpenOrder]]:
    rows = st.tuples(
        st.sampled_from([f"0x{number}" for number in range(traders)]),
        st.sampled_from(OrderType),
        st.integers(0, 40),
        prices,
    )
    return st.lists(rows, max_size=20).map(
        lambda rows: [order(at, *row) for at, row in enumerate(rows, 1)]
    )


def strangers(book: Sequence[OpenOrder]) -> list[OpenOrder]:
    """The same orders, each of somebody else."""
    return [order(one.id, f"0x{one.id}", one.order_type, one.open_wh, one.price) for one in book]


def unconstrained(book: Sequence[OpenOrder]) -> int:
    """The welfare that there is without any rule about traders."""
    bids, asks = (
        OrderColumns.of_rows(
            (one.id, one.price, one.open_wh) for one in book if one.order_type is side
        )
        for side in OrderType
    )
    return clear(bids, asks).welfare


def check(book: Sequence[OpenOrder], cleared: Cleared) -> None:
    by_id = {one.id: one for one in book}
    for pair in cleared.pairs:
        buy, sell = by_id[pair.buy], by_id[pair.sell]
        assert (buy.order_type, sell.order_type) == (BUY, SELL)
        assert buy.trader != sell.trader
        assert cleared.price is not None
        assert sell.price <= cleared.price <= buy.price
        assert pair.wh > 0
    assert all(by_id[one].open_wh >= wh for one, wh in cleared.fills.items())
    assert len({(pair.buy, pair.sell) for pair in cleared.pairs}) == len(cleared.pairs)
    assert cleared.welfare == sum(
        (by_id[pair.buy].price - by_id[pair.sell].price) * pair.wh for pair in cleared.pairs
    )
    assert (cleared.price is None) == (not cleared.pairs)


def best(book: Sequence[OpenOrder]) -> tuple[int, int]:
    """The largest welfare and its largest volume at one price, by trying everything.

    For each price and volume: of each account all that it could buy and sell, together no more
    than the volume.
    """
    found = (0, 0)
    for price in {one.price for one in book}:
        live = [one for one in book if (one.price >= price if one.is_buy else one.price <= price)]
        sides = [
            [
                sorted(
                    (
                        one.price
                        for one in live
                        if (one.trader, one.is_buy) == (trader, buys)
                        for _ in range(one.open_wh)
                    ),
                    reverse=buys,
                )
                for buys in (True, False)
            ]
            for trader in {one.trader for one in live}
        ]
        for volume in range(1, sum(len(bids) for bids, _ in sides) + 1):
            values = {(0, 0): 0}
            for bids, asks in sides:
                step: dict[tuple[int, int], int] = {}
                for (bought, sold), value in values.items():
                    for buys in range(min(len(bids), volume - bought) + 1):
                        for sells in range(min(len(asks), volume - sold, volume - buys) + 1):
                            key = bought + buys, sold + sells
                            total = value + sum(bids[:buys]) - sum(asks[:sells])
                            step[key] = max(step.get(key, total), total)
                values = step
            if (volume, volume) in values:
                found = max(found, (values[volume, volume], volume))
    return found


def test_clear_orders__small_books_with_accounts_on_both_sides__are_the_optimum() -> None:
    cut = 0
    for number in range(400):
        random = Random(number)
        traders = [f"0x{trader}" for trader in range(random.randint(1, 4))]
        book = [
            order(
                at,
                random.choice(traders),
                random.choice([BUY, SELL]),
                random.randint(0, 4),
                random.randint(0, 6),
            )
            for at in range(1, random.randint(2, 8))
        ]
        cleared = clear_orders(book, 1, SEED)
        check(book, cleared)
        assert (cleared.welfare, cleared.volume) == best(book), f"seed {number}"
        assert max_welfare(book, 1) == cleared.welfare, f"seed {number}"
        cut += cleared.self_wh > 0
    # Books that are cut are what this is about.
    assert cut > 100


@given(books(traders=5, prices=st.integers(0, MAX_PRICE + 9)), st.sampled_from([1, 4, 24]))
def test_max_welfare__any_book__is_the_welfare_of_the_clearing(
    book: list[OpenOrder], slots: int
) -> None:
    assert max_welfare(book, slots) == clear_orders(book, slots, SEED).welfare


def test_clear_orders__two_prices_would_be_right__one_of_most_welfare() -> None:
    # The account buys from the dear seller or sells to the cheap buyer: no price allows both.
    book = [
        order(1, "0xa", BUY, 10, 100),
        order(2, "0xa", SELL, 10, 1),
        order(3, "0xb", BUY, 3, 50),
        order(4, "0xc", SELL, 3, 60),
    ]
    cleared = clear_orders(book, 1, SEED)
    assert cleared.pairs == (Pair(buy=3, sell=2, wh=3),)
    assert (cleared.welfare, cleared.self_wh) == (3 * 49, 10)
    assert (cleared.low, cleared.high, cleared.price) == (1, 50, 25)


def test_clear_orders__ids__cannot_be_ground() -> None:
    """Three bids of one limit for a third of their energy: one trader tries 3,000 nonces."""
    rivals = [order(10**6 + at, f"0x{at}", BUY, 10, 9000) for at in (1, 2)]
    ask = order(10**7, "0xd", SELL, 10, 1000)

    def won(number: int, seed: int) -> int:
        book = [order(number, "0xa", BUY, 10, 9000), *rivals, ask]
        fills = clear_orders(book, 1, seed.to_bytes(32, "big")).fills
        assert all(fills[one.id] in (3, 4) for one in book[:3])
        return fills[number]

    ids = Random(1).sample(range(1, 10**6), 3000)
    # It knows all but the seed, and takes the id that would have served it best before.
    ground = max(ids, key=lambda number: won(number, 0))
    seeds = range(1, 601)
    assert sum(won(ground, seed) for seed in seeds) == pytest.approx(600 * 10 / 3, abs=30)


def test_clear_orders__split_into_many__gain_nothing() -> None:
    rival, ask = order(500, "0xb", BUY, 60, 9000), order(600, "0xc", SELL, 7, 1000)
    parts = [order(at, "0xa", BUY, 1, 9000) for at in range(1, 61)]
    total = 0
    for seed in range(300):
        fills = clear_orders([*parts, rival, ask], 1, bytes([seed // 256, seed % 256])).fills
        total += 7 - fills.get(500, 0)
    assert total == pytest.approx(300 * 7 / 2, abs=20)


thousands = st.integers(1, 12).map(lambda price: price * 1000)


@given(books(traders=30, prices=thousands).map(strangers))
def test_clear_orders__strangers__is_the_clearing(book: list[OpenOrder]) -> None:
    cleared = clear_orders(book, 1, SEED)
    check(book, cleared)
    assert cleared.welfare == unconstrained(book)
    assert cleared.self_wh == 0
    if cleared.price is not None:
        assert cleared.price == (cleared.low + cleared.high) // 2


@given(books(traders=4, prices=thousands))
def test_clear_orders__few_traders__nobody_with_himself(book: list[OpenOrder]) -> None:
    cleared = clear_orders(book, 1, SEED)
    check(book, cleared)
    assert cleared.welfare <= unconstrained(book)
    if cleared.self_wh == 0:
        assert cleared.welfare == unconstrained(book)
    if cleared.price is not None:
        assert cleared.low <= cleared.price <= cleared.high


@given(books(traders=6, prices=st.integers(0, 300)), st.sampled_from([1, 4, 24]))
def test_clear_orders__slots__all_wh_are_the_same_in_each(
    book: list[OpenOrder], slots: int
) -> None:
    cleared = clear_orders(book, slots, SEED)
    check(book, cleared)
    assert all(pair.wh % slots == 0 for pair in cleared.pairs)
    # What fills no slot evenly counts for nothing.
    even = [replace(one, open_wh=one.open_wh // slots * slots) for one in book]
    assert clear_orders(even, slots, SEED) == cleared


def test_clear_orders__order_of_the_list__does_not_matter() -> None:
    book = [
        order(5, "0xa", BUY, 100, 9000),
        order(3, "0xb", BUY, 100, 9000),
        order(4, "0xc", SELL, 120, 2000),
    ]
    outcomes = [clear_orders(some, 1, SEED) for some in permutations(book)]
    assert all(each == outcomes[0] for each in outcomes)
    assert outcomes[0].pairs == (Pair(buy=3, sell=4, wh=60), Pair(buy=5, sell=4, wh=60))


def test_clear_orders__two_pairs_of_one_account_each__swap_partners() -> None:
    book = [
        order(1, "0xA", BUY, 100, 9000),
        order(2, "0xb", BUY, 100, 8000),
        order(3, "0xa", SELL, 100, 1000),
        order(4, "0xB", SELL, 100, 2000),
    ]
    cleared = clear_orders(book, 1, SEED)
    assert cleared.pairs == (Pair(buy=1, sell=4, wh=100), Pair(buy=2, sell=3, wh=100))
    assert (cleared.self_wh, cleared.welfare) == (0, unconstrained(book))


def test_clear_orders__partner_larger_and_smaller__amounts_are_kept() -> None:
    book = [
        order(1, "0xa", BUY, 100, 9000),
        order(2, "0xb", BUY, 30, 8000),
        order(3, "0xc", BUY, 170, 7000),
        order(4, "0xa", SELL, 100, 1000),
        order(5, "0xd", SELL, 200, 2000),
    ]
    cleared = clear_orders(book, 1, SEED)
    assert cleared.fills == {1: 100, 2: 30, 3: 170, 4: 100, 5: 200}
    assert all({1, 4} != {pair.buy, pair.sell} for pair in cleared.pairs)


def test_clear_orders__alone_with_himself__trades_nothing_and_says_so() -> None:
    book = [order(1, "0xa", BUY, 100, 9000), order(2, "0xa", SELL, 60, 1000)]
    cleared = clear_orders(book, 1, SEED)
    assert (cleared.pairs, cleared.price, cleared.self_wh) == ((), None, 60)


@pytest.mark.parametrize("bid", [5000, 8500])
def test_clear_orders__own_orders_in_the_way__the_better_side_stays(
    bid: int,
) -> None:
    book = [
        order(1, "0xa", BUY, 100, 10_000),
        order(2, "0xa", SELL, 100, 1000),
        order(3, "0xb", BUY, 100, bid),
    ]
    cleared = clear_orders(book, 1, SEED)
    assert cleared.fills == {3: 100, 2: 100}
    assert cleared.self_wh == 100
    assert cleared.welfare == (bid - 1000) * 100
    # The bid that was left out bounds no price.
    assert (cleared.low, cleared.high) == (1000, bid)


def test_clear_orders__beyond_what_the_chain_can_hold__is_cut() -> None:
    book = [
        order(1, "0xa", BUY, 2**200, 2**200),
        order(2, "0xb", SELL, 4 * MAX_PER_SLOT + 1, 5000),
        order(3, "0xc", SELL, 12, 2**32),
    ]
    cleared = clear_orders(book, 4, SEED)
    assert cleared.pairs == (Pair(buy=1, sell=2, wh=4 * MAX_PER_SLOT),)
    assert cleared.price == (5000 + MAX_PRICE) // 2


def test_clear_orders__marginal_interval__by_filled_and_by_left() -> None:
    book = [
        order(1, "0xa", BUY, 100, 9000),
        order(2, "0xb", BUY, 100, 4000),
        order(3, "0xc", SELL, 100, 1000),
        order(4, "0xd", SELL, 100, 7000),
    ]
    cleared = clear_orders(book, 1, SEED)
    assert (cleared.low, cleared.high, cleared.price) == (4000, 7000, 5500)
