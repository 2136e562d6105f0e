"""Hours of energy, as meters' registers have them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby, pairwise
from typing import Any

from sqlalchemy import Connection, select

from energy_grid.backend.store.database import in_parts
from energy_grid.backend.store.views import VIEWS

__all__ = ["HOUR_SECONDS", "hourly"]

HOUR_SECONDS = 3600


def hourly(
    connection: Connection, begin: int, end: int, account: str | None = None
) -> Iterator[tuple[str, list[tuple[int, int, int]]]]:
    """What settlement meters took and gave in hours: accounts, each with its hours' starts and Wh.

    Args:
        begin, end: Unix seconds; no reading outside counts.
        account: only of this one.
    """
    keys, read = VIEWS["meter_keys"].c, VIEWS["measured"].c
    wanted = select(keys.meter, keys.account).where(keys.is_settlement)
    if account is not None:
        wanted = wanted.where(keys.account == account)
    accounts = {row.meter: row.account for row in connection.execute(wanted)}
    for meters in in_parts(sorted(accounts)):
        rows = connection.execute(
            select(read.meter, read.time, read.import_wh, read.export_wh)
            .where(
                read.meter.in_(meters),
                read.time.between(begin, end),
                read.time % HOUR_SECONDS == 0,
            )
            .order_by(read.meter, read.time)
        )
        for meter, readings in groupby(rows, key=lambda row: row.meter):
            yield accounts[meter], [*_risen(readings)]


def _risen(readings: Iterable[Any]) -> Iterator[tuple[int, int, int]]:
    """Of hours with a reading at both ends; the registers of an exchanged device begin anew."""
    for (_, start, *before), (_, end, *after) in pairwise(readings):
        taken, given = (now - then for now, then in zip(after, before, strict=True))
        if end == start + HOUR_SECONDS and taken >= 0 and given >= 0:
            yield start, taken, given
