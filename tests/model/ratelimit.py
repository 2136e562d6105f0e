"""A token bucket in integers, so that a contract can keep the same one.

A token comes back every ``refill_seconds``. Whole tokens only: the part of the interval that
has already passed is kept by moving ``updated_at`` on by whole intervals. A full bucket gains
nothing more, so its clock starts when the next token is taken.
"""

from __future__ import annotations

from dataclasses import dataclass

from energy_grid.domain.units import natural
from energy_grid.errors import DomainError

__all__ = ["BucketState", "BurstTooLargeError", "RateLimitedError", "TokenBucket"]


class BurstTooLargeError(DomainError):
    """More tokens are wanted than the bucket can ever hold."""


class RateLimitedError(DomainError):
    """Too few tokens are left; ``wait`` is the number of seconds until there are enough."""

    def __init__(self, wanted: int, left: int, wait: int) -> None:
        self.wait = wait
        super().__init__(f"{wanted} wanted, {left} left: wait {wait} s")


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketState:
    """Tokens at a moment. The zero state is what untouched storage holds: long since full."""

    tokens: int = 0
    updated_at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenBucket:
    """The limit itself: ``capacity`` at once, then one every ``refill_seconds``."""

    capacity: int
    refill_seconds: int

    def __post_init__(self) -> None:
        if min(natural("capacity", self.capacity), natural("refill", self.refill_seconds)) == 0:
            raise DomainError("a bucket needs a capacity and a refill time above zero")

    def refilled(self, state: BucketState, now: int) -> BucketState:
        """The state with all tokens that have come back by ``now``.

        Raises:
            DomainError: ``now`` is before the state.
        """
        regained = natural("elapsed time", now - state.updated_at) // self.refill_seconds
        tokens = state.tokens + regained
        if tokens >= self.capacity:
            return BucketState(tokens=self.capacity, updated_at=now)
        return BucketState(
            tokens=tokens, updated_at=state.updated_at + regained * self.refill_seconds
        )

    def take(self, state: BucketState, n: int, now: int) -> BucketState:
        """The state after ``n`` tokens were taken.

        Raises:
            BurstTooLargeError: ``n`` is above the capacity.
            RateLimitedError: there will be ``n`` tokens only later.
        """
        if natural("tokens", n) > self.capacity:
            raise BurstTooLargeError(f"{n} wanted, the bucket holds {self.capacity}")
        full = self.refilled(state, now)
        if n > full.tokens:
            ready = full.updated_at + (n - full.tokens) * self.refill_seconds
            raise RateLimitedError(n, full.tokens, ready - now)
        return BucketState(tokens=full.tokens - n, updated_at=full.updated_at)
