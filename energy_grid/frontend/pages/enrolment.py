"""Enrolment: the household's way into the market, and the street as its registrar sees it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import HTMLResponse

from energy_grid.backend.api.enrolling import Enrolling
from energy_grid.backend.api.routes import accounts
from energy_grid.frontend.site import Looks, page

__all__ = ["ROUTER"]

ROUTER = APIRouter(prefix="/enrol")


@ROUTER.get("")
def street(look: Looks) -> HTMLResponse:
    """All households on their way, for who registers meters."""
    found, reader = Enrolling(look.backend), look.reader
    is_registrar = reader is not None and found.is_registrar(reader)
    return page(
        look,
        "street.html",
        is_registrar=is_registrar,
        safe=found.registrar and found.registrar[0],
        households=found.all(reader) if is_registrar and reader is not None else [],
        regions=look.backend.regions,
        origin=_origin(look),
    )


@ROUTER.get("/{id}")
def household(look: Looks, id: Annotated[str, Path(pattern="^[0-9a-f]{32}$")]) -> HTMLResponse:
    """How far one household is, for who has its invitation."""
    reader = look.reader
    found = Enrolling(look.backend).shown(id, reader)
    own = reader is not None and reader == found.account
    return page(
        look,
        "household.html",
        enrolment=found,
        is_own=own,
        balances=accounts.balances(look, reader) if own and reader is not None else None,
        invitation=f"{_origin(look)}/enrol/{id}",
    )


def _origin(look: Looks) -> str:
    """Of this page, as its reader has it."""
    return str(look.request.base_url).rstrip("/")
