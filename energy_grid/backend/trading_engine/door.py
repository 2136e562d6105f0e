"""The door of the trading engine: which signed orders it takes.

An order is taken if a batch could fill all of it now, beside everything else that was promised: the
money of an account covers all its open orders at their limits, and its positions have room for
them. So nobody is promised more than they have. On-chain orders have locked their money already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, insert, select

from energy_grid.backend.store.database import Database
from energy_grid.backend.store.orders import SIGNED_ORDERS
from energy_grid.backend.trading_engine.book import id_text, lock, open_order
from energy_grid.backend.trading_engine.states import OrderState
from energy_grid.client import EnergyGrid
from energy_grid.domain.batch import Refusal
from energy_grid.domain.batch_clearing import OpenOrder
from energy_grid.domain.orders import MAX_PER_SLOT
from energy_grid.domain.periods import DAY_SECONDS, Period, SlotLengthError
from energy_grid.domain.signed_orders import SignedOrder
from energy_grid.market.keeper_chain import ChainOrders
from energy_grid.market.order_sets import Dropped
from energy_grid.market.trader_accounts import TraderAccounts

__all__ = ["Door", "Receipt"]

_LANE_BITS = 32
_LANES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What has become of an order, as far as the newest block shows.

    Attributes:
        order_hash: 32 bytes.
        reason: why it is REJECTED, CANCELLED or EXPIRED; else NONE.
        filled: Wh that trade in blocks.
    """

    order_hash: bytes
    state: OrderState
    reason: Refusal = Refusal.NONE
    filled: int = 0

    @classmethod
    def of_row(cls, row: RowMapping) -> Receipt:
        """Of an order in the store."""
        return cls(
            order_hash=bytes.fromhex(row["hash"][2:]),
            state=OrderState(row["state"]),
            reason=Refusal[row["reason"] or "NONE"],
            filled=row["filled"],
        )


class Door:
    """Takes orders into the store."""

    def __init__(self, market: EnergyGrid, database: Database, known: ChainOrders) -> None:
        self._market, self._database, self._known = market, database, known
        self._accounts = TraderAccounts(market.settlement)
        self._horizon = market.tariffs.horizon()

    def submit(self, signed: SignedOrder) -> Receipt:
        """Take an order, or say why not; what was taken before stays as it is."""
        (order,) = self._known.signed([signed])
        while True:
            block = self._market.node.block()
            with self._database.reading() as connection:
                before = self._own(connection, signed, int(block["timestamp"], 16))
            if id_text(order.id) in before:
                return Receipt.of_row(before[id_text(order.id)])
            refusal = self._refusal(order, list(before.values()), int(block["number"], 16))
            if refusal is not Refusal.NONE:
                return Receipt(
                    order_hash=order.id.to_bytes(32, "big"),
                    state=OrderState.REJECTED,
                    reason=refusal,
                )
            with self._database.writing() as connection:
                lock(connection)
                # What came meanwhile may have reserved the same money.
                now = self._own(connection, signed, int(block["timestamp"], 16))
                if now.keys() == before.keys():
                    row = self._row(order, signed, int(block["number"], 16))
                    connection.execute(insert(SIGNED_ORDERS).values(row))
                    return Receipt(
                        order_hash=order.id.to_bytes(32, "big"), state=OrderState.RECEIVED
                    )

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

    def _row(self, order: OpenOrder, signed: SignedOrder, block: int) -> Mapping[str, object]:
        terms = signed.terms
        region = self._accounts.read([terms.trader], block=block)[terms.trader].region
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
            "filled": 0,
        }

    def _refusal(self, order: OpenOrder, own: Sequence[RowMapping], block: int) -> Refusal:
        """Why it cannot be promised beside the others of its trader; NONE if it can."""
        assert order.signed is not None
        period, now = (
            order.signed.terms.period,
            int(self._market.node.block(block)["timestamp"], 16),
        )
        try:
            period.slots(self._known.slot_length)
        except SlotLengthError:
            return Refusal.OTHER_PERIOD
        if period.end > now + self._horizon:
            return Refusal.OTHER_PERIOD
        (seen,) = self._known.fetch([order], block=block)
        if isinstance(seen, Dropped):
            return seen.reason
        live = [row for row in own if row["expiry"] >= now and row["state"] != OrderState.REJECTED]
        if any(row["nonce"] == order.signed.nonce for row in live):
            return Refusal.NONCE_SPENT
        promised = self._promised(live, block)
        if not self._can_pay([seen, *promised], block):
            return Refusal.INSUFFICIENT_BALANCE
        if not self._has_room(seen, promised, block):
            return Refusal.POSITION_TOO_LARGE
        return Refusal.NONE

    def _promised(self, own: Sequence[RowMapping], block: int) -> list[OpenOrder]:
        """What is open of orders that were taken, by the chain and not by the store."""
        orders = [open_order(row, row["amount"]) for row in own]
        left = self._known.open_wh(orders, block=block)
        return [
            open_order(row, wh)
            for row, wh in zip(own, left, strict=True)
            if not isinstance(wh, Refusal)
        ]

    def _can_pay(self, orders: Sequence[OpenOrder], block: int) -> bool:
        """Whether one account can pay for all of these at their limits."""
        cost = spare = 0
        by_period: dict[Period, list[OpenOrder]] = {}
        for order in orders:
            assert order.signed is not None
            by_period.setdefault(order.signed.terms.period, []).append(order)
        for period, some in by_period.items():
            balances = self._known.balances(some, period, block=block)
            cost += sum(balances.cost(order, order.open_wh, order.price) for order in some)
            spare = balances.spare[some[0].trader]
        return cost <= spare

    def _has_room(self, order: OpenOrder, promised: Sequence[OpenOrder], block: int) -> bool:
        """Whether the positions of its slots have room for all that may trade on its side."""
        assert order.signed is not None
        slots = order.signed.terms.period.slots(self._known.slot_length)
        wh = 0
        for each in (order, *promised):
            assert each.signed is not None
            theirs = each.signed.terms.period.slots(self._known.slot_length)
            if each.order_type is order.order_type and set(theirs) & set(slots):
                wh += each.open_wh // len(theirs)
        sign = 1 if order.is_buy else -1
        return all(
            abs(position + sign * wh) <= MAX_PER_SLOT
            for position in self._positions(order.trader, slots, block)
        )

    def _positions(self, trader: str, slots: range, block: int) -> list[int]:
        """Of each slot, Wh bought less Wh sold."""
        number = self._accounts.read([trader], block=block)[trader].number
        a_day = DAY_SECONDS // self._known.slot_length
        found: dict[int, int] = {}
        for day in range(slots[0] // a_day, slots[-1] // a_day + 1):
            pages = self._market.energy_accounts.positions_on(day, [number], block_identifier=block)
            for at in range(a_day):
                lane = pages[at // _LANES] >> _LANE_BITS * (at % _LANES) & (2**_LANE_BITS - 1)
                found[day * a_day + at] = lane - (lane >> _LANE_BITS - 1 << _LANE_BITS)
        return [found[slot] for slot in slots]
