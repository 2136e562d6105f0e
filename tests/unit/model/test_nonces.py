"""Nonces of signed orders: states, single cancels and the floor."""

from __future__ import annotations

import pytest

from energy_grid.domain.signed_orders import MAX_NONCE, NonceState
from tests.model.costs import Fees
from tests.model.nonces import FloorNotHigherError, NonceBook, NonceSpentError, NonceTooLargeError
from tests.model.settlement import MarketRules, SettlementModel, UnknownAccountError

OPEN, PARTIAL, FILLED, CANCELLED = NonceState


def test_note_filled__in_parts__keeps_the_energy_by_order() -> None:
    book = NonceBook()
    book.note_filled("trader", 5, 77, filled=3, amount=10)
    assert (book.state("trader", 5), book.filled(77)) == (PARTIAL, 3)
    assert not book.is_taken("trader", 5, 77)
    assert book.is_taken("trader", 5, 78)
    assert not book.is_taken("trader", 6, 78)
    book.note_filled("trader", 5, 77, filled=10, amount=10)
    assert (book.state("trader", 5), book.filled(77)) == (FILLED, 10)
    assert book.state("other", 5) is OPEN


def test_note_filled__at_once__keeps_the_nonce_only() -> None:
    book = NonceBook()
    book.note_filled("trader", 0, 77, filled=10, amount=10)
    assert (book.state("trader", 0), book.filled(77)) == (FILLED, 0)


def test_cancel__all_or_none() -> None:
    book = NonceBook()
    book.note_filled("trader", 1, 77, filled=3, amount=10)
    book.note_filled("trader", 2, 78, filled=3, amount=3)
    for nonces, error in (
        ([0, 2], NonceSpentError),
        ([0, 0], NonceSpentError),
        ([0, MAX_NONCE + 1], NonceTooLargeError),
    ):
        with pytest.raises(error):
            book.cancel("trader", nonces)
        assert book.state("trader", 0) is OPEN
    book.cancel("trader", [1, 0, MAX_NONCE])
    assert [book.state("trader", nonce) for nonce in (0, 1, 2, MAX_NONCE)] == [
        CANCELLED,
        CANCELLED,
        FILLED,
        CANCELLED,
    ]
    with pytest.raises(NonceSpentError):
        book.cancel("trader", [1])


def test_cancel_below__voids_open_and_partial_nonces_but_no_filled_ones() -> None:
    book = NonceBook()
    book.note_filled("trader", 1, 77, filled=3, amount=10)
    book.note_filled("trader", 2, 78, filled=3, amount=3)
    book.cancel_below("trader", 3)
    states = [book.state("trader", nonce) for nonce in range(4)]
    assert states == [CANCELLED, CANCELLED, FILLED, OPEN]
    assert (book.floor("trader"), book.floor("other")) == (3, 0)
    # A void nonce can still be cancelled by its number: it was never written.
    book.cancel("trader", [0])
    assert book.is_spent("trader", 0)
    assert not book.is_spent("trader", 1)


def test_cancel_below__a_floor_that_does_not_rise__is_refused() -> None:
    book = NonceBook()
    with pytest.raises(FloorNotHigherError):
        book.cancel_below("trader", 0)
    book.cancel_below("trader", MAX_NONCE)
    with pytest.raises(FloorNotHigherError, match="already"):
        book.cancel_below("trader", MAX_NONCE)
    with pytest.raises(NonceTooLargeError):
        book.cancel_below("trader", MAX_NONCE + 1)
    with pytest.raises(NonceTooLargeError):
        book.state("trader", MAX_NONCE + 1)
    assert book.is_spent("trader", MAX_NONCE + 1)


def test_cancel_signed_below__without_an_account__is_refused() -> None:
    settlement = SettlementModel(MarketRules(), Fees())
    with pytest.raises(UnknownAccountError):
        settlement.cancel_signed_below("trader", MAX_NONCE + 1)
    settlement.cancel_signed("trader", [4])
    settlement.open_account("trader")
    settlement.cancel_signed_below("trader", 9)
    assert settlement.nonces.state("trader", 8) is CANCELLED
