"""What was summed up, so that a year of it is read at once.

    day_sums       closed days by groups of accounts: of one community and one region that have
                   traded, or have not; as `closings` has them, up to a block
    hour_sums      what the connections of a group took and gave in each hour of a day whose meters
                   were read throughout. A day is summed once: nobody finds a single account
                   in what has changed since
    clearing_sums  what the batches of a clearing made of its orders, and what the best would have

Energy is in Wh, money in thousandths of base units, times are Unix seconds, days numbers from 1970.
A community of 0 is none, one of -1 and a region of "" are all: their groups were too small.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Integer,
    Select,
    String,
    Subquery,
    Table,
    and_,
    case,
    cast,
    func,
    or_,
    select,
    union_all,
)

from energy_grid.backend.store.database import in_parts
from energy_grid.backend.store.details import CERTIFICATE_CORRECTIONS, CERTIFICATE_MOVES
from energy_grid.backend.store.events import table_of
from energy_grid.backend.store.metadata import METADATA, Wide
from energy_grid.backend.store.orders import CLEARINGS, ORDER_TRADES, SIGNED_ORDERS
from energy_grid.backend.store.views import NOBODY, VIEWS
from energy_grid.domain.enums import OrderType
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
    "certified",
    "closings",
    "groups",
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
)
# One row: what was summed is of closings up to this block, and by the hour of days up to this one.
SUMMED = Table(
    "summed",
    METADATA,
    Column("block", BigInteger, primary_key=True, autoincrement=False),
    Column("day", BigInteger, nullable=False),
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
            func.coalesce(_IN.community, 0).label("community"),
            func.coalesce(placed.c.region, "").label("region"),
            (_DAYS.position != 0).label("trades"),
        )
        .select_from(VIEWS["days"])
        .outerjoin(VIEWS["memberships"], is_in)
        .outerjoin(placed, is_placed)
        .subquery()
    )


def closings(
    first: int, last: int, *, account: str | None = None, until: int | None = None
) -> Select[Any]:
    """What closed days come to: `GROUP`, ``day``, ``accounts`` and `SUMS` of each.

    Trades are those of orders whose delivery begins on the day and that this store knows, at their
    prices, without fees.

    Args:
        first, last: days.
        account: only of this one.
        until: a block; by default all closings count.
    """
    days = groups().c
    money = _of_trades(first, last, account).c
    sums = {
        "bought": case((days.position > 0, days.position), else_=0),
        "sold": case((days.position < 0, -days.position), else_=0),
        **{each: days[each] for each in SUMS[2:9]},
        **{each: func.coalesce(money[each], 0) for each in SUMS[9:]},
    }
    keys = (days.day, *(days[each] for each in GROUP))
    wanted = (
        select(
            *keys,
            func.count().label("accounts"),
            *(func.sum(value).label(name) for name, value in sums.items()),
        )
        .outerjoin(money.account.table, and_(money.account == days.account, money.day == days.day))
        .where(days.day.between(first, last))
        .group_by(*keys)
    )
    if until is not None:
        wanted = wanted.where(days.block <= until)
    return wanted if account is None else wanted.where(days.account == account)


def certified(
    connection: Connection, first: int, last: int, day_slots: int, account: str | None = None
) -> Iterator[Mapping[str, Any]]:
    """Certificates of accounts' closed days: ``day``, ``community`` and ``region``, ``retired`` by
    the account, and ``own``: what its sub-meters certified beyond what it gave to the street.

    Args:
        first, last: days.
        day_slots: slots of a day.
        account: only of this one.
    """
    made = _certified(connection, first, last, day_slots, account)
    retired = VIEWS["certificate_retirements"].c
    used = select(retired.account, retired.day, func.sum(retired.wh)).where(
        retired.day.between(first, last), *([] if account is None else [retired.account == account])
    )
    uses = {
        (who, day): int(wh)
        for who, day, wh in connection.execute(used.group_by(retired.account, retired.day))
    }
    days = groups().c
    for part in in_parts(sorted({who for who, _ in (*made, *uses)})):
        wanted = select(days.day.table).where(days.account.in_(part), days.day.between(first, last))
        for row in connection.execute(wanted).mappings():
            given = max(-row["position"], 0) + row["given"] + row["kept"] + row["fed_in"]
            key = row["account"], row["day"]
            yield {
                **{each: row[each] for each in ("day", "community", "region")},
                "retired": uses.get(key, 0),
                "own": max(made[key] - given, 0),
            }


def _certified(
    connection: Connection, first: int, last: int, day_slots: int, account: str | None
) -> Counter[tuple[str, int]]:
    """What sub-meters of accounts earned on days, less corrections, Wh."""
    meters, moved = table_of("SmartMeter", "MeterRegistered").c, CERTIFICATE_MOVES.c
    corrected = CERTIFICATE_CORRECTIONS.c
    slots = first * day_slots, (last + 1) * day_slots - 1
    day = moved.slot // day_slots
    issued = (
        select(moved.recipient, moved.device, day, func.sum(moved.wh))
        .join(meters.number.table, and_(meters.number == moved.device, ~meters.settlement))
        .where(moved.sender == NOBODY, moved.slot.between(*slots))
        .group_by(moved.recipient, moved.device, day)
    )
    if account is not None:
        issued = issued.where(moved.recipient == account)
    taken = select(corrected.device, corrected.slot // day_slots, corrected.wh)
    found: Counter[tuple[str, int]] = Counter()
    owners: dict[tuple[int, int], str] = {}
    for who, device, number, wh in connection.execute(issued):
        found[who, number] += int(wh)
        owners[device, number] = who
    for device, number, wh in connection.execute(taken.where(corrected.slot.between(*slots))):
        if (device, number) in owners:
            found[owners[device, number], number] -= wh
    return found


def trade_sides(first: int, last: int, account: str | None = None) -> Subquery:
    """Both sides of trades whose period begins on one of the days, as far as this store knows whose
    they are: ``trader``, ``start``, ``side``, ``kind`` of the period, ``wh`` and ``price``."""
    signed, traded = SIGNED_ORDERS.c, ORDER_TRADES.c
    stored = table_of("EnergyTrading", "OrderCreated").c
    matched = table_of("EnergyTrading", "OrdersMatched").c
    # PostgreSQL would not divide it as a whole number.
    start = cast(stored.start, BigInteger).label("start")
    parts = [
        select(signed.trader, signed.start, signed.side, signed.kind, traded.wh, traded.price)
        .join(ORDER_TRADES, traded.order_hash == signed.hash)
        .where(*_delivered(signed, first, last, account)),
        *(
            select(
                *(stored.trader, start, stored.order_type, stored.period),
                *(matched.amount, matched.price),
            )
            .join(matched.amount.table, id_of_it == stored.order_id)
            .where(*_delivered(stored, first, last, account))
            for id_of_it in (matched.buy_id, matched.sell_id)
        ),
    ]
    return union_all(*parts).subquery()


def _of_trades(first: int, last: int, account: str | None) -> Subquery:
    """What each account spent and earned in trades to be delivered on a day."""
    sides = trade_sides(first, last, account).c
    day, price = sides.start // DAY_SECONDS, sides.wh * sides.price
    is_bought = sides.side == int(OrderType.BUY)
    return (
        select(
            sides.trader.label("account"),
            day.label("day"),
            func.sum(case((is_bought, price), else_=0)).label("spent"),
            func.sum(case((is_bought, 0), else_=price)).label("earned"),
        )
        .group_by(sides.trader, day)
        .subquery()
    )


def _delivered(orders: Any, first: int, last: int, account: str | None) -> list[Any]:
    begin, end = first * DAY_SECONDS, (last + 1) * DAY_SECONDS
    wanted = [orders.start >= begin, orders.start < end]
    return wanted if account is None else [*wanted, orders.trader == account]
