"""The door of the trading engine: which signed orders it takes.

An order is taken if a batch could fill all of it now, beside everything else that was promised: the
money of an account covers all its open orders at their limits, and its positions have room for
them. So nobody is promised more than they have. On-chain orders have locked their money already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, RowMapping, insert, select, update

from energy_grid.backend.store.database import Database
from energy_grid.backend.store.feed import announce_order
from energy_grid.backend.store.orders import CLEARED_ORDERS, CLEARINGS, SIGNED_ORDERS
from energy_grid.backend.trading_engine.book import id_text, lock, open_order
from energy_grid.backend.trading_engine.states import LIVE, ClearingState, OrderState
from energy_grid.client import EnergyGrid
from energy_grid.domain.batch import Refusal
from energy_grid.domain.batch_clearing import OpenOrder
from energy_grid.domain.orders import MAX_PER_SLOT
from energy_grid.domain.periods import DAY_SECONDS, Period, SlotLengthError
from energy_grid.domain.signed_orders import SignedOrder
from energy_grid.errors import EnergyGridError
from energy_grid.market.keeper_chain import ChainOrders
from energy_grid.market.order_sets import Dropped
from energy_grid.market.trader_accounts import TraderAccount, TraderAccounts

__all__ = ["Door", "OrderBusyError", "Receipt", "TooManyOrdersError"]

# Open orders of an account: two days of quarter hours, on both sides.
_MOST = 400
_LANE_BITS = 32
_LANES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What has become of an order, as far as the newest block shows.

    Attributes:
        order_hash: 32 bytes.
        reason: why it is REJECTED, CANCELLED or EXPIRED; else NONE.
        filled: Wh that trade in blocks.
        is_new: whether it has just been taken.
    """

    order_hash: bytes
    state: OrderState
    reason: Refusal = Refusal.NONE
    filled: int = 0
    is_new: bool = False

    @classmethod
    def of_row(cls, row: RowMapping) -> Receipt:
        """Of an order in the store."""
        return cls(
            order_hash=bytes.fromhex(row["hash"][2:]),
            state=OrderState(row["state"]),
            reason=Refusal[row["reason"] or "NONE"],
            filled=row["filled"],
        )


class TooManyOrdersError(EnergyGridError):
    """An account has as many open orders as one may have: what each costs an engine is bounded.

    Attributes:
        order_hash: of the order that was not taken; 32 bytes.
        trader: the account's address.
        limit: so many.
    """

    def __init__(self, order_hash: bytes, trader: str, limit: int) -> None:
        self.order_hash, self.trader, self.limit = order_hash, trader, limit
        super().__init__(order_hash, trader, limit)

    def __str__(self) -> str:
        return (
            f"{self.trader} has {self.limit} open orders, as many as an account may have: cancel"
            " some, or wait until a gate has closed"
        )


class OrderBusyError(EnergyGridError):
    """An order is in a batch that may trade it: nobody can withdraw it now.

    Attributes:
        order: its hash, as the store has it.
    """

    def __init__(self, order: str) -> None:
        self.order = order
        super().__init__(order)

    def __str__(self) -> str:
        return (
            f"order {self.order} is being matched: try again in a minute, or void its nonce on the"
            " chain"
        )


