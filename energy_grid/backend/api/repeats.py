"""Requests that a client sends again because it has not heard the answer (Idempotency-Key)."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import Annotated

from fastapi import Header
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from energy_grid.api.values import Answer
from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.sessions import ANSWERED

__all__ = ["RepeatKey", "answered_once"]

RepeatKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="The same request with the same key is answered as the first time, for a day.",
    ),
]
_WORD = "application/json"


def answered_once(
    database: Database,
    who: str,
    key: str | None,
    request: BaseModel,
    act: Callable[[], tuple[int, Answer]],
) -> Response:
    """The answer to a request; to a repeated one that of the first time.

    Args:
        who: whose key it is.
        act: does it; gives status and answer. It may be done twice, if the process ends in between.

    Raises:
        ProblemError: the key belongs to another request.
    """
    asked = _hash(request.model_dump_json(by_alias=True))
    name = _hash(f"{who} {key}")
    if key is not None:
        with database.reading() as connection:
            found = connection.execute(select(ANSWERED).where(ANSWERED.c.key == name))
            row = found.one_or_none()
        if row is not None and row.request != asked:
            raise ProblemError(
                422,
                "key-used",
                "another request had this Idempotency-Key",
                field="Idempotency-Key",
                next="take a new key for each request",
            )
        if row is not None:
            return Response(row.body, row.status, media_type=_WORD)
    status, answer = act()
    body = answer.model_dump_json(by_alias=True)
    if key is not None:
        values = {"key": name, "request": asked, "status": status, "body": body}
        try:
            with database.writing() as connection:
                now = int(time.time())
                connection.execute(insert(ANSWERED).values(answered_at=now, **values))
        except IntegrityError:
            # The same request at the same time was answered the same.
            pass
    return Response(body, status, media_type=_WORD)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
