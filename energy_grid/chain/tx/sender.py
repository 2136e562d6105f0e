"""The transaction sender: signs, sends in batches, and follows every call to its end.

It tracks nonces, raises the fee of what is stuck, and sends again what a node has lost, always
the same bytes under the same nonce, so that every call takes effect once or not at all (the
states are in `pending`). Automatic, interval and manual mining all work; with manual mining give
the node's ``mine`` as ``after_send``, or use `submit_many` and `wait`.

A Safe acts as accounts do (`Multisig`): its call becomes a transaction of the first of its owners,
signed for the Safe's next nonce, and the bytes that are sent again have both nonces. Calls of one
Safe are signed for consecutive nonces: if one reverts when it is mined, so do those behind it.

One account belongs to one sender at a time, and so does a Safe, with the same owner in front.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

from energy_grid.chain.abi import load
from energy_grid.chain.accounts import LOCAL_CHAINS, refuse_well_known
from energy_grid.chain.contract import Call
from energy_grid.chain.reverts import from_rpc
from energy_grid.chain.rpc.node import Node, Request, RpcError, call_parameter
from energy_grid.chain.tx.broadcaster import Broadcaster
from energy_grid.chain.tx.fees import PRICE_REQUESTS, GasPrice, with_room
from energy_grid.chain.tx.journal import Journal
from energy_grid.chain.tx.multisig import Actor, Multisig, payer_of, signers_of
from energy_grid.chain.tx.pending import PendingTransaction
from energy_grid.chain.tx.policy import Policy
from energy_grid.chain.tx.receipts import Receipt, receipts_of
from energy_grid.chain.tx.transactions import SignedTransaction, Transaction, sign_transaction
from energy_grid.errors import InputError, TransactionFailedError, TransactionPendingError

__all__ = ["FundsMissingError", "Policy", "Receipt", "Sender"]

Item = tuple[Actor, Call]


class FundsMissingError(TransactionFailedError):
    """An account cannot pay the gas of what it is to send.

    Attributes:
        account: its address.
        held, needed: wei.
    """

    def __init__(self, account: str, held: int, needed: int) -> None:
        self.account, self.held, self.needed = account, held, needed
        super().__init__(account, held, needed)

    def __str__(self) -> str:
        return f"{self.account} has {self.held} wei, up to {self.needed} are needed"


class Sender:
    """Sends calls of any number of accounts to one node; threads may share it.

    Args:
        journal: what it remembers; one with a file survives the process.
        after_send: the ``mine`` of a local node that mines by hand: called after each batch, and
            again while something waits. An Anvil that mines automatically now and then forgets
            some of many hundred transactions, unless it is asked to mine as well.
    """

    def __init__(
        self,
        node: Node,
        *,
        policy: Policy | None = None,
        journal: Journal | None = None,
        after_send: Callable[[], object] | None = None,
    ) -> None:
        self.node = node
        self.policy = policy or Policy()
        self._journal = journal or Journal()
        self._broadcaster = Broadcaster(node, self.policy, self._journal, after_send)
        self._bound = False

    def send(self, account: Actor, call: Call, *, key: str | None = None) -> Receipt:
        """Carry out one call.

        Raises:
            as `send_many`.
        """
        return self.send_many([(account, call)], keys=[key])[0]

    def send_many(
        self,
        items: Iterable[Item],
        *,
        keys: Sequence[str | None] | None = None,
        check: bool = True,
    ) -> list[Receipt]:
        """Carry out calls, those of one account in their order; gives the receipts in that order.

        Gas is estimated on the state before the first of them, unless a call or the policy
        names it: calls that depend on earlier ones of the list need that. A key makes a call
        happen once for good: sent again under the same key, even by a new process with the
        same journal, it gives the first one's receipt.

        Args:
            check: raise the first failure once all have ended, rather than leave it in its receipt.

        Raises:
            ContractError: the estimate shows that a call would revert; nothing was sent.
            FundsMissingError: an account cannot pay the gas; nothing of its batch was sent.
            TransactionFailedError: one has no effect and never will.
            TransactionPendingError: one is not final, and nothing moves any more.
            InputError: a well-known key on a real chain.
        """
        return self.wait(self.submit_many(items, keys=keys), check=check)

    def submit_many(
        self, items: Iterable[Item], *, keys: Sequence[str | None] | None = None
    ) -> list[PendingTransaction]:
        """Sign and send, without waiting for the end; see `send_many`."""
        work = list(items)
        names = _names(keys, len(work))
        with self._broadcaster.lock:
            self._bind()
            pending: dict[int, PendingTransaction] = {}
            for at, (name, item) in enumerate(zip(names, work, strict=True)):
                known = self._known(name, item)
                if known is not None:
                    pending[at] = known
            fresh = [at for at in range(len(work)) if at not in pending]
            keys_used = {one.address for at in fresh for one in signers_of(work[at][0])}
            refuse_well_known(sorted(keys_used), self.node.chain_id)
            for at in fresh:
                if work[at][1].parts and not isinstance(work[at][0], Multisig):
                    raise InputError(f"{work[at][1].function}: only a Safe carries out a batch")
            gas = self._gas([work[at] for at in fresh])
            for first in range(0, len(fresh), self.policy.batch):
                chunk = fresh[first : first + self.policy.batch]
                limits = gas[first : first + len(chunk)]
                self._make_room(len(chunk))
                signed = self._sign([work[at] for at in chunk], limits, [names[at] for at in chunk])
                self._broadcaster.send(signed)
                pending.update(zip(chunk, signed, strict=True))
        return [pending[at] for at in range(len(work))]

    def send_signed(self, signed: SignedTransaction, sender: str, call: Call) -> Receipt:
        """Carry out what was signed elsewhere, under its own nonce and fees.

        Args:
            call: what it calls, for messages.

        Raises:
            as `send_many`.
        """
        entry = PendingTransaction(
            sender=sender,
            nonce=signed.transaction.nonce,
            call=call,
            account=None,
            attempts=[signed],
        )
        with self._broadcaster.lock:
            self._bind()
            self._broadcaster.send([entry])
        return self.wait([entry])[0]

    def follow(self, key: str, account: Actor) -> Receipt | None:
        """What becomes of a call that was sent under a key; None if none was.

        What is in no block, as after a reorganisation, is sent again.

        Args:
            account: may sign it again with a higher fee, if it is the one that sent it.

        Raises:
            TransactionFailedError, TransactionPendingError: as `send_many`; a failure of what is
                in a block stays in its receipt.
        """
        with self._broadcaster.lock:
            self._bind()
            entry = self._journal.by_key.get(key)
            if entry is None:
                return None
            self._take_up(entry, account)
        return self.wait([entry], check=False)[0]

    def wait(self, pending: Sequence[PendingTransaction], *, check: bool = True) -> list[Receipt]:
        """Wait until calls have ended; see `send_many`."""
        receipts = []
        for result in self.results(pending):
            if not isinstance(result, Receipt):
                raise result
            receipts.append(result)
        if check:
            for receipt in receipts:
                receipt.require()
        return receipts

    def results(
        self, pending: Sequence[PendingTransaction]
    ) -> list[Receipt | TransactionFailedError | TransactionPendingError]:
        """Wait until calls have ended, or nothing moves any more; gives what became of each."""
        with suppress(TransactionPendingError):
            self._broadcaster.wait_until(lambda: all(entry.done for entry in pending))
        mined = [entry for entry in pending if entry.done and entry.failure is None]
        receipts = dict(zip(map(id, mined), receipts_of(self.node, mined), strict=True))
        return [
            entry.failure or receipts.get(id(entry)) or self._broadcaster.pending_error(entry)
            for entry in pending
        ]

    @property
    def unfinished(self) -> list[PendingTransaction]:
        """What was signed and may still take effect."""
        return self._journal.unfinished

    def resume(self, accounts: Iterable[Actor] = ()) -> list[Receipt]:
        """Finish what an earlier process has left in the journal; failures stay in the receipts.

        Args:
            accounts: those whose stuck transactions may be signed again with a higher fee.
        """
        with self._broadcaster.lock:
            self._bind()
            by_address = {payer.address: payer for payer in map(payer_of, accounts)}
            unfinished = self._journal.unfinished
            for entry in unfinished:
                entry.account = entry.account or by_address.get(entry.sender)
        return self.wait([entry for entry in unfinished if not entry.cancellation], check=False)

    def close(self) -> None:
        """Close the journal's file."""
        self._journal.close()

    def forget(self) -> None:
        """Forget all that is on its way: for a local chain that was set back to a snapshot."""
        with self._broadcaster.lock:
            self._journal.forget()
            self._broadcaster.forget()

    def _bind(self) -> None:
        """Take up what the journal knows, whose nonces must not be given away again."""
        if not self._bound:
            self._journal.bind(self.node.chain_id, str(self.node.block(0)["hash"]))
            self._broadcaster.track(self._journal.unfinished)
            self._bound = True

    def _known(self, key: str | None, item: Item) -> PendingTransaction | None:
        """What was sent under a key before."""
        entry = self._journal.by_key.get(key) if key is not None else None
        if entry is None:
            return None
        if entry.sender != payer_of(item[0]).address or not _is_same(entry.call, item):
            raise InputError(f"the key {key} was used for another call")
        self._take_up(entry, item[0])
        return entry

    def _take_up(self, entry: PendingTransaction, account: Actor) -> None:
        """Find what an earlier process has sent on the chain, or send it again."""
        if entry.receipt is None:
            payer = payer_of(account)
            if entry.account is None and entry.sender == payer.address:
                entry.account = payer
            entry.done = False
            self._broadcaster.track([entry])

    def _make_room(self, count: int) -> None:
        limit = max(self.policy.max_pending - count, 0)
        self._broadcaster.wait_until(lambda: len(self._broadcaster) <= limit)

    def _gas(self, items: Sequence[Item]) -> list[int]:
        """Gas limits, estimated together where the call has none."""
        named = [call.gas or self.policy.gas or 0 for _, call in items]
        limits = [gas and gas + _overhead(one) for gas, (one, _) in zip(named, items, strict=True)]
        unknown = [at for at, limit in enumerate(limits) if not limit]
        # What a Safe does is estimated without the Safe: a node must not see signatures of a call
        # whose turn has not come, and refusals come from the called contract either way.
        parts = [(at, part) for at in unknown for part in items[at][1].parts or (items[at][1],)]
        requests = [("eth_estimateGas", [_request(items[at][0], part)]) for at, part in parts]
        for (at, part), answer in zip(parts, self._broadcaster.ask(requests), strict=True):
            if isinstance(answer, RpcError):
                raise from_rpc(answer, part.contract)
            limits[at] += int(answer, 16)
        for at in unknown:
            limits[at] = with_room(limits[at] + _overhead(items[at][0]))
        return limits

    def _sign(
        self, items: Sequence[Item], gas: Sequence[int], keys: Sequence[str | None]
    ) -> list[PendingTransaction]:
        senders = list(dict.fromkeys(payer_of(account).address for account, _ in items))
        safes = {account.address for account, _ in items if isinstance(account, Multisig)}
        price, nonces, balances = self._prepare(senders)
        safe_nonces = self._safe_nonces(sorted(safes))
        pending = []
        costs: Counter[str] = Counter()
        for (account, call), limit, key in zip(items, gas, keys, strict=True):
            payer, safe, sent = payer_of(account), None, call
            if isinstance(account, Multisig):
                safe = account.address, safe_nonces[account.address]
                sent = account.signed(call, safe[1], self.node.chain_id)
                safe_nonces[account.address] += 1
            sender = payer.address
            transaction = Transaction(
                chain_id=self.node.chain_id,
                nonce=nonces[sender],
                tip=price.tip,
                max_fee=price.max_fee,
                gas=limit,
                to=sent.to,
                value=sent.value,
                data=sent.data,
            )
            nonces[sender] += 1
            costs[sender] += transaction.max_cost
            if costs[sender] > balances[sender]:
                raise FundsMissingError(sender, balances[sender], costs[sender])
            pending.append(
                PendingTransaction(
                    sender=sender,
                    nonce=transaction.nonce,
                    call=sent,
                    account=payer,
                    attempts=[sign_transaction(transaction, payer)],
                    key=key,
                    safe=safe,
                )
            )
        return pending

    def _prepare(self, senders: Sequence[str]) -> tuple[GasPrice, dict[str, int], dict[str, int]]:
        """The fee to offer now, and each account's next nonce and money."""
        requests: list[Request] = [
            *PRICE_REQUESTS,
            *(("eth_getTransactionCount", [sender, "pending"]) for sender in senders),
            *(("eth_getBalance", [sender, "latest"]) for sender in senders),
        ]
        if self.node.chain_id in LOCAL_CHAINS:
            requests.append(("anvil_getAutomine", []))
        answers = self._broadcaster.ask(requests)
        if self.node.chain_id in LOCAL_CHAINS:
            # Another local node answers with an error.
            self._broadcaster.automine = answers.pop() is True
        for answer in answers:
            if isinstance(answer, RpcError):
                raise answer
        history, tip, *texts = answers
        numbers = [int(text, 16) for text in texts]
        nonces: dict[str, int] = dict(zip(senders, numbers[: len(senders)], strict=True))
        return (
            GasPrice.suggested(history, tip).at_most(self.policy.max_fee),
            self._broadcaster.next_nonces(nonces),
            dict(zip(senders, numbers[len(senders) :], strict=True)),
        )

    def _safe_nonces(self, safes: Sequence[str]) -> dict[str, int]:
        """Each Safe's next nonce."""
        function = load("Safe").function("nonce")
        requests = [
            ("eth_call", [call_parameter(safe, function.encode([])), "latest"]) for safe in safes
        ]
        nonces = {}
        for safe, answer in zip(safes, self._broadcaster.ask(requests), strict=True):
            if isinstance(answer, RpcError):
                raise answer
            nonces[safe] = int(function.decode(bytes.fromhex(answer[2:])))
        return self._broadcaster.next_safe_nonces(nonces)


def _overhead(account: Actor) -> int:
    return account.overhead if isinstance(account, Multisig) else 0


def _is_same(sent: Call, item: Item) -> bool:
    """Whether what was sent is this call of this account."""
    account, call = item
    if isinstance(account, Multisig):
        return account.carries(sent, call)
    return (sent.to, sent.data, sent.value) == (call.to, call.data, call.value)


def _names(keys: Sequence[str | None] | None, count: int) -> list[str | None]:
    """One key, or None, for each call."""
    names: list[str | None] = [None] * count if keys is None else list(keys)
    if len(names) != count:
        raise InputError(f"{count} calls and {len(names)} keys")
    twice = [name for name, times in Counter(names).items() if name is not None and times > 1]
    if twice:
        raise InputError(f"the key {twice[0]} stands for several calls")
    return names


def _request(account: Actor, call: Call) -> dict[str, Any]:
    request = call_parameter(call.to, call.data, sender=account.address, value=call.value)
    if not call.to:
        del request["to"]
    return request
