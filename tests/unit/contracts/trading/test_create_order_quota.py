"""EnergyTrading.createOrder: how often an account can call it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from energy_grid.contracts import errors
from energy_grid.domain.orders import OrderStatus
from tests.model.ratelimit import BucketState, RateLimitedError, TokenBucket
from tests.support.examples import on_chain, rewound
from tests.support.market import MONDAY, Market, actor
from tests.support.stacks import StackParameters, deploy_stack
from tests.unit.contracts.trading.traders import FUNDS, HOUR, Traders, refuses

BURST, REFILL = 3, 10
START = MONDAY + HOUR
TIME = MONDAY + 600


@pytest.fixture
def strict(market: Market) -> Market:
    """A market where three orders can be placed at once, and one more every ten seconds."""
    strict = deploy_stack(
        market, market.dollar, StackParameters(order_burst=BURST, order_refill=REFILL)
    )
    for trader in ("prosumer", "other"):
        strict.deposit(actor(trader), FUNDS)
    return strict


def limited(market: Market, burst: int, refill: int) -> Market:
    """Another market on the same chain, with limits of its own."""
    parameters = StackParameters(order_burst=burst, order_refill=refill)
    return deploy_stack(market, market.dollar, parameters)


def place(market: Market, *times: int, trader: str = "prosumer") -> None:
    """Place an order at each of these seconds."""
    for time in times:
        market.at(time)
        market.buy(actor(trader), 1000, 1000, start=START)


def left(market: Market, trader: str = "prosumer") -> int:
    return int(market.trading.call("ordersLeft", actor(trader).address))


def assert_limited(market: Market, time: int, *, until: int) -> None:
    with refuses(
        market,
        errors.EnergyTrading_RateLimited,
        trader=actor("prosumer").address,
        next_order_at=until,
    ):
        place(market, time)


def test_create_order__burst_in_one_second__is_the_most_there_is(traders: Traders) -> None:
    market = traders.market
    burst, refill = market.trading.call("ORDER_BURST"), market.trading.call("ORDER_REFILL")
    for placed in range(burst):
        market.at(TIME)
        traders.buy(1000, 1000)
        assert market.trading.call("ordersLeft", traders.buyer.address) == burst - placed - 1
    with refuses(
        market,
        errors.EnergyTrading_RateLimited,
        trader=traders.buyer.address,
        next_order_at=TIME + refill,
    ):
        market.at(TIME)
        traders.buy(1000, 1000)
    assert market.trading.call("orderCount") == burst


def test_create_order__one_interval_after_the_first__one_more_is_stored(strict: Market) -> None:
    place(strict, TIME, TIME + 4, TIME + 4)
    assert left(strict) == 0
    assert_limited(strict, TIME + 4, until=TIME + REFILL)
    assert_limited(strict, TIME + REFILL - 1, until=TIME + REFILL)

    place(strict, TIME + REFILL)

    assert left(strict) == 0
    assert_limited(strict, TIME + REFILL, until=TIME + 2 * REFILL)
    assert_limited(strict, TIME + 2 * REFILL - 1, until=TIME + 2 * REFILL)


def test_create_order__a_second_after_the_edge__keeps_the_part_of_the_interval(
    strict: Market,
) -> None:
    place(strict, TIME, TIME, TIME)
    place(strict, TIME + REFILL + 1)
    # The second order comes back where the first interval ended, not a second later.
    assert_limited(strict, TIME + 2 * REFILL - 1, until=TIME + 2 * REFILL)
    place(strict, TIME + 2 * REFILL)


def test_create_order__after_several_intervals__as_many_come_back(strict: Market) -> None:
    place(strict, TIME, TIME, TIME)
    strict.go_to(TIME + 2 * REFILL - 1)
    assert left(strict) == 1
    strict.go_to(TIME + 2 * REFILL)
    assert left(strict) == 2
    place(strict, TIME + 2 * REFILL + 5, TIME + 2 * REFILL + 5)
    assert_limited(strict, TIME + 2 * REFILL + 5, until=TIME + 3 * REFILL)


def test_create_order__after_all_intervals__the_bucket_is_full_and_no_fuller(
    strict: Market,
) -> None:
    place(strict, TIME, TIME, TIME)
    strict.go_to(TIME + BURST * REFILL - 1)
    assert left(strict) == BURST - 1
    strict.go_to(TIME + BURST * REFILL)
    assert left(strict) == BURST
    strict.go_to(TIME + 50 * REFILL)
    assert left(strict) == BURST

    # A full bucket gains nothing: its clock starts now.
    later = TIME + 50 * REFILL + 7
    place(strict, later, later, later)
    assert_limited(strict, later + REFILL - 1, until=later + REFILL)
    place(strict, later + REFILL)


def test_create_order__buckets__are_one_per_account(strict: Market) -> None:
    place(strict, TIME, TIME, TIME)
    assert (left(strict), left(strict, "other")) == (0, BURST)
    place(strict, TIME, TIME, trader="other")
    assert (left(strict), left(strict, "other")) == (0, 1)
    assert left(strict, "stranger") == BURST


def test_create_order__refused__takes_nothing_out_of_the_bucket(strict: Market) -> None:
    place(strict, TIME)
    with refuses(strict, errors.EnergyTrading_Dust, amount=1, price=1):
        strict.at(TIME)
        strict.buy(actor("prosumer"), 1, 1, start=START)
    assert left(strict) == BURST - 1


def test_create_order__after_cancelling__is_still_counted(strict: Market) -> None:
    place(strict, TIME, TIME, TIME)
    strict.at(TIME).do(actor("prosumer"), strict.trading, "cancelOrder", 1)
    assert left(strict) == 0
    assert_limited(strict, TIME, until=TIME + REFILL)


def test_create_order__while_one_is_held_up__the_book_stays_usable(strict: Market) -> None:
    place(strict, TIME, TIME, TIME)
    assert_limited(strict, TIME, until=TIME + REFILL)
    strict.at(TIME)
    sell = strict.sell(actor("other"), 1000, 1000, start=START)
    strict.at(TIME)
    assert strict.match(1, sell) == 1
    strict.at(TIME).do(actor("prosumer"), strict.trading, "cancelOrder", 2)
    assert strict.trading.call("getOrder", 2)[5] is OrderStatus.CANCELLED


@settings(on_chain, max_examples=12)
@given(
    burst=st.integers(1, 4),
    refill=st.integers(1, 12),
    pauses=st.lists(st.integers(0, 15), min_size=4, max_size=16),
)
def test_create_order__at_random_times__is_limited_as_in_the_model(
    market: Market, burst: int, refill: int, pauses: list[int]
) -> None:
    with rewound(market):
        strict = deploy_stack(
            market, market.dollar, StackParameters(order_burst=burst, order_refill=refill)
        )
        strict.deposit(actor("prosumer"), FUNDS)
        bucket, state, time = (
            TokenBucket(capacity=burst, refill_seconds=refill),
            BucketState(),
            TIME,
        )
        for pause in pauses:
            time += pause
            try:
                state = bucket.take(state, 1, time)
                place(strict, time)
            except RateLimitedError as refusal:
                assert_limited(strict, time, until=time + refusal.wait)
            assert left(strict) == bucket.refilled(state, time).tokens
