"""``energy-grid analytics``, on stores that nobody serves."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from energy_grid.backend.store.database import Database
from energy_grid.backend.store.kpi_views import KPI_VIEWS
from energy_grid.cli.main import main
from tests.bench.year import fill_year
from tests.support.archives import same_rows

Output = pytest.CaptureFixture[str]


def test_analytics_export__of_a_store__is_read_by_duckdb(tmp_path: Path, capsys: Output) -> None:
    folder, url = tmp_path / "year", f"sqlite:///{tmp_path / 'store.db'}"
    database = Database.open(url)
    fill_year(database, 6, 20_000, 3)
    assert main(["analytics", "export", f"{folder}", "--database", url]) == 0
    assert capsys.readouterr().out.endswith(f" rows to {folder}: duckdb -init views.sql in it\n")
    counts = same_rows(database, folder)
    assert {*counts} == {*KPI_VIEWS}
    assert counts["closings"] >= 18
    assert main(["analytics", "export", f"{folder}", "--database", url]) == 2
    assert capsys.readouterr().err == f"energy-grid: {folder} exists: name a new folder\n"
    database.close()


def test_analytics_export__without_a_store__says_so_and_makes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["analytics", "export", "year"]) == 2
    assert capsys.readouterr().err == (
        "energy-grid: there is no store energy-grid-data/store.db: energy-grid serve makes one,"
        " --database names another\n"
    )
    assert not any(tmp_path.iterdir())


def test_analytics_export__of_somebody_elses_database__leaves_it_as_it_is(
    tmp_path: Path, capsys: Output
) -> None:
    file = tmp_path / "photos.db"
    with closing(sqlite3.connect(file)) as photos:
        photos.execute("CREATE TABLE photos (name TEXT)")
    arguments = ["analytics", "export", f"{tmp_path / 'year'}", "--database", f"sqlite:///{file}"]
    assert main(arguments) == 2
    assert capsys.readouterr().err == (
        f"energy-grid: the database {file} is no store of this version: energy-grid serve makes it"
        " one\n"
    )
    with closing(sqlite3.connect(file)) as photos:
        assert photos.execute("SELECT name FROM sqlite_master").fetchall() == [("photos",)]
    assert not (tmp_path / "year").exists()
