"""What days brought to all together: sums that name nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import Select, and_, case, func, or_, select

from energy_grid.api.models import DayTotals
from energy_grid.api.values import Day
from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.api.visit import Visitor
from energy_grid.backend.store.views import VIEWS
from energy_grid.domain.units import format_day

__all__ = ["FEWEST", "ROUTER"]

ROUTER = APIRouter(prefix="/analytics", tags=["analytics"])
FEWEST = 5
"""Sums of fewer accounts would tell what single ones did."""
_MOST_DAYS = 400
_FIRST_DAY = date(1970, 1, 1)
_DAYS, _IN = VIEWS["days"].c, VIEWS["memberships"].c
# By their names in the answer.
_SUMS: Mapping[str, Any] = {
    "bought_wh": case((_DAYS.position > 0, _DAYS.position), else_=0),
    "sold_wh": case((_DAYS.position < 0, -_DAYS.position), else_=0),
    "shared_taken_wh": _DAYS.taken,
    "shared_given_wh": _DAYS.given,
    "credits_drawn_wh": _DAYS.drawn,
    "credits_kept_wh": _DAYS.kept,
    "from_grid_wh": _DAYS.from_grid,
    "fed_in_wh": _DAYS.fed_in,
    "money_thousandths": _DAYS.money,
}


@ROUTER.get("/days")
def totals(
    visit: Visitor,
    start: Annotated[Day, Query(alias="from", description="The first day.")],
    end: Annotated[Day, Query(alias="to", description="The last day.")],
    community: Annotated[
        int | None, Query(ge=1, lt=2**31, description="By default all accounts.")
    ] = None,
) -> list[DayTotals]:
    """What closed days brought to all accounts, or to a community's members, the oldest first.

    A day of fewer than 5 accounts is left out; a day of a community also where fewer than 5 are in
    another one, or in none: what is left of the sum of all would be theirs.
    """
    if not start <= end < start + timedelta(days=_MOST_DAYS):
        raise ProblemError(
            422, "invalid-request", f"ask for at most {_MOST_DAYS} days, from before to", field="to"
        )
    first, last = ((each - _FIRST_DAY).days for each in (start, end))
    groups = _of_all(first, last) if community is None else _of_communities(first, last)
    days: dict[int, dict[int | None, Any]] = defaultdict(dict)
    with visit.backend.database.reading() as connection:
        for row in connection.execute(groups).mappings():
            days[row["day"]][row["community"]] = row
    return [
        _document(found[community])
        for _, found in sorted(days.items())
        if community in found and all(each["accounts"] >= FEWEST for each in found.values())
    ]


def _sums(community: Any, first: int, last: int) -> Select[Any]:
    return select(
        _DAYS.day,
        community.label("community"),
        func.count().label("accounts"),
        *(func.sum(value).label(name) for name, value in _SUMS.items()),
    ).where(_DAYS.day.between(first, last))


def _of_all(first: int, last: int) -> Select[Any]:
    return _sums(func.nullif(1, 1), first, last).group_by(_DAYS.day)


def _of_communities(first: int, last: int) -> Select[Any]:
    """Each day's accounts by their community then; those in none, too."""
    is_in = and_(
        _IN.account == _DAYS.account,
        _IN.from_day <= _DAYS.day,
        or_(_IN.end_day.is_(None), _IN.end_day > _DAYS.day),
    )
    joined = VIEWS["days"].outerjoin(VIEWS["memberships"], is_in)
    wanted = _sums(_IN.community, first, last).select_from(joined)
    return wanted.group_by(_DAYS.day, _IN.community)


def _document(row: Mapping[Any, Any]) -> DayTotals:
    values = {name: int(row[name]) for name in ("accounts", *_SUMS)}
    return DayTotals.model_validate({"day": format_day(row["day"]), **values})
