"""The relay: calls that accounts have signed, sent and paid for by the operator."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path
from sqlalchemy import RowMapping

from energy_grid.api.models import Relayed, RelayRequest
from energy_grid.backend.api.visit import Visitor, not_found
from energy_grid.backend.relay_service.calls import signed_call

__all__ = ["ROUTER"]

ROUTER = APIRouter(tags=["relay"])
_Id = Annotated[str, Path(pattern="^0x[0-9a-f]{64}$", description="Of POST /api/v1/relay.")]


@ROUTER.post("/relay", status_code=HTTPStatus.ACCEPTED)
def relay_call(visit: Visitor, document: RelayRequest) -> Relayed:
    """Have a signed call sent, for accounts without native coin.

    Its signature says whose it is: nobody signs in for it. It is tried now if it is its account's
    next one, and sent when its turn comes, within the gas that the operator gives an account and
    all of them a day. The same call again is the same one, and is answered with what has become of
    it; one that was never sent has its turn again.
    """
    return _document(visit.backend.relay.submit(signed_call(document), visit.asker))


@ROUTER.get("/relay/{id}")
def relayed_call(visit: Visitor, id: _Id) -> Relayed:
    """What has become of a call. Its id is a hash with the signature: who has not seen the call
    cannot ask for it."""
    found = visit.backend.relay.find(id)
    if found is None:
        raise not_found("call")
    return _document(found)


def _document(row: RowMapping) -> Relayed:
    names = ("id", "state", "transaction", "detail")
    return Relayed.model_validate({name: row[name] for name in names})
