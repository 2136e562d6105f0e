"""Locks, payments and fees."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.domain.costs import collateral, cost_down
from energy_grid.errors import DomainError
from tests.model.costs import Fees, FeesTooHighError, order_lock, payout, released_on_fill


@given(st.data(), st.integers(1, 10**9), st.integers(0, 2**64 - 1))
def test_released_on_fill__covers_what_a_transaction_keeps(
    data: st.DataObject, remaining: int, limit: int
) -> None:
    fill = data.draw(st.integers(1, remaining))
    price = data.draw(st.integers(0, limit))
    released = released_on_fill(remaining, fill, limit)
    assert released >= cost_down(fill, price)
    assert released >= collateral(fill, limit)


def test_released_on_fill__more_than_remains__is_refused() -> None:
    with pytest.raises(DomainError):
        released_on_fill(10, 11, 1)


def test_order_lock__over_a_hundred_thousand_fills__is_used_up_and_never_short() -> None:
    rng = random.Random(7)
    for _ in range(10_000):
        remaining, limit = rng.randint(1, 50_000), rng.randint(1, 500_000)
        locked = order_lock(remaining, limit)
        while remaining:
            fill = rng.randint(1, remaining) if rng.random() < 0.9 else remaining
            locked -= released_on_fill(remaining, fill, limit)
            remaining -= fill
            assert locked == order_lock(remaining, limit)
        assert locked == 0


@given(
    st.lists(st.integers(0, 5000), min_size=1, max_size=8),
    st.integers(0, 10**6),
    st.integers(0, 100),
    st.integers(0, 10**6),
)
def test_payout__in_any_steps__pays_the_whole_and_splits_it_without_rest(
    steps: list[int], price: int, bps: int, grid: int
) -> None:
    fees = Fees(protocol_bps=bps, grid_per_kwh=grid)
    delivered, paid = 0, 0
    for step in steps:
        part = payout(delivered, delivered + step, price, fees)
        assert part.pay == part.to_seller + part.protocol_fee + part.grid_fee
        assert min(part.to_seller, part.protocol_fee, part.grid_fee) >= 0
        assert part.protocol_fee == part.pay * bps // 10_000
        delivered += step
        paid += part.pay
    assert paid == cost_down(delivered, price)


def test_payout__by_hand() -> None:
    part = payout(500, 2000, 250_001, Fees(protocol_bps=100, grid_per_kwh=30_001))
    assert part.pay == 500_002 - 125_000
    assert part.protocol_fee == 3750
    assert part.grid_fee == 60_002 - 15_000
    assert part.to_seller == 375_002 - 3750 - 45_002


def test_payout__grid_fee_above_the_price__leaves_the_seller_nothing_but_no_debt() -> None:
    part = payout(0, 1000, 100, Fees(protocol_bps=100, grid_per_kwh=5000))
    assert (part.protocol_fee, part.grid_fee, part.to_seller) == (1, 99, 0)


def test_fees__limits() -> None:
    assert Fees(protocol_bps=100).protocol_bps == 100
    with pytest.raises(FeesTooHighError, match="101 bps"):
        Fees(protocol_bps=101)
    with pytest.raises(DomainError, match="grid fee"):
        Fees(grid_per_kwh=-1)
