"""The batches of stored sets go to the chain, one after the other.

A set is stored with all its batches before the first one leaves, and a batch is sent under a key of
the journal, in which its signed bytes are before they leave: after a crash, or by another engine,
the same bytes are sent again, with a higher fee if they are stuck, and take effect once.

    PLANNED --journal--> in a block --> MINED          as many blocks on top as may be replaced:
       ^                     |             |           the journal forgets the key
       |                     v             v
       |                 REJECTED     gone again, by a reorganisation
       +-----------------------------------+           the same bytes once more
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Update, select, update

from energy_grid.backend.store.database import Database
from energy_grid.backend.store.journal import DatabaseJournal, resumed
from energy_grid.backend.store.orders import BATCHES, CLEARINGS, SIGNED_ORDERS
from energy_grid.backend.trading_engine.book import (
    batch_in,
    drop,
    entries_of,
    id_text,
    lock,
    order_set_of,
    period_of,
)
from energy_grid.backend.trading_engine.clearing import Clearing
from energy_grid.backend.trading_engine.following import UNSURE
from energy_grid.backend.trading_engine.states import BatchState, ClearingState
from energy_grid.chain.tx.multisig import Actor
from energy_grid.chain.tx.receipts import Receipt
from energy_grid.client import EnergyGrid
from energy_grid.contracts.errors import DecodedError
from energy_grid.domain.batch import Refused
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.quantities import Price
from energy_grid.domain.units import format_time, format_wh
from energy_grid.errors import ChainError
from energy_grid.market.batches import Settled
from energy_grid.market.keeper_chain import KeeperChain
from energy_grid.market.order_set_file import save_order_set
from energy_grid.market.order_sets import OrderSet
from energy_grid.market.plan import Outcome, Step

__all__ = ["BatchSender"]


class BatchSender:
    """Sends what was cleared; see `TradingEngine`.

    Attributes:
        matched: trades of this one's batches that are in blocks.
        gas_today: of the chain's day, if it is limited.
    """

    def __init__(
        self,
        market: EnergyGrid,
        database: Database,
        name: str,
        keeper: Actor,
        known: KeeperChain,
        clearing: Clearing,
        *,
        published: Path,
        gas_per_day: int | None,
        log: Callable[[str], object],
    ) -> None:
        self._market, self._database, self._name = market, database, name
        self._keeper, self._known, self._clearing = keeper, known, clearing
        self._published, self._gas_per_day, self._log = published, gas_per_day, log
        self._journal: DatabaseJournal
        self._said_on = -1
        self.matched = self.gas_today = 0

    def resume(self) -> None:
        """Finish what was signed, by whichever process, and look for what is gone again."""
        self._journal, _ = resumed(self._market, self._database, self._name, self._keeper)
        table, keys = BATCHES.c, [*self._journal.by_key]
        with self._database.reading() as connection:
            numbers = [int(key) for key in keys]
            rows = self._batches(connection, table.id.in_(numbers)) if numbers else []
        mined = [row for row in rows if row["transaction"] is not None]
        old = self._market.node.block_number - UNSURE
        receipts = self._market.node.rpc_batch(
            [("eth_getTransactionReceipt", [row["transaction"]]) for row in mined]
        )
        for row, receipt in zip(mined, receipts, strict=True):
            if receipt is None:
                self._reopen(row)
        ended = [row for row in rows if row["state"] != BatchState.PLANNED]
        self._journal.release([str(row["id"]) for row in ended if (row["block"] or 0) <= old])

    def send_next(self) -> bool:
        """Do the next thing for the first clearing that is not done; False if there is none."""
        table = CLEARINGS.c
        with self._database.reading() as connection:
            first = select(CLEARINGS).order_by(table.start, table.id)
            open_ones = first.where(table.state != ClearingState.DONE)
            clearing = connection.execute(open_ones).mappings().first()
            if clearing is None:
                return False
            rows = self._batches(connection, BATCHES.c.clearing == clearing["id"])
        planned = [row for row in rows if row["state"] == BatchState.PLANNED]
        signed = [row for row in planned if str(row["id"]) in self._journal.by_key]
        if signed:
            return self._send(clearing, signed[0])
        if self._market.node.time > period_of(clearing).last_order:
            self._end(clearing)
        elif clearing["state"] == ClearingState.DISTURBED:
            self._clearing.clear_rest(clearing, self.order_set(clearing), rows)
        elif planned:
            return self._send(clearing, planned[0])
        else:
            self._end(clearing)
        return True

    def order_set(self, clearing: RowMapping) -> OrderSet:
        """The published set of a clearing, as it is now."""
        with self._database.reading() as connection:
            entries = entries_of(connection, clearing["id"])
        return order_set_of(clearing, entries)

    def _send(self, clearing: RowMapping, row: RowMapping) -> bool:
        """Send a batch, or wait for it if it was signed before, and note what became of it; False
        if today's gas is spent."""
        batch, key = batch_in(row, self._publish(clearing)), str(row["id"])
        sender = self._market.sender
        receipt, call = sender.follow(key, self._keeper), None
        if receipt is None:
            try:
                call = self._known.call(batch, skip=row["skips"])
            except DecodedError as refusal:
                # Another engine that has just sent the batch makes it revert, too.
                self._journal.require_all_seen()
                self._fail(clearing, row, refusal)
                return True
            if self._is_spent(call.gas or 0):
                return False
            (receipt,) = sender.send_many([(self._keeper, call)], keys=[key], check=False)
        step = Step(call=call or self._journal.by_key[key].call)
        try:
            outcome = self._known.outcome(
                batch, Outcome(step=step, receipt=receipt, error=receipt.error)
            )
        except ChainError as error:
            self._fail(clearing, row, error, receipt)
            return True
        if isinstance(outcome, Settled):
            self._book(clearing, row, outcome)
        else:
            self._reject(row, outcome, receipt)
        return True

    def _fail(
        self,
        clearing: RowMapping,
        row: RowMapping,
        error: ChainError,
        receipt: Receipt | None = None,
    ) -> None:
        """Note that a batch reverted, or would have.

        Args:
            receipt: of one that did, in a block.
        """
        try:
            if isinstance(error, DecodedError):
                self._reject(row, self._known.refused(error), receipt)
                return
        except DecodedError:
            pass
        self._log(f"{self._name}: a batch of {clearing['root']} reverted: {error}")
        self._reject(row, None, receipt)
        if row["skips"] or isinstance(error, DecodedError):
            # It is no order's doing, such as a market that is stopped.
            self._end(clearing)

    def _is_spent(self, gas: int) -> bool:
        """Whether a call with so much gas would exceed today's limit; says so once a day."""
        if self._gas_per_day is None:
            return False
        now = self._market.node.time
        self.gas_today = self._journal.gas_since(now - now % DAY_SECONDS)
        if self.gas_today + gas <= self._gas_per_day:
            return False
        if self._said_on != now // DAY_SECONDS:
            self._said_on = now // DAY_SECONDS
            self._log(
                f"{self._name}: the gas of today is spent, {self.gas_today:,} of"
                f" {self._gas_per_day:,}: batches wait for tomorrow, or their gates"
            )
        return True

    def _book(self, clearing: RowMapping, row: RowMapping, settled: Settled) -> None:
        filled: Counter[str] = Counter()
        for match in settled.matches:
            filled[id_text(match.buy)] += match.wh
            filled[id_text(match.sell)] += match.wh
        values = {
            "state": BatchState.MINED,
            "transaction": settled.transaction,
            "block": settled.block,
            "matched": json.dumps(filled),
        }
        with self._database.writing() as connection:
            lock(connection)
            if not connection.execute(_if_unchanged(row).values(values)).rowcount:
                return
            for each in settled.skipped:
                drop(connection, row["clearing"], id_text(each.order_id), each.reason)
                _bar(connection, each)
        self.matched += len(settled.matches)
        period, count = period_of(clearing), len(settled.matches)
        energy = format_wh(sum(match.wh for match in settled.matches))
        self._log(
            f"{self._name}: {count} trade{'s' * (count > 1)} of {energy} at"
            f" {Price(row['price'], self._market.coin)}, {period.kind.name.lower()} from"
            f" {format_time(period.start)} on, in block {settled.block}"
        )

    def _reject(
        self, row: RowMapping, refused: Refused | None, receipt: Receipt | None = None
    ) -> None:
        """Note the order for which a batch reverted: the rest is cleared again without it.

        Args:
            refused: None if nobody can say which.
            receipt: of a batch that reverted in a block, and not before it was sent.
        """
        values: dict[str, Any] = {"state": BatchState.REJECTED}
        if refused is not None:
            values |= {"refused": id_text(refused.order_id), "reason": refused.reason.name}
        if receipt is not None:
            values |= {"transaction": receipt.transaction, "block": receipt.block}
        table = CLEARINGS.c
        with self._database.writing() as connection:
            lock(connection)
            if not connection.execute(_if_unchanged(row).values(values)).rowcount:
                return
            self._drop_planned(connection, row["clearing"])
            if refused is not None and receipt is not None:
                _bar(connection, refused)
            connection.execute(
                update(CLEARINGS)
                .where(table.id == row["clearing"], table.state == ClearingState.OPEN)
                .values(state=ClearingState.DISTURBED)
            )

    def _reopen(self, row: RowMapping) -> None:
        """Have a batch sent once more that is in no block any more."""
        gone = ("transaction", "block", "matched", "refused", "reason")
        values = {"state": BatchState.PLANNED, **dict.fromkeys(gone)}
        table = CLEARINGS.c
        is_done = (table.id == row["clearing"]) & (table.state == ClearingState.DONE)
        with self._database.writing() as connection:
            lock(connection)
            if connection.execute(_if_unchanged(row).values(values)).rowcount:
                reopened = update(CLEARINGS).where(is_done)
                connection.execute(reopened.values(state=ClearingState.OPEN))

    def _end(self, clearing: RowMapping) -> None:
        """Nothing more is sent of a clearing."""
        self._publish(clearing)
        with self._database.writing() as connection:
            lock(connection)
            if not self._drop_planned(connection, clearing["id"]):
                connection.execute(
                    update(CLEARINGS)
                    .where(CLEARINGS.c.id == clearing["id"])
                    .values(state=ClearingState.DONE)
                )

    def _drop_planned(self, connection: Connection, clearing: int) -> int:
        """Drop the batches of a clearing that nobody has signed; gives how many others there are,
        whose bytes are out and can still take effect."""
        table = BATCHES.c
        of_it = (table.clearing == clearing) & (table.state == BatchState.PLANNED)
        numbers = connection.scalars(select(table.id).where(of_it)).all()
        unsigned = [each for each in numbers if str(each) not in self._journal.by_key]
        dropped = update(BATCHES).where(table.id.in_(unsigned))
        connection.execute(dropped.values(state=BatchState.DROPPED))
        return len(numbers) - len(unsigned)

    def _publish(self, clearing: RowMapping) -> OrderSet:
        """Write the set of a clearing for its auditors, with all that was dropped so far."""
        order_set = self.order_set(clearing)
        self._published.mkdir(parents=True, exist_ok=True)
        file = self._published / f"{clearing['root']}.jsonl"
        save_order_set(file, order_set, self._market.trading_domain)
        return order_set

    @staticmethod
    def _batches(connection: Connection, condition: ColumnElement[bool]) -> Sequence[RowMapping]:
        query = select(BATCHES).where(condition).order_by(BATCHES.c.clearing, BATCHES.c.part)
        return connection.execute(query).mappings().all()


def _if_unchanged(row: RowMapping) -> Update:
    """A change of a batch that another engine has not moved on meanwhile."""
    table = BATCHES.c
    return update(BATCHES).where(table.id == row["id"], table.state == row["state"])


def _bar(connection: Connection, refused: Refused) -> None:
    """Leave a signed order alone from now on: it has cost gas in a block."""
    is_it = SIGNED_ORDERS.c.hash == id_text(refused.order_id)
    connection.execute(update(SIGNED_ORDERS).where(is_it).values(barred=refused.reason.name))
