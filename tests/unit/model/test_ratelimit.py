"""The token bucket."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.errors import DomainError
from tests.model.ratelimit import BucketState, BurstTooLargeError, RateLimitedError, TokenBucket

BUCKET = TokenBucket(capacity=5, refill_seconds=60)
NOW = 1_700_000_000


def test_take__untouched__is_full() -> None:
    assert BUCKET.take(BucketState(), 5, NOW) == BucketState(tokens=0, updated_at=NOW)


def test_take__empty__is_refused_with_the_wait() -> None:
    empty = BucketState(tokens=0, updated_at=NOW)
    with pytest.raises(RateLimitedError, match=r"2 wanted, 1 left: wait 50 s") as refusal:
        BUCKET.take(empty, 2, NOW + 70)
    assert refusal.value.wait == 50
    with pytest.raises(RateLimitedError):
        BUCKET.take(empty, 2, NOW + 119)
    assert BUCKET.take(empty, 2, NOW + 120) == BucketState(tokens=0, updated_at=NOW + 120)


def test_take__part_of_an_interval__is_not_lost() -> None:
    state = BUCKET.take(BucketState(tokens=0, updated_at=NOW), 1, NOW + 119)
    assert state == BucketState(tokens=0, updated_at=NOW + 60)
    assert BUCKET.take(state, 1, NOW + 120) == BucketState(tokens=0, updated_at=NOW + 120)


def test_take__full__starts_the_clock_now() -> None:
    state = BUCKET.take(BucketState(tokens=4, updated_at=NOW), 1, NOW + 100)
    assert state == BucketState(tokens=4, updated_at=NOW + 100)
    full = BucketState(tokens=5, updated_at=NOW)
    assert BUCKET.take(full, 1, NOW + 59) == BucketState(tokens=4, updated_at=NOW + 59)


def test_take__more_than_the_capacity__is_never_possible() -> None:
    with pytest.raises(BurstTooLargeError, match="6 wanted, the bucket holds 5"):
        BUCKET.take(BucketState(), 6, NOW)


def test_take__time_runs_backwards__is_refused() -> None:
    with pytest.raises(DomainError, match="elapsed time"):
        BUCKET.take(BucketState(tokens=1, updated_at=NOW), 1, NOW - 1)


@pytest.mark.parametrize(("capacity", "refill"), [(0, 1), (1, 0), (-1, 1)])
def test_bucket__without_capacity_or_refill__is_refused(capacity: int, refill: int) -> None:
    with pytest.raises(DomainError):
        TokenBucket(capacity=capacity, refill_seconds=refill)


@given(
    st.integers(1, 6),
    st.integers(1, 50),
    st.lists(st.tuples(st.integers(0, 120), st.integers(0, 6)), min_size=1, max_size=30),
)
def test_take__over_any_window__gives_at_most_the_capacity_and_the_refill(
    capacity: int, refill: int, steps: list[tuple[int, int]]
) -> None:
    bucket = TokenBucket(capacity=capacity, refill_seconds=refill)
    state, now, taken = BucketState(), NOW, []
    for wait, n in steps:
        now += wait
        wanted = min(n, capacity)
        try:
            state = bucket.take(state, wanted, now)
        except RateLimitedError as refusal:
            later = now + refusal.wait
            with pytest.raises(RateLimitedError):
                bucket.take(state, wanted, later - 1)
            state, now = bucket.take(state, wanted, later), later
        taken.append((now, wanted))
    for first, (begin, _) in enumerate(taken):
        for last in range(first, len(taken)):
            total = sum(n for _, n in taken[first : last + 1])
            assert total <= capacity + (taken[last][0] - begin) // refill
