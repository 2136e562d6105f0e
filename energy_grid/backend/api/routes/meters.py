"""Meters: readings that come in, and what a meter has measured; only its account sees that."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from itertools import pairwise
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy import ColumnElement, RowMapping, and_, func, select

from energy_grid.api.models import (
    Erasure,
    Meter,
    MeterEnergy,
    MeterSpan,
    Page,
    QuarantinedReading,
    ReadingDocument,
    ReadingReceipt,
    RegisterReading,
)
from energy_grid.api.values import Address, Time, time_of
from energy_grid.backend.api.pages import Cursor, Limit, page_of
from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.api.spans import span_of
from energy_grid.backend.api.visit import Holder, Visit, Visitor, not_found
from energy_grid.backend.meter_gateway.door import QuarantinedError
from energy_grid.backend.meter_gateway.keeping import erase
from energy_grid.backend.store.registers import METER_STATES, QUARANTINED
from energy_grid.backend.store.views import VIEWS
from energy_grid.chain.contract import from_bytes32
from energy_grid.domain.day_leaves import REGISTER_END

__all__ = ["ROUTER"]

ROUTER = APIRouter(prefix="/meters", tags=["meters"])
_MOST_DAYS = 31
_MEASURED, _METERS, _KEYS = (VIEWS[name] for name in ("measured", "meters", "meter_keys"))
_M = _MEASURED.c
_Id = Annotated[Address, Path(description="The address of the device's key.")]
_From = Annotated[Time | None, Query(alias="from", description="By default a day before to.")]
_To = Annotated[Time | None, Query(alias="to", description="By default now.")]
_Span = tuple[datetime | None, datetime | None]


@ROUTER.post("/reading", status_code=HTTPStatus.CREATED, response_model=ReadingReceipt)
def submit_reading(visit: Visitor, reading: ReadingDocument, response: Response) -> ReadingReceipt:
    """Store what a meter has signed.

    Its signature says whose it is: nobody signs in for it. The same reading again changes nothing,
    and is answered with 200. One that does not count is answered with the reason; its account finds
    it in the quarantine.
    """
    content = reading.model_dump_json(by_alias=True).encode()
    try:
        is_new = visit.backend.meters.submit(content)
    except QuarantinedError as error:
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "reading-quarantined",
            str(error),
            next="docs/concepts/meters.md#over-mqtt has the reasons",
        ) from None
    if not is_new:
        response.status_code = HTTPStatus.OK
    return ReadingReceipt(state="COUNTED" if is_new else "DUPLICATE")


@ROUTER.get("")
def my_meters(visit: Holder) -> Page[Meter]:
    """The meters of the account that is signed in, and how their devices are."""
    account = visit.require_account()
    state, aside = METER_STATES.c, QUARANTINED.c
    count = select(func.count()).where(aside.meter == _METERS.c.meter).scalar_subquery()
    newest = select(func.max(_M.time)).where(_M.meter == _METERS.c.meter).scalar_subquery()
    wanted = (
        select(
            _METERS,
            *(state.online, state.seen_at, state.clock_offset),
            count.label("quarantined"),
            newest.label("newest"),
        )
        .outerjoin(METER_STATES, state.meter == _METERS.c.meter)
        .where(_METERS.c.account == account)
        .order_by(_METERS.c.number)
    )
    with visit.backend.database.reading() as connection:
        rows = connection.execute(wanted).mappings().all()
    return Page(items=[_meter(row) for row in rows])


@ROUTER.get("/{id}/history")
def history(
    visit: Holder,
    id: _Id,
    start: _From = None,
    end: _To = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[RegisterReading]:
    """What a meter's registers showed, the newest first."""
    within = _within(visit, id, (start, end))
    wanted = select(_MEASURED).where(within)
    database = visit.backend.database
    return page_of(database, wanted, (_M.time,), _reading, cursor, limit)


@ROUTER.get("/{id}/production")
def production(visit: Holder, id: _Id, start: _From = None, end: _To = None) -> MeterEnergy:
    """What a meter has exported: the rise of its register between the ends of slots."""
    return _energy(visit, id, (start, end), "export_wh")


@ROUTER.get("/{id}/consumption")
def consumption(visit: Holder, id: _Id, start: _From = None, end: _To = None) -> MeterEnergy:
    """What a meter has imported: the rise of its register between the ends of slots."""
    return _energy(visit, id, (start, end), "import_wh")


