"""Households: demand response, shares and notices of an account; nobody sees another's."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from energy_grid.api.models import Holding, Notice, OwnDemandResponse
from energy_grid.api.values import Address
from energy_grid.backend.api.holdings import holdings_of
from energy_grid.backend.api.noticing import Noticing
from energy_grid.backend.api.responding import demand_response_of
from energy_grid.backend.api.routes.meters import my_meters
from energy_grid.backend.api.visit import Holder

__all__ = ["ROUTER"]

ROUTER = APIRouter(prefix="/accounts/{account}", tags=["accounts"])
_Account = Annotated[Address, Path(description="Of the account that is signed in.")]


@ROUTER.get("/demand-response")
def own_demand_response(visit: Holder, account: _Account) -> OwnDemandResponse:
    """Programs that an account can join or has been in, and the events in which it is asked."""
    visit.require_self(account)
    return demand_response_of(visit.backend, account)


@ROUTER.get("/shares")
def shares(visit: Holder, account: _Account) -> list[Holding]:
    """Shares of assets that an account has, and the revenue that it can claim."""
    visit.require_self(account)
    return holdings_of(visit.backend, account)


@ROUTER.get("/notices")
def notices(visit: Holder, account: _Account) -> list[Notice]:
    """What has happened to an account in the last two weeks, and what it should do; the newest
    first."""
    visit.require_self(account)
    backend = visit.backend
    holdings, response = holdings_of(backend, account), demand_response_of(backend, account)
    return Noticing(backend, account, my_meters(visit).items, holdings, response).notices()
