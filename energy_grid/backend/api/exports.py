"""Tables as files: CSV for spreadsheets, Parquet for programs.

A file is written whole before any of it is sent, so that who reads slowly holds no transaction.
In CSV a text that a spreadsheet would take for a formula begins with an apostrophe.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import TextIOWrapper
from tempfile import SpooledTemporaryFile
from typing import IO, Annotated, Any, Literal

from fastapi import Query
from fastapi.responses import StreamingResponse
from sqlalchemy import Connection, Select

from energy_grid.api.values import time_of
from energy_grid.backend.api.limits import Few
from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.store.database import Database

__all__ = [
    "FILES",
    "Column",
    "FileFormat",
    "Kind",
    "exported",
    "file_of",
    "rows_of",
    "safe_text",
    "write_parquet",
]

Kind = Literal["text", "whole", "big", "time", "flag"]
_Format = Literal["csv", "parquet"]
FileFormat = Annotated[_Format, Query(alias="format", description="Of the file.")]
FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A file.",
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            "application/vnd.apache.parquet": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
"""What paths with such files answer, for the interface's description."""
# Two years of a meter's quarter hours.
_MOST_ROWS = 100_000
# Others wait: services of the same process need the database, too.
_MAKING = Few(2, "other files are being made")
_AT_ONCE = 10_000
# What stays in memory.
_SMALL = 2**20
_TYPES = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_DIGITS = 38


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file.

    Attributes:
        name: with its unit.
        kind: ``whole`` has 64 bits, ``big`` any number.
        of: its value, Unix seconds of a time.
    """

    name: str
    kind: Kind
    of: Callable[[Mapping[Any, Any]], Any]


def safe_text(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def exported(
    database: Database,
    wanted: Select[Any],
    columns: Sequence[Column],
    name: str,
    kind: _Format,
) -> StreamingResponse:
    """A file with what a query finds.

    Args:
        name: of the file, without its suffix.

    Raises:
        ProblemError: it would have too many rows, or others are being made.
    """
    return file_of(_rows(database, wanted, columns), columns, name, kind)


def file_of(
    rows: Iterator[list[list[Any]]], columns: Sequence[Column], name: str, kind: _Format
) -> StreamingResponse:
    """A file with rows, which come some at a time; otherwise as `exported`."""
    write = _write_csv if kind == "csv" else write_parquet
    with _MAKING.place():
        file = SpooledTemporaryFile(_SMALL)  # noqa: SIM115 - the answer closes it
        try:
            write(file, columns, rows)
        except BaseException:
            file.close()
            raise
    size = file.tell()
    file.seek(0)
    return StreamingResponse(
        _pieces(file),
        media_type=_TYPES[kind],
        headers={
            "Content-Disposition": f'attachment; filename="{name}.{kind}"',
            "Content-Length": str(size),
        },
    )


def _rows(
    database: Database, wanted: Select[Any], columns: Sequence[Column]
) -> Iterator[list[list[Any]]]:
    """The rows, some at a time."""
    count = 0
    with database.reading() as connection:
        for part in rows_of(connection, wanted, columns, _AT_ONCE):
            count += len(part)
            if count > _MOST_ROWS:
                raise ProblemError(
                    422,
                    "too-many-rows",
                    f"these are more than {_MOST_ROWS:,} rows",
                    field="from",
                    next="ask for a shorter time, one after the other",
                )
            yield part


def rows_of(
    connection: Connection, wanted: Select[Any], columns: Sequence[Column], at_once: int
) -> Iterator[list[list[Any]]]:
    """What a query finds, so many rows at a time."""
    found = connection.execution_options(yield_per=at_once).execute(wanted).mappings()
    for part in found.partitions():
        yield [[each.of(row) for each in columns] for row in part]


def _write_csv(file: IO[bytes], columns: Sequence[Column], rows: Iterator[list[list[Any]]]) -> None:
    text = TextIOWrapper(file, encoding="utf-8", newline="")
    writer = csv.writer(text)
    writer.writerow([each.name for each in columns])
    for part in rows:
        writer.writerows(
            [_written(value, each.kind) for value, each in zip(row, columns, strict=True)]
            for row in part
        )
    text.flush()
    text.detach()


def _written(value: Any, kind: str) -> Any:
    if value is None:
        return ""
    if kind == "time":
        return _moment(value).isoformat().replace("+00:00", "Z")
    return safe_text(value) if kind == "text" else int(value)


def write_parquet(
    file: IO[bytes], columns: Sequence[Column], rows: Iterator[list[list[Any]]]
) -> int:
    """Write rows, which come some at a time; gives how many they were."""
    # Who asks for no such file does not wait for it to load.
    import pyarrow
    from pyarrow import parquet

    kinds = {
        "text": pyarrow.string(),
        "whole": pyarrow.int64(),
        "big": pyarrow.decimal128(_DIGITS, 0),
        "time": pyarrow.timestamp("s", tz="UTC"),
        "flag": pyarrow.bool_(),
    }
    schema = pyarrow.schema([(each.name, kinds[each.kind]) for each in columns])
    count = 0
    with parquet.ParquetWriter(file, schema) as writer:
        for part in rows:
            count += len(part)
            values = [
                pyarrow.array([_stored(row[at], each.kind) for row in part], kinds[each.kind])
                for at, each in enumerate(columns)
            ]
            writer.write_table(pyarrow.Table.from_arrays(values, schema=schema))
    return count


def _stored(value: Any, kind: str) -> Any:
    if value is None or kind in ("text", "flag"):
        return value
    return _moment(value) if kind == "time" else int(value)


def _moment(seconds: int) -> datetime:
    return time_of(int(seconds))


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(2**16):
            yield piece
