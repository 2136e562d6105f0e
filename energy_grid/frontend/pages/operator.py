"""The operator's page: how the grid is, what it was asked to do, and who is asked to use less."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from energy_grid.api.models import (
    Alarm,
    BalanceRequest,
    FeederAhead,
    FeederFlow,
    FeederState,
    GridOperator,
)
from energy_grid.api.values import time_of
from energy_grid.backend.api.foreseeing import Subject, coming
from energy_grid.backend.api.grid_watch import GridWatch
from energy_grid.backend.api.responding import event_state
from energy_grid.backend.api.routes import directory, grid
from energy_grid.chain.accounts import LOCAL_CHAINS
from energy_grid.domain.feeder import Feeder
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.frontend.ahead import Ahead, ahead_of
from energy_grid.frontend.site import Look, Looks, page

__all__ = ["ROUTER"]

ROUTER = APIRouter(prefix="/operator")
# Of the map's longer side, in units of the picture.
_MAP = 600


@ROUTER.get("")
def overview(look: Looks) -> HTMLResponse:
    """The grid now, for everybody; its operators act on it."""
    now = time_of(look.backend.market.node.time)
    known = directory.operators(look)
    reader = look.reader
    return page(
        look,
        "operator.html",
        regions=grid.grid_status(look).regions,
        series=[
            (region, grid.grid_demand(look, region), grid.grid_supply(look, region))
            for region in look.backend.regions
        ],
        operators=known,
        me=_own(known, reader),
        watches=_watches(look, reader),
        programs=directory.demand_programs(look).items,
        events=[(each, event_state(each, now)) for each in directory.demand_events(look).items],
        actions=get_args(BalanceRequest.model_fields["action"].annotation),
        slot_minutes=look.backend.slot_seconds // 60,
    )


@dataclass(frozen=True, slots=True)
class Watch:
    """A region as who operates it sees it.

    Attributes:
        is_operator: whether the reader operates it.
        flows: of the last day's slots.
        ahead: what its meters will draw and feed in.
        hours: what its feeder is to carry.
        lines, map: where each bus stands in the single-line diagram, and on the map.
    """

    region: str
    is_operator: bool
    alarms: Sequence[Alarm]
    feeder: FeederState | None
    flows: Sequence[FeederFlow]
    ahead: Sequence[Ahead]
    hours: Sequence[Hour]
    lines: Mapping[str, tuple[int, int]]
    map: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Hour:
    """What a feeder is to carry in an hour: as expected, with much load, and with much sun."""

    start: datetime
    expected: FeederAhead
    loaded: FeederAhead
    sunny: FeederAhead

    @property
    def cases(self) -> tuple[FeederAhead, ...]:
        """All three."""
        return self.expected, self.loaded, self.sunny


def _hours(found: Sequence[FeederAhead]) -> list[Hour]:
    cases = {(each.case, each.start): each for each in found}
    starts = sorted({each.start for each in found})
    return [
        Hour(start, cases["EXPECTED", start], cases["LOADED", start], cases["SUNNY", start])
        for start in starts
    ]


def _watches(look: Look, reader: str | None) -> list[Watch]:
    # Whose keys are public knowledge has no secrets: there everybody may look.
    is_open = look.backend.market.deployment.chain_id in LOCAL_CHAINS
    found, now = [], look.backend.market.node.time
    for region in look.backend.regions:
        watch = GridWatch(look.backend, region)
        is_operator = reader is not None and watch.is_operator(reader)
        if not is_operator and not is_open:
            continue
        known = look.backend.feeders.get(region)
        found.append(
            Watch(
                region=region,
                is_operator=is_operator,
                alarms=watch.alarms(),
                feeder=None if known is None else watch.feeder(),
                flows=watch.flows(now - DAY_SECONDS, now),
                ahead=ahead_of(coming(look.backend.database, Subject.operated(region))),
                hours=_hours(watch.ahead()),
                lines={} if known is None else known.feeder.places(),
                map={} if known is None else _map(known.feeder),
            )
        )
    return found


def _map(feeder: Feeder) -> Mapping[str, tuple[int, int]]:
    """Where buses are on a picture as wide as `_MAP`, north above."""
    buses = feeder.buses.values()
    west, north = min(each.longitude for each in buses), max(each.latitude for each in buses)
    # A degree from west to east is shorter than one from south to north.
    narrow = math.cos(math.radians(north))
    spans = [
        (max(each.longitude for each in buses) - west) * narrow,
        north - min(each.latitude for each in buses),
    ]
    scale = _MAP / (max(spans) or 1)
    return {
        each.name: (
            round((each.longitude - west) * narrow * scale),
            round((north - each.latitude) * scale),
        )
        for each in buses
    }


def _own(known: list[GridOperator], reader: str | None) -> GridOperator | None:
    """Who is signed in, if they operate a region now."""
    return next((each for each in known if each.operator == reader and each.is_authorized), None)
