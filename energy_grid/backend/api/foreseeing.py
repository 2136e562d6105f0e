"""What comes, as the role ``forecaster`` has stored it, and how far off that was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select, true

from energy_grid.api.models import Forecast, ForecastDay, ForecastHour, ForecastMethod, MeasuredHour
from energy_grid.api.values import time_of
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.forecasts import (
    FORECAST_ERRORS,
    FORECAST_MODELS,
    FORECAST_SUMS,
    FORECASTS,
)
from energy_grid.backend.store.hours import HOUR_SECONDS, hourly
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_day

__all__ = ["Subject", "coming", "drift"]

_F, _M, _S, _E = FORECASTS.c, FORECAST_MODELS.c, FORECAST_SUMS.c, FORECAST_ERRORS.c
_TRAINED = (
    select(_M.version, func.max(_M.night).label("night"), func.max(_M.error_bps).label("error_bps"))
    .group_by(_M.version)
    .subquery()
)
_METHODS: Mapping[str, ForecastMethod] = {
    "model": "MODEL",
    "yesterday": "YESTERDAY",
    "last week": "LAST_WEEK",
    "7-day mean": "WEEK_MEAN",
    "community": "COMMUNITY",
    "days before": "DAYS_BEFORE",
}
# By column, the baseline of its error.
_BASELINES: Mapping[str, ForecastMethod] = {
    "yesterday_wh": "YESTERDAY",
    "last_week_wh": "LAST_WEEK",
    "mean_wh": "WEEK_MEAN",
}
_SHOWN_SECONDS = 2 * DAY_SECONDS


@dataclass(frozen=True, slots=True)
class Subject:
    """What is forecast, as the store names it.

    Attributes:
        account: None of a community or a region.
        is_public: whether only what does not tell of few accounts is told.
    """

    name: str
    account: str | None = None
    is_public: bool = True

    @classmethod
    def own(cls, account: str) -> Subject:
        """An account, as itself sees it."""
        return cls(account, account, is_public=False)

    @classmethod
    def operated(cls, region: str) -> Subject:
        """A region, as its operators see it."""
        return cls(f"region:{region}", is_public=False)


def coming(database: Database, subject: Subject) -> list[Forecast]:
    """The newest forecasts of load and production, as far as there are any, and what was measured
    from a day before their origin on."""
    with database.reading() as connection:
        # Of an older origin nothing comes any more.
        newest = select(func.max(_F.origin)).scalar_subquery()
        wanted = (
            select(FORECASTS, _TRAINED.c.night)
            .outerjoin(_TRAINED, _TRAINED.c.version == _F.version)
            .where(
                _F.subject == subject.name,
                _F.origin == newest,
                _F.is_public if subject.is_public else true(),
            )
            .order_by(_F.what, _F.start)
        )
        found: dict[str, list[Row[Any]]] = defaultdict(list)
        for row in connection.execute(wanted):
            found[row.what].append(row)
        measured = {
            what: _measured(connection, subject, what, rows[0].origin)
            for what, rows in found.items()
        }
    return [
        Forecast(
            what="LOAD" if what == "load" else "PRODUCTION",
            origin=time_of(rows[0].origin),
            method=_METHODS[rows[0].method],
            version=rows[0].version,
            trained_until=None if rows[0].night is None else time_of(rows[0].night),
            hours=[
                ForecastHour(
                    start=time_of(row.start),
                    low_wh=row.low_wh,
                    median_wh=row.median_wh,
                    high_wh=row.high_wh,
                )
                for row in rows
            ],
            measured=measured[what],
        )
        for what, rows in found.items()
    ]


def drift(database: Database, subject: Subject, span: tuple[int, int]) -> list[ForecastDay]:
    """How far the forecasts of days were off, beside the baseline that erred least in all of them;
    the oldest first."""
    wanted = (
        select(FORECAST_ERRORS, _TRAINED.c.error_bps)
        .outerjoin(_TRAINED, _TRAINED.c.version == _E.version)
        .where(
            _E.subject == subject.name,
            _E.day.between(*span),
            _E.is_public if subject.is_public else true(),
        )
        .order_by(_E.day, _E.what)
    )
    with database.reading() as connection:
        rows = connection.execute(wanted).mappings().all()
    best = {
        what: min(
            _BASELINES, key=lambda name: sum(row[name] for row in rows if row["what"] == what)
        )
        for what in ("load", "production")
    }
    return [
        ForecastDay(
            day=format_day(row["day"]),
            what="LOAD" if row["what"] == "load" else "PRODUCTION",
            hours=row["hours"],
            came_wh=row["came_wh"],
            missed_wh=row["missed_wh"],
            baseline=_BASELINES[best[row["what"]]],
            baseline_missed_wh=row[best[row["what"]]],
            method=_METHODS[row["method"]],
            version=row["version"],
            expected_bps=row["error_bps"],
        )
        for row in rows
    ]


def _measured(
    connection: Connection, subject: Subject, what: str, origin: int
) -> list[MeasuredHour]:
    begin, end = origin - DAY_SECONDS, origin + _SHOWN_SECONDS
    found: dict[int, int]
    if subject.account is None:
        wanted = select(_S.start, _S[f"{what}_wh"]).where(
            _S.subject == subject.name,
            _S.start >= begin,
            _S.start < end,
            _S.is_public if subject.is_public else true(),
        )
        found = {row[0]: row[1] for row in connection.execute(wanted)}
    else:
        found = {
            start: taken if what == "load" else given
            for _, hours in hourly(connection, begin, end + HOUR_SECONDS, subject.account)
            for start, taken, given in hours
        }
    return [MeasuredHour(start=time_of(start), wh=wh) for start, wh in sorted(found.items())]
