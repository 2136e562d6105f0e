"""``energy-grid forecast``: what comes, from the histories in a folder; no market is asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from energy_grid.cli.commands import CommandGroup
from energy_grid.errors import InputError

if TYPE_CHECKING:
    from energy_grid.backend.analytics.series import Hours, Kind

__all__ = ["forecasts"]

forecasts = CommandGroup("forecast")

_HOUR_SECONDS, _WEEK = 3600, 7 * 24

Histories = Annotated[
    Path, typer.Option("--folder", metavar="FOLDER", help="Of histories and models.")
]
_FOLDER = Path("energy-grid-forecasts")
Latitude = Annotated[
    float, typer.Option("--latitude", min=-90, max=90, help="Of the panels, in degrees north.")
]
Longitude = Annotated[
    float, typer.Option("--longitude", min=-180, max=180, help="Of the panels, in degrees east.")
]
WeatherFile = Annotated[
    Path | None,
    typer.Option(
        "--weather",
        metavar="FILE",
        help="A CSV with start_utc and irradiance: forecasts of past hours, and of those to come.",
    ),
]
Scheduler = Annotated[
    str,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        help="Of a Dask cluster, such as tls://10.0.0.1:8786; by default this machine's cores.",
    ),
]


@forecasts.alone("import")
def import_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV, Parquet, or Green Button (XML).")
    ],
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Of the household.")],
    folder: Histories = _FOLDER,
) -> str:
    """Keep a household's history.

    CSV and Parquet have the columns start_utc, and load_wh or production_wh or both, for hours or
    parts of hours.
    """
    from energy_grid.backend.analytics.folder import Folder
    from energy_grid.backend.analytics.history import read_history

    kept = Folder(folder).add(file, name)
    spans = [
        f"{kind} of {len(wh):,} hours from {_time(first)} on"
        for kind, (first, wh) in read_history(kept).items()
    ]
    return f"Kept {kept}: {', '.join(spans)}"


@forecasts.alone("train")
def train(
    folder: Histories = _FOLDER,
    latitude: Latitude = 51.0,
    longitude: Longitude = 10.0,
    weather: WeatherFile = None,
    scheduler: Scheduler = "",
) -> str:
    """Train models of all histories, as a new version."""
    from energy_grid.backend.analytics.folder import Folder
    from energy_grid.backend.analytics.weather import Place, read_weather
    from energy_grid.backend.analytics.workers import workers

    kept = Folder(folder)
    given = read_weather(weather) if weather else {}
    hours = kept.hours()
    with workers(scheduler, _cores(hours)) as run:
        file, without = kept.train(hours, Place(latitude, longitude), given, run)
    lines = [f"Wrote {file}"]
    for kind, model in kept.models().items():
        used = sorted({*model.chosen.values()})
        methods = ", ".join(f"{m} for {[*model.chosen.values()].count(m)} series" for m in used)
        lines.append(f"{kind}: version {model.version}, until {_time(model.until)}; {methods}")
    return "\n".join([*lines, *without])


@forecasts.alone("show")
def show(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A household, or community.")
    ] = "community",
    folder: Histories = _FOLDER,
    latitude: Latitude = 51.0,
    longitude: Longitude = 10.0,
    weather: WeatherFile = None,
    scheduler: Scheduler = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> str:
    """Print the 48 hours after the newest reading: Wh that 10, 50 and 90 of 100 hours are below."""
    from energy_grid.backend.analytics.folder import Folder, weather_of
    from energy_grid.backend.analytics.models import cold, forecast
    from energy_grid.backend.analytics.series import Kind
    from energy_grid.backend.analytics.weather import Place, read_weather
    from energy_grid.backend.analytics.workers import workers

    kept = Folder(folder)
    # Histories come first: who has none has no use for being told to train.
    hours, models = kept.hours(), kept.models()
    place, given = Place(latitude, longitude), read_weather(weather) if weather else {}
    with workers(scheduler, _cores(hours)) as run:
        found = {
            kind: forecast(models[kind], each, each.end, weather_of(each, place, given), run)
            for kind, each in hours.items()
            if kind in models
        }
    if Kind.LOAD in found:
        members = hours[Kind.LOAD]
        together = found[Kind.COMMUNITY].wh[1, 0], hours[Kind.COMMUNITY].wh[0]
        equal = (each / len(members.names) for each in together)
        found[Kind.LOAD] = cold(found[Kind.LOAD], members, *equal)
    shown = {kind: each for kind, each in found.items() if name in each.names}
    if not shown:
        raise InputError(f"no household {name!r} in {folder}: energy-grid forecast import")
    rows = []
    for kind, each in shown.items():
        at = each.names.index(name)
        for step, values in enumerate(each.wh[:, at].T):
            low, middle, high = (round(value) for value in values)
            start = _time(each.origin + step)
            rows.append((str(kind), each.methods[at], start, low, middle, high))
    if as_json:
        return json.dumps([dict(zip(_TITLES, row, strict=True)) for row in rows])
    lines = [f"{'start':17} {'10 %':>8} {'50 %':>8} {'90 %':>8}  Wh of, by"]
    lines += [f"{r[2]:17} {r[3]:8} {r[4]:8} {r[5]:8}  {r[0]}, {r[1]}" for r in rows]
    return "\n".join(lines)


@forecasts.alone("score")
def score(
    folder: Histories = _FOLDER,
    weeks: Annotated[
        int, typer.Option("--weeks", metavar="NUMBER", min=1, max=26, help="That are held out.")
    ] = 2,
    latitude: Latitude = 51.0,
    longitude: Longitude = 10.0,
    weather: WeatherFile = None,
    scheduler: Scheduler = "",
) -> str:
    """Forecast the last weeks with models of what was before them, beside the baselines."""
    from energy_grid.backend.analytics.folder import Folder, weather_of
    from energy_grid.backend.analytics.models import train as trained
    from energy_grid.backend.analytics.scores import score as scored
    from energy_grid.backend.analytics.series import HORIZON
    from energy_grid.backend.analytics.weather import Place, read_weather
    from energy_grid.backend.analytics.workers import workers

    place, given = Place(latitude, longitude), read_weather(weather) if weather else {}
    known, lines = Folder(folder).hours(), []
    with workers(scheduler, _cores(known)) as run:
        for kind, hours in known.items():
            sky, begin = weather_of(hours, place, given), hours.end - weeks * _WEEK
            model = trained(hours.until(begin), sky, run)
            found = scored(model, hours, range(begin, hours.end - HORIZON + 1, 6), sky, run)
            errors = ", ".join(f"{name} {each:.1f} %" for name, each in found.errors.items())
            inside = ", ".join(f"{each:.0f} %" for each in found.calibration)
            lines.append(f"{kind}: mean absolute error of {errors}")
            lines.append(f"{kind}: below the quantiles 10, 50, 90 %: {inside} of the hours")
    return "\n".join(lines)


_TITLES = ("kind", "method", "start", "p10_wh", "p50_wh", "p90_wh")


def _cores(hours: Mapping[Kind, Hours]) -> int:
    from energy_grid.backend.analytics.workers import cores_for

    return cores_for(max(len(each.names) for each in hours.values()))


def _time(hour: int) -> str:
    return f"{datetime.fromtimestamp(hour * _HOUR_SECONDS, UTC):%Y-%m-%dT%H:%MZ}"
