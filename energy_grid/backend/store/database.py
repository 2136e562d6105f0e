"""Opening the store: an engine for SQLite or PostgreSQL, with all migrations done."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoneFreeError

from energy_grid.backend.store.kpi_views import create_views
from energy_grid.errors import EnergyGridError, InputError

__all__ = ["Database", "DatabaseGoneError", "in_parts"]

_MIGRATIONS = Path(__file__).parent / "migrations"
_DRIVERS = {
    "sqlite": "sqlite+pysqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
}
_MOST_KEYS = 500
_Key = TypeVar("_Key")
# Seconds that a writer waits for another one.
_BUSY_SECONDS = 30
# A server that has vanished without a word is missed after seconds: those in which it must take a
# connection, and acknowledge what a connection sends, or that it is still there.
_ANSWERS_SOON = {
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 4,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
# One number for the migrations of all processes: any other lock's differs from it.
_MIGRATING = 0x656E6572


class DatabaseGoneError(EnergyGridError):
    """The database does not answer, has no room, or cannot be written: it may come back."""


class Database:
    """The store; threads may share it, processes open one each. It is not connected at once.

    Args:
        url: ``sqlite:///FILE``, whose folder is made, or ``postgresql://USER:PASSWORD@HOST/NAME``.

    Raises:
        InputError: the URL is of neither, or the folder cannot be made; once it is connected, the
            file is no database.
    """

    def __init__(self, url: str) -> None:
        try:
            parsed = make_url(url)
        except ArgumentError:
            raise InputError(f"{_SHAPE}, this is {url[:20]!r}") from None
        driver = _DRIVERS.get(parsed.drivername.partition("+")[0])
        if driver is None:
            raise InputError(f"{_SHAPE}, this is {parsed.drivername!r}")
        if driver.startswith("sqlite") and not parsed.database:
            raise InputError(f"{_SHAPE}: a file is needed")
        self.url = parsed.set(drivername=driver)
        self.is_sqlite = driver.startswith("sqlite")
        if self.is_sqlite:
            _make_folder(Path(str(parsed.database)).parent)
        self.engine = (
            _sqlite(self.url)
            if self.is_sqlite
            else create_engine(self.url, connect_args=_ANSWERS_SOON, hide_parameters=True)
        )

    @classmethod
    def open(cls, url: str) -> Database:
        """A store whose tables are those of this version.

        Raises:
            InputError: the URL is of no database.
            DatabaseGoneError: it cannot be reached.
        """
        database = cls(url)
        database.migrate()
        return database

    def migrate(self) -> None:
        """Bring the tables to this version; only one process does at a time."""
        scripts = ScriptDirectory(str(_MIGRATIONS))

        def upgrade(now: Any, _: Any) -> Any:
            return scripts._upgrade_revs("head", now)

        with self.writing() as connection:
            if not self.is_sqlite:
                lock = text("SELECT pg_advisory_xact_lock(:number)")
                connection.execute(lock, {"number": _MIGRATING})
            with EnvironmentContext(Config(), scripts, fn=upgrade) as migrating:
                # The transaction is ours.
                migrating.configure(connection=connection, transactional_ddl=False)
                migrating.run_migrations()
            create_views(connection)

    def require_tables(self) -> None:
        """Refuse a database whose tables are not those of this version, and leave it as it is.

        Raises:
            InputError: it has others, or none.
            DatabaseGoneError: the database is gone.
        """
        with self.reading() as connection:
            found = MigrationContext.configure(connection).get_current_heads()
        if {*found} != {*ScriptDirectory(str(_MIGRATIONS)).get_heads()}:
            raise InputError(
                f"the database {self.url.database} is no store of this version: energy-grid serve"
                " makes it one"
            )

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes: all of it is there after the block, or nothing.

        Raises:
            DatabaseGoneError: the database is gone, or full.
        """
        with _answering(), self.engine.connect() as connection:
            connection.info["writes"] = True
            try:
                with connection.begin():
                    yield connection
            finally:
                connection.info.pop("writes", None)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads, all of it the same state.

        Raises:
            DatabaseGoneError: the database is gone.
        """
        with _answering(), self.engine.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Let go of all connections; of those in use, once they are given back."""
        event.listen(self.engine, "checkin", lambda _, record: record.invalidate())
        self.engine.dispose()


_SHAPE = "a database is sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"


def in_parts(keys: Sequence[_Key]) -> Iterator[Sequence[_Key]]:
    """So many keys at a time that every database takes them in one query."""
    for at in range(0, len(keys), _MOST_KEYS):
        yield keys[at : at + _MOST_KEYS]


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the folder {folder}: {error.strerror}") from None


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except NoneFreeError as error:
        raise DatabaseGoneError("all connections to the database are in use") from error
    except DBAPIError as error:
        if not isinstance(error, OperationalError) and not error.connection_invalidated:
            raise
        why = " ".join(str(error.orig).split())
        raise DatabaseGoneError(f"the database does not answer: {why}") from error


def _begin_wal(cursor: sqlite3.Cursor) -> None:
    """Let a database have a write-ahead log; of several that do so at once SQLite has none wait."""
    deadline = time.monotonic() + _BUSY_SECONDS
    while cursor.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _sqlite(url: Any) -> Engine:
    # What rows hold is in no message: it can be private.
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _: object) -> None:
        # The driver would begin transactions late, and end them at statements of its choice.
        connection.isolation_level = None
        cursor = connection.cursor()
        try:
            _begin_wal(cursor)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_NOTADB:
                raise
            raise InputError(f"{url.database} is no database of SQLite: name another") from None
        for pragma in ("synchronous = FULL", "foreign_keys = ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer that first read could not go on once another one has written.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.info.get("writes") else "BEGIN")

    return engine
