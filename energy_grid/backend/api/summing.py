"""Summing up what pages and programs ask for by the year, into `store.analytics`.

Each sum is made from what is there by then, so it may be cut short and made anew.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import asdict

from sqlalchemy import Connection, delete, func, insert, select, union, update

from energy_grid.backend.store.analytics import (
    CLEARING_SUMS,
    DAY_SUMS,
    EVERYBODY,
    FEWEST,
    HOUR_SUMS,
    SUMMED,
    groups,
)
from energy_grid.backend.store.blocks import BLOCKS, CHAIN
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.details import CLOSED_DAYS
from energy_grid.backend.store.hours import hourly
from energy_grid.backend.store.kpi_views import sums_of
from energy_grid.backend.store.orders import CLEARINGS
from energy_grid.backend.trading_engine.states import ClearingState
from energy_grid.backend.trading_engine.welfare import welfare_of
from energy_grid.domain.periods import DAY_SECONDS

__all__ = ["sum_up"]

_HOURS = 24
# A day is summed by the hour once all have closed it who closed one in the month before.
_AWAITED_DAYS = 30
_AT_ONCE = 50
_CLOSED = CLOSED_DAYS.c


def sum_up(database: Database, finality: int, slot_seconds: int) -> bool:
    """Sum up what has come since the last time; gives whether more is left for the next one.

    Args:
        finality: a block with so many on top of it is final.

    Raises:
        DatabaseGoneError: call it again after a while.
    """
    with database.reading() as connection:
        head = connection.scalar(select(CHAIN.c.indexed_block))
    if head is None:
        return False
    _sum_days(database, head - finality, slot_seconds)
    hours = _sum_hours(database)
    with database.writing() as connection:
        return _sum_clearings(connection, slot_seconds) or hours


def _sum_days(database: Database, final: int, slot_seconds: int) -> None:
    """Those with closings that are new, or were in blocks that may have been abandoned since."""
    with database.reading() as connection:
        before = connection.scalar(select(SUMMED.c.block))
        known = -1 if before is None else before
        changed = union(
            select(_CLOSED.day).where(_CLOSED.block > known),
            select(DAY_SUMS.c.day).where(DAY_SUMS.c.block > known),
        )
        days = connection.scalars(changed).all()
    for day in days:
        with database.writing() as connection:
            connection.execute(delete(DAY_SUMS).where(DAY_SUMS.c.day == day))
            rows = connection.execute(sums_of(day)).mappings().all()
            if rows:
                connection.execute(insert(DAY_SUMS), [dict(row) for row in rows])
    with database.writing() as connection:
        if before is None:
            connection.execute(insert(SUMMED).values(block=final, day=-1))
        elif final > before:
            connection.execute(update(SUMMED).values(block=final))
        connection.execute(update(SUMMED).values(slot_seconds=slot_seconds))


def _sum_hours(database: Database) -> bool:
    """Days after the last one that was summed, as far as they can be; gives whether more can."""
    with database.reading() as connection:
        # Those from before the store was filled anew stay.
        newest = connection.scalar(select(func.coalesce(func.max(HOUR_SUMS.c.start), -1)))
        before = connection.scalar(select(func.max(SUMMED.c.day)))
        last = max(before or 0, (newest or 0) // DAY_SECONDS)
        wanted = select(_CLOSED.day).where(_CLOSED.day > last).distinct().order_by(_CLOSED.day)
        days = connection.scalars(wanted.limit(_AT_ONCE)).all()
    for day in days:
        awaited = (
            select(_CLOSED.number)
            .where(_CLOSED.day >= day - _AWAITED_DAYS)
            .group_by(_CLOSED.number)
            .having(func.max(_CLOSED.day) < day)
        )
        with database.writing() as connection:
            if connection.execute(awaited.limit(1)).first() is not None:
                return False
            _sum_hours_of(connection, day)
            connection.execute(update(SUMMED).values(day=day))
    return len(days) == _AT_ONCE


def _sum_hours_of(connection: Connection, day: int) -> None:
    """Of accounts whose meters were read throughout; groups that are too small become one."""
    closed = groups().c
    here = {
        row.account: (int(row.community), row.region)
        for row in connection.execute(
            select(closed.account, closed.community, closed.region).where(closed.day == day)
        )
    }
    missing, read = Counter(here.values()), Counter[tuple[int, str]]()
    hours: dict[tuple[int, int, str], list[int]] = defaultdict(lambda: [0, 0])
    for account, flows in hourly(connection, day * DAY_SECONDS, (day + 1) * DAY_SECONDS):
        if account not in here or len(flows) < _HOURS:
            continue
        group = here[account]
        missing[group] -= 1
        read[group] += 1
        for start, *amounts in flows:
            for at, wh in enumerate(amounts):
                hours[start, *group][at] += wh
    if read.total() < FEWEST:
        return
    if any(0 < count < FEWEST for count in (*missing.values(), *read.values())):
        together: dict[tuple[int, int, str], list[int]] = defaultdict(lambda: [0, 0])
        for (start, *_), amounts in hours.items():
            for at, wh in enumerate(amounts):
                together[start, EVERYBODY, ""][at] += wh
        hours, read = together, Counter({(EVERYBODY, ""): read.total()})
    rows = [
        {
            "start": start,
            "community": community,
            "region": region,
            "accounts": read[community, region],
            "import_wh": taken,
            "export_wh": given,
        }
        for (start, community, region), (taken, given) in hours.items()
    ]
    connection.execute(insert(HOUR_SUMS), rows)


def _sum_clearings(connection: Connection, slot_seconds: int) -> bool:
    """Of those whose delivery began a day before the newest block: no reorganisation is as deep.
    Gives whether there are more."""
    newest = connection.scalar(select(func.max(BLOCKS.c.time))) or 0
    table = CLEARINGS.c
    due = (
        select(CLEARINGS)
        .where(table.state == ClearingState.DONE, table.start < newest - DAY_SECONDS)
        .where(table.id.not_in(select(CLEARING_SUMS.c.clearing)))
        .order_by(table.id)
        .limit(_AT_ONCE)
    )
    rows = connection.execute(due).mappings().all()
    for row in rows:
        found = welfare_of(connection, row, slot_seconds)
        values = {"clearing": row["id"], **asdict(found)}
        connection.execute(insert(CLEARING_SUMS).values(values))
    return len(rows) == _AT_ONCE
