"""Brings what meters have sent into the store: a batch of messages is a transaction.

Once `Intake.take` has returned, everything in the batch is durable, and can be acknowledged. Taken
again, as after a crash in between, it changes nothing.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    String,
    Table,
    and_,
    column,
    delete,
    func,
    insert,
    select,
    tuple_,
    update,
    values,
)
from sqlalchemy.dialects import postgresql, sqlite

from energy_grid.backend.meter_gateway.judging import (
    Known,
    Limits,
    Reason,
    Verdict,
    judge_alone,
    judge_beside,
)
from energy_grid.backend.meter_gateway.payload import Status
from energy_grid.backend.store.blocks import BLOCKS, CHAIN
from energy_grid.backend.store.database import Database, DatabaseGoneError
from energy_grid.backend.store.events import table_of
from energy_grid.backend.store.partitions import make_partitions
from energy_grid.backend.store.registers import METER_STATES, QUARANTINED, REGISTERS
from energy_grid.backend.store.views import VIEWS
from energy_grid.contracts.smart_meter import MeterReading, SignedReading

__all__ = ["Intake", "Received", "ReceivedStatus", "Taken", "signed_of"]

_WORD = 32
# Anybody can sign something, and send again what a meter has signed long ago.
_ANYBODYS = (Reason.WRONG_KEY, Reason.UNKNOWN_METER, Reason.TOO_OLD)
# Of one meter: whoever has its certificate cannot fill the disk.
_MOST_QUARANTINED = 1000
_METERS, _BANDS = VIEWS["meters"], VIEWS["bands"]
_DEACTIVATED = table_of("SmartMeter", "MeterDeactivated")


@dataclass(frozen=True, slots=True)
class Received:
    """A reading that came under a meter's topic, at a time in Unix seconds."""

    meter: str
    signed: SignedReading
    received_at: int


