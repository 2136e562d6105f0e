"""The upkeep of what the API needs: old answers do not grow for ever, years are summed up."""

from __future__ import annotations

import time
from collections.abc import Mapping

from sqlalchemy import delete, func, select

from energy_grid.backend.api.summing import sum_up
from energy_grid.backend.invoicing.statements import Invoicing
from energy_grid.backend.store.blocks import final_time
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.feed import FEED, forget_before
from energy_grid.backend.store.sessions import ANSWERED, SESSIONS

__all__ = ["ApiKeeping"]

_DAY = 86_400
_PAUSE_SECONDS = 60.0


class ApiKeeping:
    """Deletes what nobody asks for any more, sums up what many do, and issues statements; a
    `Service`.

    Args:
        feed_days: so long a stream can go on where it was.
        invoicing: makes statements.
        finality: a block with so many on top of it is final.
        slot_seconds: of the market.
    """

    name = "api"

    def __init__(
        self,
        database: Database,
        feed_days: int,
        invoicing: Invoicing,
        *,
        finality: int,
        slot_seconds: int,
    ) -> None:
        self._invoicing = invoicing
        self._database, self._seconds = database, feed_days * _DAY
        self._finality, self._slot_seconds = finality, slot_seconds
        self._sessions = 0

    def step(self) -> float:
        """Delete what is old, sum up what is new, and issue the statements that are due.

        Raises:
            DatabaseGoneError: take the step again after a while.
        """
        now = int(time.time())
        with self._database.writing() as connection:
            forget_before(connection, now - self._seconds)
            connection.execute(delete(ANSWERED).where(ANSWERED.c.answered_at < now - _DAY))
            connection.execute(delete(SESSIONS).where(SESSIONS.c.expires_at < now))
            count = select(func.count(SESSIONS.c.account.distinct()))
            self._sessions = connection.scalar(count) or 0
        is_more = sum_up(self._database, self._finality, self._slot_seconds)
        final = final_time(self._database, self._finality)
        is_more |= final is not None and self._invoicing.issue(final)
        return 0.0 if is_more else _PAUSE_SECONDS

    def describe(self) -> str:
        """Who is signed in."""
        return f"{self._sessions} signed in"

    def metrics(self) -> Mapping[str, float]:
        """How many sessions there are, and the feed's newest number."""
        with self._database.reading() as connection:
            newest = connection.scalar(select(func.max(FEED.c.number))) or 0
        return {"sessions": self._sessions, "feed_number": newest}
