"""Statements of months: an account's to itself, sums to who answers for a community or a region."""

from __future__ import annotations

from http import HTTPStatus
from operator import itemgetter
from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response
from pydantic import Field
from sqlalchemy import select

from energy_grid.api.models import Statement
from energy_grid.backend.api.exports import FILES, Column, FileFormat, file_of
from energy_grid.backend.api.grid_watch import GridWatch
from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.api.visit import Holder, Visit, not_found
from energy_grid.backend.invoicing.statements import begin_of, issue_of, issued
from energy_grid.backend.store.analytics import FEWEST
from energy_grid.backend.store.views import VIEWS
from energy_grid.chain.abi import checksum
from energy_grid.domain.units import format_time

__all__ = ["ROUTER", "Month", "Subject", "answers_for", "found_for"]

ROUTER = APIRouter(prefix="/statements/{subject}/{month}", tags=["accounts"])
Month = Annotated[str, Field(pattern="^(19[7-9][0-9]|2[0-9]{3})-(0[1-9]|1[0-2])$")]
Subject = Annotated[
    str,
    Field(
        pattern="^(0x[0-9a-fA-F]{40}|community:[1-9][0-9]{0,8}|region:.{1,32})$",
        description="An account's address, community:NUMBER or region:NAME.",
    ),
]
_NAMES = ("kind", "name", "of_month", "price_per_kwh", "energy_wh", "money_thousandths")
_TEXTS = frozenset(("part", "kind", "name", "of_month"))
_COLUMNS = [
    Column(name, "text" if name in _TEXTS else "big", itemgetter(name))
    for name in ("part", *_NAMES)
]


@ROUTER.get("")
def statement(
    visit: Holder, subject: Annotated[Subject, Path()], month: Annotated[Month, Path()]
) -> Statement:
    """A month of an account, line by line; of a community or a region what its accounts come to.

    A week after the month it is issued, and stays as it is. Until then an account's is as it would
    be now, and others are not there. What is closed later is in the next one, as a correction.
    Members and accounts see their own alone; a community's manager, and the operators of a region,
    the sums of at least 5 accounts.
    """
    return found_for(visit, subject, month)


@ROUTER.get("/lines", response_class=Response, responses=FILES)
def export_statement(
    visit: Holder,
    subject: Annotated[Subject, Path()],
    month: Annotated[Month, Path()],
    kind: FileFormat = "csv",
) -> Response:
    """The lines of a statement as a file."""
    found = found_for(visit, subject, month)
    parts = {
        "account": found.lines,
        "transfer": found.transfers,
        "wallet": found.wallet,
        "tax": found.taxes,
    }
    rows = [
        {"part": part, **{name: getattr(line, name) for name in _NAMES}}
        for part, lines in parts.items()
        for line in lines
    ]
    values = [[each.of(row) for each in _COLUMNS] for row in rows]
    return file_of(iter([values]), _COLUMNS, f"statement-{month}", kind)


def found_for(visit: Visit, subject: str, month: str) -> Statement:
    """A statement that a visitor may see.

    Raises:
        ProblemError: there is none, or not for them.
    """
    backend, now = visit.backend, visit.backend.market.node.time
    account = None if ":" in subject else checksum(subject)
    if account is not None:
        visit.require_self(account)
    elif subject not in answers_for(visit):
        raise not_found("statement")
    if begin_of(month) > now:
        raise _missing("not-begun", f"{month} has not begun yet", "ask for an earlier month")
    if account is not None:
        return backend.invoicing.of_account(account, month, now)
    with backend.database.reading() as connection:
        found = issued(connection, subject, month)
    if found is None:
        when = format_time(issue_of(month))
        raise _missing("not-issued", f"{month} of {subject} is not issued", f"ask from {when} on")
    if found.accounts < FEWEST:
        few = f"{found.accounts} accounts have closed days in {month} of {subject}"
        raise _missing("too-few", few, f"sums are shown of {FEWEST} accounts at least")
    return found


def _missing(name: str, detail: str, next: str) -> ProblemError:
    return ProblemError(HTTPStatus.NOT_FOUND, name, detail, next=next)


def answers_for(visit: Visit) -> list[str]:
    """The communities that who is signed in manages, and the regions that they operate."""
    account, backend = visit.require_account(), visit.backend
    made = VIEWS["communities"].c
    with backend.database.reading() as connection:
        managed = connection.scalars(
            select(made.id).where(made.manager == account).order_by(made.id)
        ).all()
    operated = [each for each in backend.regions if GridWatch(backend, each).is_operator(account)]
    return [*(f"community:{each}" for each in managed), *(f"region:{each}" for each in operated)]
