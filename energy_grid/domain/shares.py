"""The states of a divided asset, and of an offer for all of its shares."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["BuyoutStatus", "State"]


class State(IntEnum):
    """Where a divided asset is: with its shareholders, bought by somebody, or taken out again."""

    HELD = 0
    SOLD = 1
    REDEEMED = 2


class BuyoutStatus(IntEnum):
    """Where an offer for all shares is; a failed one was not accepted in time, or came too late."""

    OPEN = 0
    SOLD = 1
    FAILED = 2
