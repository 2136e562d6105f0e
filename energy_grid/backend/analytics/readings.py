"""Series of accounts, communities and regions, from what the store knows of their meters.

An account's load is what its connections take from the street, its production what they give to it:
what a house uses of its own panels passes no meter, and is in neither.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, func, insert, select

from energy_grid.backend.analytics.series import DAY, Array, Hours, Kind
from energy_grid.backend.store.analytics import FEWEST
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.details import READINGS
from energy_grid.backend.store.forecasts import FORECAST_SUMS
from energy_grid.backend.store.hours import HOUR_SECONDS, hourly
from energy_grid.backend.store.places import places_of
from energy_grid.backend.store.registers import REGISTERS

__all__ = ["WHAT", "Series", "first_hour", "series", "sum_hours"]

# Hours that are read at once, and those before them in which who has read is expected.
_AT_ONCE, _LEAD = 28 * DAY, 7 * DAY
_S = FORECAST_SUMS.c
WHAT = {Kind.LOAD: "load", Kind.COMMUNITY: "load", Kind.PRODUCTION: "production"}
"""What a series of each kind is of, as the store names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """All series of a span.

    Attributes:
        hours: by kind; production is of accounts, communities and regions, a load is of the kind
            COMMUNITY where it is not an account's.
        public: communities and regions none of whose hours tells of too few accounts.
    """

    hours: dict[Kind, Hours]
    public: frozenset[str]


def first_hour(connection: Connection) -> int | None:
    """The hour of the oldest reading."""
    oldest = (func.min(REGISTERS.c.time), func.min(READINGS.c.timestamp))
    found = [each for one in oldest if (each := connection.scalar(select(one))) is not None]
    return -(-min(found) // HOUR_SECONDS) if found else None


def series(connection: Connection, first: int, end: int) -> Series:
    """What came in the hours from one to before another: no later reading is in it."""
    accounts, flows = _metered(connection, first, end)
    rows = connection.execute(
        select(FORECAST_SUMS).where(_S.start >= first * HOUR_SECONDS, _S.start < end * HOUR_SECONDS)
    ).all()
    groups = sorted({row.subject for row in rows})
    place = {subject: at for at, subject in enumerate(groups)}
    sums = np.full((2, len(groups), end - first), np.nan)
    for row in rows:
        at = row.start // HOUR_SECONDS - first
        sums[:, place[row.subject], at] = row.load_wh, row.production_wh
    small = {row.subject for row in rows if not row.is_public}

    def of(kind: Kind, names: tuple[str, ...], wh: Array) -> Hours:
        return Hours(kind=kind, names=names, first=first, wh=wh)

    return Series(
        hours={
            Kind.LOAD: of(Kind.LOAD, accounts, flows[0]),
            Kind.COMMUNITY: of(Kind.COMMUNITY, tuple(groups), sums[0]),
            Kind.PRODUCTION: of(
                Kind.PRODUCTION, (*accounts, *groups), np.concatenate([flows[1], sums[1]])
            ),
        },
        public=frozenset({*groups} - small),
    )


def sum_hours(database: Database, end: int) -> None:
    """Sum the hours of communities and regions that are over at one, each once.

    An hour that some have not read is scaled up if half of those have who have read before.

    Raises:
        DatabaseGoneError: call it again after a while.
    """
    with database.reading() as connection:
        newest, oldest = connection.scalar(select(func.max(_S.start))), first_hour(connection)
    if oldest is None:
        return
    begin = oldest if newest is None else newest // HOUR_SECONDS + 1
    for first in range(begin, end, _AT_ONCE):
        with database.writing() as connection:
            rows = _summed(connection, first, min(first + _AT_ONCE, end))
            if rows:
                connection.execute(insert(FORECAST_SUMS), rows)


def _metered(connection: Connection, first: int, end: int) -> tuple[tuple[str, ...], Array]:
    """Accounts, and what they took and gave: shape (2, accounts, hours)."""
    found: dict[str, Array] = {}
    for account, hours in hourly(connection, first * HOUR_SECONDS, end * HOUR_SECONDS):
        wh = found.setdefault(account, np.full((2, end - first), np.nan))
        if hours:
            starts, *amounts = np.array(hours).T
            wh[:, starts // HOUR_SECONDS - first] = amounts
    names = tuple(sorted(found))
    flows = np.array([found[name] for name in names]).reshape(-1, 2, end - first)
    return names, flows.transpose(1, 0, 2)


def _summed(connection: Connection, first: int, end: int) -> list[dict[str, Any]]:
    accounts, flows = _metered(connection, first - _LEAD, end)
    measured = np.isfinite(flows[0])
    expected = np.maximum.accumulate(measured, axis=1)[:, _LEAD:]
    measured, flows = measured[:, _LEAD:], np.nan_to_num(flows[:, :, _LEAD:])
    members = _members(connection, accounts, first, end)
    all_told = _tells_of_many(members, measured)
    rows = []
    for subject, inside in members.items():
        count, wanted = (inside & measured).sum(axis=0), (inside & expected).sum(axis=0)
        # Regions have no account in common: without communities, their sums have no differences.
        is_public = all_told | (subject.startswith("region:") & (count >= FEWEST))
        load, production = (np.where(inside, each, 0.0).sum(axis=0) for each in flows)
        for at in np.flatnonzero((count > 0) & (2 * count >= wanted)):
            whole = wanted[at] / count[at]
            rows.append(
                {
                    "subject": subject,
                    "start": (first + int(at)) * HOUR_SECONDS,
                    "accounts": int(count[at]),
                    "load_wh": round(load[at] * whole),
                    "production_wh": round(production[at] * whole),
                    "is_public": bool(is_public[at]),
                }
            )
    return rows


def _members(
    connection: Connection, accounts: tuple[str, ...], first: int, end: int
) -> dict[str, npt.NDArray[np.bool_]]:
    """Who was in each community and region: shape (accounts, hours) each."""
    places, day = places_of(connection), np.arange(first, end) // DAY
    found: dict[str, npt.NDArray[np.bool_]] = defaultdict(
        lambda: np.zeros((len(accounts), end - first), dtype=bool)
    )
    for row, account in enumerate(accounts):
        for subject, begins, ends in places.get(account, ()):
            found[subject][row] |= (day >= begins) & (day < ends)
    return found


def _tells_of_many(
    members: dict[str, npt.NDArray[np.bool_]], measured: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    """Whether neither sums nor differences of them are of fewer than `FEWEST` accounts: those that
    are in the same community and region are none, or as many."""
    # A number for each set of places that an account is in.
    cell = np.zeros(measured.shape, dtype=np.int64)
    for inside in members.values():
        cell = np.unique(2 * cell + inside, return_inverse=True)[1].reshape(measured.shape)
    cells = np.where(measured, cell, -1)
    many = np.ones(measured.shape[1], dtype=bool)
    for each in np.unique(cells[cells >= 0]):
        count = (cells == each).sum(axis=0)
        many &= (count == 0) | (count >= FEWEST)
    return many
