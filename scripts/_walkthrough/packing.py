"""Words that the market's contracts give each other (contracts/types), for scenes in which a
contract acts by itself."""

from __future__ import annotations

__all__ = ["boundary_word", "closing_word", "leg_word", "period_word"]


def period_word(start: int, slots: int, price: int, kind: int = 0) -> int:
    """PeriodWord: so many slots from one on (kind 0), a whole day (1) or week (2)."""
    return start | slots << 32 | kind << 48 | price << 56


def leg_word(number: int, wh: int, *, sell: bool, nonce: int = 0) -> int:
    """LegWord: an account's side of a match, of a signed order; Wh of every slot."""
    return number | wh << 32 | nonce << 64 | sell << 104


def boundary_word(slot: int, number: int, net: int) -> int:
    """BoundaryWord: what a meter has shown in a slot."""
    return slot << 64 | number << 32 | net + 2**31


def closing_word(number: int) -> int:
    """ClosingWord: of an account without credits, deemed import and choices."""
    return number
