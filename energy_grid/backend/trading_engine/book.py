"""The orders of the store as the domain has them, and back."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, text, update

from energy_grid.backend.store.orders import (
    BATCHES,
    CLEARED_ORDERS,
    CLEARINGS,
    SIGNED_ORDERS,
)
from energy_grid.backend.trading_engine.states import BatchState, ClearingState
from energy_grid.domain.batch import Batch, Fill, Refusal
from energy_grid.domain.batch_clearing import OpenOrder
from energy_grid.domain.orders import OrderTerms, OrderType
from energy_grid.domain.periods import Period, PeriodKind
from energy_grid.domain.signed_orders import SignedOrder
from energy_grid.market.order_sets import Dropped, OrderSet, Seed

__all__ = [
    "batch_in",
    "batch_rows",
    "drop",
    "entries_of",
    "id_in",
    "id_text",
    "lock",
    "matched",
    "open_order",
    "order_set_of",
    "period_of",
    "save_clearing",
    "signed_order",
]

# One number for the writers of orders and batches: any other lock's differs from it.
_WRITING_ORDERS = 0x6F726465
_NUMBERS_END = 2**40
_STORED = ("trader", "side", "price")


def lock(connection: Connection) -> None:
    """Let one writer at a time decide about orders and batches; SQLite has one anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT pg_advisory_xact_lock(:number)"), {"number": _WRITING_ORDERS}
        )


def id_text(order_id: int) -> str:
    """An id as the store has it."""
    return str(order_id) if order_id < _NUMBERS_END else f"0x{order_id:064x}"


def id_in(name: str) -> int:
    """The id that the store has as this text."""
    return int(name, 16) if name.startswith("0x") else int(name)


def period_of(row: RowMapping) -> Period:
    """The period of an order or a clearing."""
    return Period(kind=PeriodKind(row["kind"]), start=row["start"])


def signed_order(row: RowMapping) -> SignedOrder:
    """What a trader has signed."""
    terms = OrderTerms(
        trader=row["trader"],
        order_type=OrderType(row["side"]),
        amount=row["amount"],
        price=row["price"],
        expiry=row["expiry"],
        period=period_of(row),
    )
    return SignedOrder(
        terms=terms,
        nonce=row["nonce"],
        signature=row["signature"],
        by_contract=row["by_contract"],
    )


def open_order(row: RowMapping, open_wh: int) -> OpenOrder:
    """An order with so many Wh open."""
    signed = signed_order(row)
    return OpenOrder(
        id=id_in(row["hash"]),
        trader=row["trader"],
        order_type=signed.terms.order_type,
        price=row["price"],
        open_wh=open_wh,
        signed=signed,
    )


def save_clearing(
    connection: Connection, order_set: OrderSet, region: int, batches: Sequence[Batch]
) -> None:
    """Write a set and its batches, none of them sent."""
    period, seed = order_set.period, order_set.seed
    values = {
        "kind": period.kind,
        "start": period.start,
        "region": region,
        "root": f"0x{order_set.root.hex()}",
        "price": order_set.price,
        "seed_block": seed.block,
        "seed": f"0x{seed.hash.hex()}",
        "state": ClearingState.OPEN,
    }
    clearing = connection.scalar(insert(CLEARINGS).values(values).returning(CLEARINGS.c.id))
    assert clearing is not None
    dropped = {each.order.id: each for each in order_set.dropped}
    rows = [
        _cleared(clearing, order, considered=True, dropped=dropped.pop(order.id, None))
        for order in order_set.orders
    ]
    rows += [
        _cleared(clearing, each.order, considered=False, dropped=each) for each in dropped.values()
    ]
    connection.execute(insert(CLEARED_ORDERS), rows)
    connection.execute(insert(BATCHES), batch_rows(clearing, 1, batches, order_set, skips=False))


def _cleared(
    clearing: int, order: OpenOrder, *, considered: bool, dropped: Dropped | None
) -> dict[str, Any]:
    is_stored = order.signed is None
    return {
        "clearing": clearing,
        "order_id": id_text(order.id),
        "open_wh": order.open_wh,
        "considered": considered,
        "dropped": None if dropped is None else dropped.reason.name,
        "trader": order.trader if is_stored else None,
        "side": order.order_type if is_stored else None,
        "price": order.price if is_stored else None,
    }


