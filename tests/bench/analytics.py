"""How fast a year of analytics opens, beside a page without figures and a bare route; and how fast
DuckDB reads a year of a city.

    python -m tests.bench.analytics

Writes docs/analytics.md.
"""

from __future__ import annotations

import http.client
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import duckdb

from energy_grid.backend.api.archive import write_archive
from energy_grid.backend.api.summing import sum_up
from energy_grid.backend.store.analytics import SUMS
from energy_grid.backend.store.database import Database
from energy_grid.domain.periods import DAY_SECONDS
from tests.bench.http_load import Load, send
from tests.bench.results import Machine, this_machine
from tests.bench.timing import seconds
from tests.bench.web import served
from tests.bench.year import fill_year
from tests.support.archives import opened
from tests.support.artifacts import ROOT
from tests.support.databases import BACKENDS
from tests.support.fake_chain import FIRST_TIME

__all__ = ["City", "YearRow", "measure_city", "measure_year", "page"]

_PAGE = ROOT / "docs" / "analytics.md"
_HOUSEHOLDS, _DAYS, _SLOT = 200, 365, 3600
_CITY = 50_000
_BARE = "a bare route"
_PARTS = ("days", "matching", "imbalance", "emissions", "certified", "welfare", "prices", "gas")


@dataclass(frozen=True, slots=True, kw_only=True)
class YearRow:
    """An answer, one after the other.

    Attributes:
        p50: seconds of half of the answers.
        core: seconds of a core that an answer takes, however busy the machine is.
        kilobytes: of one.
    """

    database: str
    name: str
    p50: float
    core: float
    kilobytes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """All rows; `summing` has the seconds in which the year was summed up, by database."""

    households: int
    days: int
    rows: Sequence[YearRow]
    summing: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A year of a city in Parquet files.

    Attributes:
        megabytes: of all files.
        seconds: of each question.
    """

    households: int
    days: int
    megabytes: float
    seconds: Mapping[str, float]


_PASS = "one pass over all closings"
_QUESTIONS = {
    _PASS: "SELECT sum(money) FROM closings",
    "each day of the city": "SELECT * FROM kpi_energy WHERE scope = 'all'",
    "each day of each community": "SELECT * FROM kpi_energy WHERE scope = 'community'",
    "each month of each district": "SELECT whose, day // 30, sum(not_from_grid_wh), sum(used_wh)"
    " FROM kpi_energy WHERE scope = 'region' GROUP BY ALL",
    "the year of each household": "SELECT whose, sum(not_from_grid_wh), sum(used_wh),"
    " sum(money_thousandths) FROM kpi_energy WHERE scope = 'account' GROUP BY ALL",
    "the year of each who trades": "SELECT whose, sum(trades_thousandths) FROM kpi_imbalance"
    " WHERE scope = 'account' GROUP BY ALL",
}
"""All are read to the last row."""


def measure_city(households: int = _CITY, days: int = _DAYS) -> City:
    """Of closings by chance: a twentieth of the households in each district, and a hundred in each
    community."""
    with TemporaryDirectory() as name:
        folder = Path(name) / "city"
        store = Database.open(f"sqlite:///{name}/store.db")
        write_archive(store, folder)
        store.close()
        with opened(folder) as city:
            _fill_city(city, folder, households, days)
            found = {}
            for question, query in _QUESTIONS.items():
                begin = perf_counter()
                assert city.execute(query).fetchall(), question
                found[question] = perf_counter() - begin
        size = sum(each.stat().st_size for each in folder.glob("*.parquet"))
        return City(households=households, days=days, megabytes=size / 1e6, seconds=found)


def _fill_city(city: duckdb.DuckDBPyConnection, folder: Path, households: int, days: int) -> None:
    amounts = ", ".join(
        f"(hash(house, day, {place}) % 9000)::BIGINT AS {name}" for place, name in enumerate(SUMS)
    )
    city.execute(
        f"""COPY (
            SELECT format('0x{{:040x}}', house) AS account, day, 0::BIGINT AS block,
                house // 100 + 1 AS community, format('0x{{:064x}}', house % 20) AS region,
                hash(house, day) % 2 = 0 AS trades, 1::BIGINT AS accounts, {amounts}
            FROM range({households}) h(house), range(20000, 20000 + {days}) d(day)
        ) TO '{folder}/closings.parquet'"""
    )
    sums = ", ".join(f"sum({each})::BIGINT AS {each}" for each in ("accounts", *SUMS))
    city.execute(
        f"""COPY (
            SELECT day, community, region, trades, {sums}, 0::BIGINT AS block
            FROM closings GROUP BY ALL
        ) TO '{folder}/day_sums.parquet'"""
    )


def measure_year(
    households: int = _HOUSEHOLDS, days: int = _DAYS, seconds_each: float = 2.0
) -> Year:
    """Both databases, each with the same year."""
    first = FIRST_TIME // DAY_SECONDS - days
    begin = date(1970, 1, 1) + timedelta(days=first)
    span = f"from={begin}&to={begin + timedelta(days=days - 1)}"
    paths = {
        "the page": f"/analytics?{span}",
        "the page, of a community": f"/analytics?{span}&of=1",
        **{f"analytics/{each}": f"/api/v1/analytics/{each}?{span}" for each in _PARTS},
        "a page without figures": "/offline",
    }
    rows, summing = [], {}
    for kind in BACKENDS:
        with served(households=2, periods=0, kind=kind) as api:
            fill_year(api.database, households, first, days)

            def sum_all() -> None:
                while sum_up(api.database, 0, _SLOT):
                    pass

            summing[kind] = seconds(sum_all)

            asked = [(name, api.port, path) for name, path in paths.items()]
            for name, port, path in (*asked, (_BARE, api.bare, "/")):
                rows.append(_row(kind, name, port, path, seconds_each))
    return Year(households=households, days=days, rows=rows, summing=summing)


def _row(database: str, name: str, port: int, path: str, seconds_each: float) -> YearRow:
    load = Load(port=port, paths=[path], rate=0, seconds=seconds_each, connections=1)
    # The first answer makes templates ready.
    kilobytes = len(_read(port, path)) / 1000
    begin = process_time()
    answered = send(load)
    return YearRow(
        database=database,
        name=name,
        p50=answered.p50,
        core=(process_time() - begin) / answered.requests,
        kilobytes=kilobytes,
    )


def _read(port: int, path: str) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", path)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    assert answer.status == 200, content
    return content


_HEAD = """\
# How fast a year of analytics opens