@ROUTER.get("/{id}/quarantine")
def quarantine(visit: Holder, id: _Id) -> Page[QuarantinedReading]:
    """What came under a meter's name and does not count, with the reasons, the newest first.

    The store keeps a thousand of a meter.
    """
    _require_own(visit, id)
    aside = QUARANTINED.c
    wanted = select(QUARANTINED).where(aside.meter == id).order_by(aside.received_at.desc())
    with visit.backend.database.reading() as connection:
        rows = connection.execute(wanted).mappings().all()
    return Page(items=[_quarantined(row) for row in rows])


@ROUTER.delete("/{id}/history")
def erase_history(
    visit: Holder,
    id: _Id,
    end: Annotated[Time | None, Query(alias="to", description="By default now.")] = None,
) -> Erasure:
    """Erase what a meter has read from this store.

    What days still need that are not closed for good, or that the chain has not read, stays, and so
    does the newest reading. What was brought to the chain is there for everybody; the leaf of an
    anchored day is the gateway's.
    """
    _require_own(visit, id)
    backend = visit.backend
    now = backend.market.node.time
    before = now if end is None else min(int(end.timestamp()), now)
    count = erase(backend.market, backend.database, [id], before, backend.finality)
    oldest = select(func.min(_M.time)).where(_M.meter == id)
    with backend.database.reading() as connection:
        kept = connection.scalar(oldest)
    return Erasure(erased=count, oldest=None if kept is None else time_of(kept))


def _energy(
    visit: Visit, meter: str, span: _Span, name: Literal["import_wh", "export_wh"]
) -> MeterEnergy:
    slot = visit.backend.slot_seconds
    within = _within(visit, meter, span)
    wanted = select(_M.time, _M[name]).where(within, _M.time % slot == 0).order_by(_M.time)
    with visit.backend.database.reading() as connection:
        rows = connection.execute(wanted).all()
    spans = [
        MeterSpan(
            start=time_of(begin),
            end=time_of(end),
            energy_wh=(after - before) % REGISTER_END,
        )
        for (begin, before), (end, after) in pairwise(rows)
    ]
    return MeterEnergy(meter=meter, energy_wh=sum(each.energy_wh for each in spans), spans=spans)


def _require_own(visit: Visit, meter: str) -> None:
    """Let pass the account that a meter is or was of; a key is never another account's later.

    Raises:
        ProblemError: it is somebody else, or nobody.
    """
    account = visit.require_account()
    owner = select(_KEYS.c.account).where(_KEYS.c.meter == meter)
    with visit.backend.database.reading() as connection:
        if connection.scalar(owner) != account:
            raise not_found("meter")


def _within(visit: Visit, meter: str, span: _Span) -> ColumnElement[bool]:
    _require_own(visit, meter)
    first, last = span_of(span, visit.backend.market.node.time, _MOST_DAYS)
    return and_(_M.meter == meter, _M.time.between(first, last))


def _values(row: RowMapping) -> dict[str, Any]:
    return {
        "time": time_of(row["time"]),
        "import_wh": row["import_wh"],
        "export_wh": row["export_wh"],
        "voltage_decivolts": row["voltage"],
        "frequency_centihertz": row["frequency"],
    }


def _reading(row: RowMapping) -> RegisterReading:
    return RegisterReading(**_values(row))


def _quarantined(row: RowMapping) -> QuarantinedReading:
    received = time_of(row["received_at"])
    return QuarantinedReading(
        **_values(row), received_at=received, reason=row["reason"], why=row["why"]
    )


def _meter(row: RowMapping) -> Meter:
    return Meter(
        id=row["meter"],
        number=row["number"],
        region=from_bytes32(bytes.fromhex(row["region"][2:])),
        rated_power_w=int(row["rated_power"]),
        is_settlement=bool(row["is_settlement"]),
        registered_at=time_of(row["registered_at"]),
        newest_at=_time_of(row["newest"]),
        is_online=row["online"],
        seen_at=_time_of(row["seen_at"]),
        clock_offset_seconds=row["clock_offset"],
        quarantined=row["quarantined"],
    )


def _time_of(seconds: int | None) -> datetime | None:
    return None if seconds is None else time_of(seconds)
