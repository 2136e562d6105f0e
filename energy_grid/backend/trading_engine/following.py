"""What the chain shows of signed orders: their states, and the trades behind them."""

from __future__ import annotations

from sqlalchemy import case, delete, func, insert, select, update

from energy_grid.backend.store.database import Database
from energy_grid.backend.store.feed import announce_order
from energy_grid.backend.store.orders import ORDER_TRADES, SIGNED_ORDERS
from energy_grid.backend.trading_engine.book import id_text, lock
from energy_grid.backend.trading_engine.states import LIVE, UNSETTLED, OrderState, state_of
from energy_grid.chain.multicall import past_events
from energy_grid.client import EnergyGrid
from energy_grid.contracts.energy_trading import TransactionRecord
from energy_grid.domain.batch import Refusal
from energy_grid.domain.enums import NonceState
from energy_grid.domain.orders import TransactionStatus

__all__ = ["BLOCKS_TO_SEED", "UNSURE", "OrderFollower"]

# Blocks between the one at which an order came and its seed's.
BLOCKS_TO_SEED = 2
# Blocks that a reorganisation may replace: their trades are read again in each step.
UNSURE = 64
_AT_ONCE = 500


class OrderFollower:
    """Keeps the states of orders where the newest block has them."""

    def __init__(self, market: EnergyGrid, database: Database) -> None:
        self._market, self._database = market, database
        self._read_to: int | None = None

    def follow(self) -> None:
        """Bring the states of orders to the newest block, backwards too."""
        node, table = self._market.node, SIGNED_ORDERS.c
        head, now = node.block_number, node.time
        with self._database.reading() as connection:
            has_traded = table.state.in_(UNSETTLED) & (table.filled > 0)
            is_due = (table.start > now) | table.state.in_(LIVE) | has_traded
            rows = connection.execute(select(SIGNED_ORDERS).where(is_due)).mappings().all()
        if not rows:
            return
        # Before the trades: a nonce that is used by now has its trade among them.
        nonces = self._market.trading.call_many(
            "nonceState", [(row["trader"], row["nonce"]) for row in rows], kind=NonceState
        )
        self._read_trades(min(row["received_block"] for row in rows))
        self._read_settled(now)
        with self._database.writing() as connection:
            lock(connection)
            trades = ORDER_TRADES.c
            unsettled = func.sum(case((trades.is_settled, 0), else_=1))
            query = (
                select(trades.order_hash, func.sum(trades.wh), unsettled)
                .join(SIGNED_ORDERS, table.hash == trades.order_hash)
                .where(is_due, trades.block > table.received_block)
                .group_by(trades.order_hash)
            )
            found = {
                name: (int(wh), int(open_trades))
                for name, wh, open_trades in connection.execute(query)
            }
            for row, nonce in zip(rows, nonces, strict=True):
                filled, open_trades = found.get(row["hash"], (0, 0))
                filled += row["filled_before"]
                state, reason = state_of(
                    amount=row["amount"],
                    filled=filled,
                    nonce=NonceState.CANCELLED if row["withdrawn"] else nonce,
                    is_new=head < row["received_block"] + BLOCKS_TO_SEED,
                    is_over=now > min(row["expiry"], row["start"] - 1),
                    is_settled=open_trades == 0,
                )
                if row["barred"] is not None and state in LIVE and not filled:
                    state, reason = OrderState.REJECTED, Refusal[row["barred"]]
                is_plain = reason is Refusal.NONE or row["withdrawn"]
                why = None if is_plain else reason.name
                values = {"state": state, "reason": why, "filled": filled}
                if any(row[name] != value for name, value in values.items()):
                    # It may have been withdrawn since.
                    is_it = (table.hash == row["hash"]) & (table.withdrawn == row["withdrawn"])
                    if connection.execute(
                        update(SIGNED_ORDERS).where(is_it).values(values)
                    ).rowcount:
                        announce_order(connection, {**row, **values})

    def _read_trades(self, first: int) -> None:
        """Read the trades of stored orders, those of the newest blocks again.

        Args:
            first: no order that may change is older than this block.
        """
        head = self._market.node.block_number
        start = max(first if self._read_to is None else self._read_to - UNSURE, 0)
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