`make bench` measures it, and writes this page; here on {machine.day} with {machine.processor},
{machine.cores} cores, Python {machine.python}. {households} households have closed {days} days
each, and their meters were read every hour. One reader asks, again and again, and half of the
answers take no longer than *ms*. *core* are those of a core that one takes, however busy the
machine is with other things; *ratio* compares that with a bare route of FastAPI in the same run.

"""
_AFTER = """
Days, hours and clearings are summed up once, as they come (`energy_grid/backend/api/summing.py`):
{summing}. What is closed after that is summed anew at the next step, and told from then on.

## A year of a city

[`energy-grid analytics export`](reference/kpis.md#years-of-a-city-in-duckdb) writes what the views
read as Parquet, and DuckDB asks the same views. Here {homes:,} households have closed {year} days
each, at random: {megabytes:,.0f} MB. *Ratio* compares with one pass over all closings.

| Asked | s | ratio |
| --- | ---: | ---: |
{asked}"""


def page(found: Year, city: City, machine: Machine) -> str:
    """The page in Markdown."""
    by_both = {(each.name, each.database): each for each in found.rows}
    names = list(dict.fromkeys(each.name for each in found.rows))
    head = ["", "kB", *(f"{kind}: {what}" for kind in BACKENDS for what in ("ms", "core", "ratio"))]
    rows = [
        [
            name,
            f"{by_both[name, BACKENDS[0]].kilobytes:,.0f}",
            *(
                text
                for kind in BACKENDS
                for text in (
                    f"{by_both[name, kind].p50 * 1000:.1f}",
                    f"{by_both[name, kind].core * 1000:.1f}",
                    f"{by_both[name, kind].core / by_both[_BARE, kind].core:.0f}",
                )
            ),
        ]
        for name in names
    ]
    lines = [head, ["---", *(["---:"] * (len(head) - 1))], *rows]
    table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    summing = ", ".join(
        f"{found.summing[kind] / found.days * 1000:.0f} ms a day in {kind}" for kind in BACKENDS
    )
    values = {"machine": machine, "households": found.households, "days": found.days}
    asked = "".join(
        f"| {question} | {took:.3f} | {took / city.seconds[_PASS]:.1f} |\n"
        for question, took in city.seconds.items()
    )
    more = {"homes": city.households, "year": city.days, "megabytes": city.megabytes}
    after = _AFTER.format(summing=summing, asked=asked, **more)
    return _HEAD.format(**values) + table + after


def main() -> None:
    """Measure, print and write the page."""
    text = page(measure_year(), measure_city(), this_machine())
    print(text)
    _PAGE.write_text(text)


if __name__ == "__main__":
    main()
