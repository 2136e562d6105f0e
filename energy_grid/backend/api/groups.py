"""Whose key figures are asked for, and of which days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import Depends, Query
from sqlalchemy import select

from energy_grid.api.values import Address, Day
from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.api.regions import region_number
from energy_grid.backend.api.visit import Visit, Visitor
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.kpi_views import KPI_VIEWS
from energy_grid.chain.abi import to_bytes32

__all__ = [
    "MOST_DAYS",
    "Asked",
    "Span",
    "Whose",
    "kpi_rows",
    "span_of_days",
    "whose",
]

MOST_DAYS = 400
_FIRST_DAY = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Whose sums are asked for; all None: everybody's.

    Attributes:
        region: its bytes as the chain has them, in digits.
    """

    community: int | None = None
    region: str | None = None
    account: str | None = None

    @property
    def scope(self) -> tuple[str, str]:
        """As views of key figures have it: of what, and whose."""
        named = {"community": self.community, "region": self.region, "account": self.account}
        given = ((name, str(value)) for name, value in named.items() if value is not None)
        return next(given, ("all", ""))


def whose(
    visit: Visit,
    community: int | None = None,
    region: str | None = None,
    account: str | None = None,
) -> Whose:
    """Whose sums a visitor asks for.

    Raises:
        ProblemError: more than one is named, there is no such region, or the account is not theirs.
    """
    if sum(each is not None for each in (community, region, account)) > 1:
        raise ProblemError(
            422,
            "invalid-request",
            "name one of community, region and account",
            field="community" if community is not None else "region",
        )
    if account is not None:
        visit.require_self(account)
    if region is not None:
        region_number(visit.backend, region)
        region = f"0x{to_bytes32(region).hex()}"
    return Whose(community=community, region=region, account=account)


def _asked(
    visit: Visitor,
    community: Annotated[
        int | None, Query(ge=1, lt=2**31, description="Of its members; by default of all accounts.")
    ] = None,
    region: Annotated[
        str | None, Query(max_length=32, description="Of accounts whose meters are in it.")
    ] = None,
    account: Annotated[
        Address | None, Query(description="Of the account that is signed in, alone.")
    ] = None,
) -> Whose:
    return whose(visit, community, region, account)


Asked = Annotated[Whose, Depends(_asked)]


def span_of_days(start: date, end: date) -> tuple[int, int]:
    """The numbers of the first and the last day.

    Raises:
        ProblemError: these are none, or too many.
    """
    if not start <= end < start + timedelta(days=MOST_DAYS):
        raise ProblemError(
            422, "invalid-request", f"ask for at most {MOST_DAYS} days, from before to", field="to"
        )
    first, last = ((each - _FIRST_DAY).days for each in (start, end))
    return first, last


async def _span(
    start: Annotated[Day, Query(alias="from", description="The first day.")],
    end: Annotated[Day, Query(alias="to", description="The last day.")],
) -> tuple[int, int]:
    return span_of_days(start, end)


Span = Annotated[tuple[int, int], Depends(_span)]


def kpi_rows(
    database: Database, view: str, span: tuple[int, int], of: Whose
) -> Sequence[Mapping[Any, Any]]:
    """What a view of key figures tells of whoever is asked for, the oldest day first.

    Args:
        view: one with the columns ``scope``, ``whose`` and ``day``.
        span: the first and the last day.
    """
    found = KPI_VIEWS[view].c
    scope, whose = of.scope
    wanted = (
        select(KPI_VIEWS[view])
        .where(found.scope == scope, found.whose == whose, found.day.between(*span))
        .order_by(found.day)
    )
    with database.reading() as connection:
        return connection.execute(wanted).mappings().all()
