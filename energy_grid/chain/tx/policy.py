"""How a sender goes about its work."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Policy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The settings of a `Sender`.

    Attributes:
        batch: transactions in one request.
        max_pending: the largest number pending at a time.
        confirmations: blocks on top of a transaction's own before it counts.
        gas: limit of calls that name none; None lets the node estimate each.
        max_fee: the largest fee that is ever offered, in wei per gas.
        timeout: seconds without any progress after which waiting is given up.
        resend_after: seconds without a receipt after which the same bytes are sent again.
        raise_after: blocks that may pass an account's next transaction by until its fee is raised.
    """

    batch: int = 500
    max_pending: int = 5000
    confirmations: int = 0
    gas: int | None = None
    max_fee: int = 500 * 10**9
    timeout: float = 120.0
    resend_after: float = 3.0
    raise_after: int = 3
