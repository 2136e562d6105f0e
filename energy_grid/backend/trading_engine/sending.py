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

from sqlalchemy import ColumnElement, Connection, RowMapping, Update, select, update

from energy_grid.backend.store.database import Database
from energy_grid.backend.store.journal import DatabaseJournal, resumed
from energy_grid.backend.store.orders import BATCHES, CLEARINGS
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
from energy_grid.client import EnergyGrid
from energy_grid.contracts.errors import DecodedError
from energy_grid.domain.batch import Refused
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
        log: Callable[[str], object],
    ) -> None:
        self._market, self._database, self._name = market, database, name
        self._keeper, self._known, self._clearing = keeper, known, clearing
        self._published, self._log = published, log
        self._journal: DatabaseJournal
        self.matched = 0

    def resume(self) -> None:
        """Finish what was signed, by whichever process, and look for what is gone again."""
        self._journal, _ = resumed(self._market, self._database, self._name, self._keeper)
        table, keys = BATCHES.c, [*self._journal.by_key]
        with self._database.reading() as connection:
            numbers = [int(key) for key in keys]
            rows = self._batches(connection, table.id.in_(numbers)) if numbers else []
        mined = [row for row in rows if row["state"] == BatchState.MINED]
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
            self._send(clearing, signed[0])
        elif self._market.node.time > period_of(clearing).last_order:
            self._end(clearing)
        elif clearing["state"] == ClearingState.DISTURBED:
            self._clearing.clear_rest(clearing, self.order_set(clearing), rows)
        elif planned:
            self._send(clearing, planned[0])
        else:
            self._end(clearing)
        return True

    def order_set(self, clearing: RowMapping) -> OrderSet:
        """The published set of a clearing, as it is now."""
        with self._database.reading() as connection:
            entries = entries_of(connection, clearing["id"])
        return order_set_of(clearing, entries, self._known)

    def _send(self, clearing: RowMapping, row: RowMapping) -> None:
        """Send a batch, or wait for it if it was signed before, and note what became of it."""
        batch, key = batch_in(row, self._publish(clearing)), str(row["id"])
        sender = self._market.sender
        receipt, call = sender.follow(key, self._keeper), None
        if receipt is None:
            try:
                call = self._known.call(batch, skip=row["skips"])
            except DecodedError as refusal:
                # Another engine that has just sent the batch makes it revert, too.
                self._journal.require_all_seen()
                self._reject(row, self._known.refused(refusal))
                return
            (receipt,) = sender.send_many([(self._keeper, call)], keys=[key], check=False)
        step = Step(call=call or self._journal.by_key[key].call)
        try:
            outcome = self._known.outcome(
                batch, Outcome(step=step, receipt=receipt, error=receipt.error)
            )
        except ChainError as error:
            self._log(f"{self._name}: a batch of {clearing['root']} reverted: {error}")
            self._change(row, BatchState.REJECTED)
            self._end(clearing)
            return
        if isinstance(outcome, Settled):
            self._book(clearing, row, outcome)
        else:
            self._reject(row, outcome)

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
        self.matched += len(settled.matches)
        period, count = period_of(clearing), len(settled.matches)
        energy = format_wh(sum(match.wh for match in settled.matches))
        self._log(
            f"{self._name}: {count} trade{'s' * (count > 1)} of {energy} at"
            f" {Price(row['price'], self._market.coin)}, {period.kind.name.lower()} from"
            f" {format_time(period.start)} on, in block {settled.block}"
        )

    def _reject(self, row: RowMapping, refused: Refused) -> None:
        """Note the order for which a batch reverted: the rest is cleared again without it."""
        values = {
            "state": BatchState.REJECTED,
            "refused": id_text(refused.order_id),
            "reason": refused.reason.name,
        }
        table = CLEARINGS.c
        with self._database.writing() as connection:
            lock(connection)
            if not connection.execute(_if_unchanged(row).values(values)).rowcount:
                return
            _drop_planned(connection, row["clearing"])
            connection.execute(
                update(CLEARINGS)
                .where(table.id == row["clearing"], table.state == ClearingState.OPEN)
                .values(state=ClearingState.DISTURBED)
            )

    def _reopen(self, row: RowMapping) -> None:
        """Have a batch sent once more that is in no block any more."""
        values = {"state": BatchState.PLANNED, "transaction": None, "block": None, "matched": None}
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
            _drop_planned(connection, clearing["id"])
            connection.execute(
                update(CLEARINGS)
                .where(CLEARINGS.c.id == clearing["id"])
                .values(state=ClearingState.DONE)
            )

    def _publish(self, clearing: RowMapping) -> OrderSet:
        """Write the set of a clearing for its auditors, with all that was dropped so far."""
        order_set = self.order_set(clearing)
        self._published.mkdir(parents=True, exist_ok=True)
        file = self._published / f"{clearing['root']}.jsonl"
        save_order_set(file, order_set, self._market.trading_domain)
        return order_set

    def _change(self, row: RowMapping, state: BatchState) -> None:
        with self._database.writing() as connection:
            lock(connection)
            connection.execute(_if_unchanged(row).values(state=state))

    @staticmethod
    def _batches(connection: Connection, condition: ColumnElement[bool]) -> Sequence[RowMapping]:
        query = select(BATCHES).where(condition).order_by(BATCHES.c.clearing, BATCHES.c.part)
        return connection.execute(query).mappings().all()


def _if_unchanged(row: RowMapping) -> Update:
    """A change of a batch that another engine has not moved on meanwhile."""
    table = BATCHES.c
    return update(BATCHES).where(table.id == row["id"], table.state == row["state"])


def _drop_planned(connection: Connection, clearing: int) -> None:
    table = BATCHES.c
    of_it = (table.clearing == clearing) & (table.state == BatchState.PLANNED)
    connection.execute(update(BATCHES).where(of_it).values(state=BatchState.DROPPED))
