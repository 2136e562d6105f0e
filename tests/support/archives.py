"""Key figures that DuckDB reads from a folder of Parquet files, beside the store's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from sqlalchemy import select

from energy_grid.backend.store.database import Database
from energy_grid.backend.store.kpi_views import KPI_VIEWS

__all__ = ["opened", "same_rows"]


def opened(folder: Path) -> duckdb.DuckDBPyConnection:
    """As who runs views.sql in the folder has it."""
    found = duckdb.connect()
    found.execute("SET file_search_path = ?", [str(folder)])
    found.execute((folder / "views.sql").read_text(encoding="utf-8"))
    return found


def same_rows(database: Database, folder: Path) -> dict[str, int]:
    """How many rows each view has; they are the same in both, to the last unit."""
    counts = {}
    with opened(folder) as archive, database.reading() as connection:
        for name, view in KPI_VIEWS.items():
            wanted = _rows(connection.execute(select(view)).all())
            columns = ", ".join(column.name for column in view.c)
            assert _rows(archive.execute(f"SELECT {columns} FROM {name}").fetchall()) == wanted
            counts[name] = wanted.total()
    return counts


def _rows(found: Iterable[Sequence[Any]]) -> Counter[tuple[Any, ...]]:
    return Counter(
        tuple(int(each) if isinstance(each, Decimal) else each for each in row) for row in found
    )
