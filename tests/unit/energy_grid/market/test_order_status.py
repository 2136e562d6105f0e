"""The next nonce: free on the chain and elsewhere, found in few questions."""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from energy_grid.contracts.energy_trading import EnergyTrading
from energy_grid.domain.signed_orders import MAX_NONCE, NonceState
from energy_grid.errors import DomainError
from energy_grid.market.order_status import next_nonce

TRADER = "0x" + "11" * 20


class Nonces:
    """What the chain knows of the nonces of one trader."""

    def __init__(self, floor: int, used: Collection[int]) -> None:
        self._floor, self._used = floor, used
        self.asked = 0

    def signed_floor_of(self, trader: str) -> int:
        assert trader == TRADER
        return self._floor

    def nonce_state(self, trader: str, nonce: int) -> NonceState:
        assert trader == TRADER
        assert self._floor <= nonce <= MAX_NONCE
        self.asked += 1
        return NonceState.PARTIAL if nonce in self._used else NonceState.OPEN


def _next(floor: int, used: Collection[int], taken: Collection[int] = ()) -> tuple[int, int]:
    nonces = Nonces(floor, used)
    return next_nonce(cast(EnergyTrading, nonces), TRADER, taken), nonces.asked


@given(
    floor=st.integers(0, 50),
    used=st.sets(st.integers(0, 80)),
    taken=st.sets(st.integers(0, 80)),
)
def test_next_nonce__is_free_and_follows_one_that_is_not(
    floor: int, used: set[int], taken: set[int]
) -> None:
    found, _ = _next(floor, used, taken)
    assert found >= floor
    assert found not in used | taken
    assert found == floor or found - 1 in used | taken


@pytest.mark.parametrize("count", [0, 1, 2, 3, 111, 112, 100_000])
@pytest.mark.parametrize("floor", [0, 7, 300])
def test_next_nonce__of_nonces_used_in_a_row__is_the_next_of_the_row(
    floor: int, count: int
) -> None:
    found, asked = _next(floor, range(floor, floor + count))
    assert found == floor + count
    assert asked <= 40


def test_next_nonce__has_more_after_those_taken_elsewhere() -> None:
    assert _next(0, range(3), taken=range(3, 6))[0] == 6


def test_next_nonce__the_last_one_and_none() -> None:
    assert _next(MAX_NONCE, ())[0] == MAX_NONCE
    assert _next(0, range(MAX_NONCE))[0] == MAX_NONCE
    with pytest.raises(DomainError, match=f"all nonces of {TRADER} are spent"):
        _next(0, range(MAX_NONCE + 1))
