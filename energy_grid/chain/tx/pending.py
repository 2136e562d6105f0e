"""A transaction between its signature and the end of its story.

    state       event                                         next
    (none)      signed, written into the journal              SIGNED
    SIGNED      sent; sent again while nothing is heard       SIGNED
    SIGNED      raised: same nonce, higher fee, new bytes     SIGNED
    SIGNED      a receipt of any of its bytes                 MINED
    MINED       the receipt is gone (reorganisation)          SIGNED
    MINED       deep enough                                   (done)
    SIGNED      its nonce was used by another sender           (lost)
    SIGNED      no node takes it; its nonce is filled         (lost)

Only the nonce makes an effect happen once. Hence the rule: a call that has been sent is never
signed again under another nonce.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from energy_grid.chain.accounts import Account
from energy_grid.chain.contract import Call
from energy_grid.chain.tx.transactions import SignedTransaction
from energy_grid.errors import TransactionFailedError

__all__ = ["PendingTransaction"]


@dataclass(slots=True, kw_only=True, eq=False)
class PendingTransaction:
    """One call under one nonce.

    Attributes:
        account: who can sign it again; None after a restart, until the account is named.
        attempts: everything signed under this nonce, the latest last.
        key: the caller's own name for it, known across restarts.
        receipt: of the attempt that was mined, as the node gives it.
        failure: why it has no effect and never will.
        node_error: the message of the node when it last rejected it.
        seen: whether a node may know any of its attempts; only then can it still have an effect.
        resend_at: when it is to be sent again, on the monotonic clock.
        stale: how often the node has reported its nonce as used.
        cancellation: whether this only uses up a nonce.
        safe: the Safe that it acts for, and the number of the Safe's own nonce that it uses.
    """

    sender: str
    nonce: int
    call: Call
    account: Account | None
    attempts: list[SignedTransaction]
    key: str | None = None
    receipt: Mapping[str, Any] | None = field(default=None, repr=False)
    failure: TransactionFailedError | None = None
    node_error: str = ""
    seen: bool = False
    resend_at: float = 0.0
    stale: int = 0
    done: bool = False
    cancellation: bool = False
    safe: tuple[str, int] | None = None

    @property
    def latest(self) -> SignedTransaction:
        """What is sent now."""
        return self.attempts[-1]

    def __str__(self) -> str:
        return f"{self.call.function} of {self.sender} (nonce {self.nonce})"
