"""The live stream."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from energy_grid.api.models import Topic
from energy_grid.backend.api.limits import Streams
from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.api.streams import listener_of, place_in
from energy_grid.backend.api.topics import TOPICS
from energy_grid.backend.api.visit import MAY_SIGN_IN, Visit, Visitor

__all__ = ["ROUTER"]

ROUTER = APIRouter(tags=["stream"])


@ROUTER.get(
    "/stream",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Events, each with JSON: `block` NewBlock, `order` OrderChange, `void`"
            " Void, `alive` Alive, all others ChainEvent.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
    openapi_extra=MAY_SIGN_IN,
)
def stream(
    visit: Visitor,
    request: Request,
    topic: Annotated[list[Topic] | None, Query(description="Only these; else all.")] = None,
    last_event_id: Annotated[
        str | None, Header(max_length=60, description="Go on behind this event.")
    ] = None,
    since: Annotated[
        str | None, Query(max_length=60, description="The same, for those who set no headers.")
    ] = None,
) -> StreamingResponse:
    """What changes, as server-sent events; without an id, from now on.

    Events are called by their topic; those of ``order`` and ``account`` only the account itself
    hears. ``void`` says that all that was told of some blocks is void: a reorganisation took them
    away, and others may follow. After any interruption, go on with the last id: nothing is lost,
    and nothing told twice.
    """
    database, account = visit.backend.database, visit.account
    known = last_event_id or since
    place = place_in(database, known) if known else None
    listener = listener_of(database, topic or TOPICS, account)
    told = request.app.state.tail.listen(listener, place, _may_listen(visit))
    who = [visit.asker] if account is None else [visit.asker, account]
    return _Told(told, request.app.state.open, who)


class _Told(StreamingResponse):
    """A stream, which is counted from its begin until it ends or its listener hangs up."""

    media_type = "text/event-stream"

    def __init__(self, told: AsyncIterator[str], open: Streams, who: Sequence[str]) -> None:
        super().__init__(told, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        self._open, self._who = open, who

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._open.one(*self._who):
            await super().__call__(scope, receive, send)


def _may_listen(visit: Visit) -> Callable[[], bool]:
    def may_listen() -> bool:
        if visit.token is None:
            return True
        try:
            visit.backend.sessions.account_of(visit.token, visit.origin)
        except ProblemError:
            return False
        return True

    return may_listen
