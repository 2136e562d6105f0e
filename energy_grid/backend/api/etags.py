"""ETags: who asks again for what has not changed is told so, without the answer (RFC 9110)."""

from __future__ import annotations

import hashlib
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["ETags"]


class ETags:
    """Middleware that names each whole answer to a GET by its content."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        known = Headers(scope=scope).get("if-none-match", "")
        begun: Message | None = None

        async def sent(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start" and message["status"] == HTTPStatus.OK:
                begun = message
                return
            if begun is not None:
                begin, begun = begun, None
                # A part of an answer, as of the stream, has no name.
                if not message.get("more_body") and _name(begin, message["body"]) in _tags(known):
                    begin["status"], message["body"] = HTTPStatus.NOT_MODIFIED, b""
                    headers = MutableHeaders(scope=begin)
                    del headers["content-length"], headers["content-type"]
                await send(begin)
            await send(message)

        await self._app(scope, receive, sent)


def _name(begin: Message, body: bytes) -> str:
    """Names an answer by its content."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    MutableHeaders(scope=begin)["ETag"] = tag
    return tag


def _tags(known: str) -> set[str]:
    return {each.strip().removeprefix("W/") for each in known.split(",")}
