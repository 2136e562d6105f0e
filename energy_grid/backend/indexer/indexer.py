"""The indexer: a step reads what the chain has more, or otherwise, than the store.

All that a step writes is one transaction: rows of blocks that the chain has left go together with
the coming of those that took their place, and with the mark of how far the store is. So the store
is at any moment that of some chain, and a step that was cut short is taken again.

    Reorganisations  The store keeps the hashes of blocks with events, and of all that are not
                     final. It goes back behind the newest of them that is still on the chain.
    Late logs        A node may have a block before it has all its logs. So what was read near the
                     head is read a second time once it is final, and what is missing comes then.
    Lagging nodes    One that knows fewer blocks than the store is waited for, as long as those that
                     it knows are the store's.

What a node leaves out for good nobody can notice.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, delete, insert, select, text, update

from energy_grid.backend.indexer.rows import Emitters, Rows, rows_of
from energy_grid.backend.store.analytics import DAY_SUMS, SUMMED
from energy_grid.backend.store.blocks import BLOCKS, CHAIN
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.details import DETAILS
from energy_grid.backend.store.events import EVENTS, SERIES, SHARES, table_of
from energy_grid.backend.store.feed import announce_blocks
from energy_grid.backend.store.metadata import METADATA
from energy_grid.backend.store.partitions import make_partitions
from energy_grid.chain.rpc.log_ranges import LogQuery, LogRanges, PartialAnswerError, Piece
from energy_grid.chain.rpc.node import RpcError
from energy_grid.client import EnergyGrid
from energy_grid.errors import EnergyGridError, InputError

__all__ = ["FinalBlockChangedError", "Indexer", "forget"]

_TABLES = (*(each.table for some in EVENTS.values() for each in some.values()), *DETAILS)
_PARTITIONED = frozenset((*SERIES, *(table.name for table in DETAILS)))
_DIVIDED = table_of("EnergyAssetNFT", "Fractionalized")
# Seconds between two looks at the chain.
_POLL_SECONDS = 0.5
# Headers of one request, and blocks of one transaction of the database.
_PART = 128
_LONGEST = 2_000


class FinalBlockChangedError(EnergyGridError):
    """The chain has other blocks than the store where it was final: a person has to look."""


@dataclass(frozen=True, slots=True)
class _Place:
    """How far the store is; ``hash`` is None before its first block."""

    indexed: int
    checked: int
    hash: str | None
    shares: frozenset[str]


@dataclass(frozen=True, slots=True)
class _News:
    """What a step writes: all of the blocks behind ``base`` up to the last of the piece."""

    base: int
    piece: Piece
    rows: Rows
    times: Mapping[int, int]


class Indexer:
    """Keeps a store equal to a chain; a `Service`.

    Args:
        finality: a block with so many on top of it is taken for final.
    """

    name = "indexer"

    def __init__(self, market: EnergyGrid, database: Database, *, finality: int) -> None:
        self._market, self._node = market, market.node
        self._database = database
        self._finality = finality
        self._ranges = LogRanges(market.node)
        self._emitters: Emitters = {
            each.address.lower(): each.name for each in market.contracts() if each.name in EVENTS
        }
        self._first = market.deployment.first_block
        self._head = self._indexed = 0

    def step(self) -> float:
        """Read some blocks more; gives 0 as long as there are others.

        Raises:
            FinalBlockChangedError: the chain has changed where it was final.
            InputError: the store is of another market.
            UnknownEventError: the market is of another version.
            ChainError, DatabaseGoneError: take the step again.
        """
        place = self._place()
        newest = int(self._node.block("latest")["number"], 16)
        self._head, self._indexed = max(newest, place.indexed), place.indexed
        try:
            news = self._news(place, newest)
            if news is not None:
                self._write(place, news, newest)
            elif not self._check(place, newest):
                return _POLL_SECONDS
        except PartialAnswerError:
            # The node is changing, or lags behind another one at the same address.
            return _POLL_SECONDS
        return 0.0

    def describe(self) -> str:
        """How far it is."""
        return f"indexed block {self._indexed:,}, {self._head - self._indexed:,} behind"

    def metrics(self) -> dict[str, int]:
        """Numbers for monitoring."""
        return {"indexed_block": self._indexed, "behind_blocks": self._head - self._indexed}

    def _place(self) -> _Place:
        """How far the store is.

        Raises:
            InputError: it is of another market.
        """
        mine = self._identity()
        with self._database.reading() as connection:
            chain = connection.execute(select(CHAIN)).one_or_none()
            shares = frozenset(map(str.lower, connection.scalars(select(_DIVIDED.c.shares))))
            if chain is not None:
                of_it = BLOCKS.c.number == chain.indexed_block
                tip = connection.scalar(select(BLOCKS.c.hash).where(of_it))
        if chain is None:
            self._begin(mine)
            return self._place()
        if any(getattr(chain, name) != value for name, value in mine.items()):
            raise InputError(
                f"the store has the market {chain.settlement} on chain {chain.chain_id}"
                f" ({chain.genesis[:10]}), this is {mine['settlement']} on chain"
                f" {mine['chain_id']} ({mine['genesis'][:10]}): name another database"
            )
        return _Place(chain.indexed_block, chain.checked_block, tip, shares)

    def _begin(self, identity: Mapping[str, Any]) -> None:
        before = self._first - 1
        values = {**identity, "indexed_block": before, "checked_block": before}
        with self._database.writing() as connection:
            if not self._database.is_sqlite:
                # Of several that begin at the same moment one does.
                connection.execute(text("LOCK TABLE chain IN EXCLUSIVE MODE"))
            if connection.execute(select(CHAIN)).first() is None:
                connection.execute(insert(CHAIN).values(values))

    def _identity(self) -> dict[str, Any]:
        return {
            "chain_id": self._node.chain_id,
            "genesis": self._node.block(0)["hash"],
            "settlement": self._market.settlement.address,
        }

    def _news(self, place: _Place, newest: int) -> _News | None:
        """What is new on the chain; None if nothing is."""
        if newest > place.indexed:
            news = self._behind(place.indexed, place.hash, place.shares, newest)
            if news is not None:
                return news
        found = self._common(place, newest)
        if found is None:
            return None
        news = self._behind(*found, place.shares, newest)
        if news is None:
            raise PartialAnswerError("the node changes while it is read")
        return news

    def _behind(
        self, base: int, base_hash: str | None, shares: frozenset[str], newest: int
    ) -> _News | None:
        """The blocks behind one; None if that one is not on the chain any more."""
        beside = [] if base_hash is None else [base]
        piece, rows, times = self._read(base + 1, newest, newest, shares, beside)
        if base_hash is not None and piece.hashes[base] != base_hash:
            return None
        return _News(base, piece, rows, times)

    def _read(
        self, first: int, last: int, newest: int, shares: frozenset[str], beside: Sequence[int] = ()
    ) -> tuple[Piece, Rows, Mapping[int, int]]:
        """A piece of the chain with its rows, and the times of its blocks.

        Shares of an asset are a new contract: its own events are asked for once it is known.
        """
        while True:
            emitters = {**self._emitters, **dict.fromkeys(shares, SHARES)}
            query = LogQuery(addresses=tuple(emitters), topics=())
            last = min(last, first + _LONGEST - 1)
            piece = self._ranges.piece([query], first, last, newest=newest, beside=beside)
            piece, times = self._timed(piece, newest, first)
            rows = rows_of(piece.logs, emitters, times)
            if rows.shares <= shares:
                return piece, rows, times
            shares |= rows.shares

    def _timed(self, piece: Piece, newest: int, first: int) -> tuple[Piece, dict[int, int]]:
        """A piece with the hashes, and the times, of its blocks with events, of all that are not
        final or have just become it, and of its last one."""
        unsettled = range(max(first, newest - self._finality), piece.last + 1)
        blocks = sorted(
            {piece.last, *(int(log["blockNumber"], 16) for log in piece.logs)}.union(unsettled)
        )
        hashes, times = dict(piece.hashes), {}
        for start in range(0, len(blocks), _PART):
            part = blocks[start : start + _PART]
            for block, header in zip(part, self._headers(part), strict=True):
                # The last one is asked for at the end: it tells whether the others are its own.
                if header is None or header["hash"] != hashes.setdefault(block, header["hash"]):
                    raise PartialAnswerError(f"the node has just exchanged block {block}")
                times[block] = int(header["timestamp"], 16)
        return replace(piece, hashes=hashes), times

    def _headers(self, blocks: Sequence[int]) -> list[Mapping[str, Any] | None]:
        answers = self._node.rpc_batch(
            [("eth_getBlockByNumber", [hex(block), False]) for block in blocks]
        )
        for answer in answers:
            if isinstance(answer, RpcError):
                raise answer
        return answers

    def _common(self, place: _Place, newest: int) -> tuple[int, str | None] | None:
        """The newest block of the store that is still on the chain, and its hash.

        None if all blocks of the store are that the node has.
        """
        below, is_changed = min(newest, place.indexed) + 1, False
        while True:
            with self._database.reading() as connection:
                part = connection.execute(
                    select(BLOCKS.c.number, BLOCKS.c.hash)
                    .where(BLOCKS.c.number < below)
                    .order_by(BLOCKS.c.number.desc())
                    .limit(_PART)
                ).all()
            headers = self._headers([row.number for row in part])
            for known, header in zip(part, headers, strict=True):
                if header is None:
                    raise PartialAnswerError(f"the node has no block {known.number} yet")
                if header["hash"] == known.hash:
                    return (known.number, known.hash) if is_changed else None
                is_changed = True
                self._require_unsettled(known.number, place.indexed)
            if not part:
                return (self._first - 1, None) if is_changed else None
            below = part[-1].number

    def _require_unsettled(self, block: int, indexed: int) -> None:
        if block <= indexed - self._finality:
            raise FinalBlockChangedError(
                f"the node has another block {block} than the store, which has"
                f" {indexed - block} on top of it; with {self._finality} a block was to be final."
                " Ask another node; if this one is right, index anew: energy-grid serve --reindex"
            )

    def _check(self, place: _Place, newest: int) -> bool:
        """Read blocks again that have become final; whether there were any."""
        last, tip = place.indexed - self._finality, place.indexed
        if last <= place.checked or newest < tip:
            return False
        piece, rows, times = self._read(place.checked + 1, last, newest, place.shares, [tip])
        if piece.hashes[tip] != place.hash:
            raise PartialAnswerError(f"the node has just exchanged block {tip}")
        with self._database.writing() as connection:
            if not self._is_still(connection, place):
                return True
            counts = _counts(piece)
            known = connection.execute(
                select(BLOCKS.c.number, BLOCKS.c.events).where(
                    BLOCKS.c.number.between(place.checked + 1, piece.last), BLOCKS.c.events > 0
                )
            )
            events = {row.number: row.events for row in known}
            late = {block for block in counts if counts[block] > events.get(block, 0)}
            if late:
                _delete(connection, lambda block: block.in_(sorted(late)))
                self._insert(connection, piece, rows, times, late)
                for block in sorted(late):
                    announce_blocks(connection, range(block, block + 1), range(block, block + 1))
            # What is final is told by its newest block.
            passed = BLOCKS.c.number.between(place.checked, piece.last - 1)
            connection.execute(delete(BLOCKS).where(passed, BLOCKS.c.events == 0))
            connection.execute(update(CHAIN).values(checked_block=piece.last))
        return True

    def _write(self, place: _Place, news: _News, newest: int) -> None:
        piece = news.piece
        with self._database.writing() as connection:
            if not self._is_still(connection, place):
                return
            if news.base < place.indexed:
                _delete(connection, lambda block: block > news.base)
            self._insert(connection, piece, news.rows, news.times)
            void = range(news.base + 1, place.indexed + 1)
            announce_blocks(connection, range(news.base + 1, piece.last + 1), void)
            checked = min(place.checked, news.base)
            if checked == news.base:
                # Blocks that were final when they were read are not read again.
                checked = max(checked, min(piece.last, newest - self._finality))
            connection.execute(
                update(CHAIN).values(indexed_block=piece.last, checked_block=checked)
            )
        self._indexed = piece.last

    def _is_still(self, connection: Connection, place: _Place) -> bool:
        """Whether no other indexer has written in between."""
        # Locks the row in PostgreSQL; in SQLite the writer is alone.
        chain = connection.execute(select(CHAIN).with_for_update()).one_or_none()
        if chain is None:
            return False
        tip = connection.scalar(select(BLOCKS.c.hash).where(BLOCKS.c.number == chain.indexed_block))
        return (chain.indexed_block, chain.checked_block, tip) == (
            *(place.indexed, place.checked),
            place.hash,
        )

    def _insert(
        self,
        connection: Connection,
        piece: Piece,
        rows: Rows,
        times: Mapping[int, int],
        only: set[int] | None = None,
    ) -> None:
        """Insert the rows of blocks, by default of all of the piece, and the blocks."""
        tables: dict[int, set[str]] = defaultdict(set)
        for table, found in rows.by_table.items():
            wanted = [row for row in found if only is None or row["block"] in only]
            if wanted and table.name in _PARTITIONED and not self._database.is_sqlite:
                make_partitions(connection, table.name, (row["time"] for row in wanted))
            if wanted:
                connection.execute(insert(table), wanted)
            for row in wanted:
                tables[row["block"]].add(table.name)
        counts = _counts(piece)
        blocks = [
            {
                "number": block,
                "hash": piece.hashes[block],
                "time": time,
                "events": counts[block],
                "tables": sorted(tables[block]),
            }
            for block, time in times.items()
            if only is None or block in only
        ]
        connection.execute(insert(BLOCKS), blocks)


def forget(database: Database) -> None:
    """Empty a store of all that came from the chain; an indexer fills it again."""
    with database.writing() as connection:
        indexed = connection.scalar(select(CHAIN.c.indexed_block))
        if indexed is not None:
            announce_blocks(connection, range(0), void=range(indexed + 1))
        for table in (*_TABLES, DAY_SUMS, SUMMED, BLOCKS, CHAIN):
            connection.execute(delete(table))


def _counts(piece: Piece) -> Counter[int]:
    """How many events each block has."""
    return Counter(int(log["blockNumber"], 16) for log in piece.logs)


def _delete(connection: Connection, wanted: Callable[[Column[Any]], ColumnElement[bool]]) -> None:
    """Delete blocks, and all rows of them."""
    found = connection.scalars(select(BLOCKS.c.tables).where(wanted(BLOCKS.c.number)))
    for name in sorted({name for names in found for name in names}):
        table = METADATA.tables[name]
        connection.execute(delete(table).where(wanted(table.c.block)))
    connection.execute(delete(BLOCKS).where(wanted(BLOCKS.c.number)))
