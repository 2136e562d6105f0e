"""What is due is cleared: the signed orders of the store, and the on-chain ones of the same period.

A period is cleared when its book could fill ``enough`` pairs, and as long as its gate closes
within ``lead`` seconds, at each change. A signed order takes part once its seed's block is two
blocks newer than the one at which it came: its trader may have seen one block before this node has.
On-chain orders join when the gate is near, as far as the indexer has read them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from energy_grid.backend.store.database import Database
from energy_grid.backend.store.orders import BATCHES, CLEARINGS, SIGNED_ORDERS
from energy_grid.backend.store.views import VIEWS
from energy_grid.backend.trading_engine.book import (
    batch_rows,
    drop,
    id_in,
    id_text,
    lock,
    matched,
    open_order,
    period_of,
    save_clearing,
)
from energy_grid.backend.trading_engine.following import BLOCKS_TO_SEED
from energy_grid.backend.trading_engine.states import LIVE, BatchState, ClearingState
from energy_grid.chain.rpc.node import Node
from energy_grid.domain.batch import Refusal, Refused
from energy_grid.domain.batch_clearing import OpenOrder, clear_orders
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.units import format_time
from energy_grid.errors import ContractError
from energy_grid.market.batches import GasBound, Keeper
from energy_grid.market.keeper_chain import KeeperChain, newest_seed
from energy_grid.market.order_sets import OrderSet, Seed

__all__ = ["Clearing"]

_MAX_REFUSALS, _MINUTE = 200, 60
_AT_ONCE = 500
_ORDERS = VIEWS["orders"].c


class Clearing:
    """Turns books into sets with batches, none of them sent; see `TradingEngine`."""

    def __init__(
        self,
        node: Node,
        database: Database,
        known: KeeperChain,
        *,
        lead: int,
        enough: int,
        bound: GasBound | None,
        log: Callable[[str], object],
    ) -> None:
        self._node, self._database, self._known, self._log = node, database, known, log
        self._lead, self._enough, self._bound = lead, enough, bound
        # By period and region, when it was last cleared: whether its gate was near, the minute, its
        # orders.
        self._books: dict[tuple[Period, int], tuple[bool, int, frozenset[tuple[int, int]]]] = {}

    def clear_due(self) -> bool:
        """Clear the periods whose book has changed enough; gives whether there is any to send."""
        seed, now, table = newest_seed(self._node), self._node.time, SIGNED_ORDERS.c
        with self._database.reading() as connection:
            is_due = (
                table.state.in_(LIVE)
                & ~table.withdrawn
                & table.barred.is_(None)
                & (table.start > now)
                & (table.expiry >= now)
                & (table.received_block <= seed.block - BLOCKS_TO_SEED)
            )
            rows = connection.execute(select(SIGNED_ORDERS).where(is_due)).mappings().all()
            busy = {
                (period_of(row), row["region"])
                for row in connection.execute(
                    select(CLEARINGS).where(CLEARINGS.c.state != ClearingState.DONE)
                ).mappings()
            }
        books: dict[tuple[Period, int], list[OpenOrder]] = defaultdict(list)
        for row in rows:
            key = period_of(row), row["region"]
            books[key].append(open_order(row, row["amount"] - row["filled"]))
        for key, order in self._on_chain(now, seed):
            books[key].append(order)
        self._books = {key: seen for key, seen in self._books.items() if key in books}
        found = False
        for key, book in books.items():
            # What stood in the way may have gone: as long as a book stays, once a minute.
            is_late = key[0].start - now <= self._lead
            seen = is_late, now // _MINUTE, frozenset((order.id, order.open_wh) for order in book)
            if key in busy or self._books.get(key) == seen:
                continue
            if self._is_worth_it(key[0], book, seed, is_late=is_late):
                try:
                    found |= self._clear(*key, book, seed)
                except ContractError as error:
                    # Such as a market that is stopped: other books do not wait for this one.
                    self._log(f"cannot clear {format_time(key[0].start)}: {error}")
            self._books[key] = seen
        return found

    def clear_rest(
        self, clearing: RowMapping, order_set: OrderSet, rows: Sequence[RowMapping]
    ) -> None:
        """Clear again what a rejection has left of a set.

        Args:
            rows: the set's batches.
        """
        done = sum((matched(row) for row in rows if row["matched"]), Counter[int]())
        dropped = {each.order.id for each in order_set.dropped}
        left = [
            order.without(done[order.id])
            for order in order_set.orders
            if order.id not in dropped and done[order.id] < order.open_wh
        ]
        rejected = [row for row in rows if row["state"] == BatchState.REJECTED]
        found = {
            id_in(row["refused"]): Refusal[row["reason"]] for row in rejected if row["refused"]
        }
        refused = [
            Refused(order_id=order.id, reason=found[order.id])
            for order in left
            if order.id in found
        ]
        keeper = Keeper(self._known, bound=self._bound)
        batches = keeper.plan_rest(order_set, left, order_set.period, refused)
        now = keeper.session.order_set
        assert now is not None
        table, part = CLEARINGS.c, max(row["part"] for row in rows)
        newest = select(func.max(BATCHES.c.part)).where(BATCHES.c.clearing == clearing["id"])
        with self._database.writing() as connection:
            lock(connection)
            if connection.scalar(newest) != part:
                # Another engine has done so, and was disturbed once more.
                return
            is_same = (table.id == clearing["id"]) & (table.state == ClearingState.DISTURBED)
            reopened = update(CLEARINGS).where(is_same).values(state=ClearingState.OPEN)
            if not connection.execute(reopened).rowcount:
                return
            for each in now.dropped:
                drop(connection, clearing["id"], id_text(each.order.id), each.reason)
            if batches:
                # What reverts in a block costs the keeper: it does so once.
                has_cost = any(row["transaction"] for row in rejected)
                skips = has_cost or len(rejected) >= _MAX_REFUSALS
                added = batch_rows(clearing["id"], part + 1, batches, order_set, skips=skips)
                connection.execute(insert(BATCHES), added)

    def _on_chain(self, now: int, seed: Seed) -> Iterator[tuple[tuple[Period, int], OpenOrder]]:
        """The on-chain orders whose gate is near, each with its period and region."""
        query = select(_ORDERS.order_id, _ORDERS.period, _ORDERS.start).where(
            *(_ORDERS.start > now, _ORDERS.start <= now + self._lead, _ORDERS.expiry >= now),
            _ORDERS.cancelled_at.is_(None),
        )
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        periods = {
            row.order_id: Period(kind=PeriodKind(row.period), start=row.start) for row in rows
        }
        orders = self._known.standing([*periods], block=seed.block)
        regions = self._known.regions(orders, block=seed.block)
        for order in orders:
            yield (periods[order.id], regions[order.trader]), order

    def _is_worth_it(
        self, period: Period, book: list[OpenOrder], seed: Seed, *, is_late: bool
    ) -> bool:
        slots = len(period.slots(self._known.slot_length))
        return len(clear_orders(book, slots, seed.hash).pairs) >= (1 if is_late else self._enough)

    def _clear(self, period: Period, region: int, book: Sequence[OpenOrder], seed: Seed) -> bool:
        """Clear a book, and store what is to be sent of it."""
        fetched = [one for one in self._known.fetch(book) if isinstance(one, OpenOrder)]
        regions = self._known.regions(fetched)
        inside = [one for one in fetched if regions[one.trader] == region]
        self._move([one for one in fetched if regions[one.trader] != region], regions)
        keeper = Keeper(self._known, bound=self._bound)
        batches = keeper.plan(inside, period, seed)
        order_set = keeper.session.order_set
        if order_set is None or not batches:
            return False
        table = CLEARINGS.c
        with self._database.writing() as connection:
            lock(connection)
            same = (table.kind == period.kind) & (table.start == period.start)
            is_open = (table.region == region) & (table.state != ClearingState.DONE)
            if connection.execute(select(table.id).where(same & is_open)).first() is not None:
                return True
            if not _withdrawn(connection, order_set):
                save_clearing(connection, order_set, region, batches)
        return True

    def _move(self, orders: Sequence[OpenOrder], regions: Mapping[str, int]) -> None:
        """Put orders into the books of the regions in which their traders are by now."""
        for order in orders:
            is_it = SIGNED_ORDERS.c.hash == id_text(order.id)
            with self._database.writing() as connection:
                connection.execute(
                    update(SIGNED_ORDERS).where(is_it).values(region=regions[order.trader])
                )


def _withdrawn(connection: Connection, order_set: OrderSet) -> bool:
    """Whether an order was withdrawn while its book was cleared."""
    names = [id_text(order.id) for order in order_set.orders if order.signed is not None]
    return any(
        connection.execute(
            select(SIGNED_ORDERS.c.hash).where(
                SIGNED_ORDERS.c.hash.in_(names[at : at + _AT_ONCE]), SIGNED_ORDERS.c.withdrawn
            )
        ).first()
        for at in range(0, len(names), _AT_ONCE)
    )
