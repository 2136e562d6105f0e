"""What programs report over OpenADR, beside what meters show: the two are never mixed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import AwareDatetime, TypeAdapter, ValidationError
from sqlalchemy import Connection, RowMapping, select

from energy_grid.api.models import VenTelemetry
from energy_grid.api.values import time_of
from energy_grid.backend.api.visit import Backend
from energy_grid.backend.grid_service.openadr.models import IntervalPeriod, ReportRequest
from energy_grid.backend.grid_service.openadr.objects import ObjectKind
from energy_grid.backend.grid_service.openadr.signals import event_number
from energy_grid.backend.store.openadr import VEN_OBJECTS
from energy_grid.backend.store.views import VIEWS

__all__ = ["telemetry_of"]

_O = VEN_OBJECTS.c
_MOST_REPORTS = 100
_START, _DURATION = TypeAdapter(AwareDatetime), TypeAdapter(timedelta)
_LONGEST = timedelta(days=2)
# Years in which somebody can have measured something.
_FIRST, _LAST = 1971, 2999
_USAGE, _KWH, _WH = "USAGE", "KWH", 1000


@dataclass(frozen=True, slots=True)
class _Usage:
    resource: str
    start: int
    end: int
    wh: int


def telemetry_of(backend: Backend, account: str) -> list[VenTelemetry]:
    """The energy that an account's programs have reported, the newest reports first."""
    wanted = (
        select(VEN_OBJECTS)
        .where(_O.account == account, _O.kind == ObjectKind.REPORT)
        .order_by(_O.modified_at.desc(), _O.id)
        .limit(_MOST_REPORTS)
    )
    with backend.database.reading() as connection:
        reports = connection.execute(wanted).mappings().all()
        found = [(row, usage) for row in reports for usage in _usages(row)]
        times = {time for _, usage in found for time in (usage.start, usage.end)}
        shown = _shown(connection, account, times)
    return [
        VenTelemetry(
            event=event_number(row["parent"]) or 0,
            client_id=row["client"],
            resource=usage.resource,
            starts_at=time_of(usage.start),
            ends_at=time_of(usage.end),
            reported_wh=usage.wh,
            metered_wh=_between(shown, usage),
            received_at=time_of(row["modified_at"]),
        )
        for row, usage in found
    ]


def _usages(row: RowMapping) -> Iterator[_Usage]:
    report = ReportRequest.model_validate_json(row["body"])
    units = {each.payload_type: each.units for each in report.payload_descriptors or ()}
    if units.get(_USAGE) not in (None, _KWH):
        return
    for resource in report.resources:
        default = resource.interval_period or IntervalPeriod()
        begin = _moment(default.start)
        for interval in resource.intervals:
            own = interval.interval_period or IntervalPeriod()
            start, length = _moment(own.start) or begin, _length(own.duration or default.duration)
            if start is None or length is None:
                continue
            # The next one begins where this one ends.
            begin = start + length
            for payload in interval.payloads:
                value = payload.values[0] if payload.values else None
                if payload.type != _USAGE or not isinstance(value, int | float):
                    continue
                if not isinstance(value, bool):
                    first, last = int(start.timestamp()), int(begin.timestamp())
                    yield _Usage(resource.resource_name, first, last, round(value * _WH))


def _moment(text: str | None) -> datetime | None:
    try:
        found = None if text is None else _START.validate_python(text)
    except ValidationError:
        return None
    return found if found and _FIRST <= found.year < _LAST else None


def _length(text: str | None) -> timedelta | None:
    try:
        found = None if text is None else _DURATION.validate_python(text)
    except ValidationError:
        return None
    return found if found and timedelta() < found <= _LONGEST else None


def _shown(
    connection: Connection, account: str, times: set[int]
) -> Mapping[str, Mapping[int, int]]:
    """What the settlement meters of an account have imported less exported until some times."""
    keys, measured = VIEWS["meter_keys"].c, VIEWS["measured"].c
    own = select(keys.meter).where(keys.account == account, keys.is_settlement)
    found: dict[str, dict[int, int]] = {meter: {} for meter in connection.scalars(own)}
    wanted = select(measured.meter, measured.time, measured.import_wh, measured.export_wh).where(
        measured.meter.in_([*found]), measured.time.in_(times)
    )
    for row in connection.execute(wanted):
        found[row.meter][row.time] = row.import_wh - row.export_wh
    return found


def _between(shown: Mapping[str, Mapping[int, int]], usage: _Usage) -> int | None:
    """What meters that were read at both ends show of the time between."""
    spans = [
        net[usage.end] - net[usage.start]
        for net in shown.values()
        if usage.start in net and usage.end in net
    ]
    return sum(spans) if spans else None
