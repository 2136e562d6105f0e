"""What VENs have written: vens, resources, reports and subscriptions. Each sees its own alone."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from energy_grid.backend.grid_service.openadr.models import (
    ReportRequest,
    ResourceRequest,
    VenRequest,
    Written,
)
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.openadr import VEN_OBJECTS, VEN_SUBSCRIPTIONS, VEN_TOLD
from energy_grid.errors import EnergyGridError

__all__ = [
    "Author",
    "NameTakenError",
    "ObjectKind",
    "TooMuchError",
    "VenObjects",
    "document_of",
    "forget_objects",
    "stamp",
]

_O = VEN_OBJECTS.c
_MOST_BYTES = 32 * 1024


class ObjectKind(StrEnum):
    """Types of objects that VENs write."""

    VEN = "VEN"
    RESOURCE = "RESOURCE"
    REPORT = "REPORT"
    SUBSCRIPTION = "SUBSCRIPTION"


# Of one client. Of reports the oldest gives way to the newest.
_MOST = {
    ObjectKind.VEN: 10,
    ObjectKind.RESOURCE: 100,
    ObjectKind.REPORT: 200,
    ObjectKind.SUBSCRIPTION: 10,
}


class TooMuchError(EnergyGridError):
    """An object is too large, or there are too many of its kind."""


class NameTakenError(EnergyGridError):
    """The VEN has an object of this name already."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes.

    Attributes:
        client: the id of its credentials.
    """

    client: str
    account: str


class VenObjects:
    """The objects of all VENs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create(self, author: Author, kind: ObjectKind, written: Written) -> dict[str, Any]:
        """Keep a new object; as it is answered.

        Raises:
            TooMuchError, NameTakenError: it is not kept.
        """
        now, name = int(time.time()), secrets.token_hex(16)
        row = {
            "id": name,
            "kind": kind,
            "client": author.client,
            "account": author.account,
            **_columns(written, name),
            "created_at": now,
            "modified_at": now,
        }
        with _named(), self._database.writing() as connection:
            own = _of(author.client, kind)
            count = connection.scalar(select(func.count()).where(own)) or 0
            if count >= _MOST[kind]:
                if kind is not ObjectKind.REPORT:
                    raise TooMuchError(
                        f"a VEN has at most {_MOST[kind]} objects of the type {kind}: delete one"
                    )
                oldest = select(_O.id).where(own).order_by(_O.modified_at, _O.id).limit(1)
                _forget(connection, connection.scalars(oldest).all())
            connection.execute(insert(VEN_OBJECTS).values(row))
        return document_of(row)

    def update(
        self, author: Author, kind: ObjectKind, name: str, written: Written
    ) -> dict[str, Any] | None:
        """Write an object anew; None: it is none of the VEN's.

        Raises:
            TooMuchError, NameTakenError: it stays as it was.
        """
        wanted = _of(author.client, kind) & (_O.id == name)
        values = {**_columns(written, name), "modified_at": int(time.time())}
        with _named(), self._database.writing() as connection:
            if not connection.execute(update(VEN_OBJECTS).where(wanted).values(values)).rowcount:
                return None
            row = connection.execute(select(VEN_OBJECTS).where(wanted)).mappings().one()
        return document_of(row)

    def find(self, author: Author, kind: ObjectKind, name: str) -> dict[str, Any] | None:
        """An object; None: it is none of the VEN's."""
        wanted = select(VEN_OBJECTS).where(_of(author.client, kind), _O.id == name)
        with self._database.reading() as connection:
            row = connection.execute(wanted).mappings().one_or_none()
        return None if row is None else document_of(row)

    def all(
        self,
        author: Author,
        kind: ObjectKind,
        *,
        parent: str | None = None,
        skip: int = 0,
        limit: int | None = None,
    ) -> list[dict[str, Any]]:
        """A VEN's objects of a kind, the newest first.

        Args:
            parent: of a report its event, of a resource its ven.
        """
        wanted = select(VEN_OBJECTS).where(_of(author.client, kind))
        if parent is not None:
            wanted = wanted.where(_O.parent == parent)
        wanted = wanted.order_by(_O.created_at.desc(), _O.id).offset(skip).limit(limit)
        with self._database.reading() as connection:
            return [document_of(row) for row in connection.execute(wanted).mappings()]

    def remove(self, author: Author, kind: ObjectKind, name: str) -> dict[str, Any] | None:
        """Delete an object and what belongs to it; None: it is none of the VEN's."""
        wanted = _of(author.client, kind) & (_O.id == name)
        with self._database.writing() as connection:
            row = connection.execute(select(VEN_OBJECTS).where(wanted)).mappings().one_or_none()
            if row is None:
                return None
            parts = select(_O.id).where(_O.client == author.client, _O.parent == name)
            if kind is ObjectKind.VEN:
                _forget(connection, connection.scalars(parts).all())
            _forget(connection, [name])
        return document_of(row)


def document_of(row: RowMapping | Mapping[str, Any]) -> dict[str, Any]:
    """An object as OpenADR has it."""
    return {
        "id": row["id"],
        "createdDateTime": stamp(row["created_at"]),
        "modificationDateTime": stamp(row["modified_at"]),
        "objectType": str(row["kind"]),
        "clientID": row["client"],
        **json.loads(row["body"]),
    }


def stamp(seconds: int) -> str:
    """A moment as OpenADR has it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def forget_objects(connection: Connection, client: str) -> None:
    """Delete all that a client has written."""
    _forget(connection, connection.scalars(select(_O.id).where(_O.client == client)).all())


def _forget(connection: Connection, names: Sequence[str]) -> None:
    for table, column in (
        (VEN_OBJECTS, _O.id),
        (VEN_SUBSCRIPTIONS, VEN_SUBSCRIPTIONS.c.subscription),
        (VEN_TOLD, VEN_TOLD.c.subscription),
    ):
        connection.execute(delete(table).where(column.in_(names)))


def _of(client: str, kind: ObjectKind) -> ColumnElement[bool]:
    return (_O.client == client) & (_O.kind == kind)


def _columns(written: Written, name: str) -> dict[str, Any]:
    body = written.model_dump_json(by_alias=True, exclude_none=True)
    if len(body) > _MOST_BYTES:
        raise TooMuchError(f"an object has at most {_MOST_BYTES} bytes: send less at once")
    parent = ""
    if isinstance(written, VenRequest):
        name = written.ven_name
    elif isinstance(written, ResourceRequest):
        name, parent = written.resource_name, written.ven_id
    elif isinstance(written, ReportRequest):
        parent = written.event_id
    return {"name": name, "parent": parent, "body": body}


@contextmanager
def _named() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise NameTakenError(
            "this VEN has one of this name: update it, or choose another"
        ) from None
