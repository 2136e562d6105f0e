"""The state of an order follows from what the newest block shows."""

from __future__ import annotations

import pytest

from energy_grid.backend.trading_engine.book import id_in, id_text
from energy_grid.backend.trading_engine.states import OrderState, state_of
from energy_grid.domain.batch import Refusal
from energy_grid.domain.enums import NonceState

OPEN, PARTIAL, FILLED, CANCELLED = NonceState
S = OrderState


@pytest.mark.parametrize(
    ("filled", "nonce", "is_new", "is_over", "is_settled", "state", "reason"),
    [
        (0, OPEN, True, False, True, S.RECEIVED, Refusal.NONE),
        (0, OPEN, False, False, True, S.OPEN, Refusal.NONE),
        (0, OPEN, True, True, True, S.EXPIRED, Refusal.EXPIRED),
        (4, PARTIAL, False, False, False, S.PARTLY_FILLED, Refusal.NONE),
        # Its trades are settled early; the rest of it can still trade.
        (4, PARTIAL, False, False, True, S.PARTLY_FILLED, Refusal.NONE),
        (4, PARTIAL, False, True, False, S.PARTLY_FILLED, Refusal.NONE),
        (4, PARTIAL, False, True, True, S.SETTLED, Refusal.NONE),
        (9, FILLED, True, False, False, S.MATCHED, Refusal.NONE),
        (9, FILLED, False, True, True, S.SETTLED, Refusal.NONE),
        (0, CANCELLED, False, False, True, S.CANCELLED, Refusal.NONCE_SPENT),
        (4, CANCELLED, False, False, False, S.CANCELLED, Refusal.NONCE_SPENT),
        (4, CANCELLED, False, False, True, S.SETTLED, Refusal.NONE),
        # Another order with its nonce trades.
        (0, PARTIAL, False, False, True, S.REJECTED, Refusal.NONCE_SPENT),
        (0, FILLED, False, True, True, S.REJECTED, Refusal.NONCE_SPENT),
    ],
)
def test_state_of__what_the_chain_shows__is_the_state(
    filled: int,
    nonce: NonceState,
    is_new: bool,
    is_over: bool,
    is_settled: bool,
    state: OrderState,
    reason: Refusal,
) -> None:
    found = state_of(
        amount=9,
        filled=filled,
        nonce=nonce,
        is_new=is_new,
        is_over=is_over,
        is_settled=is_settled,
    )
    assert found == (state, reason)


@pytest.mark.parametrize("number", [1, 2**40 - 1, 2**40, 2**256 - 1])
def test_id_text__number_or_hash__is_read_again(number: int) -> None:
    assert id_in(id_text(number)) == number
    assert id_text(number).startswith("0x") == (number >= 2**40)
