"""Make the demo's input data from the published SimBench package.

    python3.11 -m venv simbench-venv
    simbench-venv/bin/pip install --no-deps simbench==1.6.1
    simbench-venv/bin/python scripts/data/extract_simbench.py            # writes the extract
    simbench-venv/bin/python scripts/data/extract_simbench.py --check    # only compares

It reads the package's own CSV tables with the standard library (pandapower is not needed) and
writes into energy_grid/demo/data: the low-voltage grid ``1-LV-rural2--2-sw``, two weeks of
quarter-hourly energy, and a year of hours of the profiles behind them. The same package gives the
same bytes on every machine; their SHA-256 sums are written beside them. What is changed
on the way, and why, is in SOURCE.md there.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import importlib.metadata
import importlib.util
import io
import lzma
import math
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

SIMBENCH = "1.6.1"
TABLES = "networks/1-complete_data-mixed-all-2-sw"
SUBNET = "LV2.101"  # this is 1-LV-rural2--2-sw in the tables of the whole data set
OUT = Path(__file__).resolve().parents[2] / "energy_grid/demo/data"
MANIFEST = "SHA256SUMS"

QUARTER = timedelta(minutes=15)
QUARTERS = 96
# The tables print German civil time: the first row is midnight of 1 January 2016 in Berlin.
CIVIL = ZoneInfo("Europe/Berlin")
FIRST_ROW = datetime(2015, 12, 31, 23, tzinfo=UTC)

# Mondays of the weeks; the extract starts one day earlier.
WEEKS = {"winter": date(2016, 11, 28), "summer": date(2016, 7, 4)}
# No source for other days: in three profiles 23 December repeats the 16th; then comes Christmas.
UNFIT = {date(2016, 12, day) for day in (23, 24, 25, 26)}
WEEKS_AROUND = 3
STRIDE = 3
# A source day that must serve a second household does so shifted, in quarter hours.
SHIFTS = (0, 2, -2, 1, -1)

# All places of the data set with panels: those of our grid, and others with other weather.
SKIES = [f"PV{number}" for number in range(1, 9)]

RATINGS = "pv_peak_w battery_power_w battery_capacity_wh efficiency_percent"

Row = dict[str, str]
Series = list[float]


class Tables:
    """The package's CSV tables."""

    def __init__(self) -> None:
        try:
            found = importlib.metadata.version("simbench")
        except importlib.metadata.PackageNotFoundError:
            sys.exit(f"install the package first: pip install --no-deps simbench=={SIMBENCH}")
        if found != SIMBENCH:
            sys.exit(f"simbench {SIMBENCH} is needed, this is {found}")
        spec = importlib.util.find_spec("simbench")
        if spec is None or not spec.submodule_search_locations:
            sys.exit("the simbench package cannot be found")
        self._folder = Path(spec.submodule_search_locations[0]) / TABLES

    def rows(self, table: str) -> Iterator[Row]:
        with (self._folder / f"{table}.csv").open(newline="", encoding="utf-8") as lines:
            yield from csv.DictReader(lines, delimiter=";")

    def grid(self, table: str) -> list[Row]:
        """The rows of our grid, in the order of their numbers."""
        rows = [row for row in self.rows(table) if row["subnet"] == SUBNET]
        return sorted(rows, key=lambda row: number_in(row["id"]))

    def by_id(self, table: str) -> dict[str, Row]:
        return {row["id"]: row for row in self.rows(table)}

    def year(self, table: str, columns: Iterable[str]) -> dict[str, Series]:
        """Relative power of the whole year, row by row in UTC."""
        series: dict[str, Series] = {column: [] for column in sorted(set(columns))}
        moment = FIRST_ROW
        for row in self.rows(table):
            printed = f"{moment.astimezone(CIVIL):%d.%m.%Y %H:%M}"
            if row["time"] != printed:
                sys.exit(f"{table}: {printed} expected, {row['time']} found")
            for column, values in series.items():
                values.append(float(row[column]))
            moment += QUARTER
        return series


@dataclass(frozen=True)
class Home:
    """A household of the grid: one load with a household profile (H0)."""

    number: int
    load: str
    bus: str
    shape: str
    connected_w: int


@dataclass(frozen=True)
class Plant:
    """A PV plant with the household it is metered by; a battery if its power is not zero."""

    name: str
    bus: str
    shape: str
    pv_peak_w: int
    battery_power_w: int
    battery_capacity_wh: int
    efficiency_percent: int
    home: Home
    cable_m: int

    @property
    def ratings(self) -> tuple[int, int, int, int]:
        """In the order of ``RATINGS``."""
        battery = (self.battery_power_w, self.battery_capacity_wh, self.efficiency_percent)
        return (self.pv_peak_w, *battery)


