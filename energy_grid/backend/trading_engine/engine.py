"""The trading engine: a step follows the chain, clears what is due, and sends its batches.

    submit --> signed_orders --clear--> clearings, batches --send--> blocks
                    ^                                                   |
                    +-------- what the chain shows of them -------------+

Everything that a step needs is in the store or on the chain. No transaction of the database is open
while the chain is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy import func, select

from energy_grid.backend.store.database import Database
from energy_grid.backend.store.orders import CLEARINGS, SIGNED_ORDERS
from energy_grid.backend.trading_engine.clearing import Clearing
from energy_grid.backend.trading_engine.door import Door, Receipt
from energy_grid.backend.trading_engine.following import OrderFollower
from energy_grid.backend.trading_engine.sending import BatchSender
from energy_grid.backend.trading_engine.states import OrderState
from energy_grid.chain.accounts import refuse_well_known
from energy_grid.chain.tx.multisig import Actor, address_of, signers_of
from energy_grid.client import EnergyGrid
from energy_grid.domain.signed_orders import SignedOrder
from energy_grid.errors import InputError
from energy_grid.market.batches import GasBound
from energy_grid.market.keeper_chain import KeeperChain
from energy_grid.market.order_sets import OrderSet

__all__ = ["TradingEngine"]

_POLL_SECONDS = 1.0


class TradingEngine:
    """Keeps the books of signed orders, and trades them; a `Service`.

    Args:
        market: of this engine alone; its sender is exchanged for one with a journal in the
            database.
        keeper: sends and pays the gas; has the role KEEPER.
        published: the folder in which auditors find each order set, as its root and ``.jsonl``.
        lead: seconds before its gate closes from which on a period is cleared at each change.
        enough: pairs for which it is cleared before that: about as many as fill a transaction.
        bound: the gas of one batch.
        log: gets lines that somebody should read.

    Raises:
        InputError: the keeper's key is well known, and this is no local chain.
    """

    name = "engine"

    def __init__(
        self,
        market: EnergyGrid,
        database: Database,
        keeper: Actor,
        *,
        published: Path,
        lead: int = 600,
        enough: int = 100,
        bound: GasBound | None = None,
        gas_per_day: int | None = None,
        log: Callable[[str], object] = lambda _: None,
    ) -> None:
        refuse_well_known([one.address for one in signers_of(keeper)], market.node.chain_id)
        node, trading, settlement = market.node, market.trading, market.settlement
        known = KeeperChain(node, trading, settlement, address_of(keeper))
        self._database = database
        self._door = Door(market, database, known)
        self._orders = OrderFollower(market, database)
        self._clearing = Clearing(
            node, database, known, lead=lead, enough=enough, bound=bound, log=log
        )
        self._batches = BatchSender(
            *(market, database, self.name, keeper, known, self._clearing),
            published=published,
            gas_per_day=gas_per_day,
            log=log,
        )
        self._gas_per_day = gas_per_day

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
            found = select(CLEARINGS).where(CLEARINGS.c.root == name)
            row = connection.execute(found).mappings().first()
        if row is None:
            raise InputError(f"no order set has the root {name}")
        return self._batches.order_set(row)

    def step(self) -> float:
        """Follow the chain, finish what was begun, and clear what is due.

        Raises:
            FundsMissingError, TransactionPendingError, OtherLeaderError, NodeUnreachableError,
            DatabaseGoneError: take the step again after a while.
        """
        self._batches.resume()
        self._orders.follow()
        while self._batches.send_next():
            self._orders.follow()
        if self._clearing.clear_due():
            while self._batches.send_next():
                pass
            self._orders.follow()
        return _POLL_SECONDS

    def describe(self) -> str:
        """How many orders there are in which state."""
        counts = self._counts()
        shown = ", ".join(
            f"{counts[state]} {state.lower().replace('_', ' ')}"
            for state in OrderState
            if counts[state]
        )
        return f"orders: {shown or 'none'}; sent {self._batches.matched} trades"

    def metrics(self) -> Mapping[str, float]:
        """Orders by their state, and trades since the start."""
        counts = self._counts()
        return {f"orders_{state.lower()}": counts[state] for state in OrderState} | {
            "matched_trades_total": self._batches.matched,
            **(
                {}
                if self._gas_per_day is None
                else {"gas_today": self._batches.gas_today, "gas_per_day": self._gas_per_day}
            ),
        }

    def _counts(self) -> Counter[str]:
        with self._database.reading() as connection:
            rows = connection.execute(
                select(SIGNED_ORDERS.c.state, func.count()).group_by(SIGNED_ORDERS.c.state)
            )
            return Counter({row[0]: row[1] for row in rows})
