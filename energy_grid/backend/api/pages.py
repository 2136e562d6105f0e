"""Long lists, some items at a time: a page begins behind the last item of the one before, so what
comes meanwhile moves nothing."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from fastapi import Query
from sqlalchemy import BigInteger, Column, ColumnElement, RowMapping, Select, String, tuple_
from sqlalchemy.sql.expression import literal

from energy_grid.api.models import Page
from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.store.database import Database

__all__ = ["Cursor", "Limit", "page_of"]

Item = TypeVar("Item")

_WHOLE = re.compile("-?(0|[1-9][0-9]{0,77})")
# Of what is in the lists as text: hashes.
_TEXT = re.compile("[0-9a-zA-Z]*")

Cursor = Annotated[
    str | None, Query(max_length=400, description="What the page before has called next.")
]
Limit = Annotated[int, Query(ge=1, le=1000, description="So many items at most.")]


def page_of(
    database: Database,
    wanted: Select[Any],
    keys: Sequence[Column[Any]],
    make: Callable[[RowMapping], Item],
    cursor: str | None,
    limit: int,
) -> Page[Item]:
    """A page of what a query finds, the highest keys first.

    Args:
        keys: which no two rows share; the query has them under their names.
        make: an item of a row.

    Raises:
        ProblemError: the cursor is not of this list.
    """
    if cursor is not None:
        wanted = wanted.where(_behind(keys, cursor))
    query = wanted.order_by(*(each.desc() for each in keys)).limit(limit + 1)
    with database.reading() as connection:
        rows = connection.execute(query).mappings().all()
    items = [make(row) for row in rows[:limit]]
    last = [str(rows[limit - 1][each.name]) for each in keys] if len(rows) > limit else None
    return Page(items=items, next=None if last is None else _text(last))


def _behind(keys: Sequence[Column[Any]], cursor: str) -> ColumnElement[bool]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        found = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        found = None
    values = found if isinstance(found, list) and len(found) == len(keys) else [None] * len(keys)
    return tuple_(*keys) < tuple_(
        *(literal(_value(each, one), each.type) for each, one in zip(keys, values, strict=True))
    )


def _value(key: Column[Any], text: object) -> int | str:
    """A value of a cursor, if its column can hold it."""
    if isinstance(text, str):
        if isinstance(key.type, String) and _TEXT.fullmatch(text):
            return text
        if not isinstance(key.type, String) and _WHOLE.fullmatch(text):
            number = int(text)
            if not isinstance(key.type, BigInteger) or -(2**63) <= number < 2**63:
                return number
    raise ProblemError(422, "invalid-request", "this is no cursor of this list", field="cursor")


def _text(values: Sequence[str]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")
