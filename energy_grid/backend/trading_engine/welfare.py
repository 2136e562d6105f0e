"""What the batches of a clearing made of its orders, and what the best clearing would have."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from sqlalchemy import Connection, RowMapping, select

from energy_grid.backend.store.orders import BATCHES
from energy_grid.backend.trading_engine.book import entries_of, matched, order_set_of
from energy_grid.backend.trading_engine.states import BatchState
from energy_grid.market.welfare_bound import max_welfare

__all__ = ["Welfare", "welfare_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Welfare:
    """Wh that were traded; welfare is the sum of (bid limit - ask limit) * Wh, so thousandths."""

    energy_wh: int
    welfare: int
    optimum: int


def welfare_of(connection: Connection, clearing: RowMapping, slot_seconds: int) -> Welfare:
    """As the audit of its batches has it: of an order that the chain has rejected in its turn,
    only what it traded counts.

    Args:
        clearing: one that is done.
    """
    order_set = order_set_of(clearing, entries_of(connection, clearing["id"]))
    is_mined = (BATCHES.c.clearing == clearing["id"]) & (BATCHES.c.state == BatchState.MINED)
    rows = connection.execute(select(BATCHES).where(is_mined)).mappings().all()
    done = sum((matched(row) for row in rows if row["matched"]), Counter[int]())
    dropped = {each.order.id for each in order_set.dropped}
    orders = [
        replace(each, open_wh=done[each.id]) if each.id in dropped else each
        for each in order_set.orders
    ]
    sides = [(done[each.id] if each.is_buy else -done[each.id], each.price) for each in orders]
    return Welfare(
        energy_wh=sum(wh for wh, _ in sides if wh > 0),
        welfare=sum(wh * price for wh, price in sides),
        optimum=max_welfare(orders, len(order_set.period.slots(slot_seconds))),
    )
