"""The grid: its state, demand and supply, and balancing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Any
from uuid import uuid4

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy import select

from energy_grid.api.models import (
    Alarm,
    BalanceRequest,
    Balancing,
    CriticalEvent,
    CriticalVoice,
    FeederAhead,
    FeederFlow,
    FeederState,
    Forecast,
    GridStatus,
    PowerPoint,
    PowerSeries,
    RecordedDay,
    RegionBand,
    RegionBands,
    RegionLoad,
    RegionStability,
    RegionStatus,
)
from energy_grid.api.values import Time, time_of
from energy_grid.backend.api.calls import unsigned_call
from energy_grid.backend.api.foreseeing import Subject, coming
from energy_grid.backend.api.grid_watch import GridWatch
from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.api.regions import Region, region_number
from energy_grid.backend.api.repeats import RepeatKey, answered_once
from energy_grid.backend.api.spans import span_of
from energy_grid.backend.api.visit import MAY_SIGN_IN, Backend, Holder, Visit, Visitor
from energy_grid.backend.grid_service.desk import OperatorDesk
from energy_grid.backend.store.events import table_of
from energy_grid.chain.abi import to_bytes32
from energy_grid.chain.contract import structure
from energy_grid.chain.multicall import ChainQuery, read_all
from energy_grid.contracts.grid_bands import Bands
from energy_grid.contracts.grid_management import GridStatus as RegionGrid
from energy_grid.contracts.load_monitoring import LoadReport
from energy_grid.contracts.stability_maintenance import CriticalEvent as ChainEvent
from energy_grid.contracts.stability_maintenance import StabilityReport
from energy_grid.domain.enums import ActionType, EmergencyProtocol

__all__ = ["ROUTER"]

ROUTER = APIRouter(prefix="/grid", tags=["grid"])
_MOST_DAYS = 31
# The newest of a region; a new one opens only where none is open.
_MOST_EVENTS = 10
_From = Annotated[Time | None, Query(alias="from", description="By default a day before to.")]
_To = Annotated[Time | None, Query(alias="to", description="By default now.")]
_Alarm = Annotated[
    str, Path(pattern="^[A-Z]{4,12}~[^~/]{1,100}~[0-9]{1,12}$", description="Its name.")
]
# Of the oracle's values.
_DEMAND, _SUPPLY = 0, 1


@ROUTER.get("/status")
def grid_status(visit: Visitor) -> GridStatus:
    """The grid now: load, stability, emergencies and prices of each region."""
    backend = visit.backend
    return GridStatus(
        time=time_of(backend.market.node.time),
        regions=[_region_status(backend, each) for each in backend.regions],
    )


@ROUTER.get("/demand")
def grid_demand(
    visit: Visitor, region: Region = None, start: _From = None, end: _To = None
) -> PowerSeries:
    """What a region has drawn, as oracle and operators have reported it."""
    reported = table_of("LoadMonitoring", "LoadReported")
    return _series(visit.backend, region, (start, end), _DEMAND, (reported, "demand"))


@ROUTER.get("/supply")
def grid_supply(
    visit: Visitor, region: Region = None, start: _From = None, end: _To = None
) -> PowerSeries:
    """What a region could be supplied with, as oracle and operators have reported it."""
    reported = table_of("BalancingCoordination", "RegionCapacitySet")
    return _series(visit.backend, region, (start, end), _SUPPLY, (reported, "current_generation"))


@ROUTER.get("/feeder")
def feeder(visit: Holder, region: Region = None) -> FeederState:
    """The feeder of a region in the newest slot that its meters have shown, for who operates it:
    what goes through each cable and the transformer."""
    return _watched(visit, region).feeder()


@ROUTER.get("/feeder/flows")
def feeder_flows(
    visit: Holder, region: Region = None, start: _From = None, end: _To = None
) -> list[FeederFlow]:
    """What flows in the feeder of a region in each slot, for who operates it: empty where the
    resistances of its cables are not known."""
    watch = _watched(visit, region)
    return watch.flows(*span_of((start, end), visit.backend.market.node.time, _MOST_DAYS))


@ROUTER.get("/feeder/forecast")
def feeder_forecast(visit: Holder, region: Region = None) -> list[Forecast]:
    """What the meters of a region draw and feed in during 48 hours, for who operates it."""
    found = _watched(visit, region)
    return coming(visit.backend.database, Subject.operated(found.region))


@ROUTER.get("/feeder/forecast/flows")
def feeder_ahead(visit: Holder, region: Region = None) -> list[FeederAhead]:
    """What the feeder of a region is to carry in 48 hours in three cases, for who operates it:
    empty where the resistances of its cables are not known, nothing is forecast, or so much cannot
    flow through them."""
    return _watched(visit, region).ahead()


@ROUTER.get("/alarms")
def alarms(visit: Holder, region: Region = None) -> list[Alarm]:
    """What is wrong in a region, for who operates it. An alarm of a load, a voltage or a quarantine
    is one a day; one of a silent meter lasts until it is heard again."""
    return _watched(visit, region).alarms()


@ROUTER.post("/alarms/{alarm}/acknowledgement")
def acknowledge(visit: Holder, alarm: _Alarm, region: Region = None) -> Alarm:
    """Say that an alarm is known."""
    return _watched(visit, region).acknowledge(alarm, visit.require_account())


@ROUTER.post("/balance", response_model=Balancing, openapi_extra=MAY_SIGN_IN)
def balance_grid(visit: Visitor, wanted: BalanceRequest, key: RepeatKey = None) -> Response:
    """The call that opens a balancing action, for the operator's wallet; or it is sent.

    Sent with an ``Idempotency-Key`` it is opened once, however often it is asked for.
    """
    backend = visit.backend
    market = backend.market
    call = market.balancing.initiate_balancing_action(
        wanted.region, ActionType[wanted.action], wanted.target_kw, wanted.priority
    )

    def act(send: Callable[[], str | None]) -> tuple[int, Balancing]:
        document = unsigned_call(market, wanted.operator, call).model_dump(by_alias=True)
        return HTTPStatus.OK, Balancing(**document, transaction=send())

    if not wanted.send:
        # Nobody's keys are used up by who only looks.
        return answered_once(
            backend.database, wanted.operator, None, wanted, lambda: act(lambda: None)
        )
    visit.require_self(wanted.operator)
    desk, name = _desk_of(backend, wanted.operator), key or uuid4().hex
    return answered_once(
        backend.database,
        wanted.operator,
        key,
        wanted,
        lambda: act(lambda: desk.send(call, name)),
    )


def _watched(visit: Visit, region: str | None) -> GridWatch:
    account, backend = visit.require_account(), visit.backend
    found = GridWatch(backend, backend.regions[region_number(backend, region) - 1])
    found.require_operator(account)
    return found


def _desk_of(backend: Backend, operator: str) -> OperatorDesk:
    desk = backend.desk
    if desk is None or desk.address != operator:
        raise ProblemError(
            HTTPStatus.CONFLICT,
            "no-operator-key",
            f"this backend does not have the key of {operator}",
            field="send",
            next="ask without send, and let the operator's wallet send the call",
        )
    return desk


def _region_status(backend: Backend, region: str) -> RegionStatus:
    market = backend.market
    found = read_all(
        market.node,
        [
            ChainQuery(market.grid, "getGridStatus(bytes32)", [region]),
            ChainQuery(market.grid, "isRegionInEmergency", [region]),
            ChainQuery(market.grid, "emergencyProtocolOf", [region]),
            ChainQuery(market.balancing, "getOpenActions", [region]),
            ChainQuery(market.load, "getCurrentLoad", [region], otherwise=True),
            ChainQuery(market.stability, "getCurrentStability", [region], otherwise=True),
            ChainQuery(market.grid, "emergencyUntil", [region]),
            ChainQuery(market.stability, "voiceOf", [region]),
            ChainQuery(market.stability, "getCriticalEvents", [region, 0, _MOST_EVENTS]),
            ChainQuery(market.bands, "bandsOf", [region]),
        ],
    )
    now = structure(RegionGrid, found[0])
    return RegionStatus(
        region=region,
        buy_per_kwh=now.price,
        capacity_wh=now.capacity,
        load_wh=now.load,
        available_wh=now.available,
        declared_production_wh=now.production,
        is_oracle_fresh=now.is_fresh,
        condition=now.condition.name,
        is_in_emergency=found[1],
        emergency_until=time_of(found[6]) if found[1] else None,
        protocol=EmergencyProtocol(found[2]).name,
        voice=_voice(found[7], market.node.time),
        critical_events=[
            _event(each)
            for each in (structure(ChainEvent, raw) for raw in found[8])
            if not each.resolved_at
        ],
        open_actions=len(found[3]),
        load=None if found[4] is None else _load(structure(LoadReport, found[4])),
        stability=None if found[5] is None else _stability(structure(StabilityReport, found[5])),
        bands=_bands(structure(Bands, found[9])),
    )


def _voice(found: tuple[str, int], now: int) -> CriticalVoice | None:
    operator, until = found
    return CriticalVoice(operator=operator, until=time_of(until)) if until >= now else None


def _event(event: ChainEvent) -> CriticalEvent:
    return CriticalEvent(
        event=event.id,
        operator=event.operator,
        confirmed_by=event.confirmed_by,
        frequency_centihertz=event.frequency,
        voltage_percent=event.voltage,
        opened_at=time_of(event.opened_at),
    )


def _bands(bands: Bands) -> RegionBands:
    return RegionBands(
        nominal_frequency_centihertz=bands.nominal_frequency,
        nominal_voltage_decivolts=bands.nominal_voltage,
        frequency_centihertz=RegionBand(**asdict(bands.frequency)),
        voltage_percent=RegionBand(**asdict(bands.voltage)),
    )


def _load(report: LoadReport) -> RegionLoad:
    return RegionLoad(
        capacity_kw=report.capacity,
        demand_kw=report.demand,
        percentage=report.percentage,
        status=report.status.name,
        reported_at=time_of(report.timestamp),
    )


def _stability(report: StabilityReport) -> RegionStability:
    return RegionStability(
        frequency_centihertz=report.frequency,
        voltage_percent=report.voltage,
        level=report.level.name,
        reported_at=time_of(report.timestamp),
    )


def _series(
    backend: Backend,
    region: str | None,
    span: tuple[Any, Any],
    value: int,
    reported: tuple[Any, str],
) -> PowerSeries:
    name = backend.regions[region_number(backend, region) - 1]
    first, last = span_of(span, backend.market.node.time, _MOST_DAYS)
    word = f"0x{to_bytes32(name).hex()}"
    answered, (told, column) = table_of("GridOracle", "RoundAnswered").c, reported
    recorded = table_of("GridManagement", "MetricsRecorded")
    with backend.database.reading() as connection:
        oracle = connection.execute(
            select(answered.time, answered["values"])
            .where(answered.feed == word, answered.time.between(first, last - 1))
            .order_by(answered.block, answered.log_index)
        ).all()
        operators = connection.execute(
            select(told.c.time, told.c[column])
            .where(told.c.region == word, told.c.time.between(first, last - 1))
            .order_by(told.c.block, told.c.log_index)
        ).all()
        days = connection.execute(
            select(recorded).where(recorded.c.time.between(first, last - 1)).order_by(recorded.c.id)
        ).all()
    points = [_point(time, int(values[value]), "oracle") for time, values in oracle]
    points += [_point(time, int(power), "operator") for time, power in operators]
    return PowerSeries(
        region=name,
        points=sorted(points, key=lambda each: each.time),
        days=[_day(each, value) for each in days],
    )


def _point(time: int, power: int, source: Any) -> PowerPoint:
    return PowerPoint(time=time_of(time), power_kw=power, source=source)


def _day(row: Any, value: int) -> RecordedDay:
    is_demand = value == _DEMAND
    return RecordedDay(
        recorded_at=time_of(row.time),
        energy_wh=row.consumption if is_demand else row.production,
        peak_wh=row.peak_load if is_demand else None,
    )
