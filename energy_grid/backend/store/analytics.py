"""What was summed up, so that a year of it is read at once.

    day_sums       closed days by groups of accounts: of one community and one region that have
                   traded, or have not; as the view ``closings`` has them
    hour_sums      what the connections of a group took and gave in each hour of a day whose meters
                   were read throughout. A day is summed once: nobody finds a single account
                   in what has changed since
    clearing_sums  what the batches of a clearing made of its orders, and what the best would have

Energy is in Wh, money in thousandths of base units, times are Unix seconds, days numbers from 1970.
A community of 0 is none, one of -1 and a region of "" are all: their groups were too small.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Integer,
    Select,
    String,
    Subquery,
    Table,
    and_,
    cast,
    func,
    or_,
    select,
    union_all,
)

from energy_grid.backend.store.events import table_of
from energy_grid.backend.store.metadata import METADATA, Wide
from energy_grid.backend.store.orders import CLEARINGS, ORDER_TRADES, SIGNED_ORDERS
from energy_grid.backend.store.views import VIEWS
from energy_grid.domain.periods import DAY_SECONDS

__all__ = [
    "CLEARING_SUMS",
    "DAY_SUMS",
    "EVERYBODY",
    "FEWEST",
    "GROUP",
    "HOUR_SUMS",
    "SUMMED",
    "SUMS",
    "groups",
    "trade_parts",
    "trade_sides",
]

GROUP = ("community", "region", "trades")
SUMS = (
    *("bought", "sold", "taken", "given", "drawn", "kept", "from_grid", "fed_in"),
    *("money", "spent", "earned"),
)
EVERYBODY = -1
FEWEST = 5
"""Sums of fewer accounts would tell what single ones did."""

DAY_SUMS = Table(
    "day_sums",
    METADATA,
    Column("day", BigInteger, primary_key=True, autoincrement=False),
    Column("community", BigInteger, primary_key=True, autoincrement=False),
    Column("region", String(66), primary_key=True),
    Column("trades", Boolean, primary_key=True),
    Column("accounts", BigInteger, nullable=False),
    *(Column(each, BigInteger, nullable=False) for each in SUMS),
    # Of the newest closing in it.
    Column("block", BigInteger, nullable=False, server_default="0"),
)
# One row: closings up to this block were final and summed, and by the hour days up to this one.
# Views know from it how long a slot is.
SUMMED = Table(
    "summed",
    METADATA,
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("day", BigInteger, nullable=False),
    Column("slot_seconds", BigInteger),
)
HOUR_SUMS = Table(
    "hour_sums",
    METADATA,
    Column("start", BigInteger, primary_key=True, autoincrement=False),
    Column("community", BigInteger, primary_key=True, autoincrement=False),
    Column("region", String(66), primary_key=True),
    Column("accounts", BigInteger, nullable=False),
    Column("import_wh", BigInteger, nullable=False),
    Column("export_wh", BigInteger, nullable=False),
)
CLEARING_SUMS = Table(
    "clearing_sums",
    METADATA,
    Column("clearing", Integer, ForeignKey(CLEARINGS.c.id), primary_key=True),
    Column("energy_wh", BigInteger, nullable=False),
    Column("welfare", Wide, nullable=False),
    Column("optimum", Wide, nullable=False),
)

_DAYS, _IN = VIEWS["days"].c, VIEWS["memberships"].c


def groups() -> Subquery:
    """Closed days with the group of each: the columns of the view ``days``, and those of `GROUP`.

    An account trades on a day if what it bought and sold to be delivered is not equal.
    """
    meters = table_of("SmartMeter", "MeterRegistered").c
    newest = func.row_number().over(partition_by=meters.account, order_by=meters.block.desc())
    placed = (
        select(meters.account, meters.region, newest.label("place"))
        .where(meters.settlement)
        .subquery()
    )
    is_in = and_(
        _IN.account == _DAYS.account,
        _IN.from_day <= _DAYS.day,
        or_(_IN.end_day.is_(None), _IN.end_day > _DAYS.day),
    )
    is_placed = and_(placed.c.account == _DAYS.account, placed.c.place == 1)
    return (
        select(
            VIEWS["days"],
            func.coalesce(cast(_IN.community, BigInteger), 0).label("community"),
            func.coalesce(placed.c.region, "").label("region"),
            (_DAYS.position != 0).label("trades"),
        )
        .select_from(VIEWS["days"])
        .outerjoin(VIEWS["memberships"], is_in)
        .outerjoin(placed, is_placed)
        .subquery()
    )


def trade_parts(*wanted: Callable[[Any], ColumnElement[bool]]) -> list[Select[Any]]:
    """Both sides of trades, as far as this store knows whose they are, in parts that have no row in
    common: ``trader``, ``start``, ``side``, ``kind`` of the period, ``wh`` and ``price``.

    Args:
        wanted: conditions on orders.
    """
    signed, traded = SIGNED_ORDERS.c, ORDER_TRADES.c
    stored = table_of("EnergyTrading", "OrderCreated").c
    matched = table_of("EnergyTrading", "OrdersMatched").c
    on_chain = {
        "trader": stored.trader,
        # PostgreSQL would not divide them as whole numbers.
        "start": cast(stored.start, BigInteger),
        "side": stored.order_type,
        "kind": stored.period,
        "wh": cast(matched.amount, BigInteger),
        "price": cast(matched.price, BigInteger),
    }
    return [
        select(signed.trader, signed.start, signed.side, signed.kind, traded.wh, traded.price)
        .join(ORDER_TRADES, traded.order_hash == signed.hash)
        .where(*(each(signed) for each in wanted)),
        *(
            select(*(column.label(name) for name, column in on_chain.items()))
            .join(matched.amount.table, id_of_it == stored.order_id)
            .where(*(each(stored) for each in wanted))
            for id_of_it in (matched.buy_id, matched.sell_id)
        ),
    ]


def trade_sides(first: int, last: int) -> Subquery:
    """`trade_parts` of trades whose period begins on one of the days."""
    begin, end = first * DAY_SECONDS, (last + 1) * DAY_SECONDS
    parts = trade_parts(lambda order: order.start >= begin, lambda order: order.start < end)
    return union_all(*parts).subquery()