@dataclass(frozen=True, slots=True)
class ReceivedStatus:
    """A state that came under a meter's topic, at a time in Unix seconds."""

    meter: str
    status: Status
    received_at: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What of a batch counts, and what does not; the rest was there before."""

    counted: Sequence[Received]
    refused: Sequence[tuple[Received, Verdict]]


class Intake:
    """What every gateway does with messages; several of them can share a store.

    Args:
        is_open: anybody can send: what need not come from a meter's device is not kept, or it would
            fill the disk.

    Attributes:
        counted: since the start: ``COUNTED``, ``DUPLICATE``, and each `Reason`.
    """

    def __init__(self, database: Database, limits: Limits, *, is_open: bool = False) -> None:
        self._database, self._limits, self._is_open = database, limits, is_open
        self._known: Mapping[str, Known] = {}
        # The block up to which the store was read: its number and hash.
        self._read: Any = ()
        self.counted: Counter[str] = Counter()

    def take(self, messages: Sequence[Received], states: Sequence[ReceivedStatus] = ()) -> Taken:
        """Store a batch.

        Raises:
            DatabaseGoneError: nothing of it is stored.
        """
        before = self._known, self._read
        with self._database.reading() as connection:
            waiting = self._refresh(connection)
        if not (messages or states or waiting):
            return Taken([], [])
        passed: dict[str, list[Received]] = defaultdict(list)
        refused: list[tuple[Received, Verdict]] = []
        # Signatures are verified while nobody waits for the database.
        for each in (*waiting, *messages):
            known = self._known.get(each.meter)
            verdict = judge_alone(each.meter, each.signed, known, each.received_at, self._limits)
            if verdict is None:
                passed[each.meter].append(each)
            else:
                refused.append((each, verdict))
        if not (passed or waiting or states or self._kept(refused)):
            self.counted.update(verdict.reason for _, verdict in refused)
            return Taken([], refused)
        try:
            with self._database.writing() as connection:
                counted, new = self._store(connection, passed, refused, waiting)
                self._note(connection, states)
        except DatabaseGoneError:
            # What waited for a meter is still to be judged.
            self._known, self._read = before
            raise
        self.counted += counted
        return Taken(new, refused)

    def _kept(self, refused: Sequence[tuple[Received, Verdict]]) -> list[tuple[Received, Verdict]]:
        """What of it goes into the quarantine."""
        if not self._is_open:
            return [*refused]
        return [each for each in refused if each[1].reason not in _ANYBODYS]

    def _refresh(self, connection: Connection) -> list[Received]:
        """Learn which meters there are; gives what waited for those that are new."""
        head = BLOCKS.c.number == CHAIN.c.indexed_block
        wanted = select(CHAIN.c.indexed_block, BLOCKS.c.hash).join_from(
            CHAIN, BLOCKS, head, isouter=True
        )
        read = connection.execute(wanted).one_or_none()
        if read == self._read:
            return []
        gone = select(_DEACTIVATED.c.meter)
        rows = connection.execute(
            select(_METERS.c.meter, _METERS.c.region, _METERS.c.rated_power).where(
                _METERS.c.meter.not_in(gone)
            )
        ).all()
        bands = connection.execute(
            select(_BANDS.c.region, _BANDS.c.nominal_frequency, _BANDS.c.nominal_voltage)
        ).all()
        own = {region: nominal for region, *nominal in bands}
        usual = self._limits.frequency, self._limits.voltage
        known = {
            row.meter: Known(int(row.rated_power), *own.get(row.region, usual)) for row in rows
        }
        new, self._known, self._read = known.keys() - self._known.keys(), known, read
        unknown = connection.execute(
            select(QUARANTINED).where(QUARANTINED.c.reason == Reason.UNKNOWN_METER)
        )
        return [
            Received(row.meter, signed_of(row), row.received_at)
            for row in unknown
            if row.meter in new
        ]

    def _store(
        self,
        connection: Connection,
        passed: Mapping[str, Sequence[Received]],
        refused: list[tuple[Received, Verdict]],
        waited: Iterable[Received],
    ) -> tuple[Counter[str], list[Received]]:
        counted: Counter[str] = Counter()
        new: list[Received] = []
        _lock(connection, passed)
        others = _around(connection, passed)
        rows = []
        for meter, received in passed.items():
            known, rated = others[meter], self._known[meter].rated_power
            newest = known[-1].timestamp if known else 0
            for each in received:
                reading = each.signed.reading
                same = _at(known, reading.timestamp)
                if same == reading:
                    counted["DUPLICATE"] += 1
                    continue
                verdict = _contradiction(same) or judge_beside(reading, known, rated)
                if verdict is not None:
                    refused.append((each, verdict))
                    continue
                is_live = reading.timestamp > newest
                newest = max(newest, reading.timestamp)
                insort(known, reading, key=lambda one: one.timestamp)
                offset = each.received_at - reading.timestamp if is_live else None
                rows.append({**_row(each), "clock_offset": offset})
                new.append(each)
        if rows:
            if connection.dialect.name != "sqlite":
                make_partitions(connection, REGISTERS.name, (row["time"] for row in rows))
            connection.execute(insert(REGISTERS), rows)
            _set_states(connection, rows)
        _drop(connection, waited)
        _quarantine(connection, self._kept(refused))
        counted["COUNTED"] += len(rows)
        counted.update(verdict.reason for _, verdict in refused)
        return counted, new

    def is_stored(self, meter: str, time: int) -> bool:
        """Whether a reading of a meter at a time counts."""
        wanted = and_(REGISTERS.c.meter == meter, REGISTERS.c.time == time)
        with self._database.reading() as connection:
            return connection.execute(select(REGISTERS.c.time).where(wanted)).first() is not None

    def _note(self, connection: Connection, states: Sequence[ReceivedStatus]) -> None:
        """Keep what devices say of themselves; the last word of each counts."""
        known = {each.meter: each for each in states if each.meter in self._known}
        rows = []
        for meter, each in sorted(known.items()):
            time = each.status.time
            row = {"meter": meter, "online": each.status.online, "seen_at": each.received_at}
            rows.append({**row, "clock_offset": None if time is None else each.received_at - time})
        if rows:
            adding = _insert(connection, METER_STATES)
            new = adding.excluded
            connection.execute(
                adding.on_conflict_do_update(
                    index_elements=[METER_STATES.c.meter],
                    set_={
                        "online": new.online,
                        "seen_at": new.seen_at,
                        # A last will has no time.
                        "clock_offset": func.coalesce(
                            new.clock_offset, METER_STATES.c.clock_offset
                        ),
                    },
                ),
                rows,
            )


def signed_of(row: Any) -> SignedReading:
    """The signed reading that a row of the store is."""
    return SignedReading(
        meter=row.meter, reading=_reading_of(row), r=row.signature[:_WORD], vs=row.signature[_WORD:]
    )


def _reading_of(row: Any) -> MeterReading:
    return MeterReading(
        timestamp=row.time,
        consumption=row.import_wh,
        production=row.export_wh,
        grid_frequency=row.frequency,
        voltage=row.voltage,
    )


def _row(received: Received) -> dict[str, Any]:
    reading = received.signed.reading
    return {
        "meter": received.meter,
        "time": reading.timestamp,
        "import_wh": reading.consumption,
        "export_wh": reading.production,
        "voltage": reading.voltage,
        "frequency": reading.grid_frequency,
        "received_at": received.received_at,
        "signature": received.signed.r + received.signed.vs,
    }


def _at(known: Sequence[MeterReading], time: int) -> MeterReading | None:
    place = bisect_left(known, time, key=lambda each: each.timestamp)
    return known[place] if place < len(known) and known[place].timestamp == time else None


def _contradiction(same: MeterReading | None) -> Verdict | None:
    if same is None:
        return None
    shown = f"{same.consumption}, {same.production} Wh"
    return Verdict(Reason.CONTRADICTION, f"the meter has signed {shown} for the same time before")


def _lock(connection: Connection, passed: Mapping[str, Sequence[Received]]) -> None:
    """Let one gateway at a time judge a meter: its rows are taken in the order of addresses."""
    if not passed:
        return
    adding = _insert(connection, METER_STATES)
    # A row that is there is locked, and stays as it is: it may be an old message that came again.
    same = {"meter": adding.excluded.meter}
    rows = [{"meter": meter, "seen_at": passed[meter][-1].received_at} for meter in sorted(passed)]
    connection.execute(
        adding.on_conflict_do_update(index_elements=[METER_STATES.c.meter], set_=same), rows
    )


def _around(
    connection: Connection, passed: Mapping[str, Sequence[Received]]
) -> dict[str, list[MeterReading]]:
    """What counts of meters from their readings' neighbours before to those behind, by time."""
    found: dict[str, list[MeterReading]] = {meter: [] for meter in passed}
    if not passed:
        return found
    spans = []
    for meter, received in passed.items():
        times = [each.signed.reading.timestamp for each in received]
        spans.append((meter, min(times), max(times)))
    columns = column("meter", String), column("first", BigInteger), column("last", BigInteger)
    wanted = values(*columns, name="wanted").data(spans).cte("spans")
    near = REGISTERS.alias()
    before = select(func.max(near.c.time)).where(
        near.c.meter == wanted.c.meter, near.c.time < wanted.c.first
    )
    behind = select(func.min(near.c.time)).where(
        near.c.meter == wanted.c.meter, near.c.time > wanted.c.last
    )
    first = func.coalesce(before.correlate(wanted).scalar_subquery(), wanted.c.first)
    last = func.coalesce(behind.correlate(wanted).scalar_subquery(), wanted.c.last)
    is_near = and_(REGISTERS.c.meter == wanted.c.meter, REGISTERS.c.time.between(first, last))
    rows = connection.execute(
        select(REGISTERS).join_from(wanted, REGISTERS, is_near).order_by(REGISTERS.c.time)
    )
    for row in rows:
        found[row.meter].append(_reading_of(row))
    return found


