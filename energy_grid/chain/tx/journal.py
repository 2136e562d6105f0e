"""What has been signed and is not known to have ended, kept through crashes.

A file of JSON lines, one per fact:

    {"chain": 31337, "genesis": "0x.."}            first line: whose transactions these are
    {"sent": "0x<raw>", "from": "0x..", ...}       written and synced before the bytes leave
    {"done": [["0x<from>", nonce], ...]}           mined, deep enough
    {"lost": [["0x<from>", nonce], ...]}           never had an effect, never will

A line that a crash cut short was not synced, so its bytes were never sent: it is dropped.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Sequence
from io import FileIO
from pathlib import Path
from typing import Any

from energy_grid.chain.contract import Call
from energy_grid.chain.tx.pending import PendingTransaction
from energy_grid.chain.tx.transactions import SignedTransaction
from energy_grid.errors import InputError

__all__ = ["Journal"]

Slot = tuple[str, int]


class Journal:
    """The memory of a `Sender`: of this process, or with a path of a file that outlives it.

    What ended is forgotten, except where it has a key: the same key never acts again.

    Raises:
        InputError: the file is used by another process, or is no journal.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._file: FileIO | None = None
        self._name = str(path)
        self._chain: tuple[int, str] | None = None
        self.pending: dict[Slot, PendingTransaction] = {}
        self.by_key: dict[str, PendingTransaction] = {}
        if path is not None:
            self._open(path)

    @property
    def unfinished(self) -> list[PendingTransaction]:
        """What was signed and has not ended."""
        return [entry for entry in self.pending.values() if not entry.done]

    def bind(self, chain_id: int, genesis: str) -> None:
        """Set the chain of this journal.

        Raises:
            InputError: the journal is about another one.
        """
        if self._chain is None:
            self._save_chain(chain_id, genesis)
            self._chain = chain_id, genesis
        elif self._chain != (chain_id, genesis):
            raise InputError(f"the journal {self._name} belongs to another chain: start a new one")

    def record_sent(self, pending: Iterable[PendingTransaction]) -> None:
        """Remember the latest attempt of each, durably; only then may it be sent."""
        pending = list(pending)
        self._save_sent(pending)
        for entry in pending:
            self.pending[entry.sender, entry.nonce] = entry
            if entry.key is not None:
                self.by_key[entry.key] = entry

    def record_ended(self, pending: Sequence[PendingTransaction]) -> None:
        """Remember that these are over."""
        done = [entry for entry in pending if entry.failure is None]
        lost = [entry for entry in pending if entry.failure is not None]
        self._save_ended(done, lost)
        for entry in pending:
            self._end(entry)

    def forget(self) -> None:
        """Drop everything: for a chain that has itself been set back."""
        self.record_ended(self.unfinished)
        self.by_key.clear()
        self.pending.clear()

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    # Where facts are kept: another journal has others of these.

    def _save_chain(self, chain_id: int, genesis: str) -> None:
        self._append([{"chain": chain_id, "genesis": genesis}])

    def _save_sent(self, pending: Sequence[PendingTransaction]) -> None:
        self._append([_sent(entry, entry.latest) for entry in pending])

    def _save_ended(
        self, done: Sequence[PendingTransaction], lost: Sequence[PendingTransaction]
    ) -> None:
        self._append(
            [
                {name: [[entry.sender, entry.nonce] for entry in some]}
                for name, some in (("done", done), ("lost", lost))
                if some
            ]
        )

    def _end(self, entry: PendingTransaction) -> None:
        entry.done = True
        if entry.failure is None and entry.key is not None:
            return
        self.pending.pop((entry.sender, entry.nonce), None)
        if entry.key is not None:
            self.by_key.pop(entry.key, None)

    def _append(self, lines: Sequence[dict[str, Any]]) -> None:
        if self._file is None or not lines:
            return
        content = memoryview(b"".join(json.dumps(line).encode() + b"\n" for line in lines))
        start = self._file.seek(0, os.SEEK_END)
        try:
            while content:
                content = content[self._file.write(content) :]
            os.fsync(self._file.fileno())
        except OSError:
            # A full disk: what was not remembered whole must not be remembered at all.
            self._file.truncate(start)
            raise

    def _open(self, path: Path) -> None:
        self._file = path.open("a+b", buffering=0)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Another process may have replaced the file since it was opened.
            is_current = os.path.samestat(path.stat(), os.fstat(self._file.fileno()))
        except OSError:
            is_current = False
        if not is_current:
            self.close()
            raise InputError(f"the journal {path} is used by another process")
        content = path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        try:
            for line in whole.splitlines():
                self._replay(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError):
            self.close()
            raise InputError(f"{path} is no journal of transactions") from None
        self._rewrite(path)

    def _replay(self, line: dict[str, Any]) -> None:
        if "chain" in line:
            self._chain = int(line["chain"]), str(line["genesis"])
        elif "sent" in line:
            self._read_sent(line)
        else:
            for sender, nonce in line.get("done", ()):
                self._end(self.pending[sender, nonce])
            for sender, nonce in line.get("lost", ()):
                entry = self.pending.pop((sender, nonce))
                self.by_key.pop(entry.key or "", None)

    def _read_sent(self, line: dict[str, Any]) -> None:
        signed = SignedTransaction.from_raw(bytes.fromhex(line["sent"][2:]))
        transaction = signed.transaction
        entry = self.pending.get((line["from"], transaction.nonce))
        if entry is not None:
            entry.attempts.append(signed)
            return
        call = Call(
            contract=line["contract"],
            function=line["function"],
            to=transaction.to,
            data=transaction.data,
            value=transaction.value,
            gas=transaction.gas,
        )
        entry = PendingTransaction(
            sender=line["from"],
            nonce=transaction.nonce,
            call=call,
            account=None,
            attempts=[signed],
            key=line["key"],
            cancellation=line["cancellation"],
            seen=True,
            safe=tuple(line["safe"]) if line.get("safe") else None,
        )
        self.pending[entry.sender, entry.nonce] = entry
        if entry.key is not None:
            self.by_key[entry.key] = entry

    def _rewrite(self, path: Path) -> None:
        """Write what is still of use into a new file, which takes the old one's place."""
        lines: list[dict[str, Any]] = []
        if self._chain is not None:
            lines.append({"chain": self._chain[0], "genesis": self._chain[1]})
        for entry in self.pending.values():
            lines += [_sent(entry, attempt) for attempt in entry.attempts]
        done = [[entry.sender, entry.nonce] for entry in self.pending.values() if entry.done]
        if done:
            lines.append({"done": done})
        old, fresh = self._file, path.with_name(path.name + ".new")
        self._file = fresh.open("wb", buffering=0)
        # The new file is locked before it gets the journal's name.
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._append(lines)
        fresh.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        if old is not None:
            old.close()


def _sent(entry: PendingTransaction, attempt: SignedTransaction) -> dict[str, Any]:
    return {
        "sent": "0x" + attempt.raw.hex(),
        "from": entry.sender,
        "contract": entry.call.contract,
        "function": entry.call.function,
        "key": entry.key,
        "cancellation": entry.cancellation,
        "safe": entry.safe,
    }
