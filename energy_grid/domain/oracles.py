"""The states of a round of an oracle."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["RoundStatus"]


class RoundStatus(IntEnum):
    """Where a round is, with the chain's numbers."""

    NONE = 0
    OPEN = 1
    ANSWERED = 2
    HELD = 3
    ABANDONED = 4
