"""Days of the whole market: welfare, prices of the grid, emission factors, gas."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import astuple

from sqlalchemy import func, select

from energy_grid.api.models import DayGas, DayWelfare, PriceLevel
from energy_grid.backend.store.analytics import CLEARING_SUMS
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.events import table_of
from energy_grid.backend.store.orders import CLEARINGS
from energy_grid.backend.store.prices import tariffs_of
from energy_grid.backend.store.transactions import SENT
from energy_grid.backend.trading_engine.states import ClearingState
from energy_grid.backend.trading_engine.welfare import welfare_of
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.units import format_day

__all__ = ["emission_factors", "gas_of_days", "prices_of_slots", "welfare_of_days"]

_BPS = 10_000
_PURPOSES = {"engine": "batches", "meter_days": "readings"}
_KNOWN = ("batches", "settlement", "readings", "relay")
_Span = tuple[int, int]


def welfare_of_days(
    database: Database, span: _Span, slot_seconds: int, region: int | None
) -> list[DayWelfare]:
    """What this backend's batches made of orders, by the day on which their periods begin.

    Args:
        region: the number of one; None: all.
    """
    table, sums = CLEARINGS.c, CLEARING_SUMS.c
    begin, end = span[0] * DAY_SECONDS, (span[1] + 1) * DAY_SECONDS
    is_wanted = [table.state == ClearingState.DONE, table.start >= begin, table.start < end]
    if region is not None:
        is_wanted.append(table.region == region)
    known = select(table.start, sums.energy_wh, sums.welfare, sums.optimum).join(
        CLEARING_SUMS, sums.clearing == table.id
    )
    newest = select(CLEARINGS).where(table.id.not_in(select(sums.clearing)))
    days: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    with database.reading() as connection:
        rows = [tuple(row) for row in connection.execute(known.where(*is_wanted)).all()]
        for clearing in connection.execute(newest.where(*is_wanted)).mappings().all():
            found = welfare_of(connection, clearing, slot_seconds)
            rows.append((clearing["start"], *astuple(found)))
    for start, *amounts in rows:
        day = days[start // DAY_SECONDS]
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


def emission_factors(database: Database, days: Sequence[int]) -> list[int | None]:
    """The factor that is in force on each day, in g/kWh; None: none is."""
    events = table_of("CarbonCredits", "EmissionFactorSet").c
    wanted = select(events.from_day, events.grams_per_kwh).order_by(events.block, events.log_index)
    with database.reading() as connection:
        of_days = {int(day): int(grams) for day, grams in connection.execute(wanted)}
    begins = sorted(of_days)
    places = [bisect_right(begins, day) - 1 for day in days]
    return [None if place < 0 else of_days[begins[place]] for place in places]


def gas_of_days(database: Database, span: _Span) -> list[DayGas]:
    """What this backend's services have used, by the day on which they signed it."""
    day = SENT.c.time // DAY_SECONDS
    used = (
        select(day, SENT.c.journal, func.sum(SENT.c.gas_used))
        .where(
            SENT.c.gas_used.is_not(None),
            SENT.c.time >= span[0] * DAY_SECONDS,
            SENT.c.time < (span[1] + 1) * DAY_SECONDS,
        )
        .group_by(day, SENT.c.journal)
    )
    meters = table_of("SmartMeter", "MeterRegistered").c
    begun = select(meters.time).where(meters.settlement).order_by(meters.time)
    days: dict[int, Counter[str]] = defaultdict(Counter)
    with database.reading() as connection:
        for number, journal, gas in connection.execute(used):
            name = _PURPOSES.get(journal, journal)
            days[number][name if name in _KNOWN else "grid"] += int(gas)
        registered = connection.scalars(begun).all()
    return [
        DayGas(
            day=format_day(number),
            households=bisect_right(registered, (number + 1) * DAY_SECONDS - 1),
            **{name: gas[name] for name in (*_KNOWN, "grid")},
        )
        for number, gas in sorted(days.items())
    ]
