"""Statements of months: as a page, and for paper as a PDF."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from http import HTTPStatus
from typing import Annotated, NamedTuple
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from energy_grid.api.models import Statement, StatementLine
from energy_grid.api.values import time_of
from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.api.routes.statements import Month, Subject, answers_for, found_for
from energy_grid.backend.invoicing.statements import issue_of
from energy_grid.backend.store.analytics import FEWEST
from energy_grid.domain.costs import EXACT
from energy_grid.frontend.papers import statement_pdf
from energy_grid.frontend.site import Looks, page, words_of

__all__ = ["ROUTER"]

ROUTER = APIRouter(prefix="/home")
_DAY = timedelta(days=1)
# Digits behind the point of money, as people see it.
_DIGITS = 2
# Whether energy of a line comes into the bank, or leaves it.
_BANK = {"kept": 1, "tokens_in": 1, "bank": -1, "redeemed": -1, "tokens_out": -1}


class Part(NamedTuple):
    """A table of a statement.

    Attributes:
        rounding: what its lines, as people see them, lack to its sum, as they see that;
            thousandths.
    """

    name: str
    lines: Sequence[StatementLine]
    rounding: int
    total: int


@ROUTER.get("/statement")
def statement(
    look: Looks, month: Month | None = None, of: Annotated[Subject | None, Query()] = None
) -> HTMLResponse:
    """A month of an account, or of a community or a region together."""
    account, now = look.require_account(), time_of(look.backend.market.node.time)
    wanted, subject = month or now.strftime("%Y-%m"), of or account
    first, after = _month(wanted)
    own, missing = [account, *answers_for(look)], ""
    try:
        found = found_for(look, subject, wanted)
    except ProblemError as error:
        if error.status != HTTPStatus.NOT_FOUND or subject not in own:
            raise
        found, missing = None, error.name

    def path(to: str, month: date, subject: str) -> str:
        return f"/home/{to}?{urlencode({'month': f'{month:%Y-%m}', 'of': subject})}"

    return page(
        look,
        "statement.html",
        statement=found,
        subject=subject,
        parts=[] if found is None else _parts(found, look.backend.market.coin.decimals),
        bank=[] if found is None else bank_of(found),
        missing=missing,
        issue=time_of(issue_of(wanted)),
        fewest=FEWEST,
        subjects=[each for each in own if each != subject],
        path_to=path,
        first=first,
        last=after - _DAY,
        before=first - _DAY,
        after=after if after <= now.date() else None,
    )


@ROUTER.get("/statement.pdf")
def paper(look: Looks, month: Month, of: Annotated[Subject, Query()]) -> Response:
    """The same for paper."""
    found, coin = found_for(look, of, month), look.backend.market.coin
    first, after = _month(month)
    content = statement_pdf(
        found,
        _parts(found, coin.decimals),
        bank_of(found),
        (first, after - _DAY),
        words_of(look.language, "statement_words.html"),
        look.language,
        coin,
    )
    headers = {"Content-Disposition": f'attachment; filename="statement-{month}.pdf"'}
    return Response(content, media_type="application/pdf", headers=headers)


def _month(name: str) -> tuple[date, date]:
    """Its first day, and that of the next one."""
    first = date.fromisoformat(f"{name}-01")
    return first, (first + timedelta(days=31)).replace(day=1)


def bank_of(found: Statement) -> list[tuple[StatementLine, int]]:
    """The lines that change what is in the bank, with by how much, Wh."""
    return [
        (line, _BANK[line.kind] * (line.energy_wh or 0))
        for line in found.lines
        if line.kind in _BANK
    ]


def _parts(found: Statement, decimals: int) -> list[Part]:
    """The tables that are not empty; how money is shown, its lines add up to its sum."""
    step: int = EXACT * 10 ** max(decimals - _DIGITS, 0)

    def shown(money: int) -> int:
        # To the even neighbour, as figures are.
        return round(Fraction(money, step)) * step

    parts = (
        ("lines", found.lines, found.money_thousandths),
        ("transfers", found.transfers, found.transfers_thousandths),
        ("wallet", found.wallet, found.wallet_thousandths),
        ("taxes", found.taxes, found.taxes_thousandths),
    )
    return [
        Part(
            name,
            lines,
            shown(total) - sum(shown(each.money_thousandths) for each in lines),
            total,
        )
        for name, lines, total in parts
        if lines
    ]
