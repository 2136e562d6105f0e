"""Brings signed transactions to the node, again and again, until each is mined deep enough.

The states are in `flights`. Three things are done in every round: look for receipts if there is a
new block, send again what has been silent for too long, raise what blocks pass by.
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
from energy_grid.chain.tx.pending import Flight
from energy_grid.chain.tx.policy import Policy
from energy_grid.chain.tx.transactions import sign_transaction
from energy_grid.errors import NodeUnreachableError, TransactionFailedError

__all__ = ["Courier"]

_FILLER_GAS = 21_000
_FIRST_PAUSE, _LONGEST_PAUSE, _PAUSE_GROWTH = 0.001, 0.25, 1.5
# A node may say that a nonce is used before it can show the receipt. This often, with pauses that
# double from the first, it must say so until the nonce counts as used by somebody else.
_STALE_TIMES, _STALE_PAUSE = 6, 0.2
# Up to so many receipts are asked for together with the newest block.
_FEW = 20

# What nodes say, in parts of their messages.
_KNOWN = ("already known", "already imported", "known transaction")
_STALE = ("nonce too low", "nonce is too low")
_TOO_CHEAP = ("underpriced", "base fee", "basefee", "fee cap", "max fee per gas")
_TEMPORARY = ("insufficient funds", "txpool is full", "limit exceeded", "too many")


class Courier:
    """Everything that is on its way to one node."""

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
        self._flights: dict[tuple[str, int], Flight] = {}
        # Per account: the nonce that is next to be mined, and the block when it became that.
        self._next: dict[str, tuple[int, int]] = {}
        self._head = ""

    def __len__(self) -> int:
        return len(self._flights)

    def next_nonces(self, nonces: Mapping[str, int]) -> dict[str, int]:
        """The nodes' next nonces, moved behind what is on its way."""
        moved = dict(nonces)
        for sender, nonce in self._flights:
            if sender in moved:
                moved[sender] = max(moved[sender], nonce + 1)
        return moved

    def next_safe_nonces(self, nonces: Mapping[str, int]) -> dict[str, int]:
        """The Safes' next nonces, moved behind what is on its way; what was refused used none."""
        moved = dict(nonces)
        if any(flight.safe is not None for flight in self._flights.values()):
            self._collect()
        for flight in self._flights.values():
            is_refused = flight.receipt is not None and flight.receipt["status"] == "0x0"
            if flight.safe is not None and flight.safe[0] in moved and not is_refused:
                safe, nonce = flight.safe
                moved[safe] = max(moved[safe], nonce + 1)
        return moved

    def launch(self, flights: Sequence[Flight]) -> None:
        """Send what was just signed; the journal has it before it leaves."""
        self._journal.sent(flights)
        self.follow(flights)
        self._broadcast(flights)
        if self._after_send is not None:
            self._after_send()

    def follow(self, flights: Iterable[Flight]) -> None:
        """See to what has been sent before."""
        for flight in flights:
            self._flights[flight.sender, flight.nonce] = flight
        self._head = ""

    def forget(self) -> None:
        """Drop everything."""
        self._flights.clear()
        self._next.clear()
        self._head = ""

    def ask(self, requests: Sequence[Request]) -> list[Any]:
        """Requests in batches of the usual size."""
        answers: list[Any] = []
        for first in range(0, len(requests), self.policy.batch):
            answers += self.node.rpc_batch(requests[first : first + self.policy.batch])
        return answers

    def until(self, over: Callable[[], bool]) -> None:
        """See to what is on its way until something is so.

        Raises:
            TransactionFailedError: nothing has moved for the policy's time.
        """
        pause, left = _FIRST_PAUSE, len(self._flights)
        deadline = time.monotonic() + self.policy.timeout
        while not over():
            with self.lock:
                self._round()
            if len(self._flights) != left:
                left = len(self._flights)
                pause, deadline = _FIRST_PAUSE, time.monotonic() + self.policy.timeout
                continue
            if time.monotonic() > deadline:
                raise self._stuck()
            if self._after_send is not None and self._flights:
                # One block had no room for all of them, or more are needed on top.
                self._after_send()
            time.sleep(pause)
            pause = min(pause * _PAUSE_GROWTH, _LONGEST_PAUSE)

    def _stuck(self) -> TransactionFailedError:
        first = min(self._flights.values(), key=lambda flight: flight.nonce, default=None)
        said = f": {first.complaint}" if first is not None and first.complaint else ""
        return TransactionFailedError(
            f"{len(self._flights)} transactions are not mined after {self.policy.timeout:g} s"
            f" without progress; the first is {first}{said}"
        )

    def _round(self) -> None:
        try:
            number = self._collect()
            now = time.monotonic()
            overdue = [flight for flight in self._waiting() if flight.due <= now]
            for first in range(0, len(overdue), self.policy.batch):
                self._broadcast(overdue[first : first + self.policy.batch])
            for flight in self._waiting():
                if flight.stale >= _STALE_TIMES:
                    self._lose(flight, f"{flight}: another transaction has used this nonce")
            self._raise_passed_by(number)
        except (NodeUnreachableError, RpcError) as error:
            # A node that comes back may have forgotten everything that was not mined.
            self._head = ""
            for flight in self._flights.values():
                flight.due, flight.complaint = 0.0, str(error)

    def _waiting(self) -> list[Flight]:
        return [flight for flight in self._flights.values() if flight.receipt is None]

    # Receipts

    def _collect(self) -> int:
        """Look for receipts if there is a new block; gives the newest block's number."""
        flights = list(self._flights.values())
        attempts = [(flight, signed.hash) for flight in flights for signed in flight.attempts]
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
            id(flight): answer
            for (flight, _), answer in zip(attempts, answers, strict=True)
            if answer is not None and not isinstance(answer, RpcError)
        }
        number = int(head, 16)
        self._end([flight for flight in flights if self._is_deep(flight, receipts, number)])
        self._head = head
        return number

    def _is_deep(self, flight: Flight, receipts: Mapping[int, Any], number: int) -> bool:
        found = receipts.get(id(flight))
        if found is None and flight.receipt is not None:
            flight.due = 0.0  # A reorganisation took it out again.
        flight.receipt = found
        if found is None:
            return False
        return number - int(found["blockNumber"], 16) >= self.policy.confirmations

    def _end(self, flights: Sequence[Flight]) -> None:
        if flights:
            self._journal.ended(flights)
        for flight in flights:
            self._flights.pop((flight.sender, flight.nonce), None)

    def _lose(self, flight: Flight, reason: str) -> None:
        flight.failure = TransactionFailedError(reason)
        self._end([flight])

    # Sending

    def _broadcast(self, flights: Sequence[Flight]) -> None:
        """Send the latest bytes of each, once more or for the first time."""
        now = time.monotonic()
        for flight in flights:
            flight.due = now + self.policy.resend_after
        requests = [
            ("eth_sendRawTransaction", ["0x" + flight.latest.raw.hex()]) for flight in flights
        ]
        try:
            answers = self.node.rpc_batch(requests)
        except (NodeUnreachableError, RpcError) as error:
            # Which of them have arrived is unknown: the journal has them, their turn comes again.
            for flight in flights:
                flight.seen, flight.complaint = True, str(error)
            return
        refused = [
            flight
            for flight, answer in zip(flights, answers, strict=True)
            if self._is_refused(flight, answer)
        ]
        for flight in refused:
            self._give_up(flight)

    def _is_refused(self, flight: Flight, answer: Any) -> bool:
        """Whether no node has taken a transaction, and none will."""
        flight.complaint = answer.message if isinstance(answer, RpcError) else ""
        if not flight.complaint or _says(flight.complaint, _KNOWN):
            flight.seen, flight.stale, flight.complaint = True, 0, ""
            return False
        if _says(flight.complaint, _STALE):
            flight.due = time.monotonic() + _STALE_PAUSE * 2**flight.stale
            flight.stale += 1
            return False
        return not flight.seen and not _says(flight.complaint, (*_TOO_CHEAP, *_TEMPORARY))

    def _give_up(self, flight: Flight) -> None:
        """End a call that no node takes.

        What its account has sent after it would wait for its nonce for ever, so a transaction
        that does nothing takes its place.
        """
        self._lose(flight, f"the node refuses {flight}: {flight.complaint}")
        later = any(
            sender == flight.sender and nonce > flight.nonce for sender, nonce in self._flights
        )
        if flight.filler or flight.account is None or not later:
            return
        transaction = replace(
            flight.latest.transaction, to=flight.sender, value=0, data=b"", gas=_FILLER_GAS
        )
        call = Call(contract="", function="nothing", to=flight.sender, data=b"")
        self.launch(
            [
                Flight(
                    sender=flight.sender,
                    nonce=flight.nonce,
                    call=call,
                    account=flight.account,
                    attempts=[sign_transaction(transaction, flight.account)],
                    filler=True,
                )
            ]
        )

    # Fees

    def _raise_passed_by(self, number: int) -> None:
        """Offer more for each account's next transaction if blocks pass it by."""
        lowest: dict[str, Flight] = {}
        for flight in self._waiting():
            known = lowest.get(flight.sender)
            if known is None or flight.nonce < known.nonce:
                lowest[flight.sender] = flight
        before, self._next = self._next, {}
        passed_by = []
        for sender, flight in lowest.items():
            nonce, since = before.get(sender, (flight.nonce, number))
            if nonce != flight.nonce:
                since = number
            if number - since >= self.policy.raise_after or _says(flight.complaint, _TOO_CHEAP):
                passed_by.append(flight)
                since = number
            self._next[sender] = flight.nonce, since
        if passed_by:
            self._raise(passed_by)

    def _raise(self, flights: Sequence[Flight]) -> None:
        answers = self.ask(PRICE_REQUESTS)
        for answer in answers:
            if isinstance(answer, RpcError):
                raise answer
        suggested = GasPrice.suggested(*answers)
        raised = []
        for flight in flights:
            old = flight.latest.transaction
            price = GasPrice(max_fee=old.max_fee, tip=old.tip).raised(suggested)
            # Without the account, as after a restart, the old bytes must do.
            if flight.account is not None and price.max_fee <= self.policy.max_fee:
                transaction = replace(old, max_fee=price.max_fee, tip=price.tip)
                flight.attempts.append(sign_transaction(transaction, flight.account))
                raised.append(flight)
        self._journal.sent(raised)
        self._broadcast(raised)


def _says(message: str, phrases: Iterable[str]) -> bool:
    lower = message.lower()
    return any(phrase in lower for phrase in phrases)
