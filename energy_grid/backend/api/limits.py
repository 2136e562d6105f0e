"""What one client may take of the backend: the size of a request, and how many a minute."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import Any

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from energy_grid.backend.api.problems import ProblemError, problem

__all__ = ["Limits"]

_MOST_BYTES = 256 * 1024
# What monitoring asks for again and again.
_FREE = ("/health", "/ready", "/metrics")


class Limits:
    """Middleware that refuses what is too much before anything reads it.

    Args:
        per_minute: requests of an address; 0: no limit.
    """

    def __init__(self, app: ASGIApp, per_minute: int) -> None:
        self._app = app
        self._window = RateLimitItemPerMinute(per_minute) if per_minute else None
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        wait = self._wait(scope)
        if wait:
            answer = problem(
                HTTPStatus.TOO_MANY_REQUESTS,
                "too-many-requests",
                "this address has asked too often",
                next=f"ask again in {wait} s",
                headers={"Retry-After": str(wait)},
            )
            await answer(scope, receive, send)
            return
        size = dict(scope["headers"]).get(b"content-length", b"0")
        if not size.isdigit() or int(size) > _MOST_BYTES:
            await _too_large()(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > _MOST_BYTES:
                raise ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", _TOO_LARGE)
            return message

        await self._app(scope, counted, send)

    def _wait(self, scope: Scope) -> int:
        """Seconds until its address may ask again."""
        if self._window is None or scope["path"] in _FREE:
            return 0
        client = scope["client"]
        address = client[0] if client else ""
        if self._limiter.hit(self._window, address):
            return 0
        reset = self._limiter.get_window_stats(self._window, address).reset_time
        return max(int(reset - time.time()) + 1, 1)


_TOO_LARGE = f"a request has at most {_MOST_BYTES} bytes"


def _too_large() -> Any:
    return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too-large", _TOO_LARGE)