def batch_rows(
    clearing: int, first: int, batches: Sequence[Batch], order_set: OrderSet, *, skips: bool
) -> list[dict[str, Any]]:
    """Rows of batches that are to be sent, numbered from ``first`` on.

    Args:
        skips: whether the contract skips what it rejects. It always does where a contract wallet
            takes part: its answer in a block can be another than it was before, at no cost.
    """
    ids = {
        order.signed.sorting_key: id_text(order.id)
        for order in order_set.orders
        if order.signed is not None
    }
    return [
        {
            "clearing": clearing,
            "part": part,
            "price": batch.price,
            "content": json.dumps(
                {
                    "signed": [ids[order.sorting_key] for order in batch.signed_orders],
                    "stored": [id_text(number) for number in batch.stored_orders],
                    "fills": [[one.buy, one.sell, one.amount] for one in batch.fills],
                }
            ),
            "skips": skips or any(order.by_contract for order in batch.signed_orders),
            "state": BatchState.PLANNED,
        }
        for part, batch in enumerate(batches, first)
    ]


def matched(row: RowMapping) -> Counter[int]:
    """Wh by order of a batch that is in a block."""
    return Counter({id_in(name): wh for name, wh in json.loads(row["matched"]).items()})


def drop(connection: Connection, clearing: int, order_id: str, reason: Refusal) -> None:
    """Note why an order of a set does not trade."""
    table = CLEARED_ORDERS.c
    of_it = (table.clearing == clearing) & (table.order_id == order_id)
    connection.execute(update(CLEARED_ORDERS).where(of_it).values(dropped=reason.name))


def batch_in(row: RowMapping, order_set: OrderSet) -> Batch:
    """A batch of a set."""
    content = json.loads(row["content"])
    signed = {id_text(each.id): each.signed for each in order_set.orders if each.signed is not None}
    return Batch(
        period=order_set.period,
        price=row["price"],
        order_set=order_set.root,
        signed_orders=tuple(signed[name] for name in content["signed"]),
        stored_orders=tuple(map(id_in, content["stored"])),
        fills=tuple(Fill(buy=buy, sell=sell, amount=wh) for buy, sell, wh in content["fills"]),
    )


def entries_of(connection: Connection, clearing: int) -> Sequence[RowMapping]:
    """The orders of a set, signed ones with what was signed."""
    ours = (CLEARED_ORDERS.c[name] for name in ("order_id", "open_wh", "considered", "dropped"))
    stored = (CLEARED_ORDERS.c[name].label(f"stored_{name}") for name in _STORED)
    query = (
        select(*ours, *stored, SIGNED_ORDERS)
        .outerjoin(SIGNED_ORDERS, SIGNED_ORDERS.c.hash == CLEARED_ORDERS.c.order_id)
        .where(CLEARED_ORDERS.c.clearing == clearing)
    )
    return connection.execute(query).mappings().all()


def order_set_of(clearing: RowMapping, rows: Sequence[RowMapping]) -> OrderSet:
    """A published set as it is now, of its `entries_of`."""
    found = [(_entry(row), row) for row in rows]
    return OrderSet(
        period=period_of(clearing),
        price=clearing["price"],
        root=bytes.fromhex(clearing["root"][2:]),
        seed=Seed(block=clearing["seed_block"], hash=bytes.fromhex(clearing["seed"][2:])),
        orders=tuple(
            sorted((order for order, row in found if row["considered"]), key=lambda one: one.id)
        ),
        dropped=tuple(
            Dropped(order=order, reason=Refusal[row["dropped"]])
            for order, row in found
            if row["dropped"] is not None
        ),
    )


def _entry(row: RowMapping) -> OpenOrder:
    if row["hash"] is not None:
        return open_order(row, row["open_wh"])
    return OpenOrder(
        id=id_in(row["order_id"]),
        trader=row["stored_trader"],
        order_type=OrderType(row["stored_side"]),
        price=row["stored_price"],
        open_wh=row["open_wh"],
    )
