"""The clock of a local chain waits for those who live by it.

A service that has looked at everything writes down the block at which it began to look. Time goes
on once all of them have looked at the newest one. So it stands still while one works, or is down.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

from sqlalchemy import func, insert, select, update

from energy_grid.backend.store.database import Database
from energy_grid.backend.store.rests import RESTS
from energy_grid.chain.rpc.node import Node

__all__ = ["Pace"]

# Seconds between two looks at the head of a chain that is on this machine.
_LOOK_SECONDS = 0.005


class Pace:
    """What the services of a local chain and its clock know of each other; threads may share it.

    Attributes:
        roles: the names of all services that the clock waits for.
    """

    def __init__(self, database: Database, node: Node, roles: Iterable[str] = ()) -> None:
        self._database, self._node, self.roles = database, node, {*roles}
        self._rests: dict[str, int] = {}

    def head(self) -> int:
        """The newest block.

        Raises:
            ChainError: the node does not answer.
        """
        return self._node.block_number

    def rest(self, role: str, block: int) -> None:
        """Note that a role has nothing to do at a block.

        Raises:
            DatabaseGoneError: the database is gone.
        """
        # Some look many times a second, and each write waits for the disk.
        if self._rests.get(role) == block:
            return
        with self._database.writing() as connection:
            change = update(RESTS).where(RESTS.c.role == role).values(block=block)
            if not connection.execute(change).rowcount:
                connection.execute(insert(RESTS).values(role=role, block=block))
        self._rests[role] = block

    def is_quiet(self) -> bool:
        """Whether nobody has anything to do at the newest block.

        Raises:
            ChainError, DatabaseGoneError: nobody can tell.
        """
        seen = select(func.count()).where(
            RESTS.c.role.in_(self.roles), RESTS.c.block >= self.head()
        )
        with self._database.reading() as connection:
            return connection.scalar(seen) == len(self.roles)

    def wait(self, stop: threading.Event, block: int, seconds: float) -> None:
        """Wait so many seconds, until there is a newer block, or until a stop.

        Raises:
            ChainError: the node does not answer.
        """
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not stop.wait(min(left, _LOOK_SECONDS)):
            if self.head() != block:
                return