class Door:
    """Takes orders into the store, and lets their traders take them back.

    Args:
        most: so many orders of an account may be open.
    """

    def __init__(
        self, market: EnergyGrid, database: Database, known: ChainOrders, most: int = _MOST
    ) -> None:
        self._market, self._database, self._known, self._most = market, database, known, most
        self._accounts = TraderAccounts(market.settlement)
        self._horizon = market.tariffs.horizon()

    def submit(self, signed: SignedOrder) -> Receipt:
        """Take an order, or say why not; what was taken before stays as it is.

        Raises:
            TooManyOrdersError: its account has as many as it may have.
        """
        (order,) = self._known.signed([signed])
        name, order_hash = id_text(order.id), order.id.to_bytes(32, "big")
        while True:
            block = self._market.node.block()
            number, now = int(block["number"], 16), int(block["timestamp"], 16)
            if not self._has(signed.terms.period, now):
                why = Refusal.OTHER_PERIOD
                return Receipt(order_hash=order_hash, state=OrderState.REJECTED, reason=why)
            with self._database.reading() as connection:
                before = self._own(connection, signed, now)
            if name in before:
                return Receipt.of_row(before[name])
            if sum(row["state"] in LIVE for row in before.values()) >= self._most:
                raise TooManyOrdersError(order_hash, order.trader, self._most)
            account = self._accounts.read([order.trader], block=number)[order.trader]
            found = self._judge(order, account, list(before.values()), number, now)
            if isinstance(found, Refusal):
                return Receipt(order_hash=order_hash, state=OrderState.REJECTED, reason=found)
            row = self._row(found, signed, account.region, number)
            with self._database.writing() as connection:
                lock(connection)
                # What came meanwhile may have reserved the same money.
                if self._own(connection, signed, now).keys() == before.keys():
                    connection.execute(insert(SIGNED_ORDERS).values(row))
                    announce_order(connection, {**row, "reason": None})
                    state = OrderState.RECEIVED
                    return Receipt(order_hash=order_hash, state=state, is_new=True)

    def withdraw(self, order: str) -> None:
        """Leave an order of the store alone from now on; one that cannot trade stays as it is.

        Args:
            order: its hash, as the store has it.

        Raises:
            OrderBusyError: a batch that is on its way may trade it.
        """
        table, set_of = SIGNED_ORDERS.c, CLEARED_ORDERS.c
        is_it = table.hash == order
        in_batches = (
            select(set_of.clearing)
            .join(CLEARINGS, CLEARINGS.c.id == set_of.clearing)
            .where(
                set_of.order_id == order,
                set_of.dropped.is_(None),
                CLEARINGS.c.state != ClearingState.DONE,
            )
        )
        with self._database.writing() as connection:
            lock(connection)
            row = connection.execute(select(SIGNED_ORDERS).where(is_it)).mappings().one()
            if row["state"] not in LIVE or row["withdrawn"]:
                return
            if connection.execute(in_batches).first() is not None:
                raise OrderBusyError(order)
            values = {"withdrawn": True, "state": OrderState.CANCELLED}
            connection.execute(update(SIGNED_ORDERS).where(is_it).values(values))
            announce_order(connection, {**row, **values})

    def _has(self, period: Period, now: int) -> bool:
        """Whether the market has a period by now; the store cannot count to all that are signed."""
        try:
            period.slots(self._known.slot_length)
        except SlotLengthError:
            return False
        return period.end <= now + self._horizon

    def _own(
        self, connection: Connection, signed: SignedOrder, now: int
    ) -> Mapping[str, RowMapping]:
        """The trader's orders that can still trade, and the order itself, by their hashes."""
        table, terms = SIGNED_ORDERS.c, signed.terms
        is_same = (table.nonce == signed.nonce) & (table.start == terms.period.start)
        rows = connection.execute(
            select(SIGNED_ORDERS).where(table.trader == terms.trader, (table.start > now) | is_same)
        ).mappings()
        return {row["hash"]: row for row in rows}

    @staticmethod
    def _row(
        order: OpenOrder, signed: SignedOrder, region: int, block: int
    ) -> Mapping[str, object]:
        terms = signed.terms
        filled = terms.amount - order.open_wh
        return {
            "hash": id_text(order.id),
            "trader": terms.trader,
            "side": terms.order_type,
            "kind": terms.period.kind,
            "start": terms.period.start,
            "amount": terms.amount,
            "price": terms.price,
            "expiry": terms.expiry,
            "nonce": signed.nonce,
            "signature": signed.signature,
            "by_contract": signed.by_contract,
            "region": region,
            "received_block": block,
            "state": OrderState.RECEIVED,
            "filled": filled,
            "filled_before": filled,
        }

    def _judge(
        self,
        order: OpenOrder,
        account: TraderAccount,
        own: Sequence[RowMapping],
        block: int,
        now: int,
    ) -> OpenOrder | Refusal:
        """The order with what is open of it, or why it cannot be promised beside the others of its
        trader."""
        assert order.signed is not None
        terms = order.signed.terms
        barred = [row for row in own if row["barred"] is not None]
        if barred and order.signed.by_contract:
            # Its wallet has confirmed before what it denied in a block.
            return Refusal[barred[0]["barred"]]
        live = [
            row
            for row in own
            if row["expiry"] >= now
            and row["state"] != OrderState.REJECTED
            and not (row["withdrawn"] or row["barred"])
        ]
        theirs = [open_order(row, row["amount"]) for row in live]
        # What is open of them by the chain, and not by the store.
        left, *others = self._known.open_wh([order, *theirs], block=block)
        is_over = min(terms.expiry, terms.period.last_order) < now
        seen = self._known.judge(order, left, account, is_over=is_over, block=block)
        if isinstance(seen, Dropped):
            return seen.reason
        if any(row["nonce"] == order.signed.nonce for row in live):
            return Refusal.NONCE_SPENT
        orders = [seen]
        for each, wh in zip(theirs, others, strict=True):
            if not isinstance(wh, Refusal):
                orders.append(replace(each, open_wh=wh))
        if not self._can_pay(orders, account, block):
            return Refusal.INSUFFICIENT_BALANCE
        if not self._has_room(orders, account, block):
            return Refusal.POSITION_TOO_LARGE
        return seen

    def _can_pay(self, orders: Sequence[OpenOrder], account: TraderAccount, block: int) -> bool:
        """Whether an account can pay for all of these at their limits."""
        periods = {_period(order) for order in orders}
        accounts = {orders[0].trader: account}
        balances = self._accounts.balances(accounts, periods, block=block)
        cost = sum(
            balances[_period(order)].cost(order, order.open_wh, order.price) for order in orders
        )
        return cost <= account.spare

    def _has_room(self, orders: Sequence[OpenOrder], account: TraderAccount, block: int) -> bool:
        """Whether the positions of the first one's slots have room for all that may trade there on
        its side."""
        order, length = orders[0], self._known.slot_length
        slots = _period(order).slots(length)
        wh = 0
        for each in orders:
            theirs = _period(each).slots(length)
            if each.order_type is order.order_type and set(theirs) & set(slots):
                wh += each.open_wh // len(theirs)
        sign = 1 if order.is_buy else -1
        return all(
            abs(position + sign * wh) <= MAX_PER_SLOT
            for position in self._positions(account.number, slots, block)
        )

    def _positions(self, number: int, slots: range, block: int) -> list[int]:
        """Of each slot, Wh bought less Wh sold."""
        a_day = DAY_SECONDS // self._known.slot_length
        days = range(slots[0] // a_day, slots[-1] // a_day + 1)
        found: dict[int, int] = {}
        pages_of = self._market.energy_accounts.call_many(
            "positionsOn", [(day, [number]) for day in days], block_identifier=block
        )
        for day, pages in zip(days, pages_of, strict=True):
            for at in range(a_day):
                lane = pages[at // _LANES] >> _LANE_BITS * (at % _LANES) & (2**_LANE_BITS - 1)
                found[day * a_day + at] = lane - (lane >> _LANE_BITS - 1 << _LANE_BITS)
        return [found[slot] for slot in slots]


def _period(order: OpenOrder) -> Period:
    """Of a signed order."""
    assert order.signed is not None
    return order.signed.terms.period
