"""Summing up what pages and programs ask for by the year, into `store.analytics`.

Each sum is made from what is there by then, so it may be cut short and made anew.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from typing import Any

from sqlalchemy import Column, Connection, Over, Subquery, delete, func, insert, select

from energy_grid.backend.api.groups import FEWEST
from energy_grid.backend.store.analytics import (
    CLEARING_SUMS,
    DAY_SUMS,
    EVERYBODY,
    HOUR_SUMS,
    SUMMED,
    closings,
    groups,
)
from energy_grid.backend.store.blocks import BLOCKS, CHAIN
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.details import CLOSED_DAYS
from energy_grid.backend.store.orders import CLEARINGS
from energy_grid.backend.store.views import VIEWS
from energy_grid.backend.trading_engine.book import lock
from energy_grid.backend.trading_engine.states import ClearingState
from energy_grid.backend.trading_engine.welfare import welfare_of
from energy_grid.domain.periods import DAY_SECONDS

__all__ = ["hourly", "sum_up"]

_HOUR, _HOURS = 3600, 24
# A day is summed by the hour once all have closed it who closed one in the month before.
_AWAITED_DAYS = 30
_AT_ONCE = 100
_CLOSED = CLOSED_DAYS.c


def sum_up(database: Database, finality: int, slot_seconds: int) -> None:
    """Sum up what has come since the last time.

    Args:
        finality: a block with so many on top of it is final.

    Raises:
        DatabaseGoneError: call it again after a while.
    """
    with database.writing() as connection:
        # One process at a time.
        lock(connection)
        head = connection.scalar(select(CHAIN.c.indexed_block))
        if head is None:
            return
        done = connection.execute(select(SUMMED)).one_or_none()
        block, day = done or (-1, -1)
        final = max(head - finality, block)
        _sum_days(connection, block, final)
        day = _sum_hours(connection, day)
        connection.execute(delete(SUMMED))
        connection.execute(insert(SUMMED).values(block=final, day=day))
        _sum_clearings(connection, slot_seconds)


def _sum_days(connection: Connection, before: int, final: int) -> None:
    is_new = _CLOSED.block.between(before + 1, final)
    for day in connection.scalars(select(_CLOSED.day).where(is_new).distinct()).all():
        connection.execute(delete(DAY_SUMS).where(DAY_SUMS.c.day == day))
        rows = connection.execute(closings(day, day, until=final)).mappings().all()
        connection.execute(insert(DAY_SUMS), [dict(row) for row in rows])


def _sum_hours(connection: Connection, last: int) -> int:
    """Days after one, as far as they can be; gives the last one that was."""
    # Those from before the store was filled anew stay.
    newest = connection.scalar(select(func.max(HOUR_SUMS.c.start)))
    last = last if newest is None else max(last, newest // DAY_SECONDS)
    days = select(_CLOSED.day).where(_CLOSED.day > last).distinct().order_by(_CLOSED.day)
    for day in connection.scalars(days.limit(_AT_ONCE)).all():
        awaited = (
            select(_CLOSED.number)
            .where(_CLOSED.day >= day - _AWAITED_DAYS)
            .group_by(_CLOSED.number)
            .having(func.max(_CLOSED.day) < day)
        )
        if connection.execute(awaited.limit(1)).first() is not None:
            break
        _sum_hours_of(connection, day)
        last = day
    return last


def hourly(first: int, last: int, account: str | None = None) -> Subquery:
    """What settlement meters took and gave in hours: ``account``, ``start``, and Wh.

    Args:
        first, last: days.
        account: only of this one.
    """
    keys, read = VIEWS["meter_keys"].c, VIEWS["measured"].c

    def before(column: Column[Any]) -> Over[Any]:
        return func.lag(column).over(partition_by=read.meter, order_by=read.time)

    steps = (
        select(
            keys.account,
            before(read.time).label("start"),
            read.time,
            (read.import_wh - before(read.import_wh)).label("import_wh"),
            (read.export_wh - before(read.export_wh)).label("export_wh"),
        )
        .join_from(VIEWS["meter_keys"], VIEWS["measured"], keys.meter == read.meter)
        .where(
            keys.is_settlement,
            *([] if account is None else [keys.account == account]),
            read.time.between(first * DAY_SECONDS, (last + 1) * DAY_SECONDS),
            read.time % _HOUR == 0,
        )
        .subquery()
    )
    is_hour = steps.c.time == steps.c.start + _HOUR
    # Of an exchanged device the registers begin anew.
    rises = (steps.c.import_wh >= 0) & (steps.c.export_wh >= 0)
    return select(steps).where(is_hour, rises).subquery()


def _sum_hours_of(connection: Connection, day: int) -> None:
    """Of accounts whose meters were read throughout; groups that are too small become one."""
    found, closed = hourly(day, day).c, groups().c
    whole = select(found.account).group_by(found.account).having(func.count() == _HOURS).subquery()
    here = (
        select(
            closed.community,
            closed.region,
            closed.account,
            whole.c.account.is_not(None).label("is_read"),
        )
        .outerjoin(whole, whole.c.account == closed.account)
        .where(closed.day == day)
        .subquery()
    ).c
    keys = (here.community, here.region)
    counts = connection.execute(
        select(*keys, here.is_read, func.count().label("accounts")).group_by(*keys, here.is_read)
    ).all()
    read = {(row.community, row.region): row.accounts for row in counts if row.is_read}
    everybody = sum(read.values())
    is_told = all(row.accounts >= FEWEST for row in counts)
    if everybody < FEWEST:
        return
    sums = (
        select(*keys, found.start, func.sum(found.import_wh), func.sum(found.export_wh))
        .join(here.account.table, here.account == found.account)
        .where(here.is_read)
        .group_by(*keys, found.start)
    )
    hours: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0])
    for community, region, start, taken, given in connection.execute(sums):
        group = (community, region) if is_told else (EVERYBODY, "")
        for at, wh in enumerate((taken, given)):
            hours[start, *group][at] += int(wh)
    rows = [
        {
            "start": start,
            "community": community,
            "region": region,
            "accounts": read[community, region] if is_told else everybody,
            "import_wh": taken,
            "export_wh": given,
        }
        for (start, community, region), (taken, given) in hours.items()
    ]
    connection.execute(insert(HOUR_SUMS), rows)


def _sum_clearings(connection: Connection, slot_seconds: int) -> None:
    """Of those whose delivery began a day before the newest block: no reorganisation is as deep."""
    newest = connection.scalar(select(func.max(BLOCKS.c.time))) or 0
    table = CLEARINGS.c
    due = (
        select(CLEARINGS)
        .where(table.state == ClearingState.DONE, table.start < newest - DAY_SECONDS)
        .where(table.id.not_in(select(CLEARING_SUMS.c.clearing)))
        .order_by(table.id)
        .limit(_AT_ONCE)
    )
    for row in connection.execute(due).mappings().all():
        found = welfare_of(connection, row, slot_seconds)
        values = {"clearing": row["id"], **asdict(found)}
        connection.execute(insert(CLEARING_SUMS).values(values))
