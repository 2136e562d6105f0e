"""What the key figures are made of, as a folder of Parquet files: a city's years for DuckDB.

closings.parquet, day_sums.parquet, ...    what the store's views read
views.sql                                  the views themselves, as DuckDB has them
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Boolean, Connection, Integer, Select, String, select
from sqlalchemy.dialects.postgresql.base import PGCompiler, PGDialect
from sqlalchemy.sql.elements import BinaryExpression

from energy_grid.backend.api.exports import Column, Kind, rows_of, write_parquet
from energy_grid.backend.store.analytics import CLEARING_SUMS, DAY_SUMS, HOUR_SUMS
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.events import table_of
from energy_grid.backend.store.kpi_views import CREATE_KPI_VIEWS, KPI_VIEWS
from energy_grid.backend.store.orders import CLEARINGS
from energy_grid.backend.store.transactions import SENT
from energy_grid.errors import InputError

__all__ = ["write_archive"]

_AT_ONCE = 50_000
_KINDS: Mapping[type, Kind] = {
    Boolean: "flag",
    String: "text",
    Integer: "whole",
    BigInteger: "whole",
}


class _Compiler(PGCompiler):
    def visit_floordiv_binary(
        self, binary: BinaryExpression[Any], operator: Any, **more: Any
    ) -> str:
        # DuckDB divides whole numbers by / into fractions.
        del operator
        return f"{self.process(binary.left, **more)} // {self.process(binary.right, **more)}"


class _DuckDb(PGDialect):
    statement_compiler = _Compiler


def _tables() -> dict[str, Select[Any]]:
    """What views read that are made anew in DuckDB, and no more of it."""
    meters, factors = (
        table_of("SmartMeter", "MeterRegistered"),
        table_of("CarbonCredits", "EmissionFactorSet"),
    )
    names = {
        CLEARINGS: ("id", "start", "region"),
        SENT: ("journal", "time", "gas_used"),
        meters: ("settlement", "time"),
        factors: ("from_day", "grams_per_kwh", "block", "log_index"),
    }
    whole = (
        *(KPI_VIEWS["closings"], KPI_VIEWS["certified_closings"]),
        *(DAY_SUMS, HOUR_SUMS, CLEARING_SUMS),
    )
    return {
        **{table.name: select(table) for table in whole},
        **{table.name: select(*(table.c[each] for each in of)) for table, of in names.items()},
    }


def _views_of_duckdb() -> str:
    """Statements that make the store's key figures of the Parquet files beside them."""
    tables = _tables()
    lines = [f"CREATE OR REPLACE VIEW {name} AS FROM '{name}.parquet';" for name in tables]
    dialect = _DuckDb(paramstyle="named")  # type: ignore[no-untyped-call]
    for name, create in CREATE_KPI_VIEWS.items():
        if name not in tables:
            made = str(create.compile(dialect=dialect))
            lines.append(made.replace("CREATE VIEW", "CREATE OR REPLACE VIEW", 1) + ";")
    return "\n".join(lines) + "\n"


def write_archive(database: Database, folder: Path) -> int:
    """Write a folder, whole or not at all; gives how many rows it has.

    Raises:
        InputError: there is something of this name, or it cannot be written.
        DatabaseGoneError: the database is gone.
    """
    # A link to nothing is something, too.
    if os.path.lexists(folder):
        raise InputError(f"{folder} exists: name a new folder")
    draft, rows = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}"), 0
    try:
        # It has the days of households.
        draft.mkdir(mode=0o700, parents=True)
        with database.reading() as connection:
            for name, wanted in _tables().items():
                rows += _write(connection, wanted, draft / f"{name}.parquet")
        (draft / "views.sql").write_text(_views_of_duckdb(), encoding="utf-8")
        draft.replace(folder)
    except OSError as error:
        raise InputError(f"cannot write {folder}: {error.strerror}") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return rows


def _write(connection: Connection, wanted: Select[Any], file: Path) -> int:
    columns = [
        Column(each.name, _KINDS.get(type(each.type), "big"), itemgetter(each.name))
        for each in wanted.selected_columns
    ]
    with file.open("wb") as stream:
        return write_parquet(stream, columns, rows_of(connection, wanted, columns, _AT_ONCE))