def _set_states(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Note of each meter when it was heard last, and how far its clock is off."""
    seen = {row["meter"]: {"seen_at": row["received_at"]} for row in rows}
    for row in rows:
        if row["clock_offset"] is not None:
            seen[row["meter"]]["clock_offset"] = row["clock_offset"]
    for meter, state in sorted(seen.items()):
        of_it = METER_STATES.c.meter == meter
        connection.execute(update(METER_STATES).where(of_it).values(state))


def _drop(connection: Connection, waited: Iterable[Received]) -> None:
    """Take out of the quarantine what was judged anew."""
    keys = [(each.meter, each.signed.reading.timestamp) for each in waited]
    if keys:
        place = tuple_(QUARANTINED.c.meter, QUARANTINED.c.time)
        is_unknown = QUARANTINED.c.reason == Reason.UNKNOWN_METER
        connection.execute(delete(QUARANTINED).where(place.in_(keys), is_unknown))


def _quarantine(connection: Connection, refused: Sequence[tuple[Received, Verdict]]) -> None:
    """Keep what does not count, up to a number for each meter."""
    if not refused:
        return
    meters = {each.meter for each, _ in refused}
    count = select(QUARANTINED.c.meter, func.count().label("rows"))
    of_them = count.where(QUARANTINED.c.meter.in_(meters)).group_by(QUARANTINED.c.meter)
    held = Counter({row.meter: row.rows for row in connection.execute(of_them)})
    rows = []
    for each, verdict in refused:
        held[each.meter] += 1
        if held[each.meter] <= _MOST_QUARANTINED:
            rows.append({**_row(each), "reason": str(verdict.reason), "why": verdict.why})
    if rows:
        connection.execute(_insert(connection, QUARANTINED).on_conflict_do_nothing(), rows)


def _insert(connection: Connection, table: Table) -> Any:
    kind = sqlite if connection.dialect.name == "sqlite" else postgresql
    return kind.insert(table)
