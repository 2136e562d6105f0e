"""What one client may take: the size and time of a request, how many a minute, how many streams."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address
from threading import Lock

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from energy_grid.backend.api.headers import SAFE
from energy_grid.backend.api.problems import ProblemError, answer_of

__all__ = ["COUNTED", "Few", "Limits", "Open", "Rate", "Streams", "asker"]

COUNTED = "energy_grid.counted"
"""In the scope of a request that was counted before."""
_MOST_BYTES = 256 * 1024
# In which all of a request has to come.
_SECONDS = 20.0
# After which a stream whose listener has hung up is mostly noticed: it says that it lives.
_NOTICED_SECONDS = 15
# Of those that a process has room for; streams are counted by themselves.
_MOST_OPEN, _STREAM = 400, "/api/v1/stream"
_AGAIN_SECONDS = 2
# What monitoring asks for again and again.
_FREE = ("/health", "/ready", "/metrics")
# A customer of a network has so many bits of an address, and takes the others as they like.
_CUSTOMER_BITS = 64


class Rate:
    """Counts requests of addresses and of accounts.

    Args:
        per_minute: of each; 0: no limit.
    """

    def __init__(self, per_minute: int) -> None:
        self._window = RateLimitItemPerMinute(per_minute) if per_minute else None
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    def count(self, who: str) -> None:
        """Count a request.

        Raises:
            ProblemError: there were too many.
        """
        if self._window is None or self._limiter.hit(self._window, who):
            return
        reset = self._limiter.get_window_stats(self._window, who).reset_time
        wait = max(int(reset - time.time()) + 1, 1)
        raise ProblemError(
            HTTPStatus.TOO_MANY_REQUESTS,
            "too-many-requests",
            f"{who} has asked too often",
            next=f"ask again in {wait} s",
            after=wait,
        )


class Few:
    """Lets few do at once what takes a process long; all others come again.

    Args:
        most: at once.
        what: is being done.
    """

    def __init__(self, most: int, what: str) -> None:
        self._most, self._what = most, what
        self._taken: list[str | None] = []
        self._lock = Lock()

    @contextmanager
    def place(self, who: str | None = None) -> Iterator[None]:
        """One of the places, as long as the block lasts.

        Args:
            who: has one of them at most; None: anybody.

        Raises:
            ProblemError: all are taken, or one is by the same.
        """
        with self._lock:
            if who is not None and who in self._taken:
                raise ProblemError(
                    HTTPStatus.TOO_MANY_REQUESTS,
                    "one-at-a-time",
                    f"{who} has such a request under way",
                    next="wait for its answer, then ask again",
                    after=_AGAIN_SECONDS,
                )
            if len(self._taken) == self._most:
                raise ProblemError(
                    HTTPStatus.SERVICE_UNAVAILABLE,
                    "busy",
                    self._what,
                    next="ask again in some seconds",
                    after=_AGAIN_SECONDS,
                )
            self._taken.append(who)
        try:
            yield
        finally:
            with self._lock:
                self._taken.remove(who)


class Streams:
    """Counts the streams of addresses and of accounts that are open; lives on the event loop.

    Args:
        most: of each; 0: no limit.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._of: Counter[str] = Counter()

    @contextmanager
    def one(self, *who: str) -> Iterator[None]:
        """Count one of all of these as long as the block lasts.

        Raises:
            ProblemError: one of them has too many.
        """
        for each in who:
            if self._most and self._of[each] >= self._most:
                raise ProblemError(
                    HTTPStatus.TOO_MANY_REQUESTS,
                    "too-many-streams",
                    f"{each} has {self._most} streams open, as many as it may have",
                    next=f"close one (one tells of many topics), or try in {_NOTICED_SECONDS} s",
                    after=_NOTICED_SECONDS,
                )
        self._of.update(who)
        try:
            yield
        finally:
            self._of.subtract(who)
            self._of = +self._of


class Open:
    """Middleware that lets nobody have so many answers open that there is no room for others: one
    that its reader does not take has no end."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._open = app, Counter[str]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in (*_FREE, _STREAM):
            await self._app(scope, receive, send)
            return
        who = asker(scope)
        if self._open[who] >= _MOST_OPEN:
            error = ProblemError(
                HTTPStatus.TOO_MANY_REQUESTS,
                "too-many-requests",
                f"{who} has {_MOST_OPEN} answers open",
                next="end some first",
            )
            answer = answer_of(error)
            answer.headers.update(SAFE)
            await answer(scope, receive, send)
            return
        self._open[who] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._open[who] -= 1
            if not self._open[who]:
                del self._open[who]


class Limits:
    """Middleware that refuses what is too much before anything reads it."""

    def __init__(self, app: ASGIApp, rate: Rate) -> None:
        self._app, self._rate = app, rate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            if scope["path"] not in _FREE and COUNTED not in scope:
                self._rate.count(asker(scope))
            headers = dict(scope["headers"])
            if b"content-length" in headers and b"transfer-encoding" in headers:
                raise ProblemError(HTTPStatus.BAD_REQUEST, "bad-request", _TWO_LENGTHS)
            size = headers.get(b"content-length", b"0")
            if not size.isdigit() or int(size) > _MOST_BYTES:
                raise ProblemError(
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "request-entity-too-large", _TOO_LARGE
                )
        except ProblemError as error:
            answer = answer_of(error)
            # What follows may be a part of this request, and is none of its own.
            answer.headers["Connection"] = "close"
            await answer(scope, receive, send)
            return
        taken, is_read = 0, False
        deadline = asyncio.get_running_loop().time() + _SECONDS

        # What FastAPI does not turn into something else, where it reads the request.
        async def counted() -> Message:
            nonlocal taken, is_read
            try:
                async with asyncio.timeout_at(None if is_read else deadline):
                    message = await receive()
            except TimeoutError:
                raise HTTPException(
                    HTTPStatus.REQUEST_TIMEOUT, f"a request comes within {_SECONDS:.0f} s"
                ) from None
            is_read = not message.get("more_body", False)
            taken += len(message.get("body", b""))
            if taken > _MOST_BYTES:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_LARGE)
            return message

        await self._app(scope, counted, send)


_TWO_LENGTHS = "a request has Content-Length or Transfer-Encoding, not both"
_TOO_LARGE = f"a request has at most {_MOST_BYTES} bytes"


def asker(scope: Scope) -> str:
    """The address that asks, or what its network has given to one customer."""
    return _customer(scope["client"][0] if scope["client"] else "")


@lru_cache(10_000)
def _customer(client: str) -> str:
    try:
        address = ip_address(client)
    except ValueError:
        return client
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        network = int(address) >> (128 - _CUSTOMER_BITS) << (128 - _CUSTOMER_BITS)
        return f"{IPv6Address(network)}/{_CUSTOMER_BITS}"
    return client
