"""``energy-grid analytics``: the store's key figures for other programs."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from energy_grid.cli.commands import CommandGroup
from energy_grid.cli.numbers import counted
from energy_grid.errors import InputError

__all__ = ["analytics"]

analytics = CommandGroup("analytics")


@analytics.alone("export")
def export(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new one.")],
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The TOML file of energy-grid serve.")
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Of the store; by default that of energy-grid serve."),
    ] = None,
) -> str:
    """Write what the key figures are made of as Parquet, and their views for DuckDB.

    The folder has the days of each account: who may not read the store may not have it.
    """
    from energy_grid.backend.api.archive import write_archive
    from energy_grid.backend.store.database import Database
    from energy_grid.serve.settings import load_settings

    settings = load_settings(config, {} if database is None else {"database": database})
    _, is_file, file = settings.store.partition("sqlite:///")
    if is_file and not Path(file).exists():
        raise InputError(
            f"there is no store {file}: energy-grid serve makes one, --database names another"
        )
    with closing(Database(settings.store)) as store:
        store.require_tables()
        rows = write_archive(store, folder)
    return f"Wrote {counted(rows, 'row')} to {folder}: duckdb -init views.sql in it"
