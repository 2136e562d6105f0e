"""Which VEN asks, and what every path answers besides."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import OAuth2

from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.api.visit import not_found
from energy_grid.backend.grid_service.openadr.clients import Ven
from energy_grid.backend.grid_service.openadr.door import VenDoor
from energy_grid.backend.grid_service.openadr.models import ObjectId

__all__ = ["PLAIN", "SCOPES", "Asker", "Asking", "Id", "Limit", "Skip", "found"]

SCOPES = {
    "read_targets": "Programs and events that concern the VEN's account.",
    "read_ven_objects": "What the VEN has written.",
    "write_reports": "Reports.",
    "write_subscriptions": "Subscriptions.",
    "write_vens": "Vens and resources.",
}
"""What every VEN may."""
PLAIN: dict[str, Any] = {"response_model_exclude_none": True}
"""Of answers in which the standard has no null."""
_MOST = 50
_FLOW = OAuthFlowClientCredentials(tokenUrl="auth/token", scopes=SCOPES)
_OAUTH = OAuth2(
    flows=OAuthFlows(clientCredentials=_FLOW),
    scheme_name="oAuth2ClientCredentials",
    auto_error=False,
)

Id = Annotated[ObjectId, Path(description="As a list has it.")]
Skip = Annotated[int, Query(ge=0, le=10**6, description="So many are left out.")]
Limit = Annotated[int, Query(ge=0, le=_MOST, description="So many at most.")]


@dataclass(frozen=True, slots=True)
class Asking:
    """A request of a VEN."""

    ven: Ven
    door: VenDoor


def _asking(request: Request, _: Annotated[Any, Depends(_OAUTH)]) -> Asking:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    door: VenDoor = request.app.state.backend().vens
    ven = door.clients.ven_of(token.strip()) if kind.lower() == "bearer" else None
    if ven is None:
        raise ProblemError(
            HTTPStatus.UNAUTHORIZED,
            "not-signed-in",
            "the request has no token, or one that is not worth anything any more",
            next="POST auth/token with the id and the secret of your credentials",
        )
    request.app.state.rate.count(ven.account)
    return Asking(ven, door)


Asker = Annotated[Asking, Depends(_asking)]


def found(document: dict[str, Any] | None, what: str) -> dict[str, Any]:
    """What was asked for.

    Raises:
        ProblemError: there is no such thing, or it is another VEN's.
    """
    if document is None:
        raise not_found(what)
    return document
