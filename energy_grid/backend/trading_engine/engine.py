"""The trading engine: a step follows the chain, clears what is due, and sends its batches.

    submit --> signed_orders --clear--> clearings, batches --sign--> SENT --> MINED
                    ^                        |                |        |
                    +------ what the chain shows of them -----+--------+

Everything that a step needs is in the store or on the chain. A set is stored with all its batches
before the first one leaves, and a batch with its signed bytes: after a crash, or by another engine,
the same bytes are sent again, and take effect once. One batch of a keeper is on its way at a time.
No transaction of the database is open while the chain is asked.

A period is cleared when its book could fill ``enough`` pairs, and as long as its gate closes
within ``lead`` seconds, at each change. An order takes part once its seed's block is two blocks
newer than the one at which it came: its trader may have seen one block before this node has.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Update,
    case,
    delete,
    func,
    insert,
    select,
    update,
)

from energy_grid.backend.store.database import Database
from energy_grid.backend.store.orders import (
    BATCHES,
    CLEARED_ORDERS,
    CLEARINGS,
    ORDER_TRADES,
    SIGNED_ORDERS,
)
from energy_grid.backend.trading_engine.book import (
    batch_in,
    batch_rows,
    entries_of,
    id_in,
    id_text,
    lock,
    open_order,
    order_set_of,
    period_of,
    save_clearing,
)
from energy_grid.backend.trading_engine.door import Door, Receipt
from energy_grid.backend.trading_engine.states import (
    BatchState,
    ClearingState,
    OrderState,
    state_of,
)
from energy_grid.chain.accounts import Account, refuse_well_known
from energy_grid.chain.contract import Call
from energy_grid.chain.multicall import past_events
from energy_grid.chain.tx.transactions import SignedTransaction, sign_transaction
from energy_grid.chain.tx.unsigned import unsigned
from energy_grid.client import EnergyGrid
from energy_grid.contracts.energy_trading import TransactionRecord
from energy_grid.contracts.errors import DecodedError, OrderRefusal
from energy_grid.domain.batch import Refusal, Refused
from energy_grid.domain.batch_clearing import OpenOrder, clear_orders
from energy_grid.domain.enums import NonceState
from energy_grid.domain.orders import TransactionStatus
from energy_grid.domain.periods import Period
from energy_grid.domain.signed_orders import SignedOrder
from energy_grid.errors import (
    ChainError,
    InputError,
    NodeUnreachableError,
    TransactionPendingError,
)
from energy_grid.market.batches import GasBound, Keeper, Settled
from energy_grid.market.keeper_chain import KeeperChain, newest_seed
from energy_grid.market.order_set_file import save_order_set
from energy_grid.market.order_sets import OrderSet, Seed
from energy_grid.market.plan import Outcome, Step

__all__ = ["TradingEngine"]

_POLL_SECONDS = 1.0
# Blocks that a reorganisation may replace: their trades are read again in each step.
_UNSURE = 64
# Blocks between the one at which an order came and its seed's.
_BLOCKS_TO_SEED = 2
_MAX_REFUSALS = 200
_AT_ONCE = 500
_LIVE = (OrderState.RECEIVED, OrderState.OPEN, OrderState.PARTLY_FILLED)
_UNSETTLED = (OrderState.PARTLY_FILLED, OrderState.MATCHED)


class TradingEngine:
    """Keeps the books of signed orders, and trades them; a `Service`.

    Args:
        keeper: sends and pays the gas; has the role KEEPER.
        published: the folder in which auditors find each order set, as its root and ``.jsonl``.
        lead: seconds before its gate closes from which on a period is cleared at each change.
        enough: pairs for which it is cleared before that: about as many as fill a transaction.
        bound: the gas of one batch.
        log: called with a line for what is being done.

    Raises:
        InputError: the keeper's key is well known, and this is no local chain.
    """

    name = "engine"

    def __init__(
        self,
        market: EnergyGrid,
        database: Database,
        keeper: Account,
        *,
        published: Path,
        lead: int = 600,
        enough: int = 100,
        bound: GasBound | None = None,
        log: Callable[[str], object] = lambda _: None,
    ) -> None:
        refuse_well_known([keeper.address], market.node.chain_id)
        self._market, self._database, self._keeper = market, database, keeper
        self._published, self._log = published, log
        self._lead, self._enough, self._bound = lead, enough, bound
        self._known = KeeperChain(
            market.node, market.trading, market.settlement, keeper.address, log=log
        )
        self._door = Door(market, database, self._known)
        # By period and region, when it was last looked at: whether its gate was near, its orders.
        self._books: dict[tuple[Period, int], tuple[bool, frozenset[tuple[int, int]]]] = {}
        self._read_to: int | None = None
        self._matched = 0

    def submit(self, order: SignedOrder) -> Receipt:
        """Take an order, or say why not. The same order again gives what has become of it."""
        return self._door.submit(order)

    def order(self, order_hash: bytes) -> Receipt:
        """What has become of an order.

        Raises:
            InputError: no order of this hash was taken.
        """
        name = f"0x{order_hash.hex()}"
        with self._database.reading() as connection:
            found = select(SIGNED_ORDERS).where(SIGNED_ORDERS.c.hash == name)
            row = connection.execute(found).mappings().first()
        if row is None:
            raise InputError(f"no order has the hash {name}")
        return Receipt.of_row(row)

    def order_set(self, root: bytes) -> OrderSet:
        """A published set, for its audit.

        Raises:
            InputError: there is none of this root.
        """
        name = f"0x{root.hex()}"
        with self._database.reading() as connection:
            row = self._first(connection, CLEARINGS.c.root == name)
            if row is None:
                raise InputError(f"no order set has the root {name}")
        return self._order_set(row)

    def step(self) -> float:
        """Follow the chain, finish what was begun, and clear what is due."""
        self._follow_batches()
        self._follow_orders()
        while self._send_next():
            self._follow_orders()
        if self._clear_due():
            while self._send_next():
                pass
            self._follow_orders()
        return _POLL_SECONDS

    def describe(self) -> str:
        """How many orders there are in which state."""
        counts = self._counts()
        shown = ", ".join(
            f"{counts[state]} {state.lower()}" for state in OrderState if counts[state]
        )
        return f"orders: {shown or 'none'}; sent {self._matched} trades"

    def metrics(self) -> Mapping[str, float]:
        """Orders by their state, and trades since the start."""
        counts = self._counts()
        return {f"orders_{state.lower()}": counts[state] for state in OrderState} | {
            "matched_trades_total": self._matched
        }

    def _counts(self) -> Counter[str]:
        with self._database.reading() as connection:
            rows = connection.execute(
                select(SIGNED_ORDERS.c.state, func.count()).group_by(SIGNED_ORDERS.c.state)
            )
            return Counter({row[0]: row[1] for row in rows})

    # What the chain shows

    def _follow_orders(self) -> None:
        """Bring the states of orders to the newest block, backwards too."""
        node, table = self._market.node, SIGNED_ORDERS.c
        head, now = node.block_number, node.time
        with self._database.reading() as connection:
            is_due = (table.start > now) | table.state.in_((*_LIVE, *_UNSETTLED))
            rows = connection.execute(select(SIGNED_ORDERS).where(is_due)).mappings().all()
        if not rows:
            return
        self._read_trades(min(row["received_block"] for row in rows))
        self._read_settled(now)
        nonces = self._market.trading.call_many(
            "nonceState", [(row["trader"], row["nonce"]) for row in rows], kind=NonceState
        )
        with self._database.writing() as connection:
            lock(connection)
            trades = ORDER_TRADES.c
            unsettled = func.sum(case((trades.is_settled, 0), else_=1))
            query = (
                select(trades.order_hash, func.sum(trades.wh), unsettled)
                .join(SIGNED_ORDERS, table.hash == trades.order_hash)
                .where(is_due)
                .group_by(trades.order_hash)
            )
            found = {
                name: (int(wh), int(open_trades))
                for name, wh, open_trades in connection.execute(query)
            }
            for row, nonce in zip(rows, nonces, strict=True):
                filled, open_trades = found.get(row["hash"], (0, 0))
                state, reason = state_of(
                    amount=row["amount"],
                    filled=filled,
                    nonce=nonce,
                    is_new=head < row["received_block"] + _BLOCKS_TO_SEED,
                    is_over=now > min(row["expiry"], row["start"] - 1),
                    is_settled=open_trades == 0,
                )
                why = None if reason is Refusal.NONE else reason.name
                values = {"state": state, "reason": why, "filled": filled}
                if any(row[name] != value for name, value in values.items()):
                    connection.execute(
                        update(SIGNED_ORDERS).where(table.hash == row["hash"]).values(values)
                    )

    def _read_trades(self, first: int) -> None:
        """Read the trades of stored orders, those of the newest blocks again.

        Args:
            first: no order that may change is older than this block.
        """
        head = self._market.node.block_number
        start = max(first if self._read_to is None else self._read_to - _UNSURE, 0)
        logs = past_events(self._market.trading, "OrdersMatched", start)
        sides = [
            (log, id_text(order_id)) for log in logs for order_id in (log["buy_id"], log["sell_id"])
        ]
        with self._database.writing() as connection:
            lock(connection)
            names = [name for _, name in sides]
            known: set[str] = set()
            for at in range(0, len(names), _AT_ONCE):
                some = SIGNED_ORDERS.c.hash.in_(names[at : at + _AT_ONCE])
                known |= set(connection.scalars(select(SIGNED_ORDERS.c.hash).where(some)))
            connection.execute(delete(ORDER_TRADES).where(ORDER_TRADES.c.block >= start))
            rows = [
                {
                    "trade": log["transaction_id"],
                    "order_hash": name,
                    "wh": log["amount"],
                    "price": log["price"],
                    "block": log.block,
                    "is_settled": False,
                }
                for log, name in sides
                if name in known
            ]
            if rows:
                connection.execute(insert(ORDER_TRADES), rows)
        self._read_to = head

    def _read_settled(self, now: int) -> None:
        """Note which trades of periods that are over are settled."""
        trades, table = ORDER_TRADES.c, SIGNED_ORDERS.c
        with self._database.reading() as connection:
            numbers = connection.scalars(
                select(trades.trade)
                .join(SIGNED_ORDERS, table.hash == trades.order_hash)
                .where(~trades.is_settled, table.start <= now)
                .distinct()
            ).all()
        records = self._market.trading.call_many(
            "getTransaction", [(number,) for number in numbers], kind=TransactionRecord
        )
        settled = [
            number
            for number, record in zip(numbers, records, strict=True)
            if record.status is TransactionStatus.SETTLED
        ]
        with self._database.writing() as connection:
            for number in settled:
                connection.execute(
                    update(ORDER_TRADES).where(trades.trade == number).values(is_settled=True)
                )

    def _follow_batches(self) -> None:
        """Send again what a reorganisation took out, and wait for what is on its way."""
        table = BATCHES.c
        newest = table.block > self._market.node.block_number - _UNSURE
        with self._database.reading() as connection:
            mined = self._batches(connection, (table.state == BatchState.MINED) & newest)
        for row in mined:
            if self._market.node.rpc("eth_getTransactionReceipt", row["transaction"]) is None:
                self._change(row, {"state": BatchState.SENT, "block": None, "matched": None})
        with self._database.reading() as connection:
            sent = self._batches(connection, table.state == BatchState.SENT)
        for row in sorted(sent, key=lambda row: row["nonce"]):
            self._finish(row)

    # Clearing

    def _clear_due(self) -> bool:
        """Clear the periods whose book has changed enough; gives whether there is any to send."""
        seed, now, table = newest_seed(self._market.node), self._market.node.time, SIGNED_ORDERS.c
        with self._database.reading() as connection:
            is_due = (
                table.state.in_(_LIVE)
                & (table.start > now)
                & (table.expiry >= now)
                & (table.received_block <= seed.block - _BLOCKS_TO_SEED)
            )
            rows = connection.execute(select(SIGNED_ORDERS).where(is_due)).mappings().all()
            busy = {
                (period_of(row), row["region"])
                for row in connection.execute(
                    select(CLEARINGS).where(CLEARINGS.c.state != ClearingState.DONE)
                ).mappings()
            }
        books: dict[tuple[Period, int], list[OpenOrder]] = {}
        for row in rows:
            key = period_of(row), row["region"]
            books.setdefault(key, []).append(open_order(row, row["amount"] - row["filled"]))
        self._books = {key: seen for key, seen in self._books.items() if key in books}
        found = False
        for (period, region), book in books.items():
            if (period, region) not in busy and self._is_due(period, region, book, seed, now):
                found |= self._clear(period, region, book, seed)
        return found

    def _is_due(
        self, period: Period, region: int, book: list[OpenOrder], seed: Seed, now: int
    ) -> bool:
        """Whether a book is to be cleared; on-chain orders join it once its gate is near."""
        is_late = period.start - now <= self._lead
        if is_late:
            book += self._known.stored(period, block=seed.block)
        seen = is_late, frozenset((order.id, order.open_wh) for order in book)
        if self._books.get((period, region)) == seen:
            return False
        self._books[period, region] = seen
        slots = len(period.slots(self._known.slot_length))
        return len(clear_orders(book, slots, seed.hash).pairs) >= (1 if is_late else self._enough)

    def _clear(self, period: Period, region: int, book: Sequence[OpenOrder], seed: Seed) -> bool:
        """Clear a book, and store what is to be sent of it."""
        fetched = [one for one in self._known.fetch(book) if isinstance(one, OpenOrder)]
        others = {order.id for order in self._known.outside(fetched, region)}
        keeper = Keeper(self._known, bound=self._bound, log=self._log)
        batches = keeper.plan([one for one in fetched if one.id not in others], period, seed)
        order_set = keeper.session.order_set
        if order_set is None or not batches:
            return False
        table = CLEARINGS.c
        with self._database.writing() as connection:
            lock(connection)
            same = (table.kind == period.kind) & (table.start == period.start)
            is_open = (table.region == region) & (table.state != ClearingState.DONE)
            if connection.execute(select(table.id).where(same & is_open)).first() is None:
                save_clearing(connection, order_set, region, batches)
        return True

    # Sending

    def _send_next(self) -> bool:
        """Do the next thing for the first clearing that is not done; False if there is none."""
        with self._database.reading() as connection:
            clearing = (
                connection.execute(
                    select(CLEARINGS)
                    .where(CLEARINGS.c.state != ClearingState.DONE)
                    .order_by(CLEARINGS.c.start, CLEARINGS.c.id)
                )
                .mappings()
                .first()
            )
            if clearing is None:
                return False
            rows = self._batches(connection, BATCHES.c.clearing == clearing["id"])
        planned = [row for row in rows if row["state"] == BatchState.PLANNED]
        if any(row["state"] == BatchState.SENT for row in rows):
            self._follow_batches()
        elif self._market.node.time > period_of(clearing).last_order:
            self._end(clearing)
        elif clearing["state"] == ClearingState.DISTURBED:
            self._clear_rest(clearing, rows)
        elif planned:
            self._send(clearing, planned[0])
        else:
            self._end(clearing)
        return True

    def _clear_rest(self, clearing: RowMapping, rows: Sequence[RowMapping]) -> None:
        """Clear again what a rejection has left of a set."""
        order_set = self._order_set(clearing)
        matched = sum((_matched(row) for row in rows if row["matched"]), Counter[int]())
        dropped = {each.order.id for each in order_set.dropped}
        left = [
            order.without(matched[order.id])
            for order in order_set.orders
            if order.id not in dropped and matched[order.id] < order.open_wh
        ]
        rejected = [row for row in rows if row["state"] == BatchState.REJECTED]
        last = rejected[-1]
        refused = Refused(order_id=id_in(last["refused"]), reason=Refusal[last["reason"]])
        keeper = Keeper(self._known, bound=self._bound, log=self._log)
        batches = keeper.plan_rest(order_set, left, order_set.period, refused)
        now = keeper.session.order_set
        assert now is not None
        with self._database.writing() as connection:
            lock(connection)
            if not self._moves(connection, clearing["id"], ClearingState.DISTURBED):
                return
            for each in now.dropped:
                self._drop(connection, clearing["id"], id_text(each.order.id), each.reason)
            if batches:
                skips = len(rejected) >= _MAX_REFUSALS
                first = max(row["part"] for row in rows) + 1
                added = batch_rows(clearing["id"], first, batches, order_set, skips=skips)
                connection.execute(insert(BATCHES), added)

    def _send(self, clearing: RowMapping, row: RowMapping) -> None:
        """Sign a batch, store its bytes, and send them."""
        batch, node = batch_in(row, self._publish(clearing)), self._market.node
        try:
            call = self._known.call(batch, skip=row["skips"])
        except DecodedError as refusal:
            self._reject(row, self._known.refused(refusal))
            return
        max_fee = self._market.sender.policy.max_fee
        transaction = unsigned(node, self._keeper.address, call, 0, max_fee=max_fee)
        signed = sign_transaction(transaction, self._keeper)
        with self._database.writing() as connection:
            lock(connection)
            on_its_way = (BATCHES.c.state == BatchState.SENT) & (
                BATCHES.c.keeper == self._keeper.address
            )
            if not self._batches(connection, on_its_way):
                values = {
                    "state": BatchState.SENT,
                    "keeper": self._keeper.address,
                    "nonce": transaction.nonce,
                    "raw": signed.raw,
                    "transaction": signed.hash,
                }
                connection.execute(_if_unchanged(row).values(values))
        self._log(f"sending batch {row['part']} of {clearing['root']}")
        self._follow_batches()

    def _finish(self, row: RowMapping) -> None:
        """Send the bytes of a batch, once more if need be, and note what became of it."""
        signed = SignedTransaction.from_raw(row["raw"])
        transaction = signed.transaction
        with self._database.reading() as connection:
            clearing = self._first(connection, CLEARINGS.c.id == row["clearing"])
        assert clearing is not None
        batch = batch_in(row, self._order_set(clearing))
        call = Call(
            contract="EnergyTrading",
            function="settleBatch",
            to=transaction.to,
            data=transaction.data,
            gas=transaction.gas,
        )
        try:
            receipt = self._market.sender.send_signed(signed, row["keeper"], call)
            outcome = self._known.outcome(batch, Outcome(step=Step(call=call), receipt=receipt))
        except OrderRefusal as refusal:
            self._reject(row, self._known.refused(refusal))
            return
        except TransactionPendingError:
            raise
        except ChainError as error:
            self._failed(clearing, row, error)
            return
        assert isinstance(outcome, Settled)
        self._book(row, outcome)

    def _failed(self, clearing: RowMapping, row: RowMapping, error: ChainError) -> None:
        """Send a batch anew whose nonce was used otherwise; give up what reverted as a whole."""
        if isinstance(error, NodeUnreachableError):
            raise error
        is_mined = self._market.node.rpc("eth_getTransactionReceipt", row["transaction"])
        if is_mined is None:
            # It never had an effect, and never will.
            none = dict.fromkeys(("keeper", "nonce", "raw", "transaction"))
            self._change(row, {"state": BatchState.PLANNED, **none})
            return
        self._log(f"batch {row['part']} failed: {error}")
        self._change(row, {"state": BatchState.REJECTED})
        self._end(clearing)

    def _book(self, row: RowMapping, settled: Settled) -> None:
        matched: Counter[str] = Counter()
        for match in settled.matches:
            matched[id_text(match.buy)] += match.wh
            matched[id_text(match.sell)] += match.wh
        values = {
            "state": BatchState.MINED,
            "block": settled.block,
            "matched": json.dumps(matched),
        }
        with self._database.writing() as connection:
            lock(connection)
            if connection.execute(_if_unchanged(row).values(values)).rowcount:
                self._matched += len(settled.matches)
                for each in settled.skipped:
                    self._drop(connection, row["clearing"], id_text(each.order_id), each.reason)

    def _reject(self, row: RowMapping, refused: Refused) -> None:
        """Note the order for which a batch reverted: the rest is cleared again without it."""
        values = {
            "state": BatchState.REJECTED,
            "refused": id_text(refused.order_id),
            "reason": refused.reason.name,
        }
        table = BATCHES.c
        with self._database.writing() as connection:
            lock(connection)
            if not connection.execute(_if_unchanged(row).values(values)).rowcount:
                return
            of_it = (table.clearing == row["clearing"]) & (table.state == BatchState.PLANNED)
            connection.execute(update(BATCHES).where(of_it).values(state=BatchState.DROPPED))
            connection.execute(
                update(CLEARINGS)
                .where(CLEARINGS.c.id == row["clearing"], CLEARINGS.c.state == ClearingState.OPEN)
                .values(state=ClearingState.DISTURBED)
            )

    def _end(self, clearing: RowMapping) -> None:
        """Nothing more is sent of a clearing."""
        self._publish(clearing)
        table = BATCHES.c
        with self._database.writing() as connection:
            lock(connection)
            of_it = (table.clearing == clearing["id"]) & (table.state == BatchState.PLANNED)
            connection.execute(update(BATCHES).where(of_it).values(state=BatchState.DROPPED))
            connection.execute(
                update(CLEARINGS)
                .where(CLEARINGS.c.id == clearing["id"])
                .values(state=ClearingState.DONE)
            )

    def _publish(self, clearing: RowMapping) -> OrderSet:
        """Write the set of a clearing for its auditors, with all that was dropped so far."""
        order_set = self._order_set(clearing)
        self._published.mkdir(parents=True, exist_ok=True)
        file = self._published / f"{clearing['root']}.jsonl"
        save_order_set(file, order_set, self._market.trading_domain)
        return order_set

    # The store

    def _order_set(self, clearing: RowMapping) -> OrderSet:
        with self._database.reading() as connection:
            entries = entries_of(connection, clearing["id"])
        return order_set_of(clearing, entries, self._known)

    def _change(self, row: RowMapping, values: Mapping[str, Any]) -> None:
        with self._database.writing() as connection:
            lock(connection)
            connection.execute(_if_unchanged(row).values(values))

    @staticmethod
    def _moves(connection: Connection, clearing: int, state: ClearingState) -> bool:
        """Open a clearing again, if it is still in a state."""
        table = CLEARINGS.c
        change = update(CLEARINGS).where(table.id == clearing, table.state == state)
        return bool(connection.execute(change.values(state=ClearingState.OPEN)).rowcount)

    @staticmethod
    def _drop(connection: Connection, clearing: int, order_id: str, reason: Refusal) -> None:
        table = CLEARED_ORDERS.c
        connection.execute(
            update(CLEARED_ORDERS)
            .where(table.clearing == clearing, table.order_id == order_id)
            .values(dropped=reason.name)
        )

    @staticmethod
    def _first(connection: Connection, condition: ColumnElement[bool]) -> RowMapping | None:
        return connection.execute(select(CLEARINGS).where(condition)).mappings().first()

    @staticmethod
    def _batches(connection: Connection, condition: ColumnElement[bool]) -> Sequence[RowMapping]:
        query = select(BATCHES).where(condition).order_by(BATCHES.c.clearing, BATCHES.c.part)
        return connection.execute(query).mappings().all()


def _if_unchanged(row: RowMapping) -> Update:
    """A change of a batch that another engine has not moved on meanwhile."""
    table = BATCHES.c
    is_same = (table.id == row["id"]) & (table.state == row["state"])
    return update(BATCHES).where(
        is_same, table.transaction.is_not_distinct_from(row["transaction"])
    )


def _matched(row: RowMapping) -> Counter[int]:
    """Wh by order of a batch that is in a block."""
    return Counter({id_in(name): wh for name, wh in json.loads(row["matched"]).items()})
