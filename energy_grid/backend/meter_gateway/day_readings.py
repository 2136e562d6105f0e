"""What the store has of a community's day: members, the keys of their meters, and readings."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select

from energy_grid.backend.meter_gateway.intake import signed_of
from energy_grid.backend.store.database import Database
from energy_grid.backend.store.events import table_of
from energy_grid.backend.store.registers import REGISTERS
from energy_grid.backend.store.views import VIEWS
from energy_grid.contracts.smart_meter import SignedReading
from energy_grid.domain.periods import DAY_SECONDS

__all__ = ["Backlog", "includes", "members_of", "owners_of", "present_keys", "readings_of"]

_METERS, _MEMBERSHIPS = VIEWS["meters"], VIEWS["memberships"]
_ROTATED = table_of("SmartMeter", "MeterKeyRotated")
_EXCHANGED = table_of("SmartMeter", "MeterExchanged")


def includes(day: int) -> Any:
    """Memberships that a day belongs to."""
    member = _MEMBERSHIPS.c
    return and_(member.from_day <= day, or_(member.end_day.is_(None), member.end_day > day))


def members_of(connection: Connection, community: int, day: int) -> list[str]:
    """The accounts of a community on a day."""
    member = _MEMBERSHIPS.c
    wanted = select(member.account).where(member.community == community, includes(day))
    return sorted({*connection.scalars(wanted)})


def owners_of(connection: Connection) -> dict[str, str]:
    """The account of each settlement meter by its present key."""
    found = select(_METERS.c.meter, _METERS.c.account).where(_METERS.c.is_settlement)
    return {row.meter: row.account for row in connection.execute(found)}


def present_keys(connection: Connection) -> Mapping[str, str]:
    """The present key of each device by those that it had before.

    Another device in its place has registers of its own: no key of the one before is its.
    """
    known = connection.execute(select(_METERS.c.number, _METERS.c.meter))
    present = {row.number: row.meter for row in known}
    changes = [
        (row.block, row.log_index, row.number, row[0])
        for row in connection.execute(
            select(*(_ROTATED.c[name] for name in ("from", "block", "log_index", "number")))
        )
    ]
    changes += [
        (row.block, row.log_index, row.number, None)
        for row in connection.execute(
            select(*(_EXCHANGED.c[name] for name in ("block", "log_index", "number")))
        )
    ]
    found: dict[int, list[str]] = {}
    for _, _, number, former in sorted(changes, key=lambda each: each[:2]):
        if former is None:
            found[number] = []
        else:
            found.setdefault(number, []).append(former)
    return {former: present[number] for number, keys in found.items() for former in keys}


def readings_of(connection: Connection, accounts: Collection[str], day: int) -> list[SignedReading]:
    """What the settlement meters of accounts have signed from a day's begin to its end, with every
    key that they had."""
    former = present_keys(connection)
    wanted = select(REGISTERS).where(_of_day(_keys_of(connection, accounts), day))
    rows = connection.execute(wanted).all()
    # What the present key says of a moment counts, so it comes last.
    return [signed_of(row) for row in sorted(rows, key=lambda each: each.meter not in former)]


@dataclass(slots=True)
class _Missing:
    """As many readings, since when; and since when they are looked for."""

    count: int
    unchanged_since: float
    since: float


class Backlog:
    """Tells whether readings of a day that is over still come in: after an outage, much does.

    Args:
        slot: seconds.
        quiet: seconds without a new reading after which none is on its way any more.
        longest: seconds after which nothing is waited for.
    """

    def __init__(self, database: Database, slot: int, quiet: float, longest: float) -> None:
        self._database, self._slot = database, slot
        self._quiet, self._longest = quiet, longest
        self._missing: dict[tuple[int, int], _Missing] = {}

    def is_coming(self, community: int, day: int) -> bool:
        """Whether a day misses readings of members, and some are on their way."""
        with self._database.reading() as connection:
            accounts = members_of(connection, community, day)
            of_day = _of_day(_keys_of(connection, accounts), day)
            bounds = select(func.count()).where(of_day, REGISTERS.c.time % self._slot == 0)
            stored = connection.scalar(bounds) or 0
        count = len(accounts) * (DAY_SECONDS // self._slot + 1) - stored
        now = time.monotonic()
        found = self._missing.setdefault((community, day), _Missing(count, now, now))
        if found.count != count:
            found.count, found.unchanged_since = count, now
        is_over = now - found.unchanged_since >= self._quiet or now - found.since >= self._longest
        return count > 0 and not is_over


def _keys_of(connection: Connection, accounts: Collection[str]) -> list[str]:
    """All keys that the settlement meters of accounts have and had."""
    wanted, owners = {*accounts}, owners_of(connection)
    meters = {meter for meter, account in owners.items() if account in wanted}
    former = {key for key, meter in present_keys(connection).items() if meter in meters}
    return sorted(meters | former)


def _of_day(meters: Collection[str], day: int) -> Any:
    times = REGISTERS.c.time.between(day * DAY_SECONDS, (day + 1) * DAY_SECONDS)
    return and_(REGISTERS.c.meter.in_(meters), times)