def number_in(identifier: str) -> int:
    return int(identifier.rsplit(" ", 1)[1])


def units_of_mega(text: str) -> int:
    """``"0.0226"`` MW is 22600 W."""
    value = Decimal(text) * 1_000_000
    if value != int(value):
        sys.exit(f"{text} is not a whole number of units")
    return int(value)


# ---------------------------------------------------------------------------------- the grid


def busbars(tables: Tables) -> dict[str, str]:
    """The busbar of every node. Auxiliary nodes hang on one by closed switches."""
    switches = tables.grid("Switch")
    if any(row["cond"] != "1" for row in switches):
        sys.exit("an open switch: the extract would have to carry the switches")
    neighbours: dict[str, list[str]] = defaultdict(list)
    for row in switches:
        neighbours[row["nodeA"]].append(row["nodeB"])
        neighbours[row["nodeB"]].append(row["nodeA"])
    found: dict[str, str] = {}
    for bar in (row["id"] for row in tables.rows("Node") if row["type"] == "busbar"):
        reached = [bar]
        while reached:
            node = reached.pop()
            if node not in found:
                found[node] = bar
                reached.extend(neighbours[node])
    return found


def distances(lines: Iterable[Row], bars: dict[str, str], start: str) -> dict[str, Decimal]:
    """Cable km from a bus to every other bus; the grid is a tree, so there is one way."""
    cables: dict[str, list[tuple[str, Decimal]]] = defaultdict(list)
    for row in lines:
        a, b, length = bars[row["nodeA"]], bars[row["nodeB"]], Decimal(row["length"])
        cables[a].append((b, length))
        cables[b].append((a, length))
    km = {start: Decimal(0)}
    reached = [start]
    while reached:
        bus = reached.pop()
        for other, length in cables[bus]:
            if other not in km:
                km[other] = km[bus] + length
                reached.append(other)
    return km


def homes_of(tables: Tables) -> list[Home]:
    loads = [row for row in tables.grid("Load") if row["profile"].startswith("H0-")]
    return [
        Home(number, row["id"], row["node"], row["profile"], units_of_mega(row["pLoad"]))
        for number, row in enumerate(loads, start=1)
    ]


def plants_of(tables: Tables, homes: Sequence[Home], bars: dict[str, str]) -> list[Plant]:
    """All PV plants, each metered by the nearest household along the cables, one per household.

    Nearest is a household on the plant's own bus: the one whose profile the plant's profile
    names, else the one with the largest load. Plants without a household on their bus choose
    last.
    """
    lines = tables.grid("Line")
    inhabited = {home.bus for home in homes}
    rows = [(row, row["profile"], "") for row in tables.grid("RES")]
    for row in tables.grid("Storage"):
        _, shape, partner = row["profile"].split("_")
        rows.append((row, shape, partner))
    free = list(homes)
    plants: dict[str, Plant] = {}
    for row, shape, partner in sorted(rows, key=lambda item: item[0]["node"] not in inhabited):
        km = distances(lines, bars, row["node"])
        home = min(free, key=lambda h: (km[h.bus], h.shape != partner, -h.connected_w, h.number))
        free.remove(home)
        # The storage table counts power that is fed in as negative.
        power = abs(units_of_mega(row["pStor"] if partner else row["pRES"]))
        plants[row["id"]] = Plant(
            name=row["id"],
            bus=row["node"],
            shape=shape,
            pv_peak_w=power,
            battery_power_w=power if partner else 0,
            battery_capacity_wh=units_of_mega(row["eStore"]) if partner else 0,
            efficiency_percent=int(Decimal(row["etaStore"]) * 100) if partner else 0,
            home=home,
            cable_m=round(km[home.bus] * 1000),
        )
    return [plants[row["id"]] for row, _, _ in rows]


# --------------------------------------------------------------------------------- the weeks


def day_type(day: date) -> str:
    return {5: "saturday", 6: "sunday"}.get(day.weekday(), "workday")


def days_of(week: str) -> list[date]:
    """The lead-in Sunday and the week, Monday to Sunday."""
    return [WEEKS[week] + timedelta(days=offset) for offset in range(-1, 7)]


def row_of(day: date) -> int:
    """The row of a day's first quarter hour, 00:00 UTC."""
    return int((datetime(day.year, day.month, day.day, tzinfo=UTC) - FIRST_ROW) / QUARTER)


def rank(*words: object) -> bytes:
    """A pseudo-random order that is the same on all machines."""
    return hashlib.sha256("/".join(map(str, words)).encode()).digest()


