"""What there is in the market, for everybody: communities, programs, assets, proposals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from sqlalchemy import func, select

from energy_grid.api.models import (
    Asset,
    Community,
    DemandEvent,
    GridOperator,
    Page,
    Program,
    Proposal,
    Retirement,
)
from energy_grid.api.values import time_of
from energy_grid.backend.api.documents import event_document, program_document, text_of, when
from energy_grid.backend.api.pages import Cursor, Limit, page_of
from energy_grid.backend.api.visit import Visitor
from energy_grid.backend.store.events import table_of
from energy_grid.backend.store.views import VIEWS
from energy_grid.contracts.grid_operator_verification import Operator
from energy_grid.domain.enums import EnergyType
from energy_grid.domain.periods import DAY_SECONDS

__all__ = ["ROUTER"]

ROUTER = APIRouter(tags=["directory"])


@ROUTER.get("/communities")
def communities(visit: Visitor, cursor: Cursor = None, limit: Limit = 100) -> Page[Community]:
    """Communities; who is in one is not told, only how many are."""
    table, joined = VIEWS["communities"], VIEWS["memberships"].c
    today = visit.backend.market.node.time // DAY_SECONDS
    is_in = joined.end_day.is_(None) | (joined.end_day > today)
    members = (
        select(func.count())
        .where(joined.community == table.c.id, is_in)
        .scalar_subquery()
        .label("members")
    )

    def document(row: Mapping[Any, Any]) -> Community:
        return Community(
            id=row["id"],
            region=text_of(row["region"]),
            manager=row["manager"],
            gateway=row["gateway"],
            theta_bps=row["theta"],
            members=row["members"],
            created_at=time_of(row["created_at"]),
        )

    wanted = select(table, members)
    return page_of(visit.backend.database, wanted, (table.c.id,), document, cursor, limit)


@ROUTER.get("/demand-response/programs")
def demand_programs(visit: Visitor, cursor: Cursor = None, limit: Limit = 100) -> Page[Program]:
    """Demand-response programs, the newest first."""
    table = VIEWS["programs"]

    keys = (table.c.program_id,)
    return page_of(visit.backend.database, select(table), keys, program_document, cursor, limit)


@ROUTER.get("/demand-response/events")
def demand_events(visit: Visitor, cursor: Cursor = None, limit: Limit = 100) -> Page[DemandEvent]:
    """Demand-response events, the newest first."""
    table = VIEWS["dr_events"]

    keys = (table.c.event_id,)
    return page_of(visit.backend.database, select(table), keys, event_document, cursor, limit)


@ROUTER.get("/assets")
def assets(visit: Visitor, cursor: Cursor = None, limit: Limit = 100) -> Page[Asset]:
    """Production assets; who owns which is public, as for every token of its kind."""
    table = VIEWS["assets"]

    def document(row: Mapping[Any, Any]) -> Asset:
        return Asset(
            id=row["asset"],
            kind=EnergyType(row["kind"]).name,
            capacity_w=row["capacity"],
            owner=row["owner"],
            is_in_service=row["in_service"],
            shares=row["shares"],
        )

    keys = (table.c.asset,)
    return page_of(visit.backend.database, select(table), keys, document, cursor, limit)


@ROUTER.get("/certificates")
def certificates(visit: Visitor, cursor: Cursor = None, limit: Limit = 100) -> Page[Retirement]:
    """Carbon credits that were retired, for whom and why; the newest first."""
    table = table_of("CarbonCredits", "CarbonCreditsRetired")

    def document(row: Mapping[Any, Any]) -> Retirement:
        return Retirement(
            id=row["id"],
            beneficiary=row["beneficiary"],
            grams_co2e=int(row["amount"]),
            reason=row["reason"],
            retired_at=time_of(row["time"]),
        )

    keys = (table.c.id,)
    return page_of(visit.backend.database, select(table), keys, document, cursor, limit)


@ROUTER.get("/governance/proposals")
def proposals(visit: Visitor, cursor: Cursor = None, limit: Limit = 100) -> Page[Proposal]:
    """Proposals of governance."""
    table = VIEWS["proposals"]

    def document(row: Mapping[Any, Any]) -> Proposal:
        return Proposal(
            id=int(row["proposal_id"]),
            proposer=row["proposer"],
            description=row["description"],
            vote_starts_at=time_of(int(row["vote_start"])),
            vote_ends_at=time_of(int(row["vote_end"])),
            queued_at=when(row["queued_at"]),
            executed_at=when(row["executed_at"]),
            canceled_at=when(row["canceled_at"]),
        )

    keys = (table.c.proposal_id,)
    return page_of(visit.backend.database, select(table), keys, document, cursor, limit)


@ROUTER.get("/operators")
def operators(visit: Visitor) -> list[GridOperator]:
    """Grid operators, with what they may do now."""
    registered = table_of("GridOperatorVerification", "OperatorRegistered").c
    with visit.backend.database.reading() as connection:
        found = connection.scalars(select(registered.operator).order_by(registered.block)).all()
    names = list(dict.fromkeys(found))
    known = visit.backend.market.operators.call_many("getOperator", zip(names), kind=Operator)
    return [
        GridOperator(
            operator=name,
            region=each.region,
            name=each.name,
            capacity_kw=each.capacity,
            score=each.score,
            status=each.status.name,
            is_authorized=each.authorized,
        )
        for name, each in zip(names, known, strict=True)
    ]
