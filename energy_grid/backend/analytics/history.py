"""A household's own history from a file: CSV, Parquet, or Green Button (XML, ESPI).

Tables have the columns ``start_utc``, and ``load_wh`` or ``production_wh`` or both; rows are of an
hour or a part of it, by their distance. Green Button has interval blocks in Wh, delivered (1) or
received (19); a multiplier and other units of a reading type are understood.
"""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import numpy as np

from energy_grid.backend.analytics.series import Array, Kind
from energy_grid.errors import InputError

__all__ = ["COLUMNS", "hour_of", "number_of", "read_history", "time_of", "write_history"]

COLUMNS: Mapping[str, Kind] = {"load_wh": Kind.LOAD, "production_wh": Kind.PRODUCTION}
_HOUR_SECONDS = 3600
_ESPI = "{http://naesb.org/espi}"
_ATOM = "{http://www.w3.org/2005/Atom}"
_RECEIVED, _WATT_HOURS = "19", "72"
_MOST_BYTES = 100_000_000
# As many as a CSV of so many bytes has: Parquet packs a million rows into some bytes.
_MOST_ROWS, _ROWS_AT_ONCE = 5_000_000, 1_000
_MOST_HOURS = 20 * 366 * 24
# Of times with 32 bits, as the market has them.
_END_HOUR = 2**32 // _HOUR_SECONDS
# What no reading comes near, so that all sums are exact.
_MOST = 10**12

# By kind: the hour with which it begins, and the Wh of each.
History = dict[Kind, tuple[int, Array]]
_Reading = tuple[int, int, float]  # Unix seconds, seconds, Wh


def read_history(file: Path) -> History:
    """Hours of load and production; those that a file has only a part of are NaN.

    Raises:
        InputError: it cannot be read; the message has row and column, or the element.
    """
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise InputError(f"{file} has more than 100 MB: split it")
        match file.suffix.lower():
            case ".csv":
                found = _table(file, _csv_rows(file))
            case ".parquet":
                found = _table(file, _parquet_rows(file))
            case ".xml":
                found = _green_button(file)
            case other:
                raise InputError(f"{file}: {other or 'no suffix'}: use .csv, .parquet or .xml")
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"cannot read {file}: {error}") from None
    if not any(found.values()):
        raise InputError(f"{file} has no readings")
    return {kind: _hours(file, readings) for kind, readings in found.items() if readings}


def time_of(file: Path, row: int, column: str, text: str | None) -> int:
    """Unix seconds of a time as ISO 8601 writes it; without a zone it is UTC.

    Raises:
        InputError: it is none.
    """
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        raise InputError(
            f"{file}: row {row}, column {column}: {str(text)[:40]!r} is no time such as"
            " 2026-07-01T10:00Z"
        ) from None
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())


def hour_of(file: Path, row: int, column: str, text: str | None) -> int:
    """`time_of`, as a whole hour from 1970.

    Raises:
        InputError: it is none.
    """
    hour, rest = divmod(time_of(file, row, column, text), _HOUR_SECONDS)
    if rest:
        raise InputError(f"{file}: row {row}, column {column}: {text} is not the begin of an hour")
    return hour


def number_of(file: Path, row: int, column: str, text: str | None) -> float:
    """A number from 0 to a million millions.

    Raises:
        InputError: it is none.
    """
    try:
        value = float(str(text))
    except ValueError:
        value = math.nan
    if not 0 <= value <= _MOST:
        raise InputError(
            f"{file}: row {row}, column {column}: {str(text)[:40]!r} is no number from 0 to"
            f" {_MOST:,}"
        )
    return value


def write_history(file: Path, history: History) -> None:
    """Write it as a CSV that `read_history` reads."""
    first = min(begin for begin, _ in history.values())
    end = max(begin + len(wh) for begin, wh in history.values())
    columns = [name for name, kind in COLUMNS.items() if kind in history]
    with file.open("w", newline="", encoding="utf-8") as lines:
        rows = csv.writer(lines, lineterminator="\n")
        rows.writerow(["start_utc", *columns])
        for hour in range(first, end):
            start = datetime.fromtimestamp(hour * _HOUR_SECONDS, UTC)
            rows.writerow(
                [f"{start:%Y-%m-%dT%H:%MZ}", *(_cell(history[COLUMNS[c]], hour) for c in columns)]
            )


def _cell(series: tuple[int, Array], hour: int) -> str:
    first, wh = series
    value = wh[hour - first] if first <= hour < first + len(wh) else math.nan
    return "" if math.isnan(value) else str(float(value)).removesuffix(".0")


def _csv_rows(file: Path) -> Iterator[Mapping[str, Any]]:
    with file.open(newline="", encoding="utf-8-sig") as lines:
        yield from csv.DictReader(lines)


def _parquet_rows(file: Path) -> Iterator[Mapping[str, Any]]:
    from pyarrow import ArrowException, parquet

    try:
        found = parquet.ParquetFile(file)
        if found.metadata.num_rows > _MOST_ROWS:
            raise InputError(f"{file} has more than {_MOST_ROWS:,} rows: split it")
        names = [name for name in found.schema_arrow.names if name in ("start_utc", *COLUMNS)]
        for batch in found.iter_batches(_ROWS_AT_ONCE, columns=names):
            yield from batch.to_pylist()
    # Times that Python does not have are no errors of Arrow.
    except (ArrowException, OverflowError, ValueError, KeyError) as error:
        first, *_ = str(error).splitlines() or [""]
        raise InputError(f"{file} is no Parquet: {first}") from None


