"""What days brought to all together, to a group, or to an account: sums that name nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from pydantic import BaseModel

from energy_grid.api.models import (
    DayCertified,
    DayEmissions,
    DayGas,
    DayImbalance,
    DayMatching,
    DayTotals,
    DayWelfare,
    HourMatching,
    Matching,
    PriceLevel,
)
from energy_grid.api.values import Answer
from energy_grid.backend.api.exports import FILES, Column, FileFormat, Kind, file_of
from energy_grid.backend.api.groups import Asked, Span, Whose, kpi_rows
from energy_grid.backend.api.market_days import gas_of_days, prices_of_slots, welfare_of_days
from energy_grid.backend.api.matching import matching as matched
from energy_grid.backend.api.regions import Region, region_number
from energy_grid.backend.api.visit import MAY_SIGN_IN, Visit, Visitor
from energy_grid.domain.units import format_day

__all__ = ["ROUTER"]

ROUTER = APIRouter(prefix="/analytics", tags=["analytics"])
_Table = Literal[
    "days", "matching", "hours", "imbalance", "emissions", "certified", "welfare", "prices", "gas"
]
_Row = TypeVar("_Row", bound=Answer)
_AnyRegion = Annotated[str | None, Query(max_length=32, description="By default all of them.")]


@ROUTER.get("/days", openapi_extra=MAY_SIGN_IN)
def totals(visit: Visitor, span: Span, of: Asked) -> list[DayTotals]:
    """What closed days brought to all accounts, to a group's, or to one's own, the oldest first.

    A day of fewer than 5 accounts is left out; a day of a group also where fewer than 5 are in
    another one, or in none: what is left of the sum of all would be theirs.
    """
    return _days(DayTotals, visit, "kpi_energy", span, of)


@ROUTER.get("/matching", openapi_extra=MAY_SIGN_IN)
def matching(visit: Visitor, span: Span, of: Asked) -> Matching:
    """How much of what connections took in an hour others gave in the same hour.

    It is measured where a house meets the street: what a house uses of its own panels is in
    neither. Counted are days that all who close theirs have closed, and of them accounts whose
    settlement meters were read in each hour; of fewer than 5 nothing is told. Of one account, what
    it took counts as covered by the same part as everybody's in that hour.
    """
    return matched(visit.backend.database, span, of)


@ROUTER.get("/imbalance", openapi_extra=MAY_SIGN_IN)
def imbalance(visit: Visitor, span: Span, of: Asked) -> list[DayImbalance]:
    """How far accounts that traded were from what they had traded, and what that cost.

    Counted are closed days of accounts whose trades of the day do not cancel out. Days are left out
    as those of `/analytics/days` are, and also where fewer than 5 have traded, or have not.
    """
    return _days(DayImbalance, visit, "kpi_imbalance", span, of)


@ROUTER.get("/emissions", openapi_extra=MAY_SIGN_IN)
def emissions(visit: Visitor, span: Span, of: Asked) -> list[DayEmissions]:
    """Energy from the grid at the emission factor of the market's carbon credits.

    No factor of the grid's own energy is on the chain: this is what a clean kWh avoids, as
    governance has set it. Days are left out as those of `/analytics/days` are.
    """
    return _days(DayEmissions, visit, "kpi_emissions", span, of)


@ROUTER.get("/certified", openapi_extra=MAY_SIGN_IN)
def certified(visit: Visitor, span: Span, of: Asked) -> list[DayCertified]:
    """How much of what was used certificates were retired for, by the day of production and use.

    The chain has matched each slot: certificates of the same slot and region, up to what the
    account took from the street and used of its own certified plant. Days are left out as those of
    `/analytics/days` are; retirements count whenever they come.
    """
    return _days(DayCertified, visit, "kpi_certified", span, of)


@ROUTER.get("/welfare")
def welfare(visit: Visitor, span: Span, region: _AnyRegion = None) -> list[DayWelfare]:
    """What this backend's batches made of the orders that were considered, against the best.

    It is what the audit of a batch computes, by the day on which a period begins. An order that the
    chain rejected in its turn counts with what it traded.
    """
    backend = visit.backend
    number = None if region is None else region_number(backend, region)
    return welfare_of_days(backend.database, span, backend.slot_seconds, number)


@ROUTER.get("/prices")
def price_levels(visit: Visitor, span: Span, region: Region = None) -> list[PriceLevel]:
    """In how many slots that have begun the grid asked how much for a kWh, the dearest first."""
    backend = visit.backend
    number, now = region_number(backend, region), backend.market.node.time
    return prices_of_slots(backend.database, span, backend.slot_seconds, number, now)


@ROUTER.get("/gas")
def gas(visit: Visitor, span: Span) -> list[DayGas]:
    """Gas that this backend's services used, by what it was for; what wallets send is not in it."""
    return gas_of_days(visit.backend.database, span)


def _days(
    model: type[_Row], visit: Visit, view: str, span: tuple[int, int], of: Whose
) -> list[_Row]:
    """What a view of key figures tells; a row's attributes are the view's columns."""
    return [
        model(**{**row, "day": format_day(row["day"])})
        for row in kpi_rows(visit.backend.database, view, span, of)
    ]


_Made = Callable[[Visit, tuple[int, int], Whose, str | None], Sequence[BaseModel]]
_TABLES: Mapping[str, tuple[type[BaseModel], _Made]] = {
    "days": (DayTotals, lambda visit, span, of, _: totals(visit, span, of)),
    "matching": (DayMatching, lambda visit, span, of, _: matching(visit, span, of).days),
    "hours": (HourMatching, lambda visit, span, of, _: matching(visit, span, of).hours),
    "imbalance": (DayImbalance, lambda visit, span, of, _: imbalance(visit, span, of)),
    "emissions": (DayEmissions, lambda visit, span, of, _: emissions(visit, span, of)),
    "certified": (DayCertified, lambda visit, span, of, _: certified(visit, span, of)),
    "welfare": (DayWelfare, lambda visit, span, _, region: welfare(visit, span, region)),
    "prices": (PriceLevel, lambda visit, span, _, region: price_levels(visit, span, region)),
    "gas": (DayGas, lambda visit, span, *_: gas(visit, span)),
}


@ROUTER.get("/exports/{table}", response_class=Response, responses=FILES, openapi_extra=MAY_SIGN_IN)
def export_analytics(
    visit: Visitor,
    span: Span,
    of: Asked,
    table: Annotated[_Table, Path()],
    kind: FileFormat = "csv",
    region: _AnyRegion = None,
) -> Response:
    """What another path of analytics tells, as a file: ``matching`` has its days, ``hours`` the
    hours of the day."""
    model, made = _TABLES[table]
    rows = [vars(each) for each in made(visit, span, of, region)]
    columns = [_column(name, field.annotation) for name, field in model.model_fields.items()]
    values = [[each.of(row) for each in columns] for row in rows]
    name = "-".join((table, *map(format_day, span)))
    return file_of(iter([values]), columns, name, kind)


def _column(name: str, annotation: Any) -> Column:
    kind: Kind = "text" if annotation is str else "whole"
    # Sums of money times energy can be above 64 bits.
    if name.startswith(("welfare", "optimum", "milligrams")):
        kind = "big"
    return Column(name, kind, lambda row: row[name])
