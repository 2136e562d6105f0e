"""The forecaster: models every night, forecasts four times a day, and what became of them.

Time is the chain's. What is due follows from the store: a night has its models or has not, an
origin (every sixth hour, UTC) its forecasts, a day its errors. So after a pause the newest of them
is made, and none twice; what was cut short is not there, and made anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, Table, delete, exists, func, insert, select

from energy_grid.backend.analytics.features import BASELINES, features
from energy_grid.backend.analytics.models import (
    COMMUNITY,
    LEAST_DAYS,
    Forecast,
    Model,
    cold,
    early,
    forecast,
    train,
)
from energy_grid.backend.analytics.readings import WHAT, Series, first_hour, series, sum_hours
from energy_grid.backend.analytics.series import DAY, HISTORY, HORIZON, Array, Kind
from energy_grid.backend.analytics.weather import Place, Weather, read_weather
from energy_grid.backend.analytics.workers import Run, require_scheduler, workers
from energy_grid.backend.store.blocks import BLOCKS
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.forecasts import (
    FORECAST_ERRORS,
    FORECAST_MODELS,
    FORECAST_SUMS,
    FORECASTS,
)
from energy_grid.backend.store.hours import HOUR_SECONDS
from energy_grid.backend.store.places import places_of
from energy_grid.backend.store.registers import REGISTERS
from energy_grid.cli.numbers import counted
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_time
from energy_grid.errors import InputError

__all__ = ["EVERY", "Forecaster"]

EVERY = 6
"""Hours between two origins."""
_POLL_SECONDS = 5.0
# Of an origin, that more than half of the meters are waited for; of a day, that it is judged.
_WAIT, _JUDGED = HOUR_SECONDS, EVERY
# Days that are trained on at most, and that things are kept.
_TRAINED_DAYS, _MODEL_DAYS, _FORECAST_DAYS, _ERROR_DAYS = 400, 30, 14, 400
_F, _M, _E, _S = FORECASTS.c, FORECAST_MODELS.c, FORECAST_ERRORS.c, FORECAST_SUMS.c
_BPS = 10_000


class Forecaster:
    """Forecasts what accounts, communities and regions draw and feed in; a `Service`.

    Args:
        place: where the panels are.
        log: gets a line for each training.
        scheduler: the address of a Dask cluster that computes; empty: this thread does.
        weather: a file as `read_weather` takes it, which may change at any time.
    """

    name = "forecaster"

    def __init__(
        self,
        database: Database,
        place: Place,
        log: Callable[[str], object],
        scheduler: str = "",
        weather: Path | None = None,
    ) -> None:
        self._database, self._place, self._log = database, place, log
        if scheduler:
            require_scheduler(scheduler)
        self._scheduler, self._weather = scheduler, weather
        self._given: dict[int, float] = {}
        self._made = self._trained = 0
        # The newest origin that was looked at, in hours: of some there is nothing to forecast.
        self._newest: int | None = None

    def step(self) -> float:
        """Make what is due.

        Raises:
            DatabaseGoneError, OSError: take the step again after a while.
        """
        with self._database.reading() as connection:
            origin = self._due(connection)
        if origin is not None:
            self._read_weather()
            sum_hours(self._database, origin)
            self._train(origin // DAY * DAY)
            self._judge(origin)
            self._forecast(origin)
            self._newest = origin
        return _POLL_SECONDS

    def describe(self) -> str:
        """What it has made since the start."""
        until = "" if self._newest is None else f" from {format_time(self._newest * HOUR_SECONDS)}"
        return f"{counted(self._made, 'forecast')}{until}, {counted(self._trained, 'model')}"

    def metrics(self) -> Mapping[str, float]:
        """Forecasts of series and models since the start, and the newest origin."""
        newest = (self._newest or 0) * HOUR_SECONDS
        made = {"made_total": self._made, "trained_total": self._trained}
        return {**made, "origin_seconds": newest}

    def _due(self, connection: Connection) -> int | None:
        """The hour from which forecasts are due, if any are."""
        now = connection.scalar(select(func.max(BLOCKS.c.time)))
        if now is None:
            return None
        origin = now // HOUR_SECONDS // EVERY * EVERY
        last = connection.scalar(select(func.max(_F.origin)))
        if origin <= max(self._newest or 0, (last or 0) // HOUR_SECONDS):
            return None
        at = origin * HOUR_SECONDS
        is_late = now >= at + _WAIT
        return origin if is_late or _are_read(connection, at) else None

    def _train(self, night: int) -> None:
        """Train models of all that was before a midnight, once."""
        with self._database.reading() as connection:
            first = first_hour(connection)
            is_done = connection.scalar(select(exists().where(_M.night >= night * HOUR_SECONDS)))
            if is_done or first is None or night - first < LEAST_DAYS * DAY:
                return
            found = series(connection, max(first, night - _TRAINED_DAYS * DAY), night)
        with self._workers() as run:
            models = [*self._models(found, run)]
        rows = [
            {
                "kind": model.kind,
                "night": night * HOUR_SECONDS,
                "version": model.version,
                "error_bps": round(model.error * _BPS),
                "payload": model.dumps(),
            }
            for model in models
        ]
        if not rows:
            return
        with self._database.writing() as connection:
            connection.execute(delete(FORECAST_MODELS).where(_M.night == night * HOUR_SECONDS))
            connection.execute(insert(FORECAST_MODELS), rows)
            _forget(connection, FORECAST_MODELS, _M.night, night, _MODEL_DAYS)
        self._trained += len(rows)
        self._log(
            f"{self.name}: models of {format_time(night * HOUR_SECONDS)}: "
            + ", ".join(f"{model.kind} {model.version}" for model in models)
        )

    def _models(self, found: Series, run: Run) -> Iterator[Model]:
        for hours in found.hours.values():
            some = hours.only(np.flatnonzero((np.nan_to_num(hours.wh) > 0).any(axis=1)).tolist())
            if not some.names:
                continue
            try:
                yield train(some, self._sky(some.first, some.wh.shape[1]), run)
            except InputError as error:
                self._log(f"{self.name}: {error}")

    def _forecast(self, origin: int) -> None:
        """Forecast all series from an hour on."""
        with self._database.reading() as connection:
            found = series(connection, origin - HISTORY, origin)
            models = _newest_models(connection, origin)
            places = _place_of_each(connection, origin)
        with self._workers() as run:
            ahead = self._ahead(found, models, origin, places, run)
        rows = []
        for kind, each in ahead.items():
            whole = np.rint(each.wh)
            for at, subject in enumerate(each.names):
                if not _is_told(each, at):
                    continue
                values = {
                    "subject": subject,
                    "what": WHAT[kind],
                    "origin": origin * HOUR_SECONDS,
                    "method": each.methods[at],
                    "version": models[kind].version if kind in models else None,
                    "is_public": subject in found.public,
                }
                self._made += 1
                for step, (low, median, high) in enumerate(whole[:, at].T):
                    hour = {"low_wh": int(low), "median_wh": int(median), "high_wh": int(high)}
                    start = (origin + step) * HOUR_SECONDS
                    rows.append({**values, "start": start, **hour})
        with self._database.writing() as connection:
            connection.execute(delete(FORECASTS).where(_F.origin == origin * HOUR_SECONDS))
            if rows:
                connection.execute(insert(FORECASTS), rows)
            _forget(connection, FORECASTS, _F.origin, origin, _FORECAST_DAYS)
            _forget(connection, FORECAST_SUMS, _S.start, origin, _ERROR_DAYS)

    def _ahead(
        self,
        found: Series,
        models: Mapping[Kind, Model],
        origin: int,
        places: Mapping[str, str],
        run: Run,
    ) -> dict[Kind, Forecast]:
        sky, ahead = self._sky(origin - HISTORY, HISTORY), dict[Kind, Forecast]()
        for kind, hours in found.hours.items():
            if kind in models and hours.names:
                ahead[kind] = forecast(models[kind], hours, origin, sky, run)
            else:
                ahead[kind] = early(hours, origin)
        accounts = found.hours[Kind.LOAD].names
        members = [*map(places.get, accounts)]
        for kind, of_groups in ((Kind.LOAD, Kind.COMMUNITY), (Kind.PRODUCTION, Kind.PRODUCTION)):
            groups = found.hours[of_groups]
            # What they are expected to be, and what they were.
            sums = np.concatenate([ahead[of_groups].wh[1], groups.wh], axis=1)
            of = {
                subject: sums[at] / max(members.count(subject), 1)
                for at, subject in enumerate(groups.names)
                # A part of what few are expected to do would tell a newcomer of a neighbour.
                if subject in found.public
            }
            nothing: Array = np.full(sums.shape[1], np.nan)
            hours = found.hours[kind]
            parts = [of.get(places.get(name, ""), nothing) for name in hours.names]
            equal = np.array(parts).reshape(-1, sums.shape[1])
            ahead[kind] = cold(ahead[kind], hours, equal[:, :HORIZON], equal[:, HORIZON:])
        return ahead

    def _judge(self, origin: int) -> None:
        """Compare the days that are over with what was forecast when they began, each once."""
        with self._database.reading() as connection:
            last = connection.scalar(select(func.max(_E.day)))
            oldest = connection.scalar(select(func.min(_F.origin)))
        if oldest is None:
            return
        first = oldest // DAY_SECONDS if last is None else last + 1
        for day in range(max(first, oldest // DAY_SECONDS), (origin - _JUDGED) // DAY):
            with self._database.writing() as connection:
                if rows := self._errors(connection, day):
                    connection.execute(insert(FORECAST_ERRORS), rows)
                _forget(connection, FORECAST_ERRORS, _E.day * DAY_SECONDS, origin, _ERROR_DAYS)

    def _errors(self, connection: Connection, day: int) -> list[dict[str, Any]]:
        begin, end = day * DAY_SECONDS, (day + 1) * DAY_SECONDS
        newest = select(func.max(_F.origin)).where(
            _F.origin <= begin, _F.origin > begin - DAY_SECONDS
        )
        at = connection.scalar(newest)
        if at is None:
            return []
        given: dict[tuple[str, str], list[Any]] = {}
        wanted = select(FORECASTS).where(_F.origin == at, _F.start >= begin, _F.start < end)
        for row in connection.execute(wanted):
            given.setdefault((row.subject, row.what), []).append(row)
        origin = at // HOUR_SECONDS
        found = series(connection, origin - HISTORY, (day + 1) * DAY)
        sky, rows = self._sky(origin - HISTORY, HISTORY), []
        for kind, hours in found.hours.items():
            if not hours.names:
                continue
            baselines, came = features(hours, origin, sky).baselines, hours.at(origin)
            for place, subject in enumerate(hours.names):
                some = given.get((subject, WHAT[kind]), [])
                steps = [(row.start - at) // HOUR_SECONDS for row in some]
                known = [step for step in steps if np.isfinite(came[place, step])]
                if not known:
                    continue
                median = {step: row.median_wh for step, row in zip(steps, some, strict=True)}
                actual = came[place, known]
                missed = [
                    round(np.abs(actual - values).sum())
                    for values in (
                        np.array([median[step] for step in known]),
                        *(baselines[name][place, known] for name in BASELINES),
                    )
                ]
                names = ("missed_wh", "yesterday_wh", "last_week_wh", "mean_wh")
                rows.append(
                    {
                        "subject": subject,
                        "what": WHAT[kind],
                        "day": day,
                        "hours": len(known),
                        "came_wh": round(actual.sum()),
                        **dict(zip(names, missed, strict=True)),
                        "method": some[0].method,
                        "version": some[0].version,
                        # Who has left since makes a group small on the day itself.
                        "is_public": some[0].is_public and subject in found.public,
                    }
                )
        return rows

    @contextmanager
    def _workers(self) -> Iterator[Run]:
        try:
            with workers(self._scheduler) as run:
                yield run
        except InputError as error:
            # The cluster may come back.
            raise ConnectionError(str(error)) from error

    def _read_weather(self) -> None:
        """What the file has now; as long as it cannot be read, what it had before."""
        if self._weather is None:
            return
        try:
            self._given = read_weather(self._weather)
        except InputError as error:
            self._log(f"{self.name}: {error}")

    def _sky(self, first: int, hours: int) -> Weather:
        return Weather(self._place, self._given, first, hours + HORIZON)


def _are_read(connection: Connection, at: int) -> bool:
    """Whether more than half of the meters have read a time that have read any hour before it."""
    read = REGISTERS.c
    count = select(func.count(read.meter.distinct()))
    hours = [at - HOUR_SECONDS * before for before in range(1, DAY + 1)]
    before = connection.scalar(count.where(read.time.in_(hours))) or 0
    now = connection.scalar(count.where(read.time == at)) or 0
    return 0 < before < 2 * now


def _newest_models(connection: Connection, origin: int) -> dict[Kind, Model]:
    newest = select(func.max(_M.night)).where(_M.night <= origin * HOUR_SECONDS).scalar_subquery()
    rows = connection.scalars(select(_M.payload).where(_M.night == newest))
    return {model.kind: model for model in map(Model.loads, rows)}


def _place_of_each(connection: Connection, origin: int) -> dict[str, str]:
    """The community of each account, or its region."""
    day = origin // DAY
    found = {}
    for account, places in places_of(connection).items():
        now = sorted(subject for subject, begin, end in places if begin <= day < end)
        if now:
            # Of both words, ``community`` comes first.
            found[account] = now[0]
    return found


def _is_told(ahead: Forecast, at: int) -> bool:
    """Whether there is a forecast: of what never comes there is none."""
    is_new = ahead.methods[at] == COMMUNITY
    return bool(np.isfinite(ahead.wh[:, at]).all() and (is_new or not ahead.rests[at].all()))


def _forget(connection: Connection, table: Table, time: Any, now: int, days: int) -> None:
    """Delete rows of a table that are older."""
    connection.execute(delete(table).where(time < now * HOUR_SECONDS - days * DAY_SECONDS))
