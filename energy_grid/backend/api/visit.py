"""Who asks, and what the paths of the API answer from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPBearer

from energy_grid.backend.api.limits import asker
from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.api.sessions import Sessions
from energy_grid.backend.grid_service.desk import OperatorDesk
from energy_grid.backend.grid_service.openadr.door import VenDoor
from energy_grid.backend.invoicing.statements import Invoicing
from energy_grid.backend.meter_gateway.door import MeterDoor
from energy_grid.backend.relay_service.door import RelayDoor
from energy_grid.backend.store.database import Database
from energy_grid.backend.trading_engine.door import Door
from energy_grid.backend.trading_engine.quotes import Quotes
from energy_grid.client import EnergyGrid
from energy_grid.market.feeders import MeteredFeeder

__all__ = ["MAY_SIGN_IN", "Backend", "Holder", "Visit", "Visitor", "not_found"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backend:
    """What the API is made of; threads share it.

    Attributes:
        regions: of the market, the home region first.
        finality: a block with so many on top of it is final.
        quotes: of books.
        relay: takes signed calls.
        published: the folder of the order sets that the engine has published.
        meters: takes readings.
        leaves: the gateway's folder of days, if it is on this machine.
        slot_seconds: of the market.
        desk: of the operator whose key this process has; None: of nobody.
        feeders: of regions, where they are known.
        vens: for programs that speak OpenADR.
        invoicing: makes statements.
    """

    database: Database
    market: EnergyGrid
    door: Door
    sessions: Sessions
    regions: Sequence[str]
    finality: int
    quotes: Quotes
    relay: RelayDoor
    published: Path
    meters: MeterDoor
    leaves: Path
    slot_seconds: int
    desk: OperatorDesk | None
    feeders: Mapping[str, MeteredFeeder]
    vens: VenDoor
    invoicing: Invoicing


class Visit:
    """A request, and the account that makes it."""

    def __init__(self, request: Request, backend: Backend) -> None:
        self.request, self.backend = request, backend

    @property
    def origin(self) -> str | None:
        """Of the page that asks; None for a program."""
        return self.request.headers.get("origin")

    @property
    def asker(self) -> str:
        """The network address, or that of its customer's network."""
        return asker(self.request.scope)

    @property
    def token(self) -> str | None:
        """Of its session."""
        kind, _, token = self.request.headers.get("authorization", "").partition(" ")
        return token.strip() if kind.lower() == "bearer" else None

    @cached_property
    def account(self) -> str | None:
        """Who is signed in, if anybody is.

        Raises:
            ProblemError: the token is of no session, or its account has asked too often.
        """
        if self.token is None:
            return None
        account = self.find_account(self.token)
        self.request.app.state.rate.count(account)
        return account

    def find_account(self, token: str) -> str:
        """Whose session it is.

        Raises:
            ProblemError: it is nobody's.
        """
        return self.backend.sessions.account_of(token, self.origin)

    def require_account(self) -> str:
        """Who is signed in.

        Raises:
            ProblemError: nobody is.
        """
        if self.account is None:
            raise ProblemError(
                HTTPStatus.UNAUTHORIZED,
                "not-signed-in",
                "only its account may see this",
                next="POST /api/v1/session/challenge, sign its message, POST /api/v1/session",
            )
        return self.account

    def require_self(self, account: str) -> None:
        """Let pass who is signed in as an account; for all others there is no such thing.

        Raises:
            ProblemError: it is somebody else, or nobody.
        """
        if self.require_account() != account:
            raise not_found("account")


def not_found(what: str) -> ProblemError:
    """What there is not, or not for who asks: nobody learns which."""
    return ProblemError(
        HTTPStatus.NOT_FOUND, "not-found", f"there is no such {what}, or it is not yours"
    )


_BEARER = HTTPBearer(auto_error=False, description="The token of POST /api/v1/session.")


async def _visit(request: Request) -> Visit:
    return Visit(request, request.app.state.backend())


async def _holder(request: Request, _: Annotated[Any, Depends(_BEARER)]) -> Visit:
    return await _visit(request)


Visitor = Annotated[Visit, Depends(_visit)]
"""Anybody."""
Holder = Annotated[Visit, Depends(_holder)]
"""As `Visitor`; the interface's description says that one has to be signed in, which the path
itself requires."""
MAY_SIGN_IN: dict[str, Any] = {"security": [{}, {_BEARER.scheme_name: []}]}
"""Of paths that tell an account more than others, for the interface's description."""
