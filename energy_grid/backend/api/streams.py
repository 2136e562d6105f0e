"""Streams: what changes, as server-sent events; thousands of listeners cost one reader.

    feed --Tail--> the last news in memory --> listeners that keep up
      |
      +------------ read again ----------------> listeners that were away

Each event has an id. Who comes back with it (``Last-Event-ID``) is told what it missed, and nothing
twice. What a reorganisation took away is told as void.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from itertools import takewhile
from typing import Any

from anyio import to_thread
from sqlalchemy import func, select

from energy_grid.api.models import Topic
from energy_grid.api.values import time_of
from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.api.topics import concerns, topic_of
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.events import table_of
from energy_grid.backend.store.feed import FEED
from energy_grid.backend.store.news import (
    ALL,
    Event,
    News,
    OrderNews,
    Place,
    Void,
    newest_place,
    read_news,
)
from energy_grid.errors import EnergyGridError

__all__ = ["Listener", "Tail", "listener_of", "place_in"]

_POLL_SECONDS = 0.25
# News in memory, and how much is read from the store at once.
_KEPT, _PART = 2_000, 500
# A comment now and then shows proxies, and programs, that the connection lives.
_ALIVE_SECONDS = 15.0
_BIG = 2**53
_NUMBER = re.compile("[0-9]{1,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """Who listens, and to what.

    Attributes:
        topics: that it wants.
        account: that it is signed in as.
        number, meters: of that account.
    """

    topics: Collection[Topic]
    account: str | None = None
    number: int | None = None
    meters: frozenset[str] = frozenset()

    def hears(self, news: News) -> list[tuple[str, str, Place]]:
        """The events of a stream that some news become: their kind, their content, and the place
        behind each."""
        found = []
        for each in news.told:
            if isinstance(each, Void):
                void = {"first_block": each.first, "last_block": each.last}
                found.append(("void", _json(void), news.place))
            elif isinstance(each, Event):
                topic = topic_of(each)
                if topic in self.topics and (topic != "account" or self._is_mine(each)):
                    behind = Place(news.place.number, each.block, each.log_index)
                    found.append((topic, _document(each), behind))
            elif "order" in self.topics and each.trader == self.account:
                found.append(("order", _order_document(each), news.place))
        if news.head is not None and "block" in self.topics:
            found.append(("block", _json({"number": news.head}), news.place))
        elif found:
            kind, content, _ = found[-1]
            found[-1] = kind, content, news.place
        return found

    def _is_mine(self, event: Event) -> bool:
        return self.account is not None and concerns(event, self.account, self.number, self.meters)


class Tail:
    """Reads the feed for all listeners of a process; lives on its event loop.

    Args:
        database: gives the store, once it is there.
    """

    def __init__(self, database: Callable[[], Database]) -> None:
        self._database = database
        self._news: deque[News] = deque(maxlen=_KEPT)
        self._place: Place | None = None
        self._begin: Place | None = None
        self._came = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._is_over = False

    async def listen(
        self, listener: Listener, place: Place | None, may_listen: Callable[[], bool]
    ) -> AsyncIterator[str]:
        """What a listener is told from a place on, or from now on.

        Args:
            may_listen: asked now and then; the stream ends when it may not.

        Raises:
            DatabaseGoneError: ask again from the last id.
        """
        await self._start()
        place = place or self._place
        assert place is not None
        # An id without an event: whoever is cut off before the first one goes on from here.
        yield f": listening\nid: {_text(place)}\n\n"
        told_at = time.monotonic()
        while not self._is_over:
            came = self._came
            async for news in self._behind(place):
                place = news.place
                for kind, content, behind in listener.hears(news):
                    yield _told(kind, content, behind)
            with suppress(TimeoutError):
                await asyncio.wait_for(came.wait(), _ALIVE_SECONDS)
            if time.monotonic() - told_at >= _ALIVE_SECONDS and not self._is_over:
                if not await to_thread.run_sync(may_listen):
                    return
                yield _told("alive", "{}", place)
                told_at = time.monotonic()

    def end(self) -> None:
        """Let all streams end: whoever listens comes back with the last id, here or elsewhere."""
        self._is_over = True
        self._came.set()

    async def close(self) -> None:
        """Stop reading."""
        if self._task is not None:
            self._task.cancel()

    async def _start(self) -> None:
        if self._place is None:
            self._place = self._begin = await to_thread.run_sync(self._newest)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._follow())

    async def _follow(self) -> None:
        while True:
            assert self._place is not None
            try:
                found = await to_thread.run_sync(self._read, self._place)
            except EnergyGridError:
                # Listeners wait; who asks anew learns that the database is gone.
                found = []
            for news in found:
                if len(self._news) == _KEPT:
                    self._begin = self._news[0].place
                self._news.append(news)
                self._place = news.place
            if found:
                self._came.set()
                self._came = asyncio.Event()
            else:
                await asyncio.sleep(_POLL_SECONDS)

    async def _behind(self, place: Place) -> AsyncIterator[News]:
        """All news behind a place: from the store, then from memory."""
        while self._begin is not None and place < self._begin:
            found = await to_thread.run_sync(self._read, place)
            if not found:
                break
            for news in found:
                yield news
                place = news.place
        fresh = takewhile(lambda news: news.place > place, reversed(self._news))
        for news in reversed(list(fresh)):
            yield news

    def _newest(self) -> Place:
        with self._database().reading() as connection:
            return newest_place(connection)

    def _read(self, place: Place) -> list[News]:
        with self._database().reading() as connection:
            return list(read_news(connection, place, _PART))


def place_in(database: Database, text: str) -> Place:
    """The place that an id of a stream is.

    Raises:
        ProblemError: it is none, or too old to go on from.
    """
    parts = text.split(".")
    if len(parts) > 3 or not all(_NUMBER.fullmatch(each) for each in parts):
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "invalid-request",
            "this is no id of an event",
            field="Last-Event-ID",
        )
    place = Place(*map(int, parts))
    query = select(func.min(FEED.c.number), func.max(FEED.c.number))
    with database.reading() as connection:
        oldest, newest = connection.execute(query).one()
    if not (oldest or 1) - 1 <= place.number <= (newest or 0):
        raise ProblemError(
            HTTPStatus.GONE,
            "too-old",
            "the backend does not remember what came after this event",
            next="ask for everything anew, then listen without an id",
        )
    return place


def listener_of(database: Database, topics: Collection[Topic], account: str | None) -> Listener:
    """A listener, with what an account has."""
    if account is None:
        return Listener(topics=topics)
    opened, registered = (
        table_of("Settlement", "AccountOpened"),
        table_of("SmartMeter", "MeterRegistered"),
    )
    with database.reading() as connection:
        number = connection.scalar(select(opened.c.number).where(opened.c.account == account))
        meters = connection.scalars(
            select(registered.c.meter).where(registered.c.account == account)
        ).all()
    return Listener(topics=topics, account=account, number=number, meters=frozenset(meters))


def _document(event: Event) -> str:
    return _json(
        {
            "contract": event.contract,
            "event": event.name,
            "block": event.block,
            "log_index": event.log_index,
            "time": time_of(event.time).isoformat().replace("+00:00", "Z"),
            "transaction": event.transaction,
            "values": {name: _plain(value) for name, value in event.values.items()},
        }
    )


def _order_document(news: OrderNews) -> str:
    return _json(
        {
            "id": news.order,
            "state": news.state,
            "reason": news.reason,
            "filled_wh": news.filled,
        }
    )


def _plain(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int):
        return value
    return value if -_BIG <= value <= _BIG else str(value)


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, separators=(",", ":"))


def _told(kind: str, content: str, behind: Place) -> str:
    return f"id: {_text(behind)}\nevent: {kind}\ndata: {content}\n\n"


def _text(place: Place) -> str:
    parts = [place.number]
    if place.block >= 0:
        parts.append(place.block)
        if place.log_index != ALL:
            parts.append(place.log_index)
    return ".".join(map(str, parts))
