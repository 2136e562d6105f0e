"""Programs that speak OpenADR for an account: their credentials, and what they report."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path
from sqlalchemy import exists, select

from energy_grid.api.models import VenClient, VenCredentials, VenRequest, VenTelemetry
from energy_grid.api.values import Address, time_of
from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.api.telemetry import telemetry_of
from energy_grid.backend.api.visit import Holder, Visit, not_found
from energy_grid.backend.grid_service.openadr.clients import TooManyClientsError
from energy_grid.backend.store.views import VIEWS

__all__ = ["ROUTER"]

ROUTER = APIRouter(prefix="/accounts/{account}", tags=["accounts"])
_Account = Annotated[Address, Path(description="Of the account that is signed in.")]
_Id = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="Of the credentials.")]
_METERS = VIEWS["meters"].c


@ROUTER.post("/vens", status_code=HTTPStatus.CREATED)
def create_ven(visit: Holder, account: _Account, wanted: VenRequest) -> VenCredentials:
    """Make credentials for a program that speaks OpenADR. Its secret is shown this once."""
    visit.require_self(account)
    _require_meter(visit, account)
    clients = visit.backend.vens.clients
    try:
        issued = clients.issue(account, wanted.name, may_opt=wanted.may_opt)
    except TooManyClientsError as error:
        raise ProblemError(HTTPStatus.CONFLICT, "too-many-vens", str(error)) from None
    (made,) = (each for each in vens(visit, account) if each.client_id == issued.id)
    return VenCredentials(**made.model_dump(), client_secret=issued.secret)


@ROUTER.get("/vens")
def vens(visit: Holder, account: _Account) -> list[VenClient]:
    """The programs that have credentials, the oldest first."""
    visit.require_self(account)
    return [
        VenClient(
            client_id=row["id"],
            name=row["name"],
            may_opt=row["may_opt"],
            created_at=time_of(row["created_at"]),
        )
        for row in visit.backend.vens.clients.of_account(account)
    ]


@ROUTER.delete("/vens/{client_id}", status_code=HTTPStatus.NO_CONTENT)
def revoke_ven(visit: Holder, account: _Account, client_id: _Id) -> None:
    """Revoke credentials: they, their tokens and what was written with them are gone at once. The
    account takes part again in events that the program has opted out of and that have not begun."""
    visit.require_self(account)
    backend = visit.backend
    if not backend.vens.clients.revoke(account, client_id, backend.market.node.time):
        raise not_found("ven")


@ROUTER.get("/telemetry")
def telemetry(visit: Holder, account: _Account) -> list[VenTelemetry]:
    """What the account's programs have reported of events, beside what its meters show of the same
    time; the newest first. The meters decide what is paid."""
    visit.require_self(account)
    return telemetry_of(visit.backend, account)


def _require_meter(visit: Visit, account: str) -> None:
    with visit.backend.database.reading() as connection:
        if connection.scalar(select(exists().where(_METERS.account == account))):
            return
    raise ProblemError(
        HTTPStatus.CONFLICT,
        "no-meter",
        f"{account} has no meter in this market: a program has nothing to do for it",
    )
