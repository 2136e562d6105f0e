"""The reasons why an order cannot be part of a batch, as text."""

from __future__ import annotations

from collections.abc import Mapping

from energy_grid.domain.batch import Refusal

__all__ = ["REASONS", "order_name"]

# Each completes a sentence that begins with the order.
REASONS: Mapping[Refusal, str] = {
    Refusal.NONE: "it can be filled",
    Refusal.WRONG_SIGNATURE: "its trader has not signed it",
    Refusal.NONCE_SPENT: "its nonce is spent: filled, cancelled or used by another order",
    Refusal.EXPIRED: "it has expired",
    Refusal.WORSE_THAN_LIMIT: "the price is worse than its limit",
    Refusal.UNKNOWN_ACCOUNT: "its trader has no account: a deposit opens one",
    Refusal.NO_SUCH_ORDER: "no order has this number",
    Refusal.NOT_ACTIVE: "it is filled or cancelled",
    Refusal.OTHER_PERIOD: "it is for another delivery period",
    Refusal.WRONG_SIDE: "a fill uses it on the wrong side",
    Refusal.OVERFILLED: "a fill exceeds its remaining energy",
    Refusal.SELF_TRADE: "a fill has its trader on both sides",
    Refusal.INVALID_AMOUNT: "its amount, or a fill of it, is not the same whole Wh in every slot of"
    " its period",
    Refusal.BELOW_FLOOR: "its trader has cancelled all orders with such low nonces",
    Refusal.SIDE_BLOCKED: "the grid authority has blocked this side for its trader",
    Refusal.IN_DEBT: "its trader is in debt and cannot buy: repay the debt first",
    Refusal.GAP_OPEN: "the newest final slot of its trader's meter was not read: publish its"
    " readings first",
    Refusal.POSITION_TOO_LARGE: "the position of its trader in a slot would be too large",
    Refusal.OTHER_REGION: "its trader is in another region than the batch",
    Refusal.INSUFFICIENT_BALANCE: "the balance of its trader, less what its open days may cost, is"
    " too small",
    Refusal.REGION_CLOSED: "the emergency protocol of its region has closed this side for now",
}
# On-chain orders have smaller numbers; no hash is as small.
_NUMBERS_END = 2**40


def order_name(order_id: int) -> str:
    """``order 12``, or of a signed one its hash: ``order 0x`` and 64 digits."""
    return f"order {order_id}" if order_id < _NUMBERS_END else f"order 0x{order_id:064x}"