def _table(file: Path, rows: Iterable[Mapping[str, Any]]) -> dict[Kind, list[_Reading]]:
    starts: list[int] = []
    values: dict[Kind, list[tuple[int, float]]] = defaultdict(list)
    for row, cells in enumerate(rows, 2):
        if "start_utc" not in cells or not COLUMNS.keys() & cells.keys():
            needed = f"start_utc, and {' or '.join(COLUMNS)}"
            raise InputError(f"{file}: row 1: the columns {needed} are needed")
        start = time_of(file, row, "start_utc", cells["start_utc"])
        if starts and start <= starts[-1]:
            raise InputError(f"{file}: row {row}, column start_utc: it is not after the row before")
        starts.append(start)
        for column, kind in COLUMNS.items():
            if (cell := cells.get(column)) not in (None, ""):
                values[kind].append((start, number_of(file, row, column, str(cell))))
    if not starts:
        return {}
    length = int(min(np.diff(starts), default=_HOUR_SECONDS))
    return {kind: [(at, length, wh) for at, wh in some] for kind, some in values.items()}


class _Untyped(Xml.TreeBuilder):
    """Ends at a document type, in any encoding: entities that follow can grow without end."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file

    def doctype(self, *_: object) -> None:
        raise InputError(f"{self._file} has a document type: Green Button has none")


def _green_button(file: Path) -> dict[Kind, list[_Reading]]:
    """Of all usage points together, by their reading types' directions."""
    try:
        root = Xml.fromstring(file.read_bytes(), Xml.XMLParser(target=_Untyped(file)))
    except Xml.ParseError as error:
        row, column = error.position
        raise InputError(f"{file}: row {row}, column {column}: it is no XML") from None
    except (LookupError, ValueError) as error:
        raise InputError(f"{file} is no XML: {error}") from None
    types: dict[str, Xml.Element] = {}
    meters: dict[str, str] = {}
    blocks: list[tuple[str, Xml.Element]] = []
    for entry in root.findall(f"{_ATOM}entry"):
        links = {each.get("rel", ""): each.get("href", "") for each in entry.iter(f"{_ATOM}link")}
        own = links.get("self", "")
        if (one := entry.find(f".//{_ESPI}ReadingType")) is not None:
            types[own] = one
        elif entry.find(f".//{_ESPI}MeterReading") is not None:
            related = [e.get("href", "") for e in entry.iter(f"{_ATOM}link")]
            meters[own] = next((href for href in related if "ReadingType" in href), "")
        else:
            up = links.get("up", "").removesuffix("/IntervalBlock")
            blocks += [(up, block) for block in entry.iter(f"{_ESPI}IntervalBlock")]
    only = next(iter(types.values()), None) if len(types) == 1 else None
    found: dict[Kind, list[_Reading]] = defaultdict(list)
    for number, (up, block) in enumerate(blocks, 1):
        where = f"{file}: IntervalBlock {number}"
        kind, factor = _reading_type(where, types.get(meters.get(up, ""), only))
        for at, reading in enumerate(block.iter(f"{_ESPI}IntervalReading"), 1):
            texts = [
                reading.findtext(f"{_ESPI}timePeriod/{_ESPI}start"),
                reading.findtext(f"{_ESPI}timePeriod/{_ESPI}duration"),
                reading.findtext(f"{_ESPI}value"),
            ]
            try:
                start, seconds, value = (int(str(text)) for text in texts)
            except ValueError:
                seconds = value = start = -1
            if seconds <= 0 or not 0 <= value <= _MOST / factor:
                raise InputError(
                    f"{where}, IntervalReading {at}: start, duration and value are no whole numbers"
                    f" from 0 to {_MOST:,} Wh"
                )
            found[kind].append((start, seconds, value * factor))
    return found


def _reading_type(where: str, one: Xml.Element | None) -> tuple[Kind, float]:
    """Whether it is production, and by what values are multiplied to be Wh."""
    if one is None:
        raise InputError(f"{where}: its ReadingType is missing")
    unit = one.findtext(f"{_ESPI}uom", _WATT_HOURS)
    power = one.findtext(f"{_ESPI}powerOfTenMultiplier", "0")
    if unit != _WATT_HOURS:
        raise InputError(f"{where}: its unit (uom) is {unit}: only Wh (72) are understood")
    if power not in {str(each) for each in range(-9, 10)}:
        raise InputError(f"{where}: powerOfTenMultiplier {power!r} is no whole number up to 9")
    is_received = one.findtext(f"{_ESPI}flowDirection") == _RECEIVED
    return (Kind.PRODUCTION if is_received else Kind.LOAD), 10.0 ** int(power)


def _hours(file: Path, readings: list[_Reading]) -> tuple[int, Array]:
    """Sums of hours that are covered throughout."""
    first = min(at for at, *_ in readings) // _HOUR_SECONDS
    end = max(at + seconds - 1 for at, seconds, _ in readings) // _HOUR_SECONDS + 1
    if end - first > _MOST_HOURS:
        raise InputError(f"{file} spans more than 20 years")
    if first < 0 or end > _END_HOUR:
        raise InputError(f"{file} has times before 1970 or after 2105")
    wh, covered = np.zeros(end - first), np.zeros(end - first)
    for at, seconds, value in readings:
        hour, rest = divmod(at, _HOUR_SECONDS)
        if rest + seconds > _HOUR_SECONDS:
            raise InputError(
                f"{file}: the reading at {datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ} is"
                f" longer than the rest of its hour: {seconds} s"
            )
        wh[hour - first] += value
        covered[hour - first] += seconds
    if (covered > _HOUR_SECONDS).any():
        twice = first + int(np.argmax(covered > _HOUR_SECONDS))
        start = datetime.fromtimestamp(twice * _HOUR_SECONDS, UTC)
        raise InputError(f"{file} has the hour from {start:%Y-%m-%dT%H:%MZ} on more than once")
    return first, np.where(covered == _HOUR_SECONDS, wh, np.nan)
