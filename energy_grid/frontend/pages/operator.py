"""The operator's page: how the grid is, what it was asked to do, and who is asked to use less."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import get_args

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from energy_grid.api.models import BalanceRequest, DemandEvent, GridOperator
from energy_grid.api.values import time_of
from energy_grid.backend.api.routes import directory, grid
from energy_grid.frontend.site import Looks, page

__all__ = ["ROUTER", "EventState"]

ROUTER = APIRouter(prefix="/operator")


class EventState(StrEnum):
    """Where a demand-response event stands."""

    AHEAD = "AHEAD"
    RUNNING = "RUNNING"
    VERIFYING = "VERIFYING"
    COMPLETED = "COMPLETED"
    CANCELLED = "CANCELLED"


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
        programs=directory.demand_programs(look).items,
        events=[(each, _state(each, now)) for each in directory.demand_events(look).items],
        actions=get_args(BalanceRequest.model_fields["action"].annotation),
        slot_minutes=look.backend.slot_seconds // 60,
    )


def _own(known: list[GridOperator], reader: str | None) -> GridOperator | None:
    """Who is signed in, if they operate a region now."""
    return next((each for each in known if each.operator == reader and each.is_authorized), None)


def _state(event: DemandEvent, now: datetime) -> EventState:
    if event.cancelled_at is not None:
        return EventState.CANCELLED
    if event.completed_at is not None:
        return EventState.COMPLETED
    if now < event.starts_at:
        return EventState.AHEAD
    return EventState.RUNNING if now < event.ends_at else EventState.VERIFYING
