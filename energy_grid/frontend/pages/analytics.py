"""Analytics: what days brought to all, to a community or to oneself, over up to a year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from energy_grid.api.models import DayTotals
from energy_grid.api.values import Day, time_of
from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.api.routes import accounts, analytics, directory, market
from energy_grid.frontend.site import Look, Looks, page

__all__ = ["ROUTER"]

ROUTER = APIRouter(prefix="/analytics")
_RANGE, _PRICED, _LIMIT = timedelta(days=30), timedelta(days=31), 100
_DAY = timedelta(days=1)


@ROUTER.get("")
def overview(
    look: Looks,
    start: Annotated[Day | None, Query(alias="from")] = None,
    end: Annotated[Day | None, Query(alias="to")] = None,
    of: Annotated[str, Query(pattern="^(all|me|[1-9][0-9]{0,8})$")] = "all",
) -> HTMLResponse:
    """The range's sums, its days, and how long energy cost how much."""
    last = end or time_of(look.backend.market.node.time).date()
    first = start or last - _RANGE
    if of == "me":
        days = _own(look, first, last)
    else:
        days = analytics.totals(look, first, last, None if of == "all" else int(of))
    return page(
        look,
        "analytics.html",
        first=first,
        last=last,
        of=of,
        days=days,
        sums=_sum(days),
        used=used,
        made=made,
        fewest=analytics.FEWEST,
        communities=directory.communities(look).items,
        prices=_duration(look, first, last),
    )


def used(of: DayTotals) -> int:
    """What the houses took at their connections, Wh."""
    return of.shared_taken_wh + of.bought_wh + of.credits_drawn_wh + of.from_grid_wh


def made(of: DayTotals) -> int:
    """What the houses gave at their connections, Wh."""
    return of.shared_given_wh + of.sold_wh + of.credits_kept_wh + of.fed_in_wh


def _sum(days: Sequence[DayTotals]) -> DayTotals | None:
    """All days together; None: there is none."""
    if not days:
        return None
    names = [each for each in DayTotals.model_fields if each not in ("day", "accounts")]
    total = {name: sum(getattr(each, name) for each in days) for name in names}
    return DayTotals(day=days[-1].day, accounts=max(each.accounts for each in days), **total)


def _own(look: Look, first: date, last: date) -> list[DayTotals]:
    """The closed days of who is signed in, the oldest first."""
    account = look.require_account()
    if not first <= last < first + timedelta(days=400):
        raise ProblemError(
            422, "invalid-request", "ask for at most 400 days, from before to", field="to"
        )
    found, cursor = [], None
    while True:
        answer = accounts.days(look, account, cursor=cursor, limit=_LIMIT)
        found += [each for each in answer.items if first <= date.fromisoformat(each.day) <= last]
        cursor = answer.next
        if cursor is None or date.fromisoformat(answer.items[-1].day) < first:
            break
    return [
        DayTotals(
            accounts=1,
            bought_wh=max(each.traded_wh, 0),
            sold_wh=max(-each.traded_wh, 0),
            **each.model_dump(exclude={"net_wh", "traded_wh"}),
        )
        for each in reversed(found)
    ]


def _duration(look: Look, first: date, last: date) -> Sequence[int]:
    """What the grid asked in each slot, the dearest first; of the last month of the range."""
    begin = max(first, last - _PRICED + _DAY)
    start, end = (
        datetime(each.year, each.month, each.day, tzinfo=UTC) for each in (begin, last + _DAY)
    )
    found = market.prices(look, start, end).grid
    return sorted((each.buy_per_kwh for each in found), reverse=True)
