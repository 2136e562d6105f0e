"""The states of signed orders, clearings and batches.

Of an order:

    RECEIVED --> OPEN --> PARTLY_FILLED --> MATCHED --> SETTLED
        |          |            |
        +----------+------------+--> EXPIRED, CANCELLED, REJECTED

It never shows more than the newest block has, so a reorganisation moves it back.
"""

from __future__ import annotations

from enum import StrEnum

from energy_grid.domain.enums import NonceState, Refusal

__all__ = ["LIVE", "UNSETTLED", "BatchState", "ClearingState", "OrderState", "state_of"]


class OrderState(StrEnum):
    """What has become of a signed order; see the picture above."""

    RECEIVED = "RECEIVED"
    """Accepted; too new for a clearing, whose seed its trader may not know."""
    OPEN = "OPEN"
    PARTLY_FILLED = "PARTLY_FILLED"
    """Part of it trades in blocks; nothing else will, once its gate is closed."""
    MATCHED = "MATCHED"
    """All of it trades in blocks."""
    SETTLED = "SETTLED"
    """All its trades are settled, and no more can come."""
    EXPIRED = "EXPIRED"
    CANCELLED = "CANCELLED"
    """Its nonce was cancelled; what was filled before still counts."""
    REJECTED = "REJECTED"


LIVE = OrderState.RECEIVED, OrderState.OPEN, OrderState.PARTLY_FILLED
"""Of orders that may trade."""
UNSETTLED = OrderState.PARTLY_FILLED, OrderState.MATCHED, OrderState.CANCELLED
"""Of orders with trades that may have to be settled."""


class ClearingState(StrEnum):
    """What has become of a clearing."""

    OPEN = "OPEN"
    """Some of its batches are to be sent."""
    DISTURBED = "DISTURBED"
    """A batch was rejected: what is left is to be cleared again."""
    DONE = "DONE"


class BatchState(StrEnum):
    """What has become of a batch."""

    PLANNED = "PLANNED"
    """To be sent; or on its way, if the journal knows it."""
    MINED = "MINED"
    REJECTED = "REJECTED"
    """It reverted, or would have."""
    DROPPED = "DROPPED"
    """Never sent: one before it was rejected, or the gate has closed."""


def state_of(
    *,
    amount: int,
    filled: int,
    nonce: NonceState,
    is_new: bool,
    is_over: bool,
    is_settled: bool,
) -> tuple[OrderState, Refusal]:
    """The state of an order that was accepted, by what the newest block shows.

    Args:
        amount, filled: Wh.
        nonce: its nonce's state.
        is_new: whether it may not be cleared yet.
        is_over: whether its expiry or its gate has passed.
        is_settled: whether each of its trades is settled.
    """
    is_ended = filled >= amount or is_over or nonce is NonceState.CANCELLED
    if filled and is_ended and is_settled:
        return OrderState.SETTLED, Refusal.NONE
    if filled >= amount:
        return OrderState.MATCHED, Refusal.NONE
    if nonce is NonceState.CANCELLED:
        return OrderState.CANCELLED, Refusal.NONCE_SPENT
    if not filled and nonce is not NonceState.OPEN:
        # Another order has used it.
        return OrderState.REJECTED, Refusal.NONCE_SPENT
    if filled:
        return OrderState.PARTLY_FILLED, Refusal.NONE
    if is_over:
        return OrderState.EXPIRED, Refusal.EXPIRED
    return OrderState.RECEIVED if is_new else OrderState.OPEN, Refusal.NONE
