"""Batches: what was traded at one price, from which orders, and whether it was the best."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as File
from typing import Annotated, Any

from fastapi import APIRouter, Path
from fastapi.responses import FileResponse
from sqlalchemy import select

from energy_grid.api.models import Audit, Batch, Page
from energy_grid.api.values import time_of
from energy_grid.backend.api.documents import period_document
from energy_grid.backend.api.limits import Few
from energy_grid.backend.api.pages import Cursor, Limit, page_of
from energy_grid.backend.api.visit import Backend, Visitor, not_found
from energy_grid.backend.store.events import table_of
from energy_grid.domain.periods import Period, PeriodKind

__all__ = ["ROUTER"]

ROUTER = APIRouter(prefix="/batches", tags=["trades"])
# Each asks the node about every order of its set.
_AUDITING = Few(2, "other batches are being cleared again")
_SETTLED = table_of("EnergyTrading", "BatchSettled")
_Id = Annotated[int, Path(ge=1, lt=2**31)]


@ROUTER.get("")
def batches(visit: Visitor, cursor: Cursor = None, limit: Limit = 100) -> Page[Batch]:
    """All batches, the newest first."""
    keys = (_SETTLED.c.batch_id,)
    return page_of(visit.backend.database, select(_SETTLED), keys, _document, cursor, limit)


@ROUTER.get("/{id}")
def batch(visit: Visitor, id: _Id) -> Batch:
    """A batch."""
    return _document(_row(visit.backend, id))


@ROUTER.get(
    "/{id}/orders",
    response_class=FileResponse,
    responses={
        200: {
            "description": "A line of JSON for the set, then one for each order.",
            "content": {"application/jsonl": {"schema": {"type": "string"}}},
            "headers": {"ETag": {"schema": {"type": "string"}, "description": "Of the file."}},
        }
    },
)
def batch_orders(visit: Visitor, id: _Id) -> FileResponse:
    """All orders that were considered, as they were published before the batch was sent: a line
    each, for everybody who wants to clear them again."""
    file = _file(visit.backend, _row(visit.backend, id))
    return FileResponse(file, media_type="application/jsonl", filename=file.name)


@ROUTER.get("/{id}/audit")
def batch_audit(visit: Visitor, id: _Id) -> Audit:
    """The batch cleared again: whether anybody was left out, and what the optimum was.

    The node has to know the state of the batch's block, as it does for some minutes.
    """
    backend = visit.backend
    row = _row(backend, id)
    file = _file(backend, row)
    with _AUDITING.place():
        found = backend.market.audit_batch(row["transaction_hash"], file)
    return Audit(
        order_set=f"0x{found.root.hex()}",
        orders=found.orders,
        is_optimal=found.is_optimal,
        volume_wh=found.volume,
        best_volume_wh=found.best_volume,
        welfare=found.welfare,
        optimum=found.optimum,
        findings=list(found.findings),
    )


def _row(backend: Backend, id: int) -> Mapping[Any, Any]:
    with backend.database.reading() as connection:
        found = connection.execute(select(_SETTLED).where(_SETTLED.c.batch_id == id))
        row = found.mappings().one_or_none()
    if row is None:
        raise not_found("batch")
    return row


def _file(backend: Backend, row: Mapping[Any, Any]) -> File:
    file = backend.published / f"{row['order_set']}.jsonl"
    if not file.is_file():
        raise not_found("order set here: another keeper has published it")
    return file


def _document(row: Mapping[Any, Any]) -> Batch:
    return Batch(
        id=row["batch_id"],
        period=period_document(Period(kind=PeriodKind(row["period"]), start=row["start"])),
        price_per_kwh=row["price"],
        energy_wh=row["amount"],
        matches=row["matched"],
        order_set=row["order_set"],
        settled_at=time_of(row["time"]),
        transaction=row["transaction_hash"],
    )
