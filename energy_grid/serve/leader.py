"""One leader for each role: other processes stand by, and take over when it is gone.

With PostgreSQL the lead is an advisory lock, which ends with its connection, on whichever machine;
with SQLite it is a lock of a file beside the database, which ends with its process.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from energy_grid.backend.store.database import Database, DatabaseGoneError

__all__ = ["Leader"]

# Seconds: after 8 without an answer the server ends the session of a machine that is gone, which
# without these takes two hours.
_KEEPALIVES = ("tcp_keepalives_idle = 4", "tcp_keepalives_interval = 2", "tcp_keepalives_count = 2")


class Leader:
    """The lead of a role, which a process has or does not have; not for several threads.

    Args:
        role: whatever several processes must not do at once.
    """

    def __init__(self, database: Database, role: str) -> None:
        self._database, self._role = database, role
        self._file: int | None = None
        self._connection: Connection | None = None
        digest = hashlib.sha256(f"energy-grid {role}".encode()).digest()
        self._number = int.from_bytes(digest[:8], "big", signed=True)

    def leads(self) -> bool:
        """Whether this process has the lead, which it takes if nobody has it.

        Raises:
            DatabaseGoneError: nobody can tell; the lead is lost.
        """
        return self._has_file() if self._database.is_sqlite else self._has_lock()

    def close(self) -> None:
        """Give up the lead."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._connection is not None:
            # Not into the pool: the lock would live on with the connection.
            self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def _has_file(self) -> bool:
        if self._file is not None:
            return True
        path = Path(f"{self._database.url.database}.{self._role}.lock")
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise DatabaseGoneError(f"cannot open {path}: {error.strerror}") from None
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(file)
            return False
        self._file = file
        return True

    def _has_lock(self) -> bool:
        try:
            if self._connection is not None:
                # A connection that broke has lost the lock.
                self._connection.execute(text("SELECT 1"))
                return True
            connection = self._database.engine.connect()
            connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            wanted = text("SELECT pg_try_advisory_lock(:number)")
            if connection.scalar(wanted, {"number": self._number}):
                self._connection = connection
                for setting in _KEEPALIVES:
                    connection.execute(text(f"SET {setting}"))
                return True
            connection.close()
        except DBAPIError as error:
            self.close()
            raise DatabaseGoneError(f"the database does not answer: {error.orig}") from error
        return False
