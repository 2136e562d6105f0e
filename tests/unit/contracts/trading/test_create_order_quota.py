"""EnergyTrading.createOrder: how often an account can call it."""

from __future__ import annotations

from random import Random

import pytest

from tests.model.ratelimit import BucketState, RateLimitedError, TokenBucket
from tests.support.core.chain import refused
from tests.support.core.trading_world import START, TradingWorld
from tests.unit.contracts.trading.suite import create


def limited(burst: int) -> TradingWorld:
    """So many orders at once, and one more each second."""
    world = TradingWorld(burst=burst)
    for name in ("buyer", "seller"):
        world.open(name, 10**7)
    return world


def test_create_order__beyond_the_quota__is_refused() -> None:
    world = limited(2)
    buyer = world.address("buyer")
    create(world)
    assert world.trading.ordersLeft(buyer) == 1
    create(world)
    with refused("EnergyTrading_RateLimited", buyer, START + 1):
        create(world)
    # Each account has its own.
    assert world.trading.ordersLeft(world.address("seller")) == 2
    create(world, by="seller")
    # What was cancelled was placed all the same.
    world.trading.cancelOrder(1, by=buyer)
    with refused("EnergyTrading_RateLimited", buyer, START + 1):
        create(world)
    world.chain.set_time(START + 1)
    create(world)
    assert world.trading.ordersLeft(buyer) == 0


def test_create_order__that_is_refused__takes_nothing_of_the_quota() -> None:
    world = limited(2)
    with refused("EnergyTrading_InvalidAmount", 1, 0, 4):
        create(world, 1)
    assert world.trading.ordersLeft(world.address("buyer")) == 2


@pytest.mark.parametrize("seed", range(4))
def test_create_order__at_random_times__is_limited_as_in_the_model(seed: int) -> None:
    draws = Random(seed)
    burst = draws.randint(1, 4)
    world, time, state = limited(burst), START, BucketState()
    bucket, buyer = TokenBucket(capacity=burst, refill_seconds=1), world.address("buyer")
    for _ in range(40):
        time += draws.choice((0, 0, 0, 1, 1, 3, 9))
        world.chain.set_time(time)
        try:
            state = bucket.take(state, 1, time)
        except RateLimitedError as refusal:
            with refused("EnergyTrading_RateLimited", buyer, time + refusal.wait):
                create(world)
        else:
            create(world)
        assert world.trading.ordersLeft(buyer) == bucket.refilled(state, time).tokens
