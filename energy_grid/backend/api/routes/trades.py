"""Trades and batches: what was matched, and proof that it could not have been better."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy import RowMapping, select

from energy_grid.api.models import Page, Trade
from energy_grid.api.values import Time, time_of
from energy_grid.backend.api.documents import period_document
from energy_grid.backend.api.pages import Cursor, Limit, page_of
from energy_grid.backend.api.visit import MAY_SIGN_IN, Visitor
from energy_grid.backend.store.views import VIEWS
from energy_grid.domain.periods import Period, PeriodKind

__all__ = ["ROUTER"]

ROUTER = APIRouter(tags=["trades"])
_TRADES = VIEWS["trades"]
_T = _TRADES.c


@ROUTER.get("/trades", openapi_extra=MAY_SIGN_IN)
def trades(
    visit: Visitor,
    mine: Annotated[bool, Query(description="Only of the account that is signed in.")] = False,
    start: Annotated[Time | None, Query(alias="from", description="Matched at or after.")] = None,
    end: Annotated[Time | None, Query(alias="to", description="Matched before.")] = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Page[Trade]:
    """Trades, the newest first. Who traded is told only to those who did."""
    account = visit.require_account() if mine else visit.account
    wanted = select(_TRADES)
    if mine:
        wanted = wanted.where((_T.buyer == account) | (_T.seller == account))
    if start is not None:
        wanted = wanted.where(_T.matched_at >= int(start.timestamp()))
    if end is not None:
        wanted = wanted.where(_T.matched_at < int(end.timestamp()))

    def document(row: RowMapping) -> Trade:
        is_buyer = account is not None and row["buyer"] == account
        is_seller = account is not None and row["seller"] == account
        kind = row["period"]
        return Trade(
            id=row["transaction_id"],
            period=(
                None
                if kind is None
                else period_document(Period(kind=PeriodKind(kind), start=row["start"]))
            ),
            amount_wh=int(row["amount"]),
            price_per_kwh=int(row["price"]),
            matched_at=time_of(row["matched_at"]),
            transaction=row["transaction_hash"],
            buy_order=_id(row["buy_id"]) if is_buyer else None,
            sell_order=_id(row["sell_id"]) if is_seller else None,
        )

    return page_of(visit.backend.database, wanted, (_T.transaction_id,), document, cursor, limit)


def _id(number: int) -> str:
    return str(number) if number < 2**40 else f"0x{number:064x}"
