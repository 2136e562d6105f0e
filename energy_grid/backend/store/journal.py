"""The journal of a sender in the database: what one process has signed, another one goes on with.

A row of ``sent_transactions`` is a call under a nonce, and those of ``sent_attempts`` are all bytes
that were signed under it. They are there before the bytes leave. The row of what was mined gets its
gas, and keeps its bytes if it has a key; what never had an effect leaves the store.

A journal counts how often something was signed. Who has not seen all of it signs nothing: what it
found to do may be done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from energy_grid.backend.store.database import Database
from energy_grid.backend.store.transactions import JOURNALS, SENT, SENT_ATTEMPTS
from energy_grid.chain.contract import Call
from energy_grid.chain.tx.journal import Journal, Slot
from energy_grid.chain.tx.multisig import Actor
from energy_grid.chain.tx.pending import PendingTransaction
from energy_grid.chain.tx.sender import Sender
from energy_grid.chain.tx.transactions import SignedTransaction
from energy_grid.client import EnergyGrid
from energy_grid.errors import ChainError

__all__ = ["DatabaseJournal", "OtherLeaderError", "resumed"]


class OtherLeaderError(ChainError):
    """Another process sends with the same account: this one has sent nothing, and looks again."""


class DatabaseJournal(Journal):
    """A `Journal` whose facts are in the database; made anew, it knows what others have written.

    Args:
        name: of the service; its account belongs to no other journal.
        clock: gives Unix seconds of the chain.

    Raises:
        DatabaseGoneError: from every method that writes; what it would have written is not there.
    """

    def __init__(self, database: Database, name: str, clock: Callable[[], int]) -> None:
        super().__init__()
        self._database, self._name, self._clock = database, name, clock
        self._ids: dict[Slot, int] = {}
        self._signed = 0
        self._load()

    def gas_since(self, time: int) -> int:
        """Gas of what was signed from a time on: what was used, or its limit while it waits."""
        total = func.coalesce(func.sum(func.coalesce(SENT.c.gas_used, SENT.c.gas_limit)), 0)
        with self._database.reading() as connection:
            found = connection.scalar(
                select(total).where(SENT.c.journal == self._name, SENT.c.time >= time)
            )
        return int(found or 0)

    def require_all_seen(self) -> None:
        """Make sure that nobody else has signed since: what the chain shows is not their doing.

        Raises:
            OtherLeaderError: somebody has.
        """
        mine = select(JOURNALS.c.signed).where(JOURNALS.c.name == self._name)
        with self._database.reading() as connection:
            if connection.scalar(mine) != self._signed:
                raise self._other_leader()

    def forget(self) -> None:
        with self._database.writing() as connection:
            _drop(connection, SENT.c.journal == self._name)
        self.pending.clear()
        self.by_key.clear()
        self._ids.clear()

    def release(self, keys: Sequence[str]) -> None:
        """Forget the keys of calls that have ended for good, and their bytes."""
        if not keys:
            return
        which = (SENT.c.journal == self._name) & SENT.c.key.in_(keys)
        numbers = select(SENT.c.id).where(which)
        with self._database.writing() as connection:
            of_them = SENT_ATTEMPTS.c.transaction.in_(numbers)
            connection.execute(delete(SENT_ATTEMPTS).where(of_them))
            connection.execute(update(SENT).where(which).values(key=None))
        for key in keys:
            entry = self.by_key.pop(key)
            del self.pending[entry.sender, entry.nonce], self._ids[entry.sender, entry.nonce]

    def _save_chain(self, chain_id: int, genesis: str) -> None:
        values = {"name": self._name, "chain_id": chain_id, "genesis": genesis}
        with self._writing() as connection:
            connection.execute(insert(JOURNALS).values(values))

    def _save_sent(self, pending: Sequence[PendingTransaction]) -> None:
        if not pending:
            return
        time = self._clock()
        found: dict[Slot, int] = {}
        with self._writing() as connection:
            self._sign(connection)
            for each in pending:
                slot = each.sender, each.nonce
                number = self._ids.get(slot)
                if number is None:
                    number = found[slot] = self._save_new(connection, each, time)
                attempt = {
                    "transaction": number,
                    "place": len(each.attempts) - 1,
                    "raw": each.latest.raw,
                }
                connection.execute(insert(SENT_ATTEMPTS).values(attempt))
        self._ids |= found
        self._signed += 1

    def _sign(self, connection: Connection) -> None:
        """Let only one of those sign who have seen the same."""
        same = (JOURNALS.c.name == self._name) & (JOURNALS.c.signed == self._signed)
        change = update(JOURNALS).where(same).values(signed=self._signed + 1)
        if not connection.execute(change).rowcount:
            raise self._other_leader()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        try:
            with self._database.writing() as connection:
                yield connection
        except IntegrityError:
            raise self._other_leader() from None

    def _other_leader(self) -> OtherLeaderError:
        return OtherLeaderError(
            f"another process sends with the account of {self._name}: only one of them can"
        )

    def _save_new(self, connection: Connection, each: PendingTransaction, time: int) -> int:
        safe, safe_nonce = each.safe or (None, None)
        values = {
            "journal": self._name,
            "sender": each.sender,
            "nonce": each.nonce,
            "contract": each.call.contract,
            "function": each.call.function,
            "key": each.key,
            "cancellation": each.cancellation,
            "safe": safe,
            "safe_nonce": safe_nonce,
            "time": time,
            "gas_limit": each.latest.transaction.gas,
        }
        return int(
            connection.execute(insert(SENT).values(values).returning(SENT.c.id)).scalar_one()
        )

    def _save_ended(
        self, done: Sequence[PendingTransaction], lost: Sequence[PendingTransaction]
    ) -> None:
        with self._database.writing() as connection:
            for each in done:
                number = self._ids[each.sender, each.nonce]
                used = {"gas_used": int((each.receipt or {})["gasUsed"], 16)}
                connection.execute(update(SENT).where(SENT.c.id == number).values(used))
                if each.key is None:
                    of_it = SENT_ATTEMPTS.c.transaction == number
                    connection.execute(delete(SENT_ATTEMPTS).where(of_it))
            for each in lost:
                _drop(connection, SENT.c.id == self._ids[each.sender, each.nonce])
        for each in (*done, *lost):
            if each.failure is not None or each.key is None:
                del self._ids[each.sender, each.nonce]

    def _load(self) -> None:
        with self._database.reading() as connection:
            chain = connection.execute(
                select(JOURNALS).where(JOURNALS.c.name == self._name)
            ).one_or_none()
            of_use = or_(SENT.c.gas_used.is_(None), SENT.c.key.is_not(None))
            rows = connection.execute(
                select(SENT, SENT_ATTEMPTS.c.raw)
                .join(SENT_ATTEMPTS, SENT_ATTEMPTS.c.transaction == SENT.c.id)
                .where(and_(SENT.c.journal == self._name, of_use))
                .order_by(SENT.c.id, SENT_ATTEMPTS.c.place)
            ).all()
        if chain is not None:
            self._chain, self._signed = (chain.chain_id, chain.genesis), chain.signed
        for row in rows:
            self._read(row)

    def _read(self, row: Any) -> None:
        signed = SignedTransaction.from_raw(row.raw)
        transaction, slot = signed.transaction, (row.sender, row.nonce)
        if self._ids.get(slot) == row.id:
            self.pending[slot].attempts.append(signed)
            return
        entry = PendingTransaction(
            sender=row.sender,
            nonce=row.nonce,
            call=Call(
                contract=row.contract,
                function=row.function,
                to=transaction.to,
                data=transaction.data,
                value=transaction.value,
                gas=transaction.gas,
            ),
            account=None,
            attempts=[signed],
            key=row.key,
            cancellation=row.cancellation,
            seen=True,
            done=row.gas_used is not None,
            safe=None if row.safe is None else (row.safe, row.safe_nonce),
        )
        self._ids[slot] = row.id
        self.pending[slot] = entry
        if entry.key is not None:
            self.by_key[entry.key] = entry


def resumed(
    market: EnergyGrid, database: Database, name: str, who: Actor
) -> tuple[DatabaseJournal, bool]:
    """Give a service's market a sender that knows what was signed before, by whichever process.

    What was signed comes first, so that nothing is due twice.

    Args:
        name: of the service, and of its journal.

    Returns:
        The journal, and whether anything was still to be sent.
    """
    journal = DatabaseJournal(database, name, lambda: market.node.time)
    market.sender = Sender(market.node, policy=market.sender.policy, journal=journal)
    return journal, bool(market.sender.resume([who]))


def _drop(connection: Connection, which: Any) -> None:
    numbers = select(SENT.c.id).where(which)
    connection.execute(delete(SENT_ATTEMPTS).where(SENT_ATTEMPTS.c.transaction.in_(numbers)))
    connection.execute(delete(SENT).where(which))
