"""Headers that every answer has: nobody guesses its type, frames it, or keeps what is private."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["SAFE", "Headers"]

SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""Of an answer that nobody keeps, and that is no page."""


class Headers:
    """Middleware that adds them.

    What everybody is told may be kept if it is asked for anew each time; what an account is told,
    and what changes something, may not be kept at all.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        added = dict(SAFE)
        asked = {name for name, _ in scope["headers"]}
        if scope["method"] in ("GET", "HEAD") and b"authorization" not in asked:
            added["Cache-Control"] = "no-cache"

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in added.items():
                    headers.setdefault(name, value)
                headers.add_vary_header("Authorization")
            await send(message)

        await self._app(scope, receive, sent)
