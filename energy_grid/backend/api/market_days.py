"""Days of the whole market: welfare, prices of the grid, gas."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import astuple

from sqlalchemy import select

from energy_grid.api.models import DayGas, DayWelfare, PriceLevel
from energy_grid.backend.store.analytics import CLEARING_SUMS
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.events import table_of
from energy_grid.backend.store.kpi_views import KPI_VIEWS
from energy_grid.backend.store.orders import CLEARINGS
from energy_grid.backend.store.prices import tariffs_of
from energy_grid.backend.trading_engine.states import ClearingState
from energy_grid.backend.trading_engine.welfare import welfare_of
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_day

__all__ = ["gas_of_days", "prices_of_slots", "welfare_of_days"]

_BPS = 10_000
_Span = tuple[int, int]


def welfare_of_days(
    database: Database, span: _Span, slot_seconds: int, region: int | None
) -> list[DayWelfare]:
    """What this backend's batches made of orders, by the day on which their periods begin.

    Args:
        region: the number of one; None: all.
    """
    table, view = CLEARINGS.c, KPI_VIEWS["kpi_welfare"].c
    begin, end = span[0] * DAY_SECONDS, (span[1] + 1) * DAY_SECONDS
    known = select(
        view.day, view.energy_wh, view.welfare_thousandths, view.optimum_thousandths
    ).where(view.day.between(*span))
    newest = (
        select(CLEARINGS)
        .where(table.state == ClearingState.DONE, table.start >= begin, table.start < end)
        .where(table.id.not_in(select(CLEARING_SUMS.c.clearing)))
    )
    if region is not None:
        known, newest = known.where(view.region == region), newest.where(table.region == region)
    days: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    with database.reading() as connection:
        rows = [tuple(row) for row in connection.execute(known)]
        for clearing in connection.execute(newest).mappings().all():
            found = welfare_of(connection, clearing, slot_seconds)
            rows.append((clearing["start"] // DAY_SECONDS, *astuple(found)))
    for number, *amounts in rows:
        day = days[number]
        for at, amount in enumerate((1, *amounts)):
            day[at] += amount
    return [
        DayWelfare(
            day=format_day(day),
            clearings=count,
            energy_wh=energy,
            welfare_thousandths=welfare,
            optimum_thousandths=optimum,
        )
        for day, (count, energy, welfare, optimum) in sorted(days.items())
    ]


def prices_of_slots(
    database: Database, span: _Span, slot_seconds: int, region: int, now: int
) -> list[PriceLevel]:
    """What the grid asked in slots that have begun, the dearest first.

    Args:
        region: its number.
        now: Unix seconds.
    """
    begin = span[0] * DAY_SECONDS // slot_seconds
    end = min((span[1] + 1) * DAY_SECONDS // slot_seconds, now // slot_seconds + 1)
    written = table_of("Tariffs", "FactorsWritten").c
    changes = (
        select(written.from_slot, written.to_slot, written.factor)
        .where(written.id == region, written.to_slot > begin, written.from_slot < end)
        .order_by(written.block, written.log_index)
    )
    factors = [_BPS] * max(end - begin, 0)
    with database.reading() as connection:
        tariffs = tariffs_of(connection)[region]
        for first, last, factor in connection.execute(changes).all():
            first, last = max(first - begin, 0), min(last, end) - begin
            factors[first:last] = [factor] * (last - first)
    days = [day for day, _ in tariffs]
    of_day = DAY_SECONDS // slot_seconds
    found: Counter[int] = Counter()
    for day in range(begin // of_day, -(-end // of_day)):
        place = bisect_right(days, day) - 1
        if place >= 0:
            some = factors[day * of_day - begin : (day + 1) * of_day - begin]
            buy = tariffs[place][1].buy
            for factor, slots in Counter(some).items():
                found[-(-buy * factor // _BPS)] += slots
    return [
        PriceLevel(buy_per_kwh=price, slots=slots)
        for price, slots in sorted(found.items(), reverse=True)
    ]


def gas_of_days(database: Database, span: _Span) -> list[DayGas]:
    """What this backend's services have used, by the day on which they signed it."""
    found = KPI_VIEWS["kpi_gas"].c
    wanted = select(found.day.table).where(found.day.between(*span)).order_by(found.day)
    with database.reading() as connection:
        rows = connection.execute(wanted).mappings().all()
    return [DayGas(**{**row, "day": format_day(row["day"])}) for row in rows]
