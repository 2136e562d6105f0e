"""What people are told of an order that cannot be part of a batch."""

from __future__ import annotations

from collections.abc import Mapping

from energy_grid.domain.batch import Refusal

__all__ = ["REASONS", "order_name"]

# As the end of a sentence that begins with the order.
REASONS: Mapping[Refusal, str] = {
    Refusal.NONE: "nothing is wrong with it",
    Refusal.WRONG_SIGNATURE: "its trader has not signed it",
    Refusal.NONCE_SPENT: "its nonce is spent: filled, cancelled, or another order's",
    Refusal.EXPIRED: "it has expired",
    Refusal.WORSE_THAN_LIMIT: "the price is worse than its limit",
    Refusal.UNKNOWN_ACCOUNT: "its trader has no account: a deposit opens one",
    Refusal.NO_SUCH_ORDER: "there is none of this number",
    Refusal.NOT_ACTIVE: "it is filled or cancelled",
    Refusal.OTHER_PERIOD: "it is for another delivery period",
    Refusal.SIDE_BLOCKED: "the grid authority has blocked this side for its trader",
    Refusal.IN_DEBT: "its trader is in debt, and cannot buy",
    Refusal.INSUFFICIENT_BALANCE: "its trader has not enough money",
    Refusal.WRONG_SIDE: "a fill takes it for the other side",
    Refusal.OVERFILLED: "a fill is larger than what is left of it",
    Refusal.SELF_TRADE: "a fill has its trader on both sides",
    Refusal.DUST: "a fill is so small that it costs nothing",
    Refusal.TOO_LARGE: "a fill of it is larger than one can be",
}
# Numbers of stored orders are below; hashes as small are not found.
_NUMBERS_END = 2**40


def order_name(order_id: int) -> str:
    """``order 12``, or of a signed one its hash: ``order 0x`` and 64 digits."""
    return f"order {order_id}" if order_id < _NUMBERS_END else f"order 0x{order_id:064x}"
