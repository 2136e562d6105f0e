"""Sends signed transactions to the node until each is mined deep enough.

`pending` has the states. Each round does three things: it fetches receipts if there is a new block,
sends again what had no answer for too long, and raises the fee of stuck transactions.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from threading import RLock
from typing import Any

from energy_grid.chain.contract import Call
from energy_grid.chain.rpc.node import Node, Request, RpcError
from energy_grid.chain.tx.fees import PRICE_REQUESTS, GasPrice
from energy_grid.chain.tx.journal import Journal
from energy_grid.chain.tx.pending import PendingTransaction
from energy_grid.chain.tx.policy import Policy
from energy_grid.chain.tx.transactions import sign_transaction
from energy_grid.errors import (
    NodeUnreachableError,
    TransactionFailedError,
    TransactionPendingError,
)

__all__ = ["Broadcaster"]

_CANCELLATION_GAS = 21_000
_FIRST_PAUSE, _MAX_PAUSE, _PAUSE_GROWTH = 0.001, 0.25, 1.5
# A node may say that a nonce is used before it can show the receipt. This often, with pauses that
# double from the first, it must say so until the nonce counts as used by another sender.
_STALE_TIMES, _STALE_PAUSE = 6, 0.2
# Up to so many receipts are asked for together with the newest block.
_FEW = 20

# Parts of the messages of nodes.
_KNOWN = ("already known", "already imported", "known transaction", "confirmation timeout")
_STALE = ("nonce too low", "nonce is too low")
_TOO_CHEAP = ("underpriced", "base fee", "basefee", "fee cap", "max fee per gas")
# The answer of a proxy or a node that gave up: it may have passed the transaction on.
_UNKNOWN = ("timeout", "timed out", "internal error", "unavailable", "upstream", "overloaded")
_INTERNAL_ERROR = -32603
_TEMPORARY = ("insufficient funds", "txpool is full", "limit exceeded", "too many")


class Broadcaster:
    """All pending transactions of one node.

    Attributes:
        automine: whether the node, an Anvil, mines each transaction at once.
    """

    def __init__(
        self,
        node: Node,
        policy: Policy,
        journal: Journal,
        after_send: Callable[[], object] | None,
    ) -> None:
        self.node = node
        self.policy = policy
        self.lock = RLock()
        self._journal = journal
        self._after_send = after_send
        self._pending: dict[tuple[str, int], PendingTransaction] = {}
        # Per account: the nonce that is next to be mined, and the block when it became that.
        self._next: dict[str, tuple[int, int]] = {}
        self._head = ""
        self.automine = False

    def __len__(self) -> int:
        return len(self._pending)

    def next_nonces(self, nonces: Mapping[str, int]) -> dict[str, int]:
        """The node's next nonces, moved behind the pending transactions."""
        moved = dict(nonces)
        for sender, nonce in self._pending:
            if sender in moved:
                moved[sender] = max(moved[sender], nonce + 1)
        return moved

    def next_safe_nonces(self, nonces: Mapping[str, int]) -> dict[str, int]:
        """The Safes' next nonces, moved behind the pending transactions; a revert uses none."""
        moved = dict(nonces)
        if any(entry.safe is not None for entry in self._pending.values()):
            self._fetch_receipts()
        for entry in self._pending.values():
            is_reverted = entry.receipt is not None and entry.receipt["status"] == "0x0"
            if entry.safe is not None and entry.safe[0] in moved and not is_reverted:
                safe, nonce = entry.safe
                moved[safe] = max(moved[safe], nonce + 1)
        return moved

    def send(self, pending: Sequence[PendingTransaction]) -> None:
        """Send what was just signed; the journal has it before it leaves."""
        self._journal.record_sent(pending)
        self.track(pending)
        if self.automine and self.policy.confirmations == 0 and len(pending) == len(self) == 1:
            # One request brings the receipt; among several, one that waits would hold up all.
            self._broadcast(pending, "eth_sendRawTransactionSync")
        else:
            self._broadcast(pending)
        if self._after_send is not None:
            self._after_send()

    def track(self, pending: Iterable[PendingTransaction]) -> None:
        """Wait for transactions that were sent before."""
        for entry in pending:
            self._pending[entry.sender, entry.nonce] = entry
        self._head = ""

    def forget(self) -> None:
        """Drop everything."""
        self._pending.clear()
        self._next.clear()
        self._head = ""

    def ask(self, requests: Sequence[Request]) -> list[Any]:
        """Requests in batches of the usual size."""
        answers: list[Any] = []
        for first in range(0, len(requests), self.policy.batch):
            answers += self.node.rpc_batch(requests[first : first + self.policy.batch])
        return answers

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Run rounds until a condition holds.

        Raises:
            TransactionPendingError: nothing has moved for the policy's time.
        """
        pause, left = _FIRST_PAUSE, len(self._pending)
        deadline = time.monotonic() + self.policy.timeout
        while not condition():
            with self.lock:
                self._round()
            if len(self._pending) != left:
                left = len(self._pending)
                pause, deadline = _FIRST_PAUSE, time.monotonic() + self.policy.timeout
                continue
            if time.monotonic() > deadline:
                raise self.pending_error(min(self._pending.values(), key=lambda one: one.nonce))
            if self._after_send is not None and self._pending:
                # One block had no room for all of them, or more are needed on top.
                self._after_send()
            time.sleep(pause)
            pause = min(pause * _PAUSE_GROWTH, _MAX_PAUSE)

    def pending_error(self, entry: PendingTransaction) -> TransactionPendingError:
        """The error of a transaction that has not ended in time."""
        reason = f" ({entry.node_error})" if entry.node_error else ""
        return TransactionPendingError(
            str(entry),
            tuple(signed.hash for signed in entry.attempts),
            f"{self.policy.timeout:g} s without progress{reason}",
        )

    def _round(self) -> None:
        try:
            number = self._fetch_receipts()
            now = time.monotonic()
            overdue = [entry for entry in self._waiting() if entry.resend_at <= now]
            for first in range(0, len(overdue), self.policy.batch):
                self._broadcast(overdue[first : first + self.policy.batch])
            for entry in self._waiting():
                if entry.stale >= _STALE_TIMES and not self._may_be_mined(entry):
                    self._fail(entry, f"{entry}: another transaction has used this nonce")
            self._raise_stuck(number)
        except (NodeUnreachableError, RpcError) as error:
            # A node that comes back may have forgotten everything that was not mined.
            self._head = ""
            for entry in self._pending.values():
                entry.resend_at, entry.node_error = 0.0, str(error)

    def _may_be_mined(self, entry: PendingTransaction) -> bool:
        """Whether a node has taken it, and the one that was asked lags behind its block."""
        count = self.node.rpc("eth_getTransactionCount", entry.sender, "latest")
        return entry.seen and int(count, 16) <= entry.nonce

    def _waiting(self) -> list[PendingTransaction]:
        return [entry for entry in self._pending.values() if entry.receipt is None]

    # Receipts

    def _fetch_receipts(self) -> int:
        """Fetch receipts if there is a new block; gives the newest block's number."""
        pending = list(self._pending.values())
        attempts = [(entry, signed.hash) for entry in pending for signed in entry.attempts]
        wanted: list[Request] = [("eth_getTransactionReceipt", [found]) for _, found in attempts]
        newest: Request = ("eth_blockNumber", [])
        if len(wanted) > _FEW:
            head = self.node.rpc("eth_blockNumber")
            if head == self._head:
                return int(head, 16)
            answers = self.ask(wanted)
        else:
            head, *answers = self.ask([newest, *wanted])
            if isinstance(head, RpcError):
                raise head
        receipts = {
            id(entry): answer
            for (entry, _), answer in zip(attempts, answers, strict=True)
            if answer is not None and not isinstance(answer, RpcError)
        }
        number = int(head, 16)
        self._end([entry for entry in pending if self._is_deep(entry, receipts, number)])
        self._head = head
        return number

    def _is_deep(self, entry: PendingTransaction, receipts: Mapping[int, Any], number: int) -> bool:
        found = receipts.get(id(entry))
        if found is None and entry.receipt is not None:
            entry.resend_at = 0.0  # A reorganisation took it out again.
        entry.receipt = found
        if found is None:
            return False
        return number - int(found["blockNumber"], 16) >= self.policy.confirmations

    def _end(self, pending: Sequence[PendingTransaction]) -> None:
        if pending:
            self._journal.record_ended(pending)
        for entry in pending:
            self._pending.pop((entry.sender, entry.nonce), None)

    def _fail(self, entry: PendingTransaction, reason: str) -> None:
        entry.failure = TransactionFailedError(reason)
        self._end([entry])

    # Sending

    def _broadcast(
        self, pending: Sequence[PendingTransaction], method: str = "eth_sendRawTransaction"
    ) -> None:
        """Send the latest bytes of each, once more or for the first time."""
        now = time.monotonic()
        for entry in pending:
            entry.resend_at = now + self.policy.resend_after
        requests = [(method, ["0x" + entry.latest.raw.hex()]) for entry in pending]
        try:
            answers = self.node.rpc_batch(requests)
        except (NodeUnreachableError, RpcError) as error:
            # Which of them have arrived is unknown: the journal has them, their turn comes again.
            for entry in pending:
                entry.seen, entry.node_error = True, str(error)
            return
        mined = []
        for entry, answer in zip(pending, answers, strict=True):
            if isinstance(answer, dict):
                entry.receipt = answer
                mined.append(entry)
        self._end(mined)
        rejected = [
            entry
            for entry, answer in zip(pending, answers, strict=True)
            if self._is_rejected(entry, answer)
        ]
        for entry in rejected:
            self._give_up(entry)

    def _is_rejected(self, entry: PendingTransaction, answer: Any) -> bool:
        """Whether no node has taken a transaction, and none will."""
        entry.node_error = answer.message if isinstance(answer, RpcError) else ""
        if not entry.node_error or _mentions(entry.node_error, _KNOWN):
            entry.seen, entry.stale, entry.node_error = True, 0, ""
            return False
        if _mentions(entry.node_error, _STALE):
            entry.resend_at = time.monotonic() + _STALE_PAUSE * 2**entry.stale
            entry.stale += 1
            return False
        if answer.code == _INTERNAL_ERROR or _mentions(entry.node_error, _UNKNOWN):
            entry.seen = True
        return not entry.seen and not _mentions(entry.node_error, (*_TOO_CHEAP, *_TEMPORARY))

    def _give_up(self, entry: PendingTransaction) -> None:
        """End a call that no node takes.

        Later transactions of its account would wait for its nonce for ever. A cancellation
        transaction, which does nothing, uses that nonce.
        """
        self._fail(entry, f"the node rejects {entry}: {entry.node_error}")
        later = any(
            sender == entry.sender and nonce > entry.nonce for sender, nonce in self._pending
        )
        if entry.cancellation or entry.account is None or not later:
            return
        self._cancel(entry, entry.nonce)

    def _cancel(self, entry: PendingTransaction, nonce: int) -> None:
        """Use up a nonce of a transaction's account, at its fee."""
        assert entry.account is not None
        transaction = replace(
            entry.latest.transaction,
            nonce=nonce,
            to=entry.sender,
            value=0,
            data=b"",
            gas=_CANCELLATION_GAS,
        )
        call = Call(contract="", function="cancellation", to=entry.sender, data=b"")
        self.send(
            [
                PendingTransaction(
                    sender=entry.sender,
                    nonce=nonce,
                    call=call,
                    account=entry.account,
                    attempts=[sign_transaction(transaction, entry.account)],
                    cancellation=True,
                )
            ]
        )

    # Fees

    def _raise_stuck(self, number: int) -> None:
        """Raise the fee of each account's next transaction if it is stuck."""
        lowest: dict[str, PendingTransaction] = {}
        for entry in self._waiting():
            known = lowest.get(entry.sender)
            if known is None or entry.nonce < known.nonce:
                lowest[entry.sender] = entry
        before, self._next = self._next, {}
        stuck = []
        for sender, entry in lowest.items():
            nonce, since = before.get(sender, (entry.nonce, number))
            if nonce != entry.nonce:
                since = number
            if number - since >= self.policy.raise_after or _mentions(entry.node_error, _TOO_CHEAP):
                stuck.append(entry)
                since = number
            self._next[sender] = entry.nonce, since
        if stuck:
            self._fill_gaps(stuck)
            self._raise(stuck)

    def _fill_gaps(self, pending: Sequence[PendingTransaction]) -> None:
        """Use the nonces that come before an account's next transaction: a reorganisation has
        taken what had them, and nothing would be mined any more. What the journal still has of them
        is sent again."""
        asked = [("eth_getTransactionCount", [each.sender, "latest"]) for each in pending]
        for entry, answer in zip(pending, self.ask(asked), strict=True):
            if isinstance(answer, RpcError):
                raise answer
            if entry.account is not None:
                for nonce in range(int(answer, 16), entry.nonce):
                    gone = self._journal.pending.get((entry.sender, nonce))
                    if gone is None:
                        self._cancel(entry, nonce)
                    else:
                        gone.receipt, gone.resend_at = None, 0.0
                        self.track([gone])

    def _raise(self, pending: Sequence[PendingTransaction]) -> None:
        answers = self.ask(PRICE_REQUESTS)
        for answer in answers:
            if isinstance(answer, RpcError):
                raise answer
        suggested = GasPrice.suggested(*answers)
        raised = []
        for entry in pending:
            old = entry.latest.transaction
            price = GasPrice(max_fee=old.max_fee, tip=old.tip).raised(suggested)
            # Without the account, as after a restart, the old bytes must do.
            if entry.account is not None and price.max_fee <= self.policy.max_fee:
                transaction = replace(old, max_fee=price.max_fee, tip=price.tip)
                entry.attempts.append(sign_transaction(transaction, entry.account))
                raised.append(entry)
        try:
            self._journal.record_sent(raised)
        except BaseException:
            # What no journal has is never sent.
            for entry in raised:
                entry.attempts.pop()
            raise
        self._broadcast(raised)


def _mentions(message: str, phrases: Iterable[str]) -> bool:
    lower = message.lower()
    return any(phrase in lower for phrase in phrases)
