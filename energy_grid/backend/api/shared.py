"""Reads that are the same for everybody are answered once for all who ask at the same time.

An answer is given again for a moment, and made anew in the background then: thousands of readers
cost as much as one. Whatever is sent to this process in between makes it forget them all, so
nobody misses what they have done.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic as _clock

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from energy_grid.backend.api.limits import COUNTED, Rate, asker
from energy_grid.backend.api.problems import ProblemError

__all__ = ["Shared", "is_shared"]

_PATHS = re.compile(
    "/api/v1/(market|periods|periods/[A-Z_]+/[^/]+/book|prices|trades|batches|batches/[0-9]+"
    "|grid/(status|demand|supply)|communities|demand-response/(programs|events)|assets"
    "|certificates|certificates/offers|governance/proposals|operators)"
)
# Answers in memory, and the bytes of each.
_MOST, _MOST_BYTES = 200, 256 * 1024
# What else an answer depends on, and what only one reader has.
_HEADERS = frozenset((b"origin", b"if-none-match"))
_OWN = frozenset((b"authorization", b"content-length", b"transfer-encoding"))
_Key = tuple[object, ...]


def is_shared(path: str) -> bool:
    """Whether a read answers everybody the same, who is not signed in."""
    return _PATHS.fullmatch(path) is not None


@dataclass(frozen=True, slots=True)
class _Answer:
    made_at: float
    messages: Sequence[Message]


class Shared:
    """Middleware that gives answers again.

    Args:
        seconds: as old as an answer may be before it is made anew; 0: each is made for one reader.
        rate: counts those who are given an answer again.
    """

    def __init__(self, app: ASGIApp, seconds: float, rate: Rate) -> None:
        self._app, self._seconds, self._rate = app, seconds, rate
        self._answers: OrderedDict[_Key, _Answer] = OrderedDict()
        self._making: dict[_Key, asyncio.Task[_Answer]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = _key_of(scope) if self._seconds and scope["type"] == "http" else None
        if key is None:
            await self._pass(scope, receive, send)
            return
        found = self._answers.get(key)
        try:
            self._rate.count(asker(scope))
        except ProblemError:
            # It is told so where all others are.
            await self._app(scope, receive, send)
            return
        age = _clock() - found.made_at if found else 0
        if found is None or age > 2 * self._seconds:
            found = await asyncio.shield(self._made(key, scope))
        elif age > self._seconds:
            self._made(key, scope)
        for message in found.messages:
            await send(message)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for one reader; what has changed something is forgotten."""
        is_change = scope["type"] == "http" and scope["method"] in ("POST", "DELETE")
        status = 0

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sent)
        finally:
            # What was refused has changed nothing: nobody empties this by asking for nonsense.
            if is_change and not 400 <= status < 500:
                self._answers.clear()
                # Nor is what was read before taken for what is so now.
                self._making.clear()

    def _made(self, key: _Key, scope: Scope) -> asyncio.Task[_Answer]:
        task = self._making.get(key)
        if task is None:
            task = self._making[key] = asyncio.create_task(self._make({**scope, COUNTED: True}))
            task.add_done_callback(lambda done: self._keep(key, done))
        return task

    def _keep(self, key: _Key, done: asyncio.Task[_Answer]) -> None:
        # An error is told to those who wait, and to nobody else.
        failed = done.cancelled() or done.exception() is not None
        if self._making.get(key) is not done:
            return
        del self._making[key]
        self._answers.pop(key, None)
        if not failed and _may_be_kept(done.result().messages):
            self._answers[key] = done.result()
            while len(self._answers) > _MOST:
                self._answers.popitem(last=False)

    async def _make(self, scope: Scope) -> _Answer:
        messages: list[Message] = []
        begun = _clock()

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, send)
        return _Answer(begun, messages)


def _key_of(scope: Scope) -> _Key | None:
    if scope["method"] != "GET" or not is_shared(scope["path"]):
        return None
    headers = scope["headers"]
    if any(name in _OWN for name, _ in headers):
        return None
    others = (each for each in headers if each[0] in _HEADERS)
    return scope["path"], scope["query_string"], *map(tuple, others)


def _may_be_kept(messages: Sequence[Message]) -> bool:
    size = sum(len(each.get("body", b"")) for each in messages)
    return messages[0]["status"] in (200, 304) and size <= _MOST_BYTES
