"""How much of what connections take in an hour others give in the same hour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import Connection, select

from energy_grid.api.models import DayMatching, HourMatching, Matching
from energy_grid.backend.api.groups import Whose
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.hours import HOUR_SECONDS, hourly
from energy_grid.backend.store.kpi_views import KPI_VIEWS
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_day

__all__ = ["matching"]

# By start: accounts, what they took and gave, and how much of both met.
_Hour = tuple[int, int, int, int, int]


def matching(database: Database, span: tuple[int, int], of: Whose) -> Matching:
    """The hours of days that were summed by the hour, by day and by hour of the day.

    Of one account, what it took counts as met by the same part as everybody's.

    Args:
        span: the first and the last day.
    """
    with database.reading() as connection:
        hours = [
            *(
                _of_group(connection, span, of)
                if of.account is None
                else _of_account(connection, span, of.account)
            )
        ]
    days: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    clock: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    accounts: dict[int, int] = {}
    for start, many, *amounts in hours:
        day, hour = divmod(start, DAY_SECONDS)
        accounts[day] = many
        for sums in (days[day], clock[hour // HOUR_SECONDS]):
            sums[0] += amounts[0]
            sums[1] += amounts[1]
            sums[2] += amounts[2]
    return Matching(
        days=[
            DayMatching(
                day=format_day(day),
                accounts=accounts[day],
                import_wh=taken,
                export_wh=given,
                matched_wh=met,
            )
            for day, (taken, given, met) in sorted(days.items())
        ],
        hours=[
            HourMatching(hour=hour, import_wh=taken, export_wh=given, matched_wh=met)
            for hour, (taken, given, met) in sorted(clock.items())
        ],
    )


def _of_group(connection: Connection, span: tuple[int, int], of: Whose) -> Iterator[_Hour]:
    found = KPI_VIEWS["kpi_matching"].c
    scope, whose = of.scope
    wanted = (
        select(found.start, found.accounts, found.import_wh, found.export_wh, found.matched_wh)
        .where(found.scope == scope, found.whose == whose)
        .where(
            found.start >= span[0] * DAY_SECONDS,
            found.start < (span[1] + 1) * DAY_SECONDS,
        )
        .order_by(found.start)
    )
    for row in connection.execute(wanted):
        yield row.start, row.accounts, row.import_wh, row.export_wh, row.matched_wh


def _of_account(connection: Connection, span: tuple[int, int], account: str) -> Iterator[_Hour]:
    everybody = _of_group(connection, span, Whose())
    covered = {start: (taken, met) for start, _, taken, _, met in everybody}
    begin, end = span[0] * DAY_SECONDS, (span[1] + 1) * DAY_SECONDS
    for _, hours in hourly(connection, begin, end, account):
        for start, taken, given in hours:
            of_all, met = covered.get(start, (0, 0))
            if start in covered:
                yield start, 1, taken, given, taken * met // of_all if of_all else 0
