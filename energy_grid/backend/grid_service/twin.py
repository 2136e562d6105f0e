"""The twins of feeders: voltages, loads and losses of each slot, as soon as meters have read it.

What is due follows from the store: a slot whose ends have other numbers of readings than when its
flows were computed, within a day before the newest one. So late readings are seen, and a restart
loses nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, func, insert, select

from energy_grid.backend.store.database import Database, in_parts
from energy_grid.backend.store.feeder_flows import FEEDER_FLOWS
from energy_grid.backend.store.views import VIEWS
from energy_grid.cli.numbers import counted
from energy_grid.domain.periods import DAY_SECONDS
from energy_grid.domain.power_flow import SlotFlow, Twin
from energy_grid.errors import InputError
from energy_grid.market.feeders import MeteredFeeder

__all__ = ["TwinKeeper", "powers_at"]

_POLL_SECONDS = 5.0
_HOUR_SECONDS = 3600
_SLOTS_AT_ONCE = 672
_M, _F = VIEWS["measured"].c, FEEDER_FLOWS.c


class TwinKeeper:
    """Computes what flows in feeders whose resistances are known; a `Service`.

    Args:
        feeders: by region.
        slot: seconds.
    """

    name = "twin"

    def __init__(self, database: Database, feeders: Mapping[str, MeteredFeeder], slot: int) -> None:
        self._database, self._slot = database, slot
        self._feeders = {
            region: (each, Twin(each.grid)) for region, each in feeders.items() if each.grid
        }
        self._computed = self._broken = 0
        # Slots that cannot be computed, by their end, with the numbers of their readings: until
        # others come.
        self._refused: dict[str, dict[int, int]] = {region: {} for region in self._feeders}

    def step(self) -> float:
        """Compute the slots that are due.

        Raises:
            DatabaseGoneError: take the step again after a while.
        """
        is_more = False
        for region, (feeder, twin) in self._feeders.items():
            with self._database.reading() as connection:
                due = self._due(connection, region, [*feeder.meters])
            if due:
                some = sorted(due)[:_SLOTS_AT_ONCE]
                with self._database.writing() as connection:
                    self._compute(connection, region, feeder, twin, {at: due[at] for at in some})
                is_more |= len(due) > len(some)
        return 0.0 if is_more else _POLL_SECONDS

    def describe(self) -> str:
        """What it has computed since the start."""
        broken = f", {self._broken} of them with a limit broken" if self._broken else ""
        number = sum(map(len, self._refused.values()))
        refused = f", cannot compute {number}" if number else ""
        return f"{counted(self._computed, 'slot')} of feeders{broken}{refused}"

    def metrics(self) -> Mapping[str, float]:
        """Slots since the start, and those in which a limit was broken."""
        return {"slots_total": self._computed, "broken_total": self._broken}

    def _due(self, connection: Connection, region: str, meters: Sequence[str]) -> Mapping[int, int]:
        """How many readings slots have, by their end, where other ones than were computed."""
        newest = select(func.max(_F.end)).where(_F.region == region)
        last = connection.execute(newest).scalar_one() or 0
        since = max(last, *self._refused[region], 0) - DAY_SECONDS
        refused = {end: many for end, many in self._refused[region].items() if end > since}
        self._refused[region] = refused
        seen: Counter[int] = Counter()
        for some in in_parts(meters):
            numbers = (
                select(_M.time, func.count().label("number"))
                .where(_M.meter.in_(some), _M.time >= since, _M.time % self._slot == 0)
                .group_by(_M.time)
            )
            seen.update({row.time: row.number for row in connection.execute(numbers)})
        wanted = select(_F.end, _F.readings).where(_F.region == region, _F.end > since)
        known = {row.end: row.readings for row in connection.execute(wanted)}
        found = {
            end: number + seen[end - self._slot]
            for end, number in seen.items()
            if end - self._slot in seen
        }
        return {
            end: number
            for end, number in found.items()
            if number not in (known.get(end), refused.get(end))
        }

    def _compute(
        self,
        connection: Connection,
        region: str,
        feeder: MeteredFeeder,
        twin: Twin,
        due: Mapping[int, int],
    ) -> None:
        ends = [*due]
        drawn, measured = powers_at(connection, feeder, twin, ends, self._slot)
        found = _rows_of(twin, drawn)
        rows = [
            {
                "region": region,
                "end": end,
                "readings": due[end],
                "measured": number,
                "meters": len(feeder.meters),
                **asdict(of_slot),
            }
            for end, number, of_slot in zip(ends, measured, found, strict=True)
            if of_slot
        ]
        self._refused[region] |= {
            end: due[end] for end, of_slot in zip(ends, found, strict=True) if not of_slot
        }
        connection.execute(delete(FEEDER_FLOWS).where(_F.region == region, _F.end.in_(ends)))
        if rows:
            connection.execute(insert(FEEDER_FLOWS), rows)
        self._computed += len(rows)
        self._broken += sum(bool(row["is_broken"]) for row in rows)


def powers_at(
    connection: Connection, feeder: MeteredFeeder, twin: Twin, ends: Sequence[int], slot: int
) -> tuple[NDArray[np.float64], list[int]]:
    """What is drawn at each bus in slots, average W, and how many meters have read both ends.

    Args:
        ends: of the slots, Unix seconds.

    Returns:
        slots x buses of the twin, and a number for each slot. Who has not read draws nothing.
    """
    row_of = {end: at for at, end in enumerate(ends)}
    drawn = np.zeros((len(ends), len(twin.grid.buses)))
    measured = [0] * len(ends)
    times = {*ends, *(end - slot for end in ends)}
    for some in in_parts([*feeder.meters]):
        wanted = select(_M.meter, _M.time, _M.import_wh - _M.export_wh).where(
            _M.meter.in_(some), _M.time.in_(times)
        )
        net = {(meter, time): wh for meter, time, wh in connection.execute(wanted)}
        for (meter, time), wh in net.items():
            begin = net.get((meter, time - slot))
            if time in row_of and begin is not None:
                row = row_of[time]
                drawn[row, twin.index(feeder.meters[meter])] += (wh - begin) * _HOUR_SECONDS / slot
                measured[row] += 1
    return drawn, measured


def _rows_of(twin: Twin, drawn: NDArray[np.float64]) -> list[SlotFlow | None]:
    """What flows in each slot; None in one whose powers cannot be."""
    try:
        return [*twin.flows(drawn).slots()]
    except InputError:
        return [None] if len(drawn) == 1 else [_rows_of(twin, each[None])[0] for each in drawn]
