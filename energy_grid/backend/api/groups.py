"""Whose sums are told: those of groups of which none is small, whatever is asked.

A day's accounts fall into cells: of one community and region, with trades or without. Where each
cell has enough accounts, sums of all cells are told by both; else by either, else of all. What is
told of a day is of whole groups of one division, so no difference of sums is of fewer accounts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import Depends, Query
from sqlalchemy import Connection, select

from energy_grid.api.values import Address, Day
from energy_grid.backend.api.problems import ProblemError
from energy_grid.backend.api.regions import region_number
from energy_grid.backend.api.visit import Visit, Visitor
from energy_grid.backend.store.analytics import (
    DAY_SUMS,
    FEWEST,
    GROUP,
    SUMMED,
    SUMS,
    certified,
    closings,
)
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.details import CLOSED_DAYS
from energy_grid.chain.abi import to_bytes32

__all__ = [
    "MOST_DAYS",
    "Asked",
    "Span",
    "Whose",
    "certified_sums",
    "day_sums",
    "span_of_days",
    "told",
    "whose",
]

MOST_DAYS = 400
_FIRST_DAY = date(1970, 1, 1)
_DIVISIONS = (GROUP, ("community", "region"), ("trades",), ())


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
    def group(self) -> Mapping[str, Any]:
        """What the group's cells have in common."""
        named = {"community": self.community, "region": self.region}
        return {name: value for name, value in named.items() if value is not None}


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


def day_sums(
    database: Database, span: tuple[int, int], of: Whose, *, trades: bool = False
) -> list[Mapping[str, int]]:
    """The closed days that are told, the oldest first: ``day``, ``accounts`` and `SUMS`.

    Args:
        trades: only of accounts that have traded on the day.
    """
    days: dict[int, list[Mapping[Any, Any]]] = defaultdict(list)
    with database.reading() as connection:
        for row in _cells(connection, *span, of.account):
            days[row["day"]].append(row)
    wanted = {**of.group, "trades": True} if trades else of.group
    found = ((day, told(days[day], wanted, of.account is not None)) for day in sorted(days))
    return [{"day": day, **sums} for day, sums in found if sums is not None]


def certified_sums(
    database: Database, span: tuple[int, int], of: Whose, day_slots: int
) -> list[Mapping[str, int]]:
    """The closed days that are told, as `day_sums` has them, with what of them is certified:
    ``retired`` and ``own``, see `store.analytics.certified`.

    Args:
        day_slots: slots of a day.
    """
    sums: dict[int, Counter[str]] = defaultdict(Counter)
    with database.reading() as connection:
        for row in certified(connection, *span, day_slots, of.account):
            if all(row[name] == value for name, value in of.group.items()):
                sums[row["day"]].update({name: row[name] for name in ("retired", "own")})
    return [
        {**row, "retired": sums[row["day"]]["retired"], "own": sums[row["day"]]["own"]}
        for row in day_sums(database, span, of)
    ]


def _cells(
    connection: Connection, first: int, last: int, account: str | None
) -> Iterator[Mapping[Any, Any]]:
    """What was summed, and anew what was closed since."""
    if account is not None:
        yield from connection.execute(closings(first, last, account=account)).mappings()
        return
    until = connection.scalar(select(SUMMED.c.block))
    closed = CLOSED_DAYS.c
    since = select(closed.day).where(closed.day.between(first, last)).distinct()
    if until is not None:
        since = since.where(closed.block > until)
        summed = select(DAY_SUMS).where(
            DAY_SUMS.c.day.between(first, last), DAY_SUMS.c.day.not_in(since)
        )
        yield from connection.execute(summed).mappings().all()
    for day in connection.scalars(since).all():
        yield from connection.execute(closings(day, day)).mappings()


def told(
    cells: Sequence[Mapping[Any, Any]], wanted: Mapping[str, Any], is_own: bool
) -> dict[str, int] | None:
    """The sums of the cells that have what is wanted; None: there are none, or they stay untold."""
    if not is_own:
        division = next(
            (keys for keys in _DIVISIONS if min(_sizes(cells, keys).values()) >= FEWEST), None
        )
        if division is None or not wanted.keys() <= {*division}:
            return None
    inside = [each for each in cells if all(each[name] == wanted[name] for name in wanted)]
    if not inside:
        return None
    return {name: sum(int(each[name]) for each in inside) for name in ("accounts", *SUMS)}


def _sizes(cells: Sequence[Mapping[Any, Any]], keys: Sequence[str]) -> Mapping[Any, int]:
    sizes: dict[Any, int] = defaultdict(int)
    for each in cells:
        sizes[tuple(each[name] for name in keys)] += int(each["accounts"])
    return sizes