def pool(week: str, shape: str, kind: str) -> list[date]:
    """Source days of a type, from three weeks before the week to three weeks after it."""
    span = range(-7 * WEEKS_AROUND, 7 * (WEEKS_AROUND + 1))
    days = [WEEKS[week] + timedelta(days=offset) for offset in span]
    fit = [day for day in days if day_type(day) == kind and day not in UNFIT]
    return sorted(fit, key=lambda day: rank(week, shape, day))


def resampled(week: str, shape: str, power: Series, place: int) -> Series:
    """Eight source days of a shape for the household with this place among those that have it.

    The pool is walked through with a step of three per day, so that a household never has the
    same source day twice, nor two households of a shape the same piece of a day on one date.
    """
    seen: dict[str, int] = defaultdict(int)
    values: Series = []
    for day in days_of(week):
        kind = day_type(day)
        days = pool(week, shape, kind)
        chosen = days[(place + STRIDE * seen[kind]) % len(days)]
        seen[kind] += 1
        start = row_of(chosen) + SHIFTS[place // len(days)]
        values += power[start : start + QUARTERS]
    return values


def household_power(week: str, homes: Sequence[Home], year: dict[str, Series]) -> dict[int, Series]:
    """W of every household; each shape keeps the energy that its households have in the source."""
    first = row_of(days_of(week)[0])
    result: dict[int, Series] = {}
    for shape in sorted({home.shape for home in homes}):
        own = [home for home in homes if home.shape == shape]
        power = year[f"{shape}_pload"]
        drawn = {h.number: resampled(week, shape, power, i) for i, h in enumerate(own)}
        source = math.fsum(power[first : first + 8 * QUARTERS])
        wanted = source * sum(home.connected_w for home in own)
        factor = wanted / math.fsum(h.connected_w * math.fsum(drawn[h.number]) for h in own)
        print(f"{week}: {shape}, {len(own)} households, days drawn, scaled by {factor:.3f}")
        for home in own:
            scale = factor * home.connected_w
            result[home.number] = [value * scale for value in drawn[home.number]]
    return result


def watt_hours(power_w: Series) -> list[int]:
    """Energy per quarter hour, with the rounding carried on.

    The running total is rounded, not the single value: any stretch of quarter hours, so every
    hour and every day too, is right to one Wh.
    """
    total = 0.0
    counted = 0
    values = []
    for power in power_w:
        total += power / 4
        rounded = math.floor(total + 0.5)
        values.append(rounded - counted)
        counted = rounded
    return values


# --------------------------------------------------------------------------------- the files


# Our columns and those of the package: of the element itself, then of its type or place.
BUS = "bus=id rated_kv=vmR setpoint_pu=vmSetp min_pu=vmMin max_pu=vmMax longitude=x latitude=y"
LINE = (
    "line=id from_bus=nodeA to_bus=nodeB length_km=length type=type "
    "r_ohm_per_km=r x_ohm_per_km=x b_us_per_km=b max_a=iMax"
)
TRANSFORMER = (
    "transformer=id upper_bus=nodeHV lower_bus=nodeLV type=type tap_position=tappos "
    "rated_mva=sR upper_kv=vmHV lower_kv=vmLV phase_shift_degrees=va0 "
    "short_circuit_percent=vmImp copper_loss_kw=pCu iron_loss_kw=pFe "
    "no_load_current_percent=iNoLoad tap_side=tapside tap_step_percent=dVm "
    "tap_neutral=tapNeutr tap_min=tapMin tap_max=tapMax"
)


def table(header: str, rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header.split())
    writer.writerows(rows)
    return text.getvalue().encode()


def picked(columns: str, joined: Iterable[Row], bars: dict[str, str]) -> bytes:
    """Columns of elements joined with their types; nodes are replaced by their busbars."""
    ours, theirs = zip(*(column.split("=") for column in columns.split()), strict=True)
    values = ([row[name].replace("NULL", "") for name in theirs] for row in joined)
    return table(" ".join(ours), ([bars.get(value, value) for value in row] for row in values))


def grid_files(
    tables: Tables, homes: Sequence[Home], plants: Sequence[Plant], bars: dict[str, str]
) -> Iterator[tuple[str, bytes]]:
    transformers = tables.grid("Transformer")
    upper = {bars[row["nodeHV"]] for row in transformers}
    nodes = [row for row in tables.rows("Node") if row["id"] in upper]
    nodes += [row for row in tables.grid("Node") if row["type"] == "busbar"]
    places = tables.by_id("Coordinates")
    yield "buses.csv", picked(BUS, (places[node["coordID"]] | node for node in nodes), bars)
    cables = tables.by_id("LineType")
    lines = tables.grid("Line")
    yield "lines.csv", picked(LINE, (cables[row["type"]] | row for row in lines), bars)
    kinds = tables.by_id("TransformerType")
    joined = (kinds[row["type"]] | row for row in transformers)
    yield "transformers.csv", picked(TRANSFORMER, joined, bars)
    numbers = {home.load: home.number for home in homes}
    loads = [
        (
            *(row[column] for column in ("id", "node", "profile")),
            *(units_of_mega(row[column]) for column in ("pLoad", "qLoad")),
            numbers.get(row["id"], ""),
        )
        for row in tables.grid("Load")
    ]
    yield "loads.csv", table("load bus profile p_w q_var household", loads)
    owned = [
        (plant.name, plant.bus, plant.shape, *plant.ratings, plant.home.number, plant.cable_m)
        for plant in plants
    ]
    yield "plants.csv", table(f"plant bus pv_profile {RATINGS} household cable_m", owned)


def household_file(homes: Sequence[Home], plants: Sequence[Plant]) -> bytes:
    ratings = {plant.home: plant.ratings for plant in plants}
    rows = [
        (home.number, home.load, home.bus, home.connected_w, *ratings.get(home, (0, 0, 0, 0)))
        for home in homes
    ]
    return table(f"number name bus connected_w {RATINGS}", rows)


def week_files(
    tables: Tables, homes: Sequence[Home], plants: Sequence[Plant]
) -> Iterator[tuple[str, bytes]]:
    loads = tables.year("LoadProfile", (f"{home.shape}_pload" for home in homes))
    suns = tables.year("RESProfile", (plant.shape for plant in plants))
    bounds = []
    for week in WEEKS:
        days = days_of(week)
        bounds.append([week, days[0], days[1], days[-1]])
        first = row_of(days[0])
        moments = (FIRST_ROW + QUARTER * (first + i) for i in range(8 * QUARTERS))
        starts = [f"{moment:%Y-%m-%dT%H:%MZ}" for moment in moments]
        power = household_power(week, homes, loads)
        consumed = {home.number: watt_hours(power[home.number]) for home in homes}
        produced = {
            plant.home.number: watt_hours(
                [plant.pv_peak_w * value for value in suns[plant.shape][first:][: 8 * QUARTERS]]
            )
            for plant in plants
        }
        for name, energy in (("consumption", consumed), ("pv", produced)):
            numbers = sorted(energy)
            columns = [energy[number] for number in numbers]
            header = " ".join(["start_utc", *map(str, numbers)])
            yield f"{name}_{week}.csv", table(header, zip(starts, *columns, strict=True))
    yield "weeks.csv", table("week lead_in first_day last_day", bounds)


def year_file(tables: Tables) -> bytes:
    """Mean relative power of each hour of 2016 in UTC, in thousandths: profiles, not loads."""
    columns = {load["profile"]: f"{load['profile']}_pload" for load in tables.grid("Load")}
    loads = tables.year("LoadProfile", columns.values())
    suns = tables.year("RESProfile", SKIES)
    year = {name: loads[column] for name, column in sorted(columns.items())}
    year |= {name: suns[name] for name in SKIES}
    first = row_of(date(2016, 1, 1))
    rows = []
    for row in range(first, len(suns[SKIES[0]]) - 3, 4):
        start = FIRST_ROW + QUARTER * row
        means = [math.fsum(values[row : row + 4]) / 4 for values in year.values()]
        rows.append([f"{start:%Y-%m-%dT%H:%MZ}", *(round(1000 * mean) for mean in means)])
    return lzma.compress(table(" ".join(["start_utc", *year]), rows), preset=9)


def extract() -> dict[str, bytes]:
    tables = Tables()
    bars = busbars(tables)
    homes = homes_of(tables)
    plants = plants_of(tables, homes, bars)
    files = dict(grid_files(tables, homes, plants, bars))
    files["households.csv"] = household_file(homes, plants)
    files.update(week_files(tables, homes, plants))
    files["year.csv.xz"] = year_file(tables)
    sums = [f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files)]
    return files | {MANIFEST: "".join(sums).encode()}


def main() -> int:
    parser = argparse.ArgumentParser(description="Make the demo's input data from SimBench.")
    parser.add_argument(
        "--check", action="store_true", help="compare with the committed files, write nothing"
    )
    check = parser.parse_args().check
    files = extract()
    if not check:
        for name, content in files.items():
            (OUT / name).write_bytes(content)
        print(f"{len(files)} files, {sum(map(len, files.values()))} bytes, in {OUT}")
        return 0
    different = [
        name
        for name, content in files.items()
        if not (OUT / name).is_file() or (OUT / name).read_bytes() != content
    ]
    print("different: " + ", ".join(different) if different else "all files are the same")
    return 1 if different else 0


if __name__ == "__main__":
    raise SystemExit(main())
