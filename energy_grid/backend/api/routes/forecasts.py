"""Forecasts: of an account to it alone, of communities and regions to everybody."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from energy_grid.api.models import Forecast, ForecastDay
from energy_grid.api.values import Address
from energy_grid.backend.api.foreseeing import Subject, coming
from energy_grid.backend.api.foreseeing import drift as drifted
from energy_grid.backend.api.groups import Span, whose
from energy_grid.backend.api.visit import MAY_SIGN_IN, Visitor

__all__ = ["ROUTER", "subject_of"]

ROUTER = APIRouter(prefix="/forecasts", tags=["forecasts"])


def subject_of(
    visit: Visitor,
    community: Annotated[
        int | None, Query(ge=1, lt=2**31, description="Its number; by default the home region.")
    ] = None,
    region: Annotated[str | None, Query(max_length=32, description="Its name.")] = None,
    account: Annotated[
        Address | None, Query(description="The one that is signed in, alone.")
    ] = None,
) -> Subject:
    """What a visitor asks about.

    Raises:
        ProblemError: more than one is named, there is no such region, or the account is not theirs.
    """
    whose(visit, community, region, account)
    if account is not None:
        return Subject.own(account)
    if community is not None:
        return Subject(f"community:{community}")
    return Subject(f"region:{visit.backend.regions[0] if region is None else region}")


_Asked = Annotated[Subject, Depends(subject_of)]


@ROUTER.get("", openapi_extra=MAY_SIGN_IN)
def forecasts(visit: Visitor, of: _Asked) -> list[Forecast]:
    """What is drawn and fed in during 48 hours, from the newest origin on.

    It is measured where a house meets the street: what a house uses of its own panels is in
    neither. Of what has not come for four weeks there is no forecast. Communities and regions are
    told of where neither sums nor differences are of fewer than 5 accounts; else only regions with
    5 accounts or more.
    """
    return coming(visit.backend.database, of)


@ROUTER.get("/drift", openapi_extra=MAY_SIGN_IN)
def drift(visit: Visitor, span: Span, of: _Asked) -> list[ForecastDay]:
    """How far the forecasts of days were off that were made when these began, the oldest first."""
    return drifted(visit.backend.database, of, span)
